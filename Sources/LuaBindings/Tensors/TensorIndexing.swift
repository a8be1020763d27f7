import Autodiff
import TensorCore

extension LuaHost {
  /// `t[i]`, `t[mask]`, `t[positions]`, the assignments to them, and `split` with a list of sizes.
  func openTensorIndexing(_ library: LuaLibrary, _ tensor: LuaClass<Variable>) throws {
    try tensor.index { call in
      let x = try call.object(at: 1, "self", Variable.self)
      let key = call.argument(at: 2, "key")
      switch key.kind {
      case .number:
        let i = try position(key, in: x, call)
        if x.shape.count == 1 { return returnsElement(x.value, i, call) }
        guard let select = OpTable.named("select") else { return call.returnsNil() }
        return try call.returns(try Engine.applyOne(select, [.tensor(x), .integer(0), .integer(i)]))
      case .object:
        let chosen = try call.object(at: 2, "key", Variable.self)
        switch chosen.dtype {
        case .bool: return try call.returns(try masked(x, chosen.value, call))
        case .int64:
          guard let op = OpTable.named("index_select") else { return call.returnsNil() }
          return try call.returns(try Engine.applyOne(op, [.tensor(x), .integer(0), .tensor(chosen)]))
        default: throw call.mistake("key: expected a position, a bool mask or int64 positions, got a tensor of \(chosen.dtype.name)")
        }
      // A name that is no method: what looks for methods expects nil.
      case .string: return call.returnsNil()
      default: throw call.mistake("key: expected a position, a bool mask or int64 positions, got \(key.shown)")
      }
    }
    try tensor.newIndex { call in
      let x = try call.object(at: 1, "self", Variable.self)
      try Assignment(call: call, target: x).run()
      return try call.returns(changed: x)
    }
    guard let spec = OpTable.named("split"), let narrow = OpTable.named("narrow") else { return }
    let arguments = OpArguments(spec)
    // split(size [, d]), or split({size, …} [, d]): views of these lengths, which fill the dimension.
    let split: NativeFunction = { call in
      guard call.argument(at: 2, "sizes").kind == .table, case let sizes = call.argument(at: 2, "sizes"), try sizes.length() > 0 else {
        return try call.returns(try arguments.apply(call), of: spec)
      }
      let x = try call.object(at: 1, "x", Variable.self), lengths = try sizes.integers(in: 0...Int.max)
      let options = try call.options(at: call.argument(at: 3, "d").kind == .table ? 3 : 4, keys: ["d"])
      let given = try options.optional("d")?.integer() ?? call.optional(at: 3, "d").map { $0.kind == .table ? 1 : try $0.integer() } ?? 1
      guard x.shape.count > 0 else { throw call.mistake("a tensor without dimensions cannot be taken apart") }
      let d = try arguments.normalized(given, rank: x.shape.count, "d", call)
      let total = lengths.reduce(0) { $0.addingReportingOverflow($1).overflow ? Int.max : $0 + $1 }
      guard total == x.shape[d] else { throw call.mistake("sizes: expected a sum of \(x.shape[d]) for dimension \(d + 1) of shape \(x.shape.text), got \(total)") }
      var at = 0
      return try call.returns(.array(try lengths.map { length in
        let view = try Engine.applyOne(narrow, [.tensor(x), .integer(d), .integer(at), .integer(length)])
        at += length
        return .object(view)
      }))
    }
    try library.function("split", help: "@private", split)
    try tensor.method("split", help: "@private", split)
  }
}

// A mask covers the leading dimensions of a tensor and chooses what lies behind them; one of the tensor's own shape chooses elements.
func requireCover(_ mask: Tensor, _ x: Tensor, _ call: Call) throws {
  guard mask.rank <= x.rank, mask.shape == Dimensions(x.shape.prefix(mask.rank)) else {
    let what = mask.rank == 1 && x.rank > 1 ? "the \(x.shape[0]) rows of shape \(x.shape.text)" : "the leading dimensions of shape \(x.shape.text)"
    throw call.mistake("key: a mask of shape \(mask.shape.text) does not fit \(what)")
  }
}

private func masked(_ x: Variable, _ mask: Tensor, _ call: Call) throws -> Variable {
  try requireCover(mask, x.value, call)
  if mask.rank == x.shape.count {
    guard let op = OpTable.named("masked_select") else { return x }
    return try Engine.applyOne(op, [.tensor(x), .tensor(Variable(mask))])
  }
  guard let reshape = OpTable.named("reshape"), let op = OpTable.named("index_select") else { return x }
  let lines = mask.rank == 1 ? x : try Engine.applyOne(reshape, [.tensor(x), .integers([mask.count] + x.shape.dropFirst(mask.rank))])
  let rows = try mask.array(of: UInt8.self).enumerated().filter { $0.element != 0 }.map { Int64($0.offset + 1) }
  return try Engine.applyOne(op, [.tensor(lines), .integer(0), .tensor(Variable(try Tensor(rows)))])
}

func position(_ key: Argument, in x: Variable, _ call: Call) throws -> Int {
  let i = try key.integer()
  guard x.shape.count > 0 else { throw call.mistake("a tensor without dimensions has no position \(i); use :item()") }
  let size = x.shape[0]
  let fromOne = i < 0 && i >= -size ? i + size + 1 : i
  guard fromOne >= 1, fromOne <= size else { throw call.mistake("position \(i) is outside dimension 1 of shape \(x.shape.text)") }
  return fromOne - 1
}

private func returnsElement(_ t: Tensor, _ i: Int, _ call: Call) -> Results {
  let place = i * t.strides[0]
  switch t.dtype {
  case .float32: return call.returns(Double(t.pointer(as: Float.self)[place]))
  case .float64: return call.returns(t.pointer(as: Double.self)[place])
  case .int64: return call.returns(Int(t.pointer(as: Int64.self)[place]))
  case .bool: return call.returns(t.pointer(as: UInt8.self)[place] != 0)
  }
}

func storedNumber(_ value: Argument, for dtype: DType, _ call: Call) throws -> Double {
  if case .boolean = value.kind { return try value.bool() ? 1 : 0 }
  let number = try value.number()
  guard dtype != .int64 || Int64(exactly: number) != nil else {
    throw call.mistake("value: expected a whole number for a tensor of int64, got \(value.shown)")
  }
  return number
}


extension Call {
  /// Writes a number or a boolean into every element; int64 takes whole numbers only, in full precision.
  func fill(_ target: Tensor, with value: Argument) throws {
    if target.dtype == .int64, value.isIntegerSubtype {
      target.copyElements(from: try Tensor([Int64(try value.integer())], shape: []).expanded(to: target.shape))
    } else {
      target.fill(try storedNumber(value, for: target.dtype, self))
    }
  }
}
