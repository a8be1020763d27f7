import Autodiff
import Models
import TensorCore

/// An optimizer as scripts hold it: one userdata class for all of them.
final class OptimizerHandle: LuaObject {
  let optimizer: Optimizer

  init(_ optimizer: Optimizer) { self.optimizer = optimizer }

  // Two averages per parameter at most in what is made after this is read.
  var offHeapBytes: Int { 2 * optimizer.parameters.reduce(0) { $0 + $1.value.byteCount } }
}

extension LuaHost {
  /// Module `jetlua.core.optim`.
  func openOptimLibrary() throws {
    let library = try library("optim")
    // Adam(parameters [, {lr=, …}]), and so on; the options are those of the optimizer's table.
    for (name, options) in OptimizerTable.all {
      try library.function(name) { call in
        let parameters = try call.parameterList(at: 1)
        let given = try call.options(at: 2, keys: options.map(\.name))
        var values: [String: OptimizerOption.Value] = [:]
        for option in options {
          if let value = given.optional(option.name) { values[option.name] = try value.optimizerOption(option) }
        }
        return try call.returns(OptimizerHandle(try OptimizerTable.make(name, parameters, values)))
      }
    }
    // clip_grad_norm(parameters, max_norm [, {norm_type=, error_if_nonfinite=}]): the norm from before.
    try library.function("clip_grad_norm") { call in
      let parameters = try call.parameterList(at: 1)
      let limit = try call.number(at: 2, "max_norm")
      let options = try call.options(at: 3, keys: ["norm_type", "error_if_nonfinite"])
      return call.returns(
        try GradientNorm.clip(
          parameters, to: limit, order: try options.number("norm_type", default: 2),
          refusesNonFinite: try options.bool("error_if_nonfinite", default: false)))
    }
    try declareOptimizers()
  }

  private func declareOptimizers() throws {
    let optimizer = try declare(OptimizerHandle.self, as: "optimizer", help: """
      @class optim.Optimizer
      An optimizer that `optim` makes. Its options are fields that may be read and set: `adam.lr = 1e-4`.
          optim.Adam({tensor{1}:requires_grad(true)}) --> optim.Adam(1 parameter, 1 numbers, lr = 0.001, betas = {0.9, 0.999}, eps = 1e-08, weight_decay = 0)
      """)
    func read(_ call: Call) throws -> Optimizer { try call.object(at: 1, "self", OptimizerHandle.self).optimizer }

    try optimizer.method("step", help: """
      Moves every parameter that has a gradient.
          x = tensor{1}:requires_grad(true)
          sgd = optim.SGD({x}, {lr = 0.1})
          loss = (x * x):sum()
          loss:backward()
          sgd:step()
          x:detach() --> [0.8]
      """) { call in
      try read(call).step()
      return call.returns()
    }
    try optimizer.method("zero_grad", help: """
      Forgets the gradients of all parameters.
          x = tensor{1}:requires_grad(true)
          loss = (x * x):sum()
          loss:backward()
          optim.SGD({x}):zero_grad()
          x.grad --> nil
      """) { call in
      try read(call).zeroGradients()
      return call.returns()
    }
    try optimizer.method("parameters", help: """
      The parameters it moves.
      @return tensor[]
          #optim.SGD(nn.Linear(4, 2):parameters()):parameters() --> 2
      """) { call in try call.returns(.array(try read(call).parameters.map { .object($0) })) }
    try optimizer.property("name", help: """
      @type string
      What it is: "Adam", "SGD".
      """) { call in try call.returns(try read(call).name) }
    try optimizer.method("state_dict", help: """
      Copies of its averages and of the number of steps, by name, as a checkpoint keeps them.
      @return table<string, tensor>
          #optim.SGD({tensor{1}:requires_grad(true)}, {momentum = 0.9}):state_dict() --> 0
      """) { call in
      try call.returns(.record(try read(call).stateDictionary().map { ($0.name, .object(Variable($0.tensor))) }))
    }
    try optimizer.method("load_state_dict", help: """
      Goes on where `state_dict` was taken; the parameters must have the same shapes.
      @param state table<string, tensor>
      @return optim.Optimizer self
          x = tensor{1}:requires_grad(true)
          optim.Adam({x}):load_state_dict(optim.Adam({x}):state_dict()).lr --> 0.001
      """) { call in
      var state: [String: Tensor] = [:]
      try call.argument(at: 2, "state").forEachField { state[$0] = try $1.object(Variable.self).value }
      try read(call).load(state)
      return try call.returns(call.argument(at: 1, "self"))
    }
    // adam.lr and the other options.
    try optimizer.index { call in
      let optimizer = try read(call)
      guard call.argument(at: 2, "key").kind == .string, let value = optimizer.value(of: try call.string(at: 2, "key")) else {
        return call.returnsNil()
      }
      return try call.returns(value.luaValue)
    }
    try optimizer.newIndex { call in
      let optimizer = try read(call), name = try call.string(at: 2, "key")
      guard let option = optimizer.options.first(where: { $0.name == name }) else {
        throw CallerError("\(optimizer.name): \(name): no such option; known: \(optimizer.options.map(\.name).joined(separator: ", "))")
      }
      let value = call.argument(at: 3, name)
      guard let value = try? value.optimizerOption(option) else {
        throw CallerError("\(optimizer.name): \(name): expected \(option.expectation), got \(value.shown)")
      }
      try optimizer.set(name, to: value)
      return call.returns()
    }
    try optimizer.metamethod("__tostring") { call in try call.returns(try read(call).summary) }
  }
}

extension OptimizerOption.Value {
  fileprivate var luaValue: LuaValue {
    switch self {
    case .number(let x): .number(x)
    case .pair(let x, let y): .numbers([x, y])
    case .flag(let on): .boolean(on)
    }
  }
}

extension Argument {
  /// A value of the option's kind; its limits are the optimizer's to check.
  fileprivate func optimizerOption(_ option: OptimizerOption) throws -> OptimizerOption.Value {
    switch option.defaultValue {
    case .number:
      guard kind == .number else { throw mistake(expected: option.expectation) }
      return .number(try number())
    case .flag: return .flag(try bool())
    case .pair:
      guard kind == .table, let numbers = try? numbers(), numbers.count == 2 else { throw mistake(expected: option.expectation) }
      return .pair(numbers[0], numbers[1])
    }
  }
}

extension Call {
  /// Parameters as a list of tensors, as `named_parameters` gives them, or one tensor.
  fileprivate func parameterList(at position: Int) throws -> [Variable] {
    let argument = argument(at: position, "parameters")
    if let named = argument.objectIfAny(NamedTensors.self) { return named.entries.map(\.variable) }
    if let single = argument.objectIfAny(Variable.self) { return [single] }
    guard argument.kind == .table else { throw argument.mistake(expected: "a list of parameters, as model:parameters() gives it") }
    return try argument.objects(Variable.self)
  }
}
