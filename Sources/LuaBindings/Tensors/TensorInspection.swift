import Autodiff
import TensorCore

extension LuaHost {
  func openTensorInspection(_ tensor: LuaClass<Variable>, _ library: LuaLibrary) throws {
    func read(_ call: Call) throws -> Variable { try call.object(at: 1, "self", Variable.self) }
    try tensor.property("shape", help: """
      @type integer[]
      The sizes of the dimensions.
      """) { call in try call.returns(.integers(Array(try read(call).shape))) }
    try tensor.property("recipe", help: """
      @type table?
      The options that rows of constituents of jets were made with; nil for other tensors and for results of ops.
      """) { call in
      guard let rows = try read(call).origin as? RecipeOfRows else { return call.returnsNil() }
      return try call.returns(rows.recipe.optionTable)
    }
    let types = try DType.allCases.map { try keep($0.name) }
    try tensor.property("dtype", help: """
      @type "float32"|"float64"|"int64"|"bool"
      The type of the elements.
      """) { call in
      let type = Int(try read(call).dtype.rawValue)
      return try types.indices.contains(type) ? call.returns(types[type]) : call.returnsNil()
    }
    try tensor.method("dim", help: """
      How many dimensions it has.
      @return integer
          tensor.zeros(2, 3):dim() --> 2
      """) { call in call.returns(try read(call).rank) }
    try tensor.method("numel", help: """
      How many elements it has.
      @return integer
          tensor.zeros(2, 3):numel() --> 6
      """) { call in call.returns(try read(call).value.count) }
    try tensor.method("is_contiguous", help: """
      Whether the elements lie in row-major order without gaps.
      @return boolean
          tensor.zeros(2, 3):t():is_contiguous() --> false
      """) { call in call.returns(try read(call).value.isContiguous) }
    try tensor.method("size", help: """
      The size of dimension d, or all sizes.
      @param d? integer from 1, or from -1 backwards
      @return integer|integer[]
          tensor.zeros(2, 3):size(-1) --> 3
      """) { call in
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
    try tensor.method("item", help: """
      The one element as a number or boolean; raises where there are more, or none.
      @return number|boolean
          tensor{1, 2}:sum():item() --> 3.0
      """) { call in
      let x = try read(call)
      switch x.dtype {
      case .bool: return call.returns(try x.value.item() != 0)
      case .int64:
        _ = try x.value.item()
        return call.returns(Int(try x.value.array(of: Int64.self)[0]))
      default: return call.returns(try x.value.item())
      }
    }
    try tensor.method("totable", help: """
      The elements as nested tables; of a tensor of no dimensions the element itself.
      @return table|number|boolean
          tensor{{1, 2}, {3, 4}}:totable() --> {{1, 2}, {3, 4}}
      """) { call in
      let x = try read(call).value
      if x.dtype == .bool { return try call.returns(booleans(x)) }
      if x.dtype == .int64 { return try call.returns(integers(x)) }
      return try call.returns(.nested(try x.array(of: Double.self), shape: Array(x.shape)))
    }
    try tensor.method("to", help: """
      The same numbers in another type, or the tensor itself if it has that type; gradients flow between floating-point types.
      @param dtype "float32"|"float64"|"int64"|"bool" whole numbers are cut towards 0, bools say what is not 0
      @return tensor
          tensor{1.5, -1.5}:to("int64") --> [1, -1]
      """) { call in
      let x = try read(call)
      let name = try call.argument(at: 2, "dtype").choice(DType.allCases.map(\.name))
      guard let dtype = DType(name: name), dtype != x.dtype else { return try call.returns(x) }
      guard let spec = OpTable.named("to") else { return call.returnsNil() }
      return try call.returns(try Engine.applyOne(spec, [.tensor(x), .text(name)]))
    }
    try tensor.metamethod("__tostring") { call in
      let x = try read(call)
      let role = x.isParameter ? x.requiresGradient ? "  parameter" : "  parameter, frozen" : x.requiresGradient ? "  requires_grad" : ""
      return try call.returns(x.value.summary + role)
    }

    // Gradients.
    try tensor.method("requires_grad", help: """
      Says whether gradients are collected in `x.grad`, and returns the tensor; without an argument whether they are.
      @param wanted? boolean
      @return tensor|boolean
          tensor{2}:requires_grad(true):requires_grad() --> true
      """) { call in
      let x = try read(call)
      guard call.argumentCount > 1 else { return call.returns(x.requiresGradient) }
      try x.setRequiresGradient(try call.bool(at: 2, "wanted"))
      return try call.returns(x)
    }
    try tensor.method("backward", help: """
      Adds to `x.grad` of every tensor x that this one was computed from and that requires a gradient. The graph is freed unless
      `retain_graph` says otherwise; a second pass through it then raises.
      @param gradient? tensor in the shape of this one; needed unless it has one element
      @param options? {retain_graph: boolean} default false
          x = tensor{3}:requires_grad(true)
          loss = (x * x):sum()
          loss:backward()
          x.grad --> [6.]
      """) { call in
      let x = try read(call)
      let hasGradient = call.argument(at: 2, "gradient").kind == .object
      let options = try call.options(at: hasGradient || call.argument(at: 2, "gradient").isNil ? 3 : 2, keys: ["retain_graph"])
      let gradient = hasGradient ? try call.object(at: 2, "gradient", Variable.self).value : nil
      let keeps = try options.bool("retain_graph", default: false)
      try ScriptRules.during(call) { try Engine.backward(from: x, gradient: gradient, keepGraph: keeps) }
      return call.returns()
    }
    try tensor.method("detach", help: """
      The same numbers, sharing memory, outside the graph.
      @return tensor
          (tensor{3}:requires_grad(true) * 2):detach():requires_grad() --> false
      """) { call in try call.returns(try read(call).detached()) }
    try tensor.method("is_leaf", help: """
      Whether it is no result of an op that gradients flow through.
      @return boolean
          (tensor{3}:requires_grad(true) * 2):is_leaf() --> false
      """) { call in call.returns(try read(call).isLeaf) }
    try tensor.property("grad", help: """
      @type tensor?
      The gradient collected by `backward`, in the shape of the tensor; nil forgets it.
      """) { call in
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
    try library.function("no_grad", help: """
      Calls `body(…)` and returns all its results; what it computes is not recorded, so no gradient flows through it.
      @param body fun(...): any
      @param ... any
      @return any
          x = tensor{3}:requires_grad(true)
          tensor.no_grad(function() return x * 2 end):requires_grad() --> false
      """) { call in
      let body = call.argument(at: 1, "body")
      let arguments = (1..<max(call.argumentCount, 1)).map { LuaValue.stack(call.argument(at: $0 + 1, "argument")) }
      return try GradientMode.disabled { try call.invokeForAll(body, arguments) }
    }
    try library.function("is_tensor", help: """
      Whether a value is a (dense) tensor.
      @param x any
      @return boolean
          tensor.is_tensor(tensor{1}), tensor.is_tensor({1}) --> true false
      """) { call in call.returns(call.argument(at: 1, "x").objectIfAny(Variable.self) != nil) }
    try library.function("memory", help: """
      Bytes and number of the tensors' storages: in use, kept for reuse, and fetched anew since the start.
      @return {live: integer, tensors: integer, kept: integer, fresh: integer}
          tensor.memory().live >= 0 --> true
      """) { call in
      let (live, blocks, kept, fresh) = MemoryPool.statistics
      return try call.returns(.record([("live", .integer(live)), ("tensors", .integer(blocks)), ("kept", .integer(kept)), ("fresh", .integer(fresh))]))
    }
    try library.function("threads", help: """
      The number of threads that compute; with n sets it. Results do not depend on it.
      @param n? integer 1 to 256
      @return integer
          n = tensor.threads()
          tensor.threads(1) --> 1
          tensor.threads(n) == n --> true
      """) { call in
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
