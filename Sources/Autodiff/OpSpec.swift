import TensorCore

/// One entry of the op table: everything jetlua says and does about an op.
///
/// A class, so that calling an op copies a reference and not a dozen fields.
public final class OpSpec: Sendable {
  /// What scripts call it: `tensor.NAME(…)`, and `x:NAME(…)` where the first argument is a tensor.
  public let name: String
  /// One sentence with the formula.
  public let summary: String
  /// Lua, one statement or expression a line, each expression followed by ` --> ` and what it prints: `"tensor{4, 9}:sqrt() --> [2., 3.]"`.
  ///
  /// The tests run it; of a printed tensor the closing line (shape, type, statistics) may be left out, and line breaks count as blanks.
  public let example: String
  /// Shapes, as `"x [*S], y [*T] -> [*broadcast(S, T)]"`; the contract tests hold it against real shapes.
  ///
  /// Inputs are named as the arguments (`x [N, D]`, `bias [H] or nil`, `list of [*S]`); results carry their type where it is
  /// not that of the inputs (`bool [*S]`) and may have alternatives (`; [N] where reduction = none`, `; … where d is given`).
  /// A name stands for one size, `_` for one that nothing else has to agree with, `*S` for any sizes, `*broadcast(S, T)` and `*reduced(S, d)` for what they say.
  public let signature: String
  /// What scripts give, in order.
  public let arguments: [ArgumentSpec]
  /// Where scripts find it.
  public let placement: Placement
  /// How results reach Lua where there are several.
  public let results: Results
  /// The value; reads arguments from the call and saves what the pullback needs.
  public let forward: @Sendable (inout OpContext) throws -> Outputs
  /// The gradient rule, or why there is none.
  public let gradient: Gradient
  /// Whether there is a gradient rule; kept, because to look at `gradient` counts a reference to the rule.
  public let isDifferentiable: Bool
  /// Calls that the contract tests make, each with its own shapes.
  public let samples: [Sample]
  /// Wrong calls and the exact message of each.
  public let failures: [Failure]

  /// Where scripts find an op: in `tensor` and as a method, in `tensor` alone, in `nn.functional`, among the losses of `nn`, or as a method alone.
  public enum Placement: Sendable { case tensorAndMethod, tensor, functional, loss, method }
  /// How results reach Lua: one tensor, several values, or a list.
  public enum Results: Sendable { case one, tuple, list }

  /// How gradients flow through an op.
  public enum Gradient: Sendable {
    /// One gradient per argument (`nil` for numbers and where none flows), a list of tensors counting as many; in the shape
    /// of the argument before or after broadcasting. Missing ones at the end count as `nil`.
    case rule(@Sendable (_ gradients: [Tensor?], _ context: OpContext) throws -> [Tensor?])
    case none(reason: String)
  }

  /// The results of a forward rule.
  public struct Outputs {
    /// The first result, the one that gradients start from where there is but one.
    public let first: Tensor
    /// Further results, such as positions.
    public let rest: [Tensor]
    /// Whether the results show the storage of the first tensor argument.
    public let isView: Bool

    /// The results of a rule; `isView` where they show the storage of the first tensor argument.
    public init(_ first: Tensor, _ rest: [Tensor] = [], isView: Bool = false) {
      self.first = first
      self.rest = rest
      self.isView = isView
    }
  }

  /// An entry; see the properties of the same names.
  public init(
    _ name: String, _ summary: String, example: String = "", signature: String, arguments: [ArgumentSpec], placement: Placement = .tensorAndMethod,
    results: Results = .one, forward: @escaping @Sendable (inout OpContext) throws -> Outputs, gradient: Gradient,
    samples: [Sample], failures: [Failure] = []
  ) {
    self.name = name
    self.summary = summary
    self.example = example
    self.signature = signature
    self.arguments = arguments
    self.placement = placement
    self.results = results
    self.forward = forward
    self.gradient = gradient
    isDifferentiable = if case .rule = gradient { true } else { false }
    self.samples = samples
    self.failures = failures
  }
}

/// An argument of an op as scripts give it.
public struct ArgumentSpec: Sendable {
  /// What scripts call it in a table of options, and messages everywhere.
  public let name: String
  /// What it may be, and its default.
  public let kind: Kind
  /// What it means, as help shows it; empty where the name says it.
  public let help: String

