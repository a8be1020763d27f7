import Autodiff
import CLuaBridge
import TensorCore

extension LuaHost {
  /// `+ - * / ^`, comparisons of single numbers, `& | ~`, and the in-place forms `add_`, `mul_`, …
  func openTensorOperators(_ tensor: LuaClass<Variable>) throws {
    for (event, name) in [("__add", "add"), ("__sub", "sub"), ("__mul", "mul"), ("__div", "div"), ("__pow", "pow")] {
      guard let spec = OpTable.named(name) else { continue }
      let arguments = OpArguments(spec)
      try tensor.metamethod(event) { call in
        // Two tensors need none of the decoder's care.
        if let a = call.argument(at: 1, "x").objectIfAny(Variable.self), let b = call.argument(at: 2, "y").objectIfAny(Variable.self) {
          return try call.returns(try Engine.applyOne(spec, [.tensor(a), .tensor(b)]))
        }
        // Nor do a floating-point tensor and a number.
        for place in 1...2 {
          let other = call.argument(at: 3 - place, "y")
          guard let x = call.argument(at: place, "x").objectIfAny(Variable.self), x.dtype.isFloatingPoint, case .number = other.kind else { continue }
          let number = ArgumentValue.tensor(Variable(try Tensor(scalar: try other.number(), x.dtype)))
          return try call.returns(try Engine.applyOne(spec, place == 1 ? [.tensor(x), number] : [number, .tensor(x)]))
        }
        return try call.returns(try Engine.applyOne(spec, try arguments.decode(call)))
      }
    }
    if let spec = OpTable.named("neg") {
      try tensor.metamethod("__unm", called: "neg") { call in
        try call.returns(try Engine.applyOne(spec, [.tensor(try call.object(at: 1, "x", Variable.self))]))
      }
    }
    // What string.format puts in place of a tensor where it wants a number.
    try tensor.metamethod("__number", called: "format") { call in
      let x = try call.object(at: 1, "x", Variable.self)
      guard x.value.count == 1 else { throw call.mistake("a tensor of shape \(x.shape.text) is no single number; take an element, or %s for the whole") }
      if x.dtype == .int64 { return call.returns(Int(try x.value.array(of: Int64.self)[0])) }
      return call.returns(x.value.element(at: 0))
    }
    try tensor.metamethod("__eq") { call in
      let a = call.argument(at: 1, "x").objectIfAny(Variable.self), b = call.argument(at: 2, "y").objectIfAny(Variable.self)
      return call.returns(a != nil && a === b)
    }
    for (event, method, compare) in [("__lt", "lt", { (a: Double, b: Double) in a < b }), ("__le", "le", { (a: Double, b: Double) in a <= b })] {
      try tensor.metamethod(event, called: method) { call in
        func number(_ position: Int) throws -> Double {
          let argument = call.argument(at: position, "x")
          guard let variable = argument.objectIfAny(Variable.self) else { return try argument.number() }
          guard variable.value.count == 1 else {
            throw call.mistake("a tensor of shape \(variable.shape.text) is no single number; compare its elements with :\(method)")
          }
          return variable.value.element(at: 0)
        }
        return call.returns(compare(try number(1), try number(2)))
      }
    }
    try openBooleanOperators(tensor)
    try openInPlace(tensor)
  }

  private func openBooleanOperators(_ tensor: LuaClass<Variable>) throws {
    func bools(_ call: Call, _ position: Int) throws -> Tensor {
      let argument = call.argument(at: position, position == 1 ? "x" : "y")
      if case .boolean = argument.kind { return try Tensor(scalar: try argument.bool() ? 1 : 0, .bool) }
      let value = try argument.object(Variable.self).value
      guard value.dtype == .bool else { throw call.mistake("\(argument.name): expected a tensor of bools, got \(value.dtype.name)") }
      return value
    }
    // With bools as 0 and 1, "and" is the smaller and "or" the larger of the two.
    for (event, name, function) in [("__band", "and", BinaryFunction.minimum), ("__bor", "or", BinaryFunction.maximum)] {
      try tensor.metamethod(event, called: name) { call in
        try call.returns(Variable(try Tensor.combined(function, try bools(call, 1), try bools(call, 2), name: name)))
      }
    }
    try tensor.metamethod("__bxor", called: "xor") { call in
      try call.returns(Variable(try Tensor.compared(.ne, try bools(call, 1), try bools(call, 2), name: "xor")))
    }
    try tensor.metamethod("__bnot", called: "not") { call in
      try call.returns(Variable(try Tensor.compared(.eq, try bools(call, 1), try Tensor(scalar: 0, .bool), name: "not")))
    }
  }

