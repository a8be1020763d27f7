import Autodiff
import TensorCore

/// A part of a model: named parameters and buffers, layers inside it, and what it makes of its input.
open class Layer {
  /// A parameter, which training changes, or a buffer, which is only kept with the model.
  public struct Entry {
    /// Its name in a state dictionary, with those of the layers around it: "1.weight".
    public let name: String
    /// The numbers, with their gradient.
    public fileprivate(set) var variable: Variable
    /// Whether training changes it.
    public let isParameter: Bool
  }

  /// Own parameters and buffers in the order they were registered; children's are not among them.
  public private(set) var entries: [Entry] = []
  /// Layers inside this one, in the order they were registered.
  public private(set) var children: [(name: String, layer: Layer)] = []
  /// Whether the layer acts as in training: dropout drops.
  public private(set) var isTraining = true

  /// A layer without parts.
  public init() {}

  /// The layer's result for a dense input; throws CallerError where the shape does not fit.
  open func forward(_ x: Variable) throws -> Variable {
    throw CallerError("\(summary): forward: this layer does not say what it computes")
  }

  /// The layer's result for sparse rows [N, D]; a layer without a rule for them makes the batch dense.
  open func forward(rows: SparseRows) throws -> ArgumentValue { .tensor(try forward(Variable(rows.dense()))) }

  /// The layer's result for either kind of input.
  public final func callAsFunction(_ x: ArgumentValue) throws -> ArgumentValue {
    if Profile.isOn { Profile.enter(.layer, summary) }
    defer { if Profile.isOn { Profile.leave() } }
    return switch x {
    case .tensor(let dense): .tensor(try forward(dense))
    case .sparse(let rows): try forward(rows: rows)
    default: throw CallerError("\(summary): x: expected a tensor or sparse rows")
    }
  }

  /// One line for people: `nn.Linear(64 -> 16)`.
  open var summary: String { "nn.Layer()" }

  /// Adds a parameter; from now on it requires a gradient.
  @discardableResult
  public final func register(parameter name: String, _ value: Tensor) -> Variable {
    let variable = Variable(value, requiresGradient: true)
    variable.isParameter = true
    entries.append(Entry(name: name, variable: variable, isParameter: true))
    return variable
  }

  /// Adds a tensor that belongs to the model's state but is not trained.
  @discardableResult
  public final func register(buffer name: String, _ value: Tensor) -> Variable {
    let variable = Variable(value)
    entries.append(Entry(name: name, variable: variable, isParameter: false))
    return variable
  }

  /// Adds a layer inside this one.
  public final func register(child name: String, _ layer: Layer) { children.append((name, layer)) }

  /// The own parameter or buffer of a name.
  public final func variable(named name: String) -> Variable? { entries.first { $0.name == name }?.variable }

  /// Gives an own entry new numbers: a parameter is shared from now on (tied weights), any other tensor is copied into
  /// the memory of the old one. Throws CallerError for another shape or an unknown name.
  public final func set(_ name: String, to new: Variable) throws {
    guard let place = entries.firstIndex(where: { $0.name == name }) else {
      throw CallerError("\(summary): \(name): no such parameter; known: \(entries.map(\.name).joined(separator: ", "))")
    }
    let old = entries[place].variable
    guard new.shape == old.shape else {
      throw CallerError("\(summary): \(name): expected shape \(old.shape.text), got \(new.shape.text)")
    }
    if entries[place].isParameter, new.isParameter {
      entries[place].variable = new
    } else if new !== old {
      old.value.copyElements(from: new.value)
      old.value.storage.markChanged()
    }
  }

  /// Own entries and those of the layers inside, named from here: `"weight"`, `"encoder.1.weight"`.
  public final var allEntries: [Entry] {
    entries + children.flatMap { name, layer in
      layer.allEntries.map { Entry(name: "\(name).\($0.name)", variable: $0.variable, isParameter: $0.isParameter) }
    }
  }

  /// Every parameter once, own ones first, then those of the layers inside.
  public final var parameters: [Variable] { Layer.distinct(allEntries.filter(\.isParameter).map(\.variable)) }

  /// The same variables in the same order, each once.
  public static func distinct(_ variables: [Variable]) -> [Variable] {
    var seen: Set<ObjectIdentifier> = []
    return variables.filter { seen.insert(ObjectIdentifier($0)).inserted }
  }

  /// Switches this layer and those inside between training and evaluation.
  public final func setTraining(_ training: Bool) {
    isTraining = training
    for (_, child) in children { child.setTraining(training) }
  }
}

/// The op a layer is made of.
func layerOp(_ name: String) throws -> OpSpec {
  guard let spec = OpTable.named(name) else { throw CallerError("\(name): this build has no such op") }
  return spec
}

/// A number as a person would write it: `1`, `0.2`, `NaN`.
func shortText(_ value: Double) -> String {
  value.isNaN ? "NaN" : abs(value) < 1e15 ? Int(exactly: value).map(String.init) ?? "\(value)" : "\(value)"
}