  /// What an argument may be.
  public enum Kind: Sendable {
    case tensor
    /// A tensor or a number; one of two such arguments must be a tensor.
    case tensorOrNumber
    /// A tensor, or nothing.
    case optionalTensor
    /// A dense tensor or sparse rows.
    case rows
    /// A list of tensors.
    case tensors
    case number(default: Double?)
    case integer(default: Int?)
    /// A dimension of the first tensor argument, from 1 or from −1 backwards; reaches the op counted from 0.
    case dimension
    /// A dimension or nothing, which means all.
    case optionalDimension
    /// A position on the dimension given before it, from 1 or from −1 backwards; reaches the op counted from 0.
    case position
    case flag(default: Bool)
    case text(choices: [String], default: String)
    /// Sizes, as numbers or one table.
    case shape
    /// Sizes as one table, or one number.
    case sizes
    /// Dimensions, as numbers or one table; reach the op counted from 0.
    case dimensions
    /// Sizes on the two axes of an image, vertical first: one integer for both or a list of two, or one of a few words.
    /// Without a default it must be given.
    case pair(default: Int?, words: [String] = [])
    /// The same, or nothing.
    case optionalPair
    /// Factors on the two axes of an image, one number for both or a list of two, or nothing.
    case optionalFactors
  }

  /// An argument; `help` is what help and editor stubs say of it.
  public init(_ name: String, _ kind: Kind, _ help: String = "") {
    self.name = name
    self.kind = kind
    self.help = help
  }

  /// Whether scripts may leave it out, and may give it by name in a trailing table.
  public var isOption: Bool {
    switch kind {
    case .number, .flag, .text, .optionalTensor, .optionalDimension, .optionalPair, .optionalFactors: true
    case .pair(let value, _): value != nil
    case .integer(let value): value != nil
    default: false
    }
  }

  /// A tensor that must be given.
  public static func tensor(_ name: String = "x", _ help: String = "") -> ArgumentSpec { .init(name, .tensor, help) }
}

/// A decoded argument.
public enum ArgumentValue {
  case tensor(Variable)
  case sparse(SparseRows)
  case tensors([Variable])
  case number(Double)
  case integer(Int)
  case flag(Bool)
  case text(String)
  case integers([Int])
  case numbers([Double])
  case absent

  var requiresGradient: Bool {
    switch self {
    case .tensor(let variable): variable.requiresGradient
    case .tensors(let list): list.contains { $0.requiresGradient }
    default: false
    }
  }

  // The places where gradients may go.
  var variables: [Variable?] {
    switch self {
    case .tensor(let variable): [variable]
    case .tensors(let list): list
    default: [nil]
    }
  }
}

/// One call of an op, as its rules see it.
public struct OpContext {
  /// The op, as messages name it.
  public let name: String
  /// Decoded arguments in declared order. In a gradient rule the tensors are gone: it reads what was saved.
  public internal(set) var arguments: [ArgumentValue]
  /// What the forward rule saved for the gradient rule.
  public private(set) var saved: [Tensor] = []
  /// A sparse argument that the gradient rule reads.
  public private(set) var savedSparse: SparseRows?
  /// Whatever else the gradient rule of an op outside the table needs, for it alone to look into.
  public private(set) var savedObject: AnyObject?
  var versions: [Int] = []
  /// Whether the gradient rule is written in Lua, so that what it needs is kept where Lua's collector sees it.
  public var isScripted = false
  var areTensors: [Bool] = []
  /// Whether each argument needs a gradient; empty where the call is not recorded.
  public internal(set) var needs: [Bool] = []
  /// The shape of each tensor argument, for gradient rules; `[]` for others. A list has one place per element.
  public internal(set) var shapes: [Dimensions] = []
  /// Whether this call is recorded; where it is not, saving costs nothing and fused rules may skip their gradients.
  public internal(set) var isRecording = false

  /// A call with its decoded arguments.
  public init(name: String, arguments: [ArgumentValue]) {
    self.name = name
    self.arguments = arguments
  }

  /// Whether an argument that a gradient rule answers for is a tensor.
  public func isTensor(_ index: Int) -> Bool { index < areTensors.count && areTensors[index] }

  /// Keeps tensors for the gradient rule, which finds them in `saved` in this order.
  public mutating func save(_ tensors: Tensor...) {
    guard isRecording else { return }
    saved.append(contentsOf: tensors)
    for tensor in tensors { versions.append(tensor.storage.version) }
  }