  private func openInPlace(_ tensor: LuaClass<Variable>) throws {
    for spec in OpTable.all where spec.placement == .tensorAndMethod && isElementwise(spec) {
      let arguments = OpArguments(spec)
      let name = spec.name + "_"
      let functions: [String: BinaryFunction] = ["add": .add, "sub": .sub, "mul": .mul, "div": .div, "maximum": .maximum, "minimum": .minimum]
      let function = functions[spec.name]
      try tensor.method(name) { call in
        let x = try call.object(at: 1, "self", Variable.self)
        if let function, call.argumentCount == 2, let other = call.argument(at: 2, "other").objectIfAny(Variable.self), x.changesUnrecorded(with: other),
          x.value.combineInPlace(function, with: other.value) {
          return try call.returns(changed: x)
        }
        try x.assign(from: try Engine.applyOne(spec, try arguments.decode(call)), name: name)
        return try call.returns(changed: x)
      }
    }
    try tensor.method("copy_", help: """
      Takes over the elements of another tensor, whose shape broadcasts to this one, converted to this one's type.
      @param source tensor
      @return tensor self
          tensor.zeros(2, 2):copy_(tensor{1, 2}) --> [[1., 2.], [1., 2.]]
      """) { call in
      let x = try call.object(at: 1, "self", Variable.self), source = try call.object(at: 2, "source", Variable.self)
      guard let expand = OpTable.named("expand"), let convert = OpTable.named("to"), Tensor.broadcastShape(source.shape, x.shape) == x.shape else {
        throw call.mistake("source: shape \(source.shape.text) does not broadcast to \(x.shape.text)")
      }
      let converted = source.dtype == x.dtype ? source : try Engine.applyOne(convert, [.tensor(source), .text(x.dtype.name)])
      try x.assign(from: try Engine.applyOne(expand, [.tensor(converted), .integers(Array(x.shape))]), name: "copy_")
      return try call.returns(changed: x)
    }
    for name in ["zero_", "fill_"] {
      try tensor.method(name, help: """
        Sets every element to \(name == "zero_" ? "0" : "one number"), in place.\(name == "zero_" ? "" : "\n@param value number")
        @return tensor self
            tensor{1, 2}:\(name == "zero_" ? "zero_()" : "fill_(0.5)") --> \(name == "zero_" ? "[0., 0.]" : "[0.5, 0.5]")
        """) { call in
        let x = try call.object(at: 1, "self", Variable.self)
        let filled = try Tensor(uninitialized: x.shape, x.dtype)
        if name == "zero_" { filled.fill(0) } else { try call.fill(filled, with: call.argument(at: 2, "value")) }
        try x.assign(from: Variable(filled), name: name)
        return try call.returns(changed: x)
      }
    }
    for (name, fill) in [("uniform_", RandomStream.fillUniform), ("normal_", RandomStream.fillNormal)] {
      try tensor.method(name, help: """
        Fills the tensor with numbers \(name == "uniform_" ? "uniform in [low, high)" : "of the normal distribution N(mean, std²)"), in place.
        @param \(name == "uniform_" ? "low? number default 0" : "mean? number default 0")
        @param \(name == "uniform_" ? "high? number default 1" : "std? number default 1")
        @return tensor self
            tensor.manual_seed(1)
            tensor.zeros(2):\(name)(1, 2) --> \(name == "uniform_" ? "[1.89, 1.895]" : "[1.761, 0.4074]")
        """) { call in
        let x = try call.object(at: 1, "self", Variable.self)
        let low = try call.optional(at: 2, name == "uniform_" ? "low" : "mean")?.number() ?? 0
        let high = try call.optional(at: 3, name == "uniform_" ? "high" : "std")?.number() ?? 1
        let numbers = try Tensor(uninitialized: x.shape, x.dtype)
        try fill(.script)(numbers)
        let scale = name == "uniform_" ? high - low : high
        try x.assign(from: Variable(try numbers.multiplied(by: scale).adding(Tensor(scalar: low, x.dtype))), name: name)
        return try call.returns(changed: x)
      }
    }
  }

  // Ops whose result has the shape of their first argument.
  private func isElementwise(_ spec: OpSpec) -> Bool {
    (spec.signature.hasSuffix("-> [*S]") && spec.signature.hasPrefix("x [*S] ") || spec.signature.hasSuffix("-> [*broadcast(S, T)]"))
      && !spec.signature.contains("bool") && spec.name != "clone" && spec.name != "contiguous"
  }
}

extension Call {
  /// Argument 1, a tensor changed in place.
  func returns(changed x: Variable) throws -> Results {
    if x.needsLinks { jl_request_links(state, Variable.tag, true) }
    return try returns(argument(at: 1, "self"))
  }
}
