import Autodiff
import TensorCore

extension LuaHost {
  /// The userdata class "tensor" and the modules `jetlua.core.tensor`, `.functional` and `.losses`, from the op table.
  func openTensorLibrary() throws {
    let tensor = try declare(Variable.self, as: "tensor")
    let library = try library("tensor"), functional = try self.library("functional"), losses = try self.library("losses")
    for spec in OpTable.all {
      let arguments = OpArguments(spec)
      let body: NativeFunction =
        if case .one = spec.results {
          { call in try call.returns(try arguments.applyOne(call)) }
        } else {
          { call in try call.returns(try arguments.apply(call), of: spec) }
        }
      switch spec.placement {
      case .tensorAndMethod:
        try library.function(spec.name, body)
        try tensor.method(spec.name, body)
      case .tensor: try library.function(spec.name, body)
      case .functional: try functional.function(spec.name, body)
      case .loss: try losses.function(spec.name, body)
      case .method: try tensor.method(spec.name, body)
      }
    }
    // Activations belong to both families of names, as in PyTorch.
    for name in ["relu", "selu", "elu", "leaky_relu", "gelu", "softplus", "sigmoid", "tanh", "softmax", "log_softmax"] {
      guard let spec = OpTable.named(name) else { continue }
      let arguments = OpArguments(spec)
      try functional.function(name) { call in try call.returns(try arguments.applyOne(call)) }
    }
    try openTensorCreation(library)
    try openTensorInspection(tensor, library)
    try openTensorIndexing(library, tensor)
    try openTensorOperators(tensor)
    try openTensorRandom(library)
    try openSparseRows(library)
  }
}
