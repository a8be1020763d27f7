import Autodiff
import Models
import TensorCore

extension LuaHost {
  /// Adds what fills tensors with starting values: fill_uniform(t, low, high), fill_normal(t, mean, deviation), fill_constant(t, value)
  /// and fill_orthogonal(t, gain), each called by its name in messages, the last argument.
  func openInitializers(_ library: LuaLibrary) throws {
    func target(_ call: Call, named name: String) throws -> Variable {
      let variable = try call.argument(at: 1, "tensor").objectIfAny(Variable.self)
        ?? { throw CallerError("\(name): tensor: expected a tensor, got \(call.argument(at: 1, "tensor").shown)") }()
      let tensor = variable.value
      guard tensor.dtype.isFloatingPoint else {
        throw CallerError("\(name): tensor: expected a floating-point tensor, got \(tensor.dtype.name); convert it with :to(\"float32\")")
      }
      guard !zip(tensor.shape, tensor.strides).contains(where: { $0 > 1 && $1 == 0 }) else {
        throw CallerError("\(name): tensor: a tensor of shape \(tensor.shape.text) shows the same numbers several times; pass a :clone()")
      }
      return variable
    }
    func declare(_ function: String, numbers: Int, _ fill: @escaping (Tensor, [Double]) throws -> Void) throws {
      try library.function(function) { call in
        let name = try call.string(at: numbers + 2, "name")
        let variable = try target(call, named: name)
        let values = try (0..<numbers).map { try call.number(at: $0 + 2, "number") }
        try fill(variable.value, values)
        variable.value.storage.markChanged()
        return try call.returns(call.argument(at: 1, "tensor"))
      }
    }
    try declare("fill_uniform", numbers: 2) { try Initialization.fillUniform($0, from: $1[0], to: $1[1]) }
    try declare("fill_normal", numbers: 2) { try Initialization.fillNormal($0, mean: $1[0], deviation: $1[1]) }
    try declare("fill_constant", numbers: 1) { $0.fill($1[0]) }
    try declare("fill_orthogonal", numbers: 1) { try Initialization.fillOrthogonal($0, gain: $1[0]) }
  }
}
