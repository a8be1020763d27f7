import Autodiff
import TensorCore

/// An optimizer over one or several groups of parameters that differ in their options: one optimizer of a kind per group.
public final class ParameterGroups {
  /// What scripts call the class: `"Adam"`.
  public let name: String
  /// One optimizer for each group, at least one.
  public private(set) var groups: [Optimizer]
  // What holds in a group that says nothing else, also in one that is added later.
  private var common: [String: OptimizerOption.Value]

  /// Groups in order, each with the options that are its own; `common` ones hold where a group says nothing else. Throws CallerError
  /// as the optimizer does, for no groups and for a parameter in two of them.
  public init(
    _ name: String, _ groups: [(parameters: [Variable], options: [String: OptimizerOption.Value])], common: [String: OptimizerOption.Value] = [:]
  ) throws {
    guard !groups.isEmpty else { throw CallerError("\(name): parameters: expected at least one group of parameters, got none") }
    var owner: [ObjectIdentifier: Int] = [:]
    for (i, group) in groups.enumerated() {
      for parameter in group.parameters {
        if let other = owner.updateValue(i, forKey: ObjectIdentifier(parameter)), other != i {
          throw CallerError("\(name): parameters[\(i + 1)]: a parameter of shape \(parameter.shape.text) is in group \(other + 1) already; a parameter belongs to one group")
        }
      }
    }
    self.name = name
    self.common = common
    self.groups = try groups.map { group in try OptimizerTable.make(name, group.parameters, common.merging(group.options) { $1 }) }
  }

  /// Adds a group behind the others, with its own options and the common ones; its averages begin with its first step. Throws CallerError as
  /// the optimizer does, and for a parameter that is in a group already; then nothing has changed.
  public func add(_ parameters: [Variable], options: [String: OptimizerOption.Value] = [:]) throws {
    for (i, group) in groups.enumerated() {
      let present = Set(group.parameters.map(ObjectIdentifier.init))
      if let known = parameters.first(where: { present.contains(ObjectIdentifier($0)) }) {
        throw CallerError("\(name): params: a parameter of shape \(known.shape.text) is in group \(i + 1) already; a parameter belongs to one group")
      }
    }
    groups.append(try OptimizerTable.make(name, parameters, common.merging(options) { $1 }))
  }

  /// The options that every group has.
  public var options: [OptimizerOption] { groups[0].options }

  /// All parameters, group by group.
  public var parameters: [Variable] { groups.flatMap(\.parameters) }

  /// Forgets the gradients of all parameters.
  public func zeroGradients() { for group in groups { group.zeroGradients() } }

  /// Changes every parameter that has a gradient.
  public func step() throws { for group in groups { try group.step() } }

  /// The value of an option in the first group.
  public func value(of option: String) -> OptimizerOption.Value? { groups[0].value(of: option) }

  /// Changes an option in all groups, those added later included. Throws CallerError for an unknown one or a value out of range.
  public func set(_ option: String, to value: OptimizerOption.Value) throws {
    for group in groups { try group.set(option, to: value) }
    common[option] = value
  }

  /// The state of one group as the optimizer's own; of several with the group in the names of options, `"Adam.2.lr"`, and parameters
  /// counted through all of them.
  public func stateDictionary() throws -> [(name: String, tensor: Tensor)] {
    var state: [(name: String, tensor: Tensor)] = []
    var before = 0
    for (i, group) in groups.enumerated() {
      state += try group.stateDictionary(prefix: groups.count == 1 ? name : "\(name).\(i + 1)", after: before)
      before += group.parameters.count
    }
    return state
  }

  /// Takes over what `stateDictionary` of such groups gave. Throws CallerError saying what does not fit, and then nothing has changed.
  public func load(_ state: [String: Tensor]) throws {
    func position(_ key: String) -> Int? { key.split(separator: ".").first.flatMap { Int($0) } }
    // "Adam.2.lr" is of the second group, "Adam.lr" of the only one.
    func group(_ key: String) -> Int? {
      let parts = key.split(separator: ".")
      return parts.count == 3 && parts[0] == name ? Int(parts[1]) : nil
    }
    let given = max(1, state.keys.compactMap(group).max() ?? 1)
    let named = state.keys.contains { group($0) != nil }
    guard given == groups.count || (groups.count == 1 && !named) else {
      throw CallerError("load_state_dict: expected the state of \(groups.count) group\(groups.count == 1 ? "" : "s") of parameters, got that of \(given)")
    }
    let total = parameters.count
    if let wrong = state.keys.filter({ position($0).map { $0 < 1 || $0 > total } ?? false }).min() {
      throw CallerError("load_state_dict: \(wrong): there are \(total) parameters")
    }
    var prepared: [Optimizer.LoadedState] = []
    var before = 0
    for (i, optimizer) in groups.enumerated() {
      let own = before + 1...before + max(optimizer.parameters.count, 1)
      let part = state.filter { key, _ in position(key).map(own.contains) ?? (group(key).map { $0 == i + 1 } ?? true) }
      prepared.append(try optimizer.loaded(part, prefix: groups.count == 1 ? name : "\(name).\(i + 1)", after: before))
      before += optimizer.parameters.count
    }
    for (optimizer, state) in zip(groups, prepared) { optimizer.adopt(state) }
  }

  /// One line for people, or one for each group after the number of groups.
  public var summary: String {
    if groups.count == 1 { return groups[0].summary }
    return "optim.\(name)(\(groups.count) groups)\n" + groups.enumerated().map { "  \($0 + 1): \($1.summary)" }.joined(separator: "\n")
  }
}
