import Autodiff
import TensorCore

extension LuaHost {
  /// The userdata class "tensor" and the modules `jetlua.core.tensor`, `.functional` and `.losses`, from the op table.
  func openTensorLibrary() throws {
    let tensor = try declare(Variable.self, as: "tensor", help: """
      @class tensor
      @operator add(tensor|number): tensor
      @operator sub(tensor|number): tensor
      @operator mul(tensor|number): tensor
      @operator div(tensor|number): tensor
      @operator pow(tensor|number): tensor
      @operator unm: tensor
      @operator band(tensor|boolean): tensor
      @operator bor(tensor|boolean): tensor
      @operator bxor(tensor|boolean): tensor
      @operator bnot: tensor
      @operator len: integer
      An array of numbers: views share storage, arithmetic broadcasts and gradients flow. `t[i]` is an element of a 1-D tensor, else a
      view of entry i; `t[mask]` the elements where a tensor of bools is true; `t[i] = v` and `t[mask] = v` set them. `#t` is the first
      size; `+ - * / ^ -t` compute, `& | ~` combine bools, and `< <= > >=` compare one-element tensors.
          x = tensor{{1, 2}, {3, 4}}
          x[2] --> [3., 4.]
          x[x:gt(1)] --> [2., 3., 4.]
          (x * 10 + 1):sum():item() --> 104.0
      """)
    let library = try library("tensor"), functional = try self.library("functional"), losses = try self.library("losses")
    for spec in OpTable.all {
      let arguments = OpArguments(spec)
      let body: NativeFunction =
        if spec.name == "contiguous" {
          // What is contiguous already is given back as it is, as in PyTorch.
          { call in
            let isDone = try call.argumentCount == 1 && call.object(at: 1, "x", Variable.self).value.isContiguous
            return try isDone ? call.returns(call.argument(at: 1, "x")) : call.returns(arguments.applyOne(call))
          }
        } else if case .one = spec.results {
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
      // One that is refined below.
      case .method: if spec.name != "to" { try tensor.method(spec.name, body) }
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
