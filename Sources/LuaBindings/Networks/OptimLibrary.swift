import Autodiff
import Models
import Parallel
import TensorCore

/// An optimizer as scripts hold it: one userdata class for all of them.
final class OptimizerHandle: LuaObject {
  let optimizer: ParameterGroups

  init(_ optimizer: ParameterGroups) { self.optimizer = optimizer }

  // Two averages per parameter at most in what is made after this is read.
  var offHeapBytes: Int { 2 * optimizer.parameters.reduce(0) { $0 + $1.value.byteCount } }
}

/// One group of an optimizer's parameters, whose options can be read and set.
final class ParameterGroupHandle: LuaObject {
  let group: Optimizer

  init(_ group: Optimizer) { self.group = group }

  var offHeapBytes: Int { 0 }
}

extension LuaHost {
  /// Module `jetlua.core.optim`.
  func openOptimLibrary() throws {
    let library = try library("optim")
    // Adam(parameters [, {lr=, …}]), and so on; the options are those of the optimizer's table. Parameters are a list of tensors or
    // of groups {params=, lr=, …}.
    for (name, options) in OptimizerTable.all {
      try library.function(name) { call in
        try call.expectAtMost(2)
        let given = try call.options(at: 2, keys: options.map(\.name))
        var common: [String: OptimizerOption.Value] = [:]
        for option in options {
          if let value = given.optional(option.name) { common[option.name] = try value.optimizerOption(option) }
        }
        let groups = try call.parameterGroups(at: 1, options) ?? [(parameters: try call.parameterList(at: 1), options: [:])]
        return try call.returns(OptimizerHandle(try ParameterGroups(name, groups, common: common)))
      }
    }
    // clip_grad_norm(parameters, max_norm [, {norm_type=, error_if_nonfinite=}]): the norm from before.
    try library.function("clip_grad_norm") { call in
      let parameters = try call.parameterList(at: 1)
      try SharedGradients.exchange(parameters)
      let limit = try call.number(at: 2, "max_norm")
      let options = try call.options(at: 3, keys: ["norm_type", "error_if_nonfinite"])
      return call.returns(
        try GradientNorm.clip(
          parameters, to: limit, order: try options.number("norm_type", default: 2),
          refusesNonFinite: try options.bool("error_if_nonfinite", default: false)))
    }
    // clip_grad_value(parameters, clip_value)
    try library.function("clip_grad_value") { call in
      try call.expectAtMost(2)
      let parameters = try call.parameterList(at: 1)
      try SharedGradients.exchange(parameters)
      try GradientNorm.clip(valuesOf: parameters, to: try call.number(at: 2, "clip_value"))
      return call.returns()
    }
    try declareOptimizers()
    try declareParameterGroups()
  }

