import Autodiff
import TensorCore

extension LuaHost {
  func openTensorInspection(_ tensor: LuaClass<Variable>, _ library: LuaLibrary) throws {
    func read(_ call: Call) throws -> Variable { try call.object(at: 1, "self", Variable.self) }
    try tensor.property("shape") { call in try call.returns(.integers(Array(try read(call).shape))) }
    try tensor.property("dtype") { call in try call.returns(try read(call).dtype.name) }
    try tensor.method("dim") { call in call.returns(try read(call).shape.count) }
    try tensor.method("numel") { call in call.returns(try read(call).value.count) }
    try tensor.method("is_contiguous") { call in call.returns(try read(call).value.isContiguous) }
    try tensor.method("size") { call in
      let x = try read(call)
      guard call.optional(at: 2, "d") != nil else { return try call.returns(.integers(Array(x.shape))) }
      let d = try call.integer(at: 2, "d")
      let fromOne = d < 0 ? d &+ x.shape.count + 1 : d
      guard fromOne >= 1, fromOne <= x.shape.count else { throw call.mistake("d: a tensor of shape \(x.shape.text) has no dimension \(d)") }
      return call.returns(x.shape[fromOne - 1])
    }
    try tensor.metamethod("__len") { call in
      let x = try read(call)
      guard x.shape.count > 0 else { throw CallerError("#: a tensor without dimensions has no length") }
      return call.returns(x.shape[0])
    }
    try tensor.method("item") { call in
      let x = try read(call)
      switch x.dtype {
      case .bool: return call.returns(try x.value.item() != 0)
      case .int64:
        _ = try x.value.item()
        return call.returns(Int(try x.value.contiguous().pointer(as: Int64.self).pointee))
      default: return call.returns(try x.value.item())
      }
    }
    try tensor.method("totable") { call in
      let x = try read(call).value
      if x.dtype == .bool { return try call.returns(booleans(x)) }
      if x.dtype == .int64 { return try call.returns(integers(x)) }
      return try call.returns(.nested(try x.array(of: Double.self), shape: Array(x.shape)))
    }
    try tensor.method("to") { call in
      let x = try read(call)
      let name = try call.argument(at: 2, "dtype").choice(DType.allCases.map(\.name))
      guard let dtype = DType(name: name), dtype != x.dtype else { return try call.returns(x) }
      guard let spec = OpTable.named("to") else { return call.returnsNil() }
      return try call.returns(try Engine.applyOne(spec, [.tensor(x), .text(name)]))
    }
    try tensor.metamethod("__tostring") { call in try call.returns(try read(call).value.summary) }

    // Gradients.
    try tensor.method("requires_grad") { call in
      let x = try read(call)
      guard call.argumentCount > 1 else { return call.returns(x.requiresGradient) }
      try x.setRequiresGradient(try call.bool(at: 2, "wanted"))
      return try call.returns(x)
    }
    try tensor.method("backward") { call in
      let x = try read(call)
      let hasGradient = call.argument(at: 2, "gradient").kind == .object
      let options = try call.options(at: hasGradient || call.argument(at: 2, "gradient").isNil ? 3 : 2, keys: ["retain_graph"])
      let gradient = hasGradient ? try call.object(at: 2, "gradient", Variable.self).value : nil
      let keeps = try options.bool("retain_graph", default: false)
      try ScriptRules.during(call) { try Engine.backward(from: x, gradient: gradient, keepGraph: keeps) }
      return call.returns()
    }
    try tensor.method("detach") { call in try call.returns(try read(call).detached()) }
    try tensor.method("is_leaf") { call in call.returns(try read(call).isLeaf) }
    try tensor.property("grad") { call in
      guard let gradient = try read(call).ownGradient() else { return call.returnsNil() }
      return try call.returns(Variable(gradient))
    } set: { call in
      let x = try read(call)
      if call.argument(at: 3, "grad").isNil {
        x.gradient = nil
      } else {
        let gradient = try call.object(at: 3, "grad", Variable.self)
        guard gradient.shape == x.shape else { throw call.mistake("grad: expected shape \(x.shape.text), got \(gradient.shape.text)") }
        x.gradient = try gradient.value.converted(to: x.dtype)
      }
      return call.returns()
    }
    try library.function("no_grad") { call in
      // no_grad(body, …): all that body(…) returns, with the mode restored also where it raises.
      let body = call.argument(at: 1, "body")
      let arguments = (1..<max(call.argumentCount, 1)).map { LuaValue.stack(call.argument(at: $0 + 1, "argument")) }
      return try GradientMode.disabled { try call.invokeForAll(body, arguments) }
    }
    try library.function("is_tensor") { call in call.returns(call.argument(at: 1, "x").objectIfAny(Variable.self) != nil) }
    // Bytes and number of living storages, bytes waiting for reuse.
    try library.function("memory") { call in
      let (live, blocks, kept, fresh) = MemoryPool.statistics
      return try call.returns(.record([("live", .integer(live)), ("tensors", .integer(blocks)), ("kept", .integer(kept)), ("fresh", .integer(fresh))]))
    }
    try library.function("threads") { call in
      if call.optional(at: 1, "n") != nil { ThreadPool.threadCount = try call.integer(at: 1, "n", in: 1...256) }
      return call.returns(ThreadPool.threadCount)
    }
  }
}

// Nested tables whose leaves are no floats.
private func booleans(_ x: Tensor) -> LuaValue {
  x.rank == 0 ? .boolean(x.element(at: 0) != 0) : .array((0..<x.shape[0]).map { booleans(x.selected(0, $0)) })
}

private func integers(_ x: Tensor) -> LuaValue {
  if x.rank == 0 { return .integer(Int(x.pointer(as: Int64.self).pointee)) }
  if x.rank == 1 { return .integers((0..<x.shape[0]).map { Int(x.pointer(as: Int64.self)[$0 * x.strides[0]]) }) }
  return .array((0..<x.shape[0]).map { integers(x.selected(0, $0)) })
}