  /// Keeps a sparse argument for the gradient rule.
  public mutating func save(_ sparse: SparseRows) { if isRecording { savedSparse = sparse } }

  /// Keeps an object for the gradient rule; what it holds must not be changed by anyone else.
  public mutating func save(object: AnyObject) { if isRecording { savedObject = object } }

  mutating func clearSaved() {
    saved = []
    savedSparse = nil
    savedObject = nil
  }

  private func wrongKind(_ index: Int) -> CallerError { CallerError("\(name): argument \(index + 1) is of another kind") }

  /// The tensor argument at a place counted from 0, with its part in the graph; throws where it is something else.
  public func variable(_ index: Int) throws -> Variable {
    guard index < arguments.count, case .tensor(let variable) = arguments[index] else { throw wrongKind(index) }
    return variable
  }
  /// The numbers of the tensor argument at a place counted from 0; throws where it is something else.
  public func tensor(_ index: Int) throws -> Tensor { try variable(index).value }
  /// The numbers of a tensor argument, nil where it was left out.
  public func optionalTensor(_ index: Int) -> Tensor? {
    if index < arguments.count, case .tensor(let variable) = arguments[index] { variable.value } else { nil }
  }
  /// The tensors of a list argument; throws where it is something else.
  public func tensors(_ index: Int) throws -> [Tensor] {
    guard index < arguments.count, case .tensors(let list) = arguments[index] else { throw wrongKind(index) }
    return list.map(\.value)
  }
  /// The sparse rows of an argument, nil where it is dense.
  public func sparse(_ index: Int) -> SparseRows? {
    if index < arguments.count, case .sparse(let rows) = arguments[index] { rows } else { nil }
  }
  /// A number; throws where the argument is something else.
  public func number(_ index: Int) throws -> Double {
    guard index < arguments.count, case .number(let value) = arguments[index] else { throw wrongKind(index) }
    return value
  }
  /// A number, nil where it was left out.
  public func optionalNumber(_ index: Int) -> Double? {
    if index < arguments.count, case .number(let value) = arguments[index] { value } else { nil }
  }
  /// An integer, or a dimension or position counted from 0; throws where the argument is something else.
  public func integer(_ index: Int) throws -> Int {
    guard index < arguments.count, case .integer(let value) = arguments[index] else { throw wrongKind(index) }
    return value
  }
  /// An integer, dimension or position, nil where it was left out.
  public func optionalInteger(_ index: Int) -> Int? {
    if index < arguments.count, case .integer(let value) = arguments[index] { value } else { nil }
  }
  /// A flag, false where it was left out.
  public func flag(_ index: Int) -> Bool {
    if index < arguments.count, case .flag(let value) = arguments[index] { value } else { false }
  }
  /// A word out of those that the entry allows; throws where the argument is something else.
  public func text(_ index: Int) throws -> String {
    guard index < arguments.count, case .text(let value) = arguments[index] else { throw wrongKind(index) }
    return value
  }
  /// Sizes, or dimensions counted from 0; throws where the argument is something else.
  public func integers(_ index: Int) throws -> [Int] {
    guard index < arguments.count, case .integers(let values) = arguments[index] else { throw wrongKind(index) }
    return values
  }
  /// Sizes on the two axes of an image, or `nil` where another kind or nothing was given.
  public func optionalPair(_ index: Int) -> ConvolutionShape.Pair? {
    guard index < arguments.count, case .integers(let values) = arguments[index], values.count == 2 else { return nil }
    return ConvolutionShape.Pair(values[0], values[1])
  }
  /// Sizes on the two axes of an image, vertical first. Throws where another kind or nothing was given.
  public func pair(_ index: Int) throws -> ConvolutionShape.Pair {
    guard let pair = optionalPair(index) else { throw wrongKind(index) }
    return pair
  }
  /// Factors on the two axes of an image.
  public func optionalFactors(_ index: Int) -> (y: Double, x: Double)? {
    guard index < arguments.count, case .numbers(let values) = arguments[index], values.count == 2 else { return nil }
    return (values[0], values[1])
  }
  /// A word, or `nil` where another kind or nothing was given.
  public func optionalText(_ index: Int) -> String? {
    if index < arguments.count, case .text(let value) = arguments[index] { value } else { nil }
  }
}
