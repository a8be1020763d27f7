import Autodiff
import TensorCore

extension LuaHost {
  /// Module `jetlua.core.autograd`.
  func openAutogradLibrary() throws {
    let library = try library("autograd")
    // grad(y, {x, …} [, {grad_outputs=, retain_graph=, allow_unused=}]): ∂y/∂x for each, as a list.
    try library.function("grad") { call in
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
