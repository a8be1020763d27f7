import TensorCore

/// A tensor in a computation: its value, and how gradients flow back from it.
public final class Variable {
  /// The numbers.
  public internal(set) var value: Tensor
  /// What `backward` has accumulated here, in the shape of `value`; only leaves that require it have one. To be read:
  /// who changes it in place asks `ownGradient`.
  public var gradient: Tensor?
  /// Whether it is a parameter of a model: a field of a model's class that holds one registers itself.
  public var isParameter = false
  /// How its rows were made, where who made them said so; results of ops know nothing of it.
  public var origin: AnyObject?
  /// The node that made this variable, if any of its inputs requires a gradient.
  var producer: Node?
  /// Which of the producer's results this is.
  var outputIndex = 0
  private var leafRequiresGradient = false
  /// For a view: the variable whose storage it shows, so that in-place changes can be refused where they would go unseen.
  var viewed: Variable? { didSet { viewedHistory = viewed?.historyChanges ?? 0 } }
  // In-place changes give a tensor another history; a view taken before knows nothing of it.
  private var historyChanges = 0
  private var viewedHistory = 0

  /// A leaf of the graph.
  public init(_ value: Tensor, requiresGradient: Bool = false) {
    self.value = value
    leafRequiresGradient = requiresGradient && value.dtype.isFloatingPoint
  }

  init(_ value: Tensor, producer: Node, outputIndex: Int) {
    self.value = value
    self.producer = producer
    self.outputIndex = outputIndex
  }

  /// Whether a backward pass through this variable reaches something that requires a gradient.
  public var requiresGradient: Bool { leafRequiresGradient || producer != nil }

  /// Whether a rule written in Lua is part of its history.
  public var dependsOnScript: Bool { producer?.isScripted ?? false }

  /// Whether it was not made by a recorded op.
  public var isLeaf: Bool { producer == nil }

  /// Whether it is a view made by an op, and so shows the memory of another tensor.
  public var isView: Bool { viewed != nil }

  /// The sizes of the dimensions.
  public var shape: Dimensions { value.shape }
  /// The number of dimensions.
  public var rank: Int { value.rank }
  /// The type of the elements.
  public var dtype: DType { value.dtype }

  /// Says that gradients are wanted (or not) for a leaf. Throws CallerError for a result of a recorded op, or for integers.
  public func setRequiresGradient(_ wanted: Bool) throws {
    guard value.dtype.isFloatingPoint || !wanted else {
      throw CallerError("requires_grad: a floating-point tensor expected, got \(value.dtype.name); convert it with :to(\"float32\") first")
    }
    guard isLeaf || wanted else {
      throw CallerError("requires_grad: this tensor is the result of an op; use :detach() for one without history")
    }
    if isLeaf { leafRequiresGradient = wanted }
  }

  /// The same numbers, sharing storage, without history.
  public func detached() -> Variable { Variable(value) }

  /// Takes over the value and the history of `result` while keeping its own storage: what an in-place op does.
  ///
  /// Throws CallerError where the change would go unseen by a gradient: for a leaf that requires one, and for a view of
  /// a tensor with history.
  public func assign(from result: Variable, name: String) throws {
    if GradientMode.isEnabled {
      guard !(isLeaf && requiresGradient) else {
        throw CallerError("\(name): a leaf tensor that requires a gradient is changed in place; do it inside tensor.no_grad(function() … end)")
      }
      if result.requiresGradient || requiresGradient, let viewed {
        throw CallerError("\(name): a view of a tensor of shape \(viewed.shape.text) is changed in place while gradients are recorded; use tensor.cat, tensor.where or a :clone()")
      }
    }
    guard result.shape == shape else {
      throw CallerError("\(name): the result of shape \(result.shape.text) does not fit into shape \(shape.text) in place")
    }
    guard result.dtype == dtype || !(result.dtype.rawValue > dtype.rawValue && !dtype.isFloatingPoint) else {
      throw CallerError("\(name): a \(result.dtype.name) result does not fit into a \(dtype.name) tensor in place; convert it with :to(\"\(result.dtype.name)\") first")
    }
    // The result may share storage with this tensor (x:copy_(x:t())): then it is copied aside first.
    let source = result.value.storage === value.storage ? try result.value.clone() : result.value
    value.copyElements(from: source)
    value.storage.markChanged()
    guard GradientMode.isEnabled, result.producer != nil || producer != nil else { return }
    producer = result.producer
    outputIndex = result.outputIndex
    historyChanges += 1
  }

  /// Whether neither this nor `other` has anything to do with gradients or views, so that a change in place is one of numbers alone.
  public func changesUnrecorded(with other: Variable) -> Bool {
    !requiresGradient && !other.requiresGradient && viewed == nil && other.viewed == nil
  }

  /// Throws CallerError where this is a view of a tensor that got another history in place since: its own would give wrong gradients.
  func requireCurrentHistory(_ name: String) throws {
    guard let viewed, viewed.historyChanges != viewedHistory else { return }
    throw CallerError("\(name): a view of shape \(shape.text) was taken before its tensor of shape \(viewed.shape.text) was changed in place; take the view again")
  }

  /// Puts new numbers in place of the old ones: what optimizers and loading do. The shape must be the same.
  public func replaceValue(_ tensor: Tensor) { value = tensor }

  func accumulate(_ incoming: consuming Tensor) throws {
    if let gradient { incoming = try Tensor.combined(.add, gradient, incoming, name: "backward") }
    gradient = incoming
  }

  /// The gradient with storage of its own, to be changed in place.
  ///
  /// A backward pass may leave the same storage in two leaves, as for x + y; copying it each time would cost more than
  /// the gradients of a small model, so it is copied when somebody asks to write.
  public func ownGradient() throws -> Tensor? {
    guard let isOwn = gradient?.isUniquelyReferenced(), let isDense = gradient.map({ $0.spanOfDenseBlock != nil }) else { return nil }
    if !(isOwn && isDense) { gradient = try gradient?.clone() }
    return gradient
  }
}

/// Whether ops are recorded.
public enum GradientMode {
  // Read and set only by the one thread that runs the script; workers see raw buffers.
  nonisolated(unsafe) public private(set) static var isEnabled = true

  /// Runs `body` without recording, as evaluation and optimizers want it.
  public static func disabled<R>(_ body: () throws -> R) rethrows -> R {
    let before = isEnabled
    isEnabled = false
    defer { isEnabled = before }
    return try body()
  }

  /// Sets the mode; for a host that must restore it after an error of its own.
  public static func set(_ enabled: Bool) { isEnabled = enabled }
}
