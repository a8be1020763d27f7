import Autodiff
import TensorCore

/// One argument as a reference sees it.
enum ReferenceArgument {
  case array(NumberArray)
  case list([NumberArray])
  case number(Double)
  case integer(Int)
  case flag(Bool)
  case text(String)
  case integers([Int])
  case numbers([Double])
  case absent

  var array: NumberArray? { if case .array(let value) = self { value } else { nil } }
  var list: [NumberArray] { if case .list(let value) = self { value } else { [] } }
  var number: Double? { if case .number(let value) = self { value } else { nil } }
  var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  var flag: Bool { if case .flag(let value) = self { value } else { false } }
  var text: String { if case .text(let value) = self { value } else { "" } }
  var numbers: [Double] { if case .numbers(let value) = self { value } else { [] } }
  var integers: [Int] { if case .integers(let value) = self { value } else { [] } }
}

/// A sample with its numbers drawn: it can be called in either type, in its own layout or in contiguous copies.
struct PreparedSample: Sendable {
  let spec: OpSpec
  let place: Int
  let arguments: [SampleArgument]
  private let drawn: [Drawn]

  // Numbers as they lie in memory and how they are seen.
  private indirect enum Drawn: Sendable {
    case numbers(stored: NumberArray, seen: NumberArray, SampleArgument)
    case integers(NumberArray)
    case bools(NumberArray)
    case sparse(NumberArray)
    case list([Drawn])
    case other
  }

  init(_ spec: OpSpec, _ arguments: [SampleArgument], place: Int) {
    self.spec = spec
    self.place = place
    let arguments = arguments + Array(repeating: SampleArgument.absent, count: max(0, spec.arguments.count - arguments.count))
    self.arguments = arguments
    drawn = arguments.enumerated().map { index, argument in
      var generator = NamedGenerator(spec.name, place, index)
      return PreparedSample.draw(argument, &generator)
    }
  }

  private static func draw(_ argument: SampleArgument, _ generator: inout NamedGenerator) -> Drawn {
    func random(_ shape: [Int], _ range: ClosedRange<Double>) -> NumberArray {
      NumberArray(shape) { _ in generator.uniform(range) }
    }
    switch argument {
    case .uniform(let shape, let range):
      let x = random(shape, range)
      return .numbers(stored: x, seen: x, argument)
    case .transposed(let shape, let range):
      var swapped = shape
      swapped.swapAt(shape.count - 1, shape.count - 2)
      let stored = random(swapped, range)
      return .numbers(stored: stored, seen: NumberArray(shape) { index in
        var other = index
        other.swapAt(index.count - 1, index.count - 2)
        return stored[other]
      }, argument)
    case .strided(let shape, let range):
      let last = shape.count - 1
      var longer = shape
      longer[last] *= 2
      let stored = random(longer, range)
      return .numbers(stored: stored, seen: NumberArray(shape) { index in
        var other = index
        other[last] *= 2
        return stored[other]
      }, argument)
    case .expanded(let shape, let range):
      let stored = random([1] + shape.dropFirst(), range)
      return .numbers(stored: stored, seen: NumberArray(shape) { stored[$0] }, argument)
    case .values(let values, let shape):
      let x = NumberArray(shape, values.map { Double(Float($0)) })
      return .numbers(stored: x, seen: x, argument)
    case .integers(let shape, let range):
      return .integers(NumberArray(shape) { _ in Double(Int.random(in: range, using: &generator)) })
    case .bools(let shape): return .bools(NumberArray(shape) { _ in Bool.random(using: &generator) ? 1 : 0 })
    case .distributions(let shape):
      let raw = random(shape, 0.05...1)
      let d = shape.count - 1
      let x = raw.mappedLines(d) { line in line.map { Double(Float($0 / line.reduce(0, +))) } }
      return .numbers(stored: x, seen: x, argument)
    case .sparse(let shape, let filled):
      return .sparse(NumberArray(shape) { _ in
        let chance = generator.uniform(0...1), value = generator.uniform(0.05...1)
        return chance < filled ? value : 0
      })
    case .list(let parts): return .list(parts.map { draw($0, &generator) })
    case .number, .integer, .flag, .text, .sizes, .factors, .absent: return .other
    }
  }

  /// What the reference gets.
  var referenceArguments: [ReferenceArgument] {
    zip(zip(arguments, drawn), spec.arguments).map { pair, declared in
      let (argument, drawn) = pair
      switch drawn {
      case .numbers(_, let seen, _): return .array(seen)
      case .integers(let x), .bools(let x), .sparse(let x): return .array(x)
      case .list(let parts):
        return .list(parts.compactMap { part in
          switch part {
          case .numbers(_, let seen, _): return seen
          case .integers(let x): return x
          default: return nil
          }
        })
      case .other:
        if case .number(let x) = argument, case .tensorOrNumber = declared.kind { return .array(NumberArray(scalar: x)) }
        switch PreparedSample.plain(argument, declared.kind) {
        case .number(let x): return .number(x)
        case .integer(let x): return .integer(x)
        case .flag(let x): return .flag(x)
        case .text(let x): return .text(x)
        case .integers(let x): return .integers(x)
        case .numbers(let x): return .numbers(x)
        default: return .absent
        }
      }
    }
  }

