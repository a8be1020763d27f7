import Autodiff
import TensorCore

extension LuaHost {
  /// Module `jetlua.core.autograd`.
  func openAutogradLibrary() throws {
    let library = try library("autograd")
    try library.function("grad", help: """
      ∂y/∂x for each of the inputs, without touching their `grad`.
      @param y tensor of one element, unless `grad_outputs` is given
      @param inputs tensor|tensor[]
      @param options? {grad_outputs?: tensor, retain_graph?: boolean, allow_unused?: boolean} what flows into y; keep the graph for another pass; false for inputs that y does not depend on
      @return tensor[]
          x = tensor{2, 3}:requires_grad(true)
          autograd.grad((x ^ 3):sum(), {x})[1] --> [12., 27.]
      """) { call in
      try call.expectAtMost(3)
      let y = try call.object(at: 1, "y", Variable.self)
      let list = call.argument(at: 2, "inputs")
      let inputs = list.kind == .object ? [try list.object(Variable.self)] : try list.objects(Variable.self)
      let options = try call.options(at: 3, keys: ["grad_outputs", "retain_graph", "allow_unused", "create_graph"])
      for (i, x) in inputs.enumerated() where !x.requiresGradient {
        throw call.mistake("inputs[\(i + 1)]: this tensor does not require a gradient; call :requires_grad(true) on it before it is used")
      }
      if try options.bool("create_graph", default: false) {
        throw call.mistake("create_graph: gradients of gradients are not supported; use autograd.check or central differences")
      }
      let gradient = try options.optional("grad_outputs")?.object(Variable.self).value
      let keeps = try options.bool("retain_graph", default: false), allowsUnused = try options.bool("allow_unused", default: false)
      let gradients = try ScriptRules.during(call) { try Engine.gradients(of: y, with: gradient, for: inputs, keepGraph: keeps) }
      return try call.returns(.array(try gradients.enumerated().map { i, gradient in
        if let gradient { return .object(Variable(gradient)) }
        guard allowsUnused else {
          throw call.mistake("inputs[\(i + 1)]: y does not depend on this tensor; leave it out, or pass {allow_unused = true} to get false for it")
        }
        return .boolean(false)
      }))
    }
    try library.function("detect_anomaly", help: """
      Calls `body(…)` and returns all its results; an op inside whose result is not finite though its arguments are raises, and so does
      one whose gradients are not finite though those that came to it are. To find where a NaN comes from: every number is looked at.
      @param body fun(...): any
      @param ... any
      @return any
          autograd.detect_anomaly(function() return tensor{0, 1}:log() end) --> error: …log: 1 of 2 numbers of its result [2] are infinite, while its arguments are finite: x [2] in 0.0 … 1.0
      """) { call in
      let body = call.argument(at: 1, "body")
      let arguments = (1..<max(call.argumentCount, 1)).map { LuaValue.stack(call.argument(at: $0 + 1, "argument")) }
      return try Anomalies.watched { try call.invokeForAll(body, arguments) }
    }
    // anomalous_parameter(parameters): the position of the parameter nearest to the op that detect_anomaly raised for.
    try library.function("anomalous_parameter") { call in
      let list = try call.argument(at: 1, "parameters").objects(Variable.self)
      guard let place = list.firstIndex(where: { $0 === Anomalies.nearestParameter }) else { return call.returnsNil() }
      return call.returns(place + 1)
    }
    // wrong_gradient(parameters, size): the position of the first one with at most so many elements whose gradient is not finite.
    try library.function("wrong_gradient") { call in
      let list = try call.argument(at: 1, "parameters").objects(Variable.self), size = try call.integer(at: 2, "size", in: 1...(1 << 40))
      let place = try Anomalies.firstWrongGradient(of: list, upTo: size)
      guard let place else { return call.returnsNil() }
      return call.returns(place + 1)
    }
    // random_state([state]): where the random streams stand, as a list; with one given, puts them back there.
    try library.function("random_state") { call in
      if let state = call.optional(at: 1, "state") {
        let words = try state.integers().map { UInt64(bitPattern: Int64($0)) }
        guard let seed = words.first else { throw call.mistake("state: expected a list as random_state() gives, got an empty one") }
        RandomStream.restore(seed: seed, positions: Array(words.dropFirst()))
        return call.returns()
      }
      let (seed, positions) = RandomStream.snapshot
      return try call.returns(.integers(([seed] + positions).map { Int(Int64(bitPattern: $0)) }))
    }
    try openScriptRules(library)
    try openGradientCheck(library)
  }
}
