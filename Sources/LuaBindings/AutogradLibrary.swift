import Autodiff
import TensorCore

extension LuaHost {
  /// Module `jetlua.core.autograd`.
  func openAutogradLibrary() throws {
    let library = try library("autograd")
    try library.function("grad", help: """
      ∂y/∂x for each of the inputs, without touching their `grad`.
      @param y tensor of one element, unless `gradient` is given
      @param inputs tensor|tensor[]
      @param options? {retain_graph: boolean, gradient: tensor} keep the graph for another pass; what flows into y
      @return tensor[]
          x = tensor{2, 3}:requires_grad(true)
          autograd.grad((x ^ 3):sum(), {x})[1] --> [12., 27.]
      """) { call in
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
