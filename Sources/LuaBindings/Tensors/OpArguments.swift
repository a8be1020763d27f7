import Autodiff
import TensorCore

extension Variable: LuaObject {
  /// A view counts nothing: the memory is that of the tensor it shows, and a loop that takes views of a large tensor makes no garbage
  /// worth a collection. Another tensor over shared storage counts what it shows, an expanded one no more than there is.
  public var offHeapBytes: Int { isView ? 0 : min(value.byteCount, value.storage.byteCount) }
  /// Whether a rule written in Lua is in the graph that it came from.
  public var needsLinks: Bool { dependsOnScript }
}

extension SparseRows: LuaObject {
  /// Indices, values and row ends.
  public var offHeapBytes: Int { byteCount }
}

/// Decodes what a script gives into what an op takes, as the op's entry in the table declares it.
///
/// Arguments come in the declared order; those with a default may come in one trailing table by name instead.
struct OpArguments {
  let spec: OpSpec
  // What `decode` reads of each argument: to walk over the entry's own array would copy name, help and choices each time.
  private final class Place: Sendable {
    let name: String
    let kind: ArgumentSpec.Kind
    init(_ argument: ArgumentSpec) { (name, kind) = (argument.name, argument.kind) }
  }
  private let places: [Place]
  private let takesOperands: Bool
  private let optionNames: [String]
  // Where the dimension is declared, for ops that see a number without dimensions as a line of one.
  private let linePlace: Int?
  private let foldsDimensions: Bool
  private let compares: Bool

  private static let worksOnNumbers: Set<String> = [
    "any", "all", "sum", "mean", "prod", "logsumexp", "max", "min", "argmax", "argmin", "softmax", "log_softmax", "var", "std", "norm", "cumsum",
    "quantile", "median", "sort", "argsort", "topk", "squeeze", "transpose",
  ]

  init(_ spec: OpSpec) {
    self.spec = spec
    places = spec.arguments.map(Place.init)
    takesOperands = if spec.arguments.count >= 2, case .tensorOrNumber? = spec.arguments.last?.kind { true } else { false }
    foldsDimensions = OpArguments.foldsDimensions.contains(spec.name)
    compares = ["lt", "le", "gt", "ge", "eq", "ne"].contains(spec.name)
    optionNames = spec.arguments.filter(\.isOption).map(\.name)
    linePlace = OpArguments.worksOnNumbers.contains(spec.name)
      ? spec.arguments.firstIndex { if case .dimension = $0.kind { true } else if case .optionalDimension = $0.kind { true } else { false } } : nil
  }

  // Reductions that over several dimensions are those over one after the other.
  private static let foldsDimensions: Set<String> = ["sum", "mean", "prod", "logsumexp", "any", "all"]

  // x:sum({1, 3} [, keepdim]).
  private func overSeveral(_ call: Call) throws -> Variable? {
    let list = call.argument(at: 2, "d")
    guard list.kind == .table, try list.length() > 0 else { return nil }
    let x = try call.object(at: 1, "x", Variable.self)
    let keep = call.argument(at: 3, "keepdim")
    try call.expectAtMost(3)
    let keeps = try keep.kind == .table ? call.options(at: 3, keys: ["keepdim"]).bool("keepdim", default: false) : keep.isNil ? false : keep.bool()
    let dimensions = try list.integers().map { try normalized($0, rank: x.shape.count, "d", call) }
    guard Set(dimensions).count == dimensions.count else { throw call.mistake("d: a dimension is given twice") }
    return try dimensions.sorted(by: >).reduce(x) { try Engine.applyOne(spec, [.tensor($0), .integer($1), .flag(keeps)]) }
  }

  /// The op's first result for a call.
  func applyOne(_ call: Call) throws -> Variable {
    if foldsDimensions, let folded = try overSeveral(call) { return folded }
    let values = try decode(call)
    return seesLine(values) ? try apply(values)[0] : try Engine.applyOne(spec, values)
  }

  /// The op's results for a call.
  func apply(_ call: Call) throws -> [Variable] { try apply(try decode(call)) }

  private func seesLine(_ values: [ArgumentValue]) -> Bool {
    if let linePlace, case .tensor(let x)? = values.first, x.rank == 0, case .integer = values[linePlace] { true } else { false }
  }

  // Dimension 1 of a number without dimensions is the one that a line of it has, as in PyTorch.
  private func apply(_ values: [ArgumentValue]) throws -> [Variable] {
    guard seesLine(values), case .tensor(let x)? = values.first, let reshape = OpTable.named("reshape") else {
      return try Engine.apply(spec, values)
    }
    var seen = values
    seen[0] = .tensor(try Engine.applyOne(reshape, [.tensor(x), .integers([1])]))
    return try Engine.apply(spec, seen).map { $0.shape == [1] ? try Engine.applyOne(reshape, [.tensor($0), .integers([])]) : $0 }
  }

