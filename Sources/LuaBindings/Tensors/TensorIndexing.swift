import Autodiff
import TensorCore

extension LuaHost {
  /// `t[i]`, `t[mask]`, `t[positions]` and the assignments to them.
  func openTensorIndexing(_ tensor: LuaClass<Variable>) throws {
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
        // A mask over the rows of a larger tensor chooses rows, as in PyTorch; one of its own shape chooses elements.
        if chosen.dtype == .bool, chosen.shape.count == 1, x.shape.count > 1, let op = OpTable.named("index_select") {
          guard chosen.shape[0] == x.shape[0] else {
            throw call.mistake("key: a mask of shape \(chosen.shape.text) does not fit the \(x.shape[0]) rows of shape \(x.shape.text)")
          }
          let mask = try chosen.value.contiguous().buffer(as: UInt8.self)
          let rows = mask.indices.filter { mask[$0] != 0 }.map { Int64($0 + 1) }
          return try call.returns(try Engine.applyOne(op, [.tensor(x), .integer(0), .tensor(Variable(try Tensor(rows)))]))
        }
        if chosen.dtype == .bool, let op = OpTable.named("masked_select") {
          return try call.returns(try Engine.applyOne(op, [.tensor(x), .tensor(chosen)]))
        }
        if chosen.dtype == .int64, let op = OpTable.named("index_select") {
          return try call.returns(try Engine.applyOne(op, [.tensor(x), .integer(0), .tensor(chosen)]))
        }
        throw call.mistake("key: expected a position, a bool mask or int64 positions, got a tensor of \(chosen.dtype.name)")
      default: return call.returnsNil()
      }
    }
    try tensor.newIndex { call in
      let x = try call.object(at: 1, "self", Variable.self)
      let key = call.argument(at: 2, "key")
      guard !(GradientMode.isEnabled && x.requiresGradient && x.isLeaf) else {
        throw CallerError("t[i] = v: a leaf tensor that requires a gradient is changed in place; do it inside tensor.no_grad(function() … end)")
      }
      guard !(GradientMode.isEnabled && x.requiresGradient) else {
        throw CallerError("t[i] = v: a tensor with history is changed in place; use tensor.where or tensor.cat, or :detach() it first")
      }
      if case .number = key.kind {
        let i = try position(key, in: x, call)
        try store(call.argument(at: 3, "value"), into: x.value.selected(0, i), call)
      } else if key.kind == .object, try call.object(at: 2, "key", Variable.self).dtype == .bool {
        try storeMasked(call.argument(at: 3, "value"), into: x.value, where: try call.object(at: 2, "key", Variable.self).value, call)
      } else {
        throw call.mistake("expected a position or a bool mask as key, got \(key.shown)")
      }
      x.value.storage.markChanged()
      return call.returns()
    }
  }
}

private func position(_ key: Argument, in x: Variable, _ call: Call) throws -> Int {
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

private func number(_ value: Argument, for dtype: DType, _ call: Call) throws -> Double {
  if case .boolean = value.kind { return try value.bool() ? 1 : 0 }
  let number = try value.number()
  guard dtype != .int64 || number == number.rounded() else {
    throw call.mistake("value: expected a whole number for a tensor of int64, got \(number)")
  }
  return number
}

private func store(_ value: Argument, into target: Tensor, _ call: Call) throws {
  guard value.kind == .object else {
    if target.dtype == .int64, value.isIntegerSubtype {
      let exact = try Tensor([Int64(try value.integer())], shape: [])
      target.copyElements(from: try exact.expanded(to: target.shape))
    } else {
      target.fill(try number(value, for: target.dtype, call))
    }
    return
  }
  var source = try value.object(Variable.self).value
  guard let shape = Tensor.broadcastShape(source.shape, target.shape), shape == target.shape else {
    throw call.mistake("value: shape \(source.shape.text) does not broadcast to \(target.shape.text)")
  }
  if source.storage === target.storage { source = try source.clone() }
  target.copyElements(from: try source.expanded(to: target.shape))
}

private func storeMasked(_ value: Argument, into target: Tensor, where mask: Tensor, _ call: Call) throws {
  guard let shape = Tensor.broadcastShape(mask.shape, target.shape), shape == target.shape else {
    throw call.mistake("key: a mask of shape \(mask.shape.text) does not broadcast to \(target.shape.text)")
  }
  let chosen = try mask.expanded(to: target.shape).contiguous().buffer(as: UInt8.self)
  let dense = try target.clone()
  let places = chosen.indices.filter { chosen[$0] != 0 }
  func write<T: Element>(_: T.Type, _ element: (Int) throws -> T) rethrows {
    let out = dense.pointer(as: T.self)
    for (n, place) in places.enumerated() { out[place] = try element(n) }
  }
  if value.kind == .object {
    let source = try value.object(Variable.self).value.converted(to: target.dtype).contiguous()
    guard source.count == places.count || source.count == 1 else {
      throw call.mistake("value: expected \(places.count) elements for as many true ones in the mask, got \(source.count)")
    }
    let step = source.count == 1 ? 0 : 1
    switch target.dtype {
    case .float32: write(Float.self) { source.pointer(as: Float.self)[$0 * step] }
    case .float64: write(Double.self) { source.pointer(as: Double.self)[$0 * step] }
    case .int64: write(Int64.self) { source.pointer(as: Int64.self)[$0 * step] }
    case .bool: write(UInt8.self) { source.pointer(as: UInt8.self)[$0 * step] }
    }
  } else {
    let v = try number(value, for: target.dtype, call)
    switch target.dtype {
    case .float32: write(Float.self) { _ in Float(v) }
    case .float64: write(Double.self) { _ in v }
    case .int64:
      guard let whole = Int64(exactly: v) else { throw call.mistake("value: \(v) is too large for int64") }
      write(Int64.self) { _ in whole }
    case .bool: write(UInt8.self) { _ in v != 0 ? 1 : 0 }
    }
  }
  target.copyElements(from: dense)
}
