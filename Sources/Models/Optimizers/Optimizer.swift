import Autodiff
import TensorCore

/// Changes parameters along their gradients, step by step; subclasses say how.
///
/// A parameter without a gradient is left out of a step, and its running averages stay as they are.
open class Optimizer {
  /// What one parameter's rule remembers between steps.
  public struct Memory {
    /// Steps made so far.
    public var step = 0
    /// Running averages by their names in checkpoints, in the parameter's shape and memory layout.
    public var averages: [String: Tensor] = [:]

    /// No step made, nothing remembered.
    public init() {}
  }

  /// What scripts call the class: `"Adam"`.
  public let name: String
  /// The options that scripts may give and set.
  public let options: [OptimizerOption]
  /// What it changes, each once.
  public let parameters: [Variable]
  var values: [String: OptimizerOption.Value] = [:] { didSet { settingsVersion &+= 1 } }
  // Grow when options or averages are replaced, so that a rule may keep what it has looked up by name.
  private(set) var settingsVersion = 0, averagesVersion = 0
  /// One entry per parameter.
  public internal(set) var memories: [Memory]
  /// The names of `Memory.averages` that the rule may use.
  let averageNames: [String]

  /// Throws CallerError for an empty list, for tensors that cannot be trained and for options out of range.
  init(
    _ name: String, options: [OptimizerOption], averages: [String], parameters: [Variable],
    values given: [String: OptimizerOption.Value]
  ) throws {
    self.name = name
    self.options = options
    averageNames = averages
    guard !parameters.isEmpty else {
      throw CallerError("\(name): parameters: expected at least one parameter, got an empty list; pass model:parameters()")
    }
    for (i, variable) in parameters.enumerated() {
      let place = "\(name): parameters[\(i + 1)]"
      guard variable.isLeaf else {
        throw CallerError("\(place): expected a parameter, got the result of an op of shape \(variable.shape.text); pass model:parameters()")
      }
      guard variable.isParameter || variable.requiresGradient else {
        throw CallerError("\(place): expected a parameter, got a tensor of shape \(variable.shape.text) that requires no gradient; make it one with nn.Parameter")
      }
      guard variable.value.spanOfDenseBlock != nil else {
        throw CallerError("\(place): a tensor of shape \(variable.shape.text) that overlaps itself or skips memory cannot be trained; pass a :contiguous() one")
      }
    }
    self.parameters = Layer.distinct(parameters)
    memories = Array(repeating: Memory(), count: self.parameters.count)
    for option in options { values[option.name] = option.defaultValue }
    for (key, value) in given { try set(key, to: value) }
  }

  /// The value of an option.
  public func value(of option: String) -> OptimizerOption.Value? { values[option] }

  /// Changes an option from the next step on. Throws CallerError for an unknown one or a value out of range.
  public func set(_ option: String, to value: OptimizerOption.Value) throws {
    guard let found = options.first(where: { $0.name == option }) else {
      throw CallerError("\(name): \(option): no such option; known: \(options.map(\.name).joined(separator: ", "))")
    }
    values[option] = try found.checked(value, of: name)
  }

  /// The factor on each step.
  public final var learningRate: Double { number("lr") }

  final func number(_ option: String) -> Double { if case .number(let x)? = values[option] { x } else { 0 } }
  final func flag(_ option: String) -> Bool { values[option] == .flag(true) }
  final func pair(_ option: String) -> (Double, Double) { if case .pair(let x, let y)? = values[option] { (x, y) } else { (0, 0) } }

  /// Forgets the gradients of all parameters.
  public final func zeroGradients() { for parameter in parameters { parameter.gradient = nil } }

  /// Changes every parameter that has a gradient.
  public final func step() throws {
    var places: [Int] = []
    places.reserveCapacity(parameters.count)
    for (i, parameter) in parameters.enumerated() {
      guard let gradient = parameter.gradient else { continue }
      guard gradient.shape == parameter.shape else {
        throw CallerError("step: parameter \(i + 1): expected a gradient of shape \(parameter.shape.text), got \(gradient.shape.text)")
      }
      places.append(i)
    }
    try update(places)
  }

  /// The gradient of the parameter at a place, turned round where the value is to be made larger.
  final func ascent(_ place: Int) throws -> Tensor? {
    let gradient = parameters[place].gradient
    return flag("maximize") ? try gradient?.negated() : gradient
  }

  /// One step of the parameters at these places, which have gradients of their shape.
  func update(_ places: [Int]) throws {}

  /// Puts all that `memories` hold in place of what there was.
  final func replaceMemories(_ new: [Memory]) {
    memories = new
    averagesVersion &+= 1
  }

  /// An average of the parameter at a place, as zeros where there is none yet; always in the parameter's present type and layout.
  final func average(_ name: String, of place: Int) throws -> Tensor {
    let parameter = parameters[place].value
    if let present = memories[place].averages[name] {
      let fits = present.strides == parameter.strides && present.dtype == parameter.dtype && present.shape == parameter.shape
        && present.spanOfDenseBlock == parameter.spanOfDenseBlock
      if fits { return present }
      guard present.shape == parameter.shape else {
        throw CallerError("step: parameter \(place + 1): its shape changed from \(present.shape.text) to \(parameter.shape.text); make a new optimizer")
      }
      // Loaded from a checkpoint, or the parameter's memory was replaced.
      let moved = try parameter.zerosInSameLayout()
      moved.copyElements(from: present)
      memories[place].averages[name] = moved
      averagesVersion &+= 1
      return moved
    }
    let fresh = try parameter.zerosInSameLayout()
    memories[place].averages[name] = fresh
    averagesVersion &+= 1
    return fresh
  }

  /// One line for people: `optim.Adam(4 parameters, 160302 numbers, lr = 0.001, …)`.
  public final var summary: String {
    let shown = options.map { "\($0.name) = \((values[$0.name] ?? $0.defaultValue).text)" }
    let numbers = parameters.reduce(0) { $0 + $1.value.count }
    return "optim.\(name)(\(parameters.count) parameter\(parameters.count == 1 ? "" : "s"), \(numbers) numbers, \(shown.joined(separator: ", ")))"
  }
}

/// The optimizers that scripts can make, by name.
public enum OptimizerTable {
  /// Each class with its options.
  public static let all: [(name: String, options: [OptimizerOption])] = [
    ("SGD", SGD.declaredOptions), ("Adam", Adam.declaredOptions), ("AdamW", Adam.declaredDecoupledOptions), ("RMSprop", RMSprop.declaredOptions),
  ]

  /// Makes the optimizer of a name. Throws CallerError for an unknown one, and as its initializer does.
  public static func make(_ name: String, _ parameters: [Variable], _ values: [String: OptimizerOption.Value] = [:]) throws -> Optimizer {
    switch name {
    case "SGD": try SGD(parameters, values)
    case "Adam": try Adam(parameters, values)
    case "AdamW": try Adam(parameters, values, decoupled: true)
    case "RMSprop": try RMSprop(parameters, values)
    default: throw CallerError("optim: no optimizer \(name); known: \(all.map(\.name).joined(separator: ", "))")
    }
  }
}