  /// How a call is made.
  struct Call {
    var dtype = DType.float64
    /// Contiguous copies instead of the sample's views.
    var contiguous = false
    /// Sparse rows as a dense tensor of the type.
    var dense = false
    /// Which tensors require a gradient, by their place (lists count one per element); all floating-point ones where `nil`.
    var requiring: Set<Int>?
    /// Numbers instead of the drawn ones, by place.
    var replaced: [Int: NumberArray] = [:]
  }

  /// Decoded arguments, and the variables among them by place.
  func values(_ call: Call) throws -> (arguments: [ArgumentValue], variables: [Variable?]) {
    var variables: [Variable?] = []
    func variable(_ tensor: Tensor) -> Variable {
      let place = variables.count
      let wanted = tensor.dtype.isFloatingPoint && (call.requiring?.contains(place) ?? true)
      let made = Variable(tensor, requiresGradient: wanted)
      variables.append(made)
      return made
    }
    func tensor(_ drawn: Drawn) throws -> Tensor {
      if let given = call.replaced[variables.count] { return try PreparedSample.tensor(given, call.dtype) }
      switch drawn {
      case .numbers(let stored, let seen, let argument):
        if call.contiguous { return try PreparedSample.tensor(seen, call.dtype) }
        let base = try PreparedSample.tensor(stored, call.dtype)
        switch argument {
        case .transposed(let shape, _): return base.transposed(shape.count - 1, shape.count - 2)
        case .strided(let shape, _): return base.sliced(shape.count - 1, from: 0, length: shape[shape.count - 1], step: 2)
        case .expanded(let shape, _): return try base.expanded(to: Dimensions(shape))
        default: return base
        }
      case .integers(let x): return try PreparedSample.tensor(x, .int64)
      case .bools(let x): return try PreparedSample.tensor(x, .bool)
      case .sparse(let x): return try PreparedSample.tensor(x, call.dtype)
      case .list, .other: return try PreparedSample.tensor(NumberArray(scalar: 0), call.dtype)
      }
    }
    var result: [ArgumentValue] = []
    for (i, declared) in spec.arguments.enumerated() {
      let argument = i < arguments.count ? arguments[i] : .absent
      switch i < drawn.count ? drawn[i] : .other {
      case .sparse(let x) where !call.dense && call.replaced[variables.count] == nil:
        variables.append(nil)
        result.append(.sparse(try SparseRows(PreparedSample.tensor(x, .float32))))
      case .numbers, .integers, .bools, .sparse: result.append(.tensor(variable(try tensor(drawn[i]))))
      case .list(let parts): result.append(.tensors(try parts.map { variable(try tensor($0)) }))
      case .other:
        if case .number(let x) = argument, case .tensorOrNumber = declared.kind {
          // A number is no place for a gradient, though it reaches the op as a tensor.
          variables.append(nil)
          result.append(.tensor(Variable(try Tensor(scalar: x, call.dtype))))
        } else {
          variables.append(nil)
          result.append(PreparedSample.plain(argument, declared.kind))
        }
      }
    }
    return (result, variables)
  }

  /// The numbers of each tensor by place, as seen.
  var numbersByPlace: [Int: NumberArray] {
    var found: [Int: NumberArray] = [:]
    var place = 0
    for drawn in drawn {
      switch drawn {
      case .numbers(_, let seen, _):
        found[place] = seen
        place += 1
      case .list(let parts):
        for part in parts {
          if case .numbers(_, let seen, _) = part { found[place] = seen }
          place += 1
        }
      default: place += 1
      }
    }
    return found
  }

  static func tensor(_ x: NumberArray, _ dtype: DType) throws -> Tensor {
    try Tensor(x.values, shape: Dimensions(x.shape)).converted(to: dtype)
  }

  /// Arguments that are no tensors; what is left out takes its declared default, as the binding would have it.
  private static func plain(_ argument: SampleArgument, _ kind: ArgumentSpec.Kind) -> ArgumentValue {
    switch argument {
    case .number(let x): return .number(x)
    case .integer(let x): return .integer(x)
    case .flag(let x): return .flag(x)
    case .text(let x): return .text(x)
    case .sizes(let x): return .integers(x)
    case .factors(let x): return .numbers(x)
    default: break
    }
    switch kind {
    case .number(let value?): return .number(value)
    case .integer(let value?): return .integer(value)
    case .flag(let value): return .flag(value)
    case .text(_, let value): return .text(value)
    case .pair(let value?, _): return .integers([value, value])
    default: return .absent
    }
  }
}

extension NumberArray {
  init(_ tensor: Tensor) throws { self.init(Array(tensor.shape), try tensor.array(of: Double.self)) }
}

/// Every op with its samples drawn.
let preparedSamples: [PreparedSample] = OpTable.all.flatMap { spec in
  spec.samples.enumerated().map { PreparedSample(spec, $1.arguments, place: $0) }
}