  private func declareOptimizers() throws {
    let optimizer = try declare(OptimizerHandle.self, as: "optimizer", help: """
      @class optim.Optimizer
      An optimizer that `optim` makes. Its options are fields that may be read and set: `adam.lr = 1e-4`.
          optim.Adam({tensor{1}:requires_grad(true)}) --> optim.Adam(1 parameter, 1 numbers, lr = 0.001, betas = {0.9, 0.999}, eps = 1e-08, weight_decay = 0, amsgrad = false, maximize = false)
      """)
    func read(_ call: Call) throws -> ParameterGroups { try call.object(at: 1, "self", OptimizerHandle.self).optimizer }

    try optimizer.method("step", help: """
      Moves every parameter that has a gradient.
          x = tensor{1}:requires_grad(true)
          sgd = optim.SGD({x}, {lr = 0.1})
          loss = (x * x):sum()
          loss:backward()
          sgd:step()
          x:detach() --> [0.8]
      """) { call in
      let optimizer = try read(call)
      try SharedGradients.exchange(optimizer.parameters)
      try optimizer.step()
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
      let optimizer = try read(call)
      optimizer.zeroGradients()
      SharedGradients.forget(optimizer.parameters)
      return call.returns()
    }
    try optimizer.method("parameters", help: """
      The parameters it moves.
      @return tensor[]
          #optim.SGD(nn.Linear(4, 2):parameters()):parameters() --> 2
      """) { call in try call.returns(.array(try read(call).parameters.map { .object($0) })) }
    try optimizer.property("param_groups", help: """
      @type optim.Group[]
      The groups of parameters, whose options can be read and set: `adam.param_groups[2].lr = 1e-4`.
      """) { call in
      try call.returns(.array(try read(call).groups.map { .object(ParameterGroupHandle($0)) }))
    }
    try optimizer.method("add_param_group", help: """
      Adds a group of parameters, with options of its own and else those that the optimizer was made with: for layers that are thawed later.
      A schedule acts on it from its next step on.
      @param group { params: tensor[], lr?: number }
      @return optim.Optimizer self
          head, body = nn.Linear(2, 1), nn.Linear(4, 2)
          adam = optim.Adam(head:parameters(), {lr = 0.1})
          adam:add_param_group({params = body:parameters(), lr = 0.01})
          #adam:parameters(), adam.param_groups[2].lr --> 4 0.01
      """) { call in
      try call.expectAtMost(2)
      let optimizer = try read(call)
      let (parameters, options) = try call.parameterGroup(call.argument(at: 2, "group"), optimizer.options)
      try optimizer.add(parameters, options: options)
      return try call.returns(call.argument(at: 1, "self"))
    }
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
      let optimizer = try read(call)
      let (name, value) = try call.optionToSet(of: optimizer.name, optimizer.options)
      try optimizer.set(name, to: value)
      return call.returns()
    }
    try optimizer.metamethod("__tostring") { call in try call.returns(try read(call).summary) }
  }

  private func declareParameterGroups() throws {
    let group = try declare(ParameterGroupHandle.self, as: "group of parameters", help: """
      @class optim.Group
      A group of an optimizer's parameters. Its options are fields that may be read and set.
          optim.SGD({{params = {tensor{1}:requires_grad(true)}, lr = 0.5}}).param_groups[1].lr --> 0.5
      """)
    func read(_ call: Call) throws -> Optimizer { try call.object(at: 1, "self", ParameterGroupHandle.self).group }

    try group.property("params", help: """
      @type tensor[]
      The parameters of the group.
      """) { call in try call.returns(.array(try read(call).parameters.map { .object($0) })) }
    try group.index { call in
      let key = call.argument(at: 2, "key")
      guard key.kind == .string, let value = try read(call).value(of: key.string()) else { return call.returnsNil() }
      return try call.returns(value.luaValue)
    }
    try group.newIndex { call in
      let group = try read(call)
      let (name, value) = try call.optionToSet(of: group.name, group.options)
      try group.set(name, to: value)
      return call.returns()
    }
    try group.metamethod("__tostring") { call in try call.returns(try read(call).summary) }
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
  /// `object.name = value` for an option, the value checked for its kind.
  fileprivate func optionToSet(of optimizer: String, _ options: [OptimizerOption]) throws -> (String, OptimizerOption.Value) {
    let name = try string(at: 2, "key")
    guard let option = options.first(where: { $0.name == name }) else {
      throw CallerError("\(optimizer): \(name.onOneLine): no such option; known: \(options.map(\.name).joined(separator: ", "))")
    }
    let value = argument(at: 3, name)
    guard let read = try? value.optimizerOption(option) else {
      throw CallerError("\(optimizer): \(name): expected \(option.expectation), got \(value.shown)")
    }
    return (name, read)
  }

  /// A list of groups `{params =, lr =, …}`, or nothing where the argument is no such list.
  fileprivate func parameterGroups(
    at position: Int, _ options: [OptimizerOption]
  ) throws -> [(parameters: [Variable], options: [String: OptimizerOption.Value])]? {
    let argument = argument(at: position, "parameters")
    guard argument.kind == .table else { return nil }
    var groups: [(parameters: [Variable], options: [String: OptimizerOption.Value])] = []
    var isGroups = false
    try argument.forEachItem { place, item in
      if place == 1 { isGroups = item.kind == .table }
      guard isGroups else { return }
      guard item.kind == .table else { throw item.mistake(expected: "a group {params =, …} as the first") }
      groups.append(try parameterGroup(item, options))
    }
    return isGroups ? groups : nil
  }

  /// One group `{params =, lr =, …}`.
  fileprivate func parameterGroup(_ item: Argument, _ options: [OptimizerOption]) throws -> (parameters: [Variable], options: [String: OptimizerOption.Value]) {
    guard item.kind == .table else { throw item.mistake(expected: "a group {params =, …}") }
    var parameters: [Variable]?
    var values: [String: OptimizerOption.Value] = [:]
    try item.forEachField { key, value in
      if key == "params" {
        parameters = try self.parameters(value)
      } else if let option = options.first(where: { $0.name == key }) {
        values[key] = try value.optimizerOption(option)
      } else {
        let hint = nearest(to: key, in: ["params"] + options.map(\.name)).map { "; did you mean \"\($0)\"?" } ?? ""
        throw mistake("\(item.name): unknown option \"\(key.prefix(40))\"\(hint) (known: params, \(options.map(\.name).joined(separator: ", ")))")
      }
    }
    guard let parameters else { throw mistake("\(item.name): option params is missing; give it the group's list of parameters") }
    guard !parameters.isEmpty else { throw mistake("\(item.name).params: expected at least one parameter, got an empty list") }
    return (parameters, values)
  }

  /// Parameters as a list of tensors, as `named_parameters` gives them, or one tensor.
  fileprivate func parameterList(at position: Int) throws -> [Variable] { try parameters(argument(at: position, "parameters")) }

  private func parameters(_ argument: Argument) throws -> [Variable] {
    if let named = argument.objectIfAny(NamedTensors.self) { return named.entries.map(\.variable) }
    if let single = argument.objectIfAny(Variable.self) { return [single] }
    guard argument.kind == .table else { throw argument.mistake(expected: "a list of parameters, as model:parameters() gives it") }
    return try argument.objects(Variable.self)
  }
}
