import TensorCore

/// Runs ops, records them where a gradient is wanted, and walks back through what was recorded.
public enum Engine {
  /// Applies an op to decoded arguments and gives its results.
  public static func apply(_ spec: OpSpec, _ arguments: [ArgumentValue]) throws -> [Variable] {
    if Profile.isOn { Profile.enter(.op, spec.name) }
    defer { if Profile.isOn { Profile.leave() } }
    var context = OpContext(name: spec.name, arguments: arguments)
    var records = false
    if GradientMode.isEnabled, spec.isDifferentiable {
      try requireCurrentViews(arguments, spec.name)
      records = arguments.contains { $0.requiresGradient }
    }
    context.isRecording = records
    // One place per argument, whether it is a tensor or not; a list has one per element.
    let inputs = records ? ArgumentValue.variables(of: arguments) : []
    if records { context.needs = inputs.map { $0?.requiresGradient ?? false } }
    let outputs = try spec.forward(&context)
    if Anomalies.isWatching { try Anomalies.examine(spec, arguments, outputs) }
    guard records else {
      let results = outputs.rest.isEmpty ? [Variable(outputs.first)] : [Variable(outputs.first)] + outputs.rest.map { Variable($0) }
      if outputs.isView, case .tensor(let source)? = arguments.first {
        for result in results { result.viewed = source.viewed ?? source }
      }
      return results
    }
    context.shapes = inputs.map { $0?.value.shape ?? Dimensions() }
    if context.isScripted { context.areTensors = inputs.map { $0 != nil } }
    context.arguments = arguments.map { argument in
      switch argument {
      case .tensor, .tensors, .sparse: .absent
      default: argument
      }
    }
    let edges: [Node.Edge] = inputs.map { input in
      guard let input else { return .none }
      if let producer = input.producer { return .node(producer, output: input.outputIndex) }
      return input.requiresGradient ? .leaf(input) : .none
    }
    let node = Node(
      spec: spec, edges: edges, inputTypes: inputs.map { $0?.value.dtype ?? .float32 }, context: context, outputs: 1 + outputs.rest.count)
    var results: [Variable] = []
    results.reserveCapacity(1 + outputs.rest.count)
    for index in 0...outputs.rest.count {
      let tensor = index == 0 ? outputs.first : outputs.rest[index - 1]
      // Indices and masks among the results are no place for a gradient.
      let variable = tensor.dtype.isFloatingPoint ? Variable(tensor, producer: node, outputIndex: index) : Variable(tensor)
      if outputs.isView, let source = inputs.first ?? nil { variable.viewed = source.viewed ?? source }
      results.append(variable)
    }
    return results
  }

  /// Applies an op and gives its first result.
  public static func applyOne(_ spec: OpSpec, _ arguments: [ArgumentValue]) throws -> Variable {
    if GradientMode.isEnabled, spec.isDifferentiable {
      if arguments.contains(where: \.requiresGradient) { return try apply(spec, arguments)[0] }
      try requireCurrentViews(arguments, spec.name)
    }
    if Profile.isOn { Profile.enter(.op, spec.name) }
    defer { if Profile.isOn { Profile.leave() } }
    // Nothing to record: no lists are made.
    var context = OpContext(name: spec.name, arguments: arguments)
    let outputs = try spec.forward(&context)
    if Anomalies.isWatching { try Anomalies.examine(spec, arguments, outputs) }
    let result = Variable(outputs.first)
    if outputs.isView, case .tensor(let source)? = arguments.first { result.viewed = source.viewed ?? source }
    return result
  }

  private static func requireCurrentViews(_ arguments: [ArgumentValue], _ name: String) throws {
    for argument in arguments {
      switch argument {
      case .tensor(let variable): if variable.viewed != nil { try variable.requireCurrentHistory(name) }
      case .tensors(let list): for variable in list { try variable.requireCurrentHistory(name) }
      default: break
      }
    }
  }

  // Marks nodes as seen by one backward pass.
  nonisolated(unsafe) private static var pass = 0

  /// Accumulates `∂root/∂leaf` into every leaf that requires a gradient.
  ///
  /// - Parameters:
  ///   - gradient: the gradient of what follows with respect to `root`, in its shape; 1 for a root of one element.
  ///   - keepGraph: whether a second pass through the same graph may follow.
  /// Throws CallerError for a root without history, of several elements without `gradient`, for a graph already used,
  /// and where a saved tensor was changed in place.
  public static func backward(from root: Variable, gradient: Tensor? = nil, keepGraph: Bool = false) throws {
    try run(from: root, gradient, keepGraph: keepGraph, collector: nil)
  }

  /// `∂root/∂x` for the given variables, without touching their `gradient`; nothing for those that root does not depend on.
  public static func gradients(of root: Variable, with gradient: Tensor? = nil, for variables: [Variable], keepGraph: Bool = false) throws -> [Tensor?] {
    let collector = Collector(variables)
    try run(from: root, gradient, keepGraph: keepGraph, collector: collector)
    // What nothing else refers to is handed on; the rest, which several variables or the graph may share, is copied.
    return try variables.enumerated().map { place, variable in
      let key = ObjectIdentifier(variable)
      if variables[(place + 1)...].contains(where: { $0 === variable }) { return try collector.found[key]?.clone() }
      guard var found = collector.found.removeValue(forKey: key) else { return nil }
      return found.isUniquelyReferenced() && found.isContiguous ? found : try found.clone()
    }
  }

