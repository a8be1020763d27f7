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
    try openScriptRules(library)
    try openGradientCheck(library)
  }
}
