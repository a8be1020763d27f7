import TensorCore

// The state is tensors by name, like that of a model, so that whatever keeps a model's numbers keeps an optimizer's too:
// "Adam.lr" and the other options, then "1.step", "1.exp_avg", … for each parameter.
extension Optimizer {
  /// Copies of options, steps and averages: options in float64 (pairs [2], flags bool), steps in int64, averages contiguous.
  public final func stateDictionary() throws -> [(name: String, tensor: Tensor)] { try stateDictionary(prefix: name, after: 0) }

  // The same with another name in front of the options and parameters counted after others.
  final func stateDictionary(prefix: String, after before: Int) throws -> [(name: String, tensor: Tensor)] {
    var state: [(name: String, tensor: Tensor)] = []
    for option in options {
      let tensor =
        switch values[option.name] ?? option.defaultValue {
        case .number(let x): try Tensor(scalar: x, .float64)
        case .pair(let x, let y): try Tensor([x, y])
        case .flag(let on): try Tensor(scalar: on ? 1 : 0, .bool)
        }
      state.append(("\(prefix).\(option.name)", tensor))
    }
    for (i, memory) in memories.enumerated() {
      state.append(("\(before + i + 1).step", try Tensor([Int64(memory.step)], shape: [])))
      for (key, tensor) in memory.averages.sorted(by: { $0.key < $1.key }) { state.append(("\(before + i + 1).\(key)", try tensor.clone())) }
    }
    return state
  }

  /// Takes over what `stateDictionary` of an optimizer of the same class with parameters of the same shapes gave.
  ///
  /// Throws CallerError saying what does not fit, and then nothing has changed.
  public final func load(_ state: [String: Tensor]) throws { adopt(try loaded(state, prefix: name, after: 0)) }

  /// A state that was read and fits.
  struct LoadedState {
    let values: [String: OptimizerOption.Value]
    let memories: [Memory]
  }

  final func adopt(_ state: LoadedState) {
    values = state.values
    replaceMemories(state.memories)
  }

  // Reads a state whose options stand behind `prefix` and whose parameters are counted after others.
  final func loaded(_ state: [String: Tensor], prefix: String, after before: Int) throws -> LoadedState {
    var loaded = Array(repeating: Memory(), count: parameters.count)
    var options = values
    let owners = Set(state.keys.filter { $0.contains(".") }.compactMap { $0.split(separator: ".").first.map(String.init) })
    if let other = owners.filter({ Int($0) == nil && $0 != name }).min() {
      throw CallerError("load_state_dict: expected the state of \(name), got that of \(other)")
    }
    for i in parameters.indices where state["\(before + i + 1).step"] == nil {
      throw CallerError("load_state_dict: \(before + i + 1).step is missing; the state is of another optimizer or of fewer than \(before + parameters.count) parameters")
    }
    for (key, tensor) in state.sorted(by: { $0.key < $1.key }) {
      if key.hasPrefix(prefix + ".") {
        let name = String(key.dropFirst(prefix.count + 1))
        options[name] = try option(name, from: tensor)
        continue
      }
      let parts = key.split(separator: ".", maxSplits: 1).map(String.init)
      guard parts.count == 2, let position = Int(parts[0]) else { throw CallerError("load_state_dict: unknown name \(key)") }
      guard position > before, position <= before + parameters.count else {
        throw CallerError("load_state_dict: \(key): there are \(parameters.count) parameters")
      }
      let place = position - before - 1
      if parts[1] == "step" {
        guard tensor.count == 1, let step = Int(exactly: tensor.element(at: 0)), step >= 0 else {
          throw CallerError("load_state_dict: \(key): expected an integer of at least 0")
        }
        loaded[place].step = step
        continue
      }
      guard averageNames.contains(parts[1]) else {
        throw CallerError("load_state_dict: \(key): \(name) keeps no such tensor; it keeps \(averageNames.joined(separator: ", "))")
      }
      let shape = parameters[place].shape
      guard tensor.shape == shape, tensor.dtype.isFloatingPoint else {
        throw CallerError("load_state_dict: \(key): expected a floating-point tensor of shape \(shape.text), got \(tensor.dtype.name) \(tensor.shape.text)")
      }
      loaded[place].averages[parts[1]] = try tensor.clone()
    }
    return LoadedState(values: options, memories: loaded)
  }

  private func option(_ key: String, from tensor: Tensor) throws -> OptimizerOption.Value {
    guard let option = options.first(where: { $0.name == key }) else {
      throw CallerError("load_state_dict: \(name) has no option \(key)")
    }
    let isPair = if case .pair = option.defaultValue { true } else { false }
    guard tensor.count == (isPair ? 2 : 1) else {
      throw CallerError("load_state_dict: \(name).\(key): expected \(option.expectation), got a tensor of shape \(tensor.shape.text)")
    }
    let first = tensor.element(at: 0)
    return switch option.defaultValue {
    case .number: try option.checked(.number(first), of: name)
    case .pair: try option.checked(.pair(first, tensor.element(at: 1)), of: name)
    case .flag: .flag(first != 0)
    }
  }
}
