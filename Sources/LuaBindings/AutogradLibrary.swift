import Autodiff
import TensorCore

extension LuaHost {
  /// Module `jetlua.core.autograd`.
  func openAutogradLibrary() throws {
    let library = try library("autograd")
    // grad(y, {x, …} [, {retain_graph=}]): ∂y/∂x for each, as a list.
    try library.function("grad") { call in
      let y = try call.object(at: 1, "y", Variable.self)
      let list = call.argument(at: 2, "inputs")
      let inputs = list.kind == .object ? [try list.object(Variable.self)] : try list.objects(Variable.self)
      let options = try call.options(at: 3, keys: ["retain_graph", "gradient"])
      for (i, x) in inputs.enumerated() where !x.requiresGradient {
        throw call.mistake("inputs[\(i + 1)]: this tensor does not require a gradient; call :requires_grad(true) on it before it is used")
      }
      let gradient = try options.optional("gradient")?.object(Variable.self).value
      let gradients = try Engine.gradients(of: y, with: gradient, for: inputs, keepGraph: try options.bool("retain_graph", default: false))
      return try call.returns(.array(gradients.map { .object(Variable($0)) }))
    }
    try openGradientCheck(library)
  }
}