  func decode(_ call: Call) throws -> [ArgumentValue] {
    var values: [ArgumentValue] = []
    values.reserveCapacity(places.count)
    var given = call.argumentCount
    var options: Options?
    if given > 0, !optionNames.isEmpty, case .table = call.argument(at: given, "options").kind, try !takesTable(call, at: given) {
      options = try call.options(at: given, keys: optionNames)
      given -= 1
    }
    var first: Variable?
    var dimension = 0
    var position = 1
    for argument in places {
      let present = position <= given
      var value = present ? call.argument(at: position, argument.name) : call.argument(at: 0, argument.name)
      if let named = options?.optional(argument.name) {
        guard value.isNil else { throw call.mistake("\(argument.name): given twice, in place \(position) and as an option") }
        value = named
      }
      position += 1
      switch argument.kind {
      case .tensor:
        let variable = try value.object(Variable.self)
        if first == nil { first = variable }
        values.append(.tensor(variable))
      case .tensorOrNumber:
        values.append(try operand(value, call))
        if first == nil, case .tensor(let variable)? = values.last { first = variable }
      case .optionalTensor:
        values.append(value.isNil ? .absent : .tensor(try value.object(Variable.self)))
      case .rows:
        if let sparse = value.objectIfAny(SparseRows.self) {
          values.append(.sparse(sparse))
        } else if let variable = value.objectIfAny(Variable.self) {
          if first == nil { first = variable }
          values.append(.tensor(variable))
        } else {
          throw value.mistake(expected: "a tensor or sparse rows")
        }
      case .tensors:
        let list = try value.objects(Variable.self)
        if first == nil { first = list.first }
        values.append(.tensors(list))
      case .number(let fallback):
        if value.isNil, let fallback { values.append(.number(fallback)) }
        else if value.isNil { values.append(.absent) }
        else { values.append(.number(try value.number())) }
      case .integer(let fallback):
        if value.isNil, let fallback { values.append(.integer(fallback)) } else { values.append(.integer(try value.integer())) }
      case .dimension:
        dimension = try self.dimension(value, rank: first?.rank ?? 0, call)
        values.append(.integer(dimension))
      case .optionalDimension:
        if value.isNil {
          values.append(.absent)
        } else {
          dimension = try self.dimension(value, rank: first?.rank ?? 0, call)
          values.append(.integer(dimension))
        }
      case .position:
        let size = first.map { $0.shape.count > dimension ? $0.shape[dimension] : 0 } ?? 0
        values.append(.integer(try positionIndex(value, size: size, dimension: dimension, shape: first?.shape ?? [], call)))
      case .flag(let fallback):
        values.append(.flag(value.isNil ? fallback : try value.bool()))
      case .text(let choices, let fallback):
        values.append(.text(value.isNil ? fallback : try value.choice(choices)))
      case .shape:
        values.append(.integers(try sizes(call, from: position - 1, through: given, argument.name)))
        position = given + 1
      case .pair(let fallback, let words):
        values.append(try pair(value, fallback, words))
      case .optionalPair:
        values.append(value.isNil ? .absent : .integers(try value.pair()))
      case .optionalFactors:
        values.append(value.isNil ? .absent : .numbers(try value.factors()))
      case .sizes:
        values.append(.integers(value.kind == .number ? [try value.integer()] : try value.integers()))
      case .dimensions:
        let rank = first?.rank ?? 0
        let list = try sizes(call, from: position - 1, through: given, argument.name)
        values.append(.integers(try list.map { try normalized($0, rank: rank, argument.name, call) }))
        position = given + 1
      }
    }
    if position <= given {
      throw call.mistake("expected at most \(spec.arguments.count) arguments, got \(call.argumentCount)")
    }
    return try promoted(values, call)
  }

  // A table in this place is a list the op declares, not options.
  private func takesTable(_ call: Call, at position: Int) throws -> Bool {
    guard position <= spec.arguments.count else { return false }
    switch spec.arguments[position - 1].kind {
    case .tensors, .shape, .sizes, .dimensions: return true
    // {2, 1} are two sizes, {stride = 2} is not.
    case .pair, .optionalPair, .optionalFactors: return try call.argument(at: position, "options").length() > 0
    default: return false
    }
  }

  private func pair(_ value: Argument, _ fallback: Int?, _ words: [String]) throws -> ArgumentValue {
    if value.isNil, let fallback { return .integers([fallback, fallback]) }
    if case .string = value.kind, !words.isEmpty { return .text(try value.choice(words)) }
    return .integers(try value.pair())
  }