  /// Gathers the gradients of chosen variables instead of leaving them there.
  private final class Collector {
    let wanted: [Variable]
    var found: [ObjectIdentifier: Tensor] = [:]

    init(_ wanted: [Variable]) { self.wanted = wanted }

    func add(_ tensor: Tensor, to variable: Variable) throws {
      guard wanted.contains(where: { $0 === variable }) else { return }
      let key = ObjectIdentifier(variable)
      found[key] = try found[key].map { try Tensor.combined(.add, $0, tensor, name: "grad") } ?? tensor
    }
  }

  private static func run(from root: Variable, _ given: Tensor?, keepGraph: Bool, collector: Collector?) throws {
    guard root.requiresGradient else {
      throw CallerError("backward: this tensor does not depend on one that requires a gradient; call :requires_grad(true) on the inputs first")
    }
    try root.requireCurrentHistory("backward")
    let seed: Tensor
    if let given {
      guard given.shape == root.shape else {
        throw CallerError("backward: gradient: expected shape \(root.shape.text), got \(given.shape.text)")
      }
      seed = try given.converted(to: root.dtype)
    } else {
      guard root.value.count == 1 else {
        throw CallerError("backward: expected a tensor of one element, got shape \(root.shape.text); reduce it with :sum() or :mean(), or give the gradient")
      }
      seed = try Tensor(filling: root.shape, with: 1, root.dtype)
    }
    guard let producer = root.producer else {
      if let collector { try collector.add(seed, to: root) } else { try root.accumulate(seed) }
      return
    }
    pass += 1
    producer.visitedBy = pass
    var nodes = [producer]
    // A result in the middle of the graph may be asked for too: its gradient is complete when its producer's turn comes.
    var asked: [ObjectIdentifier: [Variable]] = [:]
    for variable in collector?.wanted ?? [] {
      if let producer = variable.producer { asked[ObjectIdentifier(producer), default: []].append(variable) }
    }
    var next = 0
    while next < nodes.count {
      for edge in nodes[next].edges {
        if case .node(let node, _) = edge, node.visitedBy != pass {
          node.visitedBy = pass
          nodes.append(node)
        }
      }
      next += 1
    }
    // A rule written in Lua may run a pass of its own, but not through what waits for gradients of this one.
    if nodes.contains(where: \.isRunning) {
      throw CallerError("backward: called from a gradient rule through the graph that the rule belongs to; compute what it needs anew")
    }
    for node in nodes { node.isRunning = true }
    nodes.sort { $0.sequence > $1.sequence }
    // Whatever happens, no gradient of this pass may be left behind for the next.
    defer {
      for node in nodes {
        node.isRunning = false
        for i in node.arrived.indices { node.arrived[i] = nil }
      }
    }
    producer.arrived[root.outputIndex] = seed
    for node in nodes {
      if let collector {
        for variable in asked[ObjectIdentifier(node)] ?? [] {
          if let tensor = node.arrived[variable.outputIndex] { try collector.add(tensor, to: variable) }
        }
      }
      if node.arrived.allSatisfy({ $0 == nil }) { continue }
      try propagate(node, keepGraph: keepGraph, collector: collector)
    }
  }

  private static func propagate(_ node: Node, keepGraph: Bool, collector: Collector?) throws {
    guard !node.isSpent else {
      throw CallerError("backward: \(node.spec.name): this graph was used by an earlier backward; pass {retain_graph = true} to the first one, or compute the value again")
    }
    for (tensor, version) in zip(node.context.saved, node.context.versions) where tensor.storage.version != version {
      throw CallerError("backward: \(node.spec.name): a tensor of shape \(tensor.shape.text) that its gradient needs was changed in place after it was used; change a :clone() instead")
    }
    guard case .rule(let rule) = node.spec.gradient else { return }
    if Profile.isOn { Profile.enter(gradientOf: node.spec.name, at: node.place) }
    defer { if Profile.isOn { Profile.leave() } }
    var gradients = try rule(node.arrived, node.context)
    // A loop that Ctrl-C ended early has left its result unfinished.
    try Interrupted.check()
    if Anomalies.isWatching { try Anomalies.examine(gradients, of: node) }
    for i in node.arrived.indices { node.arrived[i] = nil }
    if !keepGraph {
      node.isSpent = true
      node.context.clearSaved()
    }
    for index in node.edges.indices where index < gradients.count {
      if case .none = node.edges[index] { continue }
      guard var gradient = gradients[index].take() else { continue }
      if gradient.shape != node.context.shapes[index] || gradient.dtype != node.inputTypes[index] {
        gradient = try fitted(gradient, to: node.context.shapes[index], node.inputTypes[index])
      }
      try deliver(gradient, along: node.edges[index], collector)
    }
  }

  // What broadcasting repeated is added up; what promotion widened is narrowed again.
  private static func fitted(_ gradient: Tensor, to shape: Dimensions, _ dtype: DType) throws -> Tensor {
    let summed = gradient.shape == shape ? gradient : try gradient.summed(to: shape)
    return try summed.converted(to: dtype)
  }

  private static func deliver(_ tensor: consuming Tensor, along edge: Node.Edge, _ collector: Collector?) throws {
    switch edge {
    case .none: break
    case .leaf(let variable):
      if let collector { try collector.add(tensor, to: variable) } else { try variable.accumulate(tensor) }
    case .node(let producer, let output):
      if let present = producer.arrived[output] {
        producer.arrived[output] = try Tensor.combined(.add, present, tensor, name: "backward")
      } else {
        producer.arrived[output] = tensor
      }
    }
  }
}
