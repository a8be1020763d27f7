import Autodiff
import TensorCore

/// The numbers of a model by name, as checkpoints keep them.
public enum StateDictionary {
  /// Contiguous copies, whatever the layout of the originals; later training does not change them.
  public static func copies(of entries: [(name: String, variable: Variable)]) throws -> [(name: String, tensor: Tensor)] {
    try entries.map { ($0.name, try $0.variable.value.clone()) }
  }

  /// Copies numbers into the tensors of a model, converting between types; their memory stays where it is.
  ///
  /// Names must be the same and shapes equal. Throws CallerError naming what differs, and then nothing has changed.
  public static func load(_ state: [String: Tensor], into entries: [(name: String, variable: Variable)]) throws {
    let names = Set(entries.map(\.name))
    let missing = entries.map(\.name).filter { state[$0] == nil }
    let unknown = state.keys.filter { !names.contains($0) }.sorted()
    guard missing.isEmpty, unknown.isEmpty else {
      let parts = [(missing, "missing "), (unknown, "unknown ")].filter { !$0.0.isEmpty }.map { $0.1 + listed($0.0) }
      throw CallerError("load_state_dict: names differ from the model's: \(parts.joined(separator: "; "))")
    }
    let wrong = entries.compactMap { name, variable in
      state[name].flatMap { $0.shape == variable.shape ? nil : "\(name): expected shape \(variable.shape.text), got \($0.shape.text)" }
    }
    guard wrong.isEmpty else {
      let rest = wrong.count > 4 ? "; and \(wrong.count - 4) more" : ""
      throw CallerError("load_state_dict: \(wrong.prefix(4).joined(separator: "; "))\(rest)")
    }
    for (name, variable) in entries {
      guard let tensor = state[name] else { continue }
      variable.value.copyElements(from: tensor)
      variable.value.storage.markChanged()
    }
  }

  private static func listed(_ names: [String]) -> String {
    let shown = names.prefix(4).joined(separator: ", ")
    return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
  }
}