  private func operand(_ value: Argument, _ call: Call) throws -> ArgumentValue {
    if let variable = value.objectIfAny(Variable.self) { return .tensor(variable) }
    if value.objectIfAny(SparseRows.self) != nil {
      throw call.mistake("\(value.name): sparse rows have no arithmetic; make them dense with :todense()")
    }
    // Another object, or a tensor that was freed: the reader of objects says which.
    if case .object = value.kind { return .tensor(try value.object(Variable.self)) }
    if case .number = value.kind { return value.isIntegerSubtype ? .integer(try value.integer()) : .number(try value.number()) }
    throw value.mistake(expected: "a tensor or a number")
  }

  // Numbers beside a tensor become tensors of no dimensions: of its type, or int64 where both are whole.
  private func promoted(_ values: [ArgumentValue], _ call: Call) throws -> [ArgumentValue] {
    guard takesOperands else { return values }
    var dtype: DType?, hasNumbers = false
    for place in places.indices {
      guard case .tensorOrNumber = places[place].kind else { continue }
      switch values[place] {
      case .tensor(let variable): dtype = dtype.map { DType.promoted($0, variable.dtype) } ?? variable.dtype
      default: hasNumbers = true
      }
    }
    if dtype != nil, !hasNumbers { return values }
    if dtype == nil, case .tensor? = places.first?.kind {
      // Numbers alone beside a mask: int64 where both are whole.
      dtype = values.contains { if case .number = $0 { true } else { false } } ? .float32 : .int64
    }
    guard let dtype else { throw call.mistake("expected at least one tensor, got numbers only") }
    var values = values
    for place in places.indices {
      guard case .tensorOrNumber = places[place].kind else { continue }
      switch values[place] {
      case .integer(let number):
        values[place] = .tensor(Variable(try scalar(number, dtype)))
      case .number(let number):
        // A comparison leaves whole numbers as they are, whatever they are compared with.
        guard dtype.isFloatingPoint || compares else {
          throw call.mistake("a number that is not whole beside a tensor of \(dtype.name): \(number); convert the tensor with :to(\"float32\")")
        }
        values[place] = .tensor(Variable(try Tensor(scalar: number, dtype.isFloatingPoint ? dtype : .float64)))
      default: break
      }
    }
    return values
  }

  private func scalar(_ number: Int, _ dtype: DType) throws -> Tensor {
    if dtype.isFloatingPoint { return try Tensor(scalar: Double(number), dtype) }
    return try Tensor([Int64(number)], shape: [])
  }

  private func dimension(_ value: Argument, rank: Int, _ call: Call) throws -> Int {
    try normalized(try value.integer(), rank: rank, value.name, call)
  }

  func normalized(_ d: Int, rank: Int, _ name: String, _ call: Call) throws -> Int {
    // A number without dimensions may be reduced over its first, as in PyTorch.
    let limit = max(rank, 1)
    let fromOne = d < 0 && d >= -limit ? d + limit + 1 : d
    guard fromOne >= 1, fromOne <= limit else {
      throw call.mistake("\(name): expected a dimension in 1...\(limit) or \(-limit)...-1, got \(d)")
    }
    guard rank > 0 || linePlace != nil else { throw call.mistake("\(name): a tensor without dimensions has no dimension \(d)") }
    return fromOne - 1
  }

  private func positionIndex(_ value: Argument, size: Int, dimension: Int, shape: Dimensions, _ call: Call) throws -> Int {
    let i = try value.integer()
    let fromOne = i < 0 && i >= -size ? i + size + 1 : i
    guard fromOne >= 1, fromOne <= size else {
      throw call.mistake("\(value.name): position \(i) is outside dimension \(dimension + 1) of shape \(shape.text)")
    }
    return fromOne - 1
  }

  private func sizes(_ call: Call, from first: Int, through last: Int, _ name: String) throws -> [Int] {
    if first == last, case .table = call.argument(at: first, name).kind { return try call.argument(at: first, name).integers() }
    guard first <= last else { return [] }
    var sizes: [Int] = []
    sizes.reserveCapacity(last - first + 1)
    for position in first...last {
      sizes.append(try Argument(call: call, slot: Int32(clamping: position), name: name, item: Int32(clamping: position - first + 1)).integer())
    }
    return sizes
  }
}

extension Call {
  /// The results of an op as Lua gets them.
  func returns(_ results: [Variable], of spec: OpSpec) throws -> Results {
    switch spec.results {
    case .one: return try returns(results[0])
    case .tuple: return try returns(list: results.map { .object($0) })
    case .list: return try returns(.array(results.map { .object($0) }))
    }
  }
}
