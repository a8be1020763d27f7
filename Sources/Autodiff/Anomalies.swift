import TensorCore

/// Looks for the op that first makes a number that is not finite: NaN or infinite.
public enum Anomalies {
  /// Whether ops are examined: a model that makes several of them at once then makes them one by one.
  // As GradientMode, for the one thread that runs the script.
  nonisolated(unsafe) public private(set) static var isWatching = false
  /// The parameter nearest to the op of the last error: among its arguments, or the first on the way back from them.
  nonisolated(unsafe) public private(set) static var nearestParameter: Variable?

  /// Runs `body`, in which an op throws CallerError whose result is not finite though its arguments are, and so does a gradient
  /// rule whose gradients are not finite though those it was given are. Each op costs a look at every number.
  public static func watched<R>(_ body: () throws -> R) rethrows -> R {
    let before = isWatching
    isWatching = true
    nearestParameter = nil
    defer { isWatching = before }
    return try body()
  }

  /// The position of the first variable with at most `size` elements whose gradient is not finite; cheap enough for every step.
  public static func firstWrongGradient(of variables: [Variable], upTo size: Int) throws -> Int? {
    for (place, variable) in variables.enumerated() {
      if let gradient = variable.gradient, gradient.count <= size, try !isFinite(gradient) { return place }
    }
    return nil
  }

  private static func isFinite(_ tensor: Tensor) throws -> Bool {
    guard tensor.dtype == .float32, tensor.isContiguous else { return try Finding(tensor) == nil }
    defer { withExtendedLifetime(tensor) {} }
    let numbers = UnsafeRawPointer(tensor.pointer(as: Float.self)), count = tensor.count
    // 0 times a finite number is 0, times any other NaN.
    var sums = SIMD8<Float>.zero, sum: Float = 0, place = 0
    while place + 8 <= count {
      sums += numbers.loadUnaligned(fromByteOffset: 4 * place, as: SIMD8<Float>.self) * 0
      place += 8
    }
    while place < count {
      sum += numbers.loadUnaligned(fromByteOffset: 4 * place, as: Float.self) * 0
      place += 1
    }
    return sums.sum() + sum == 0
  }

  static func examine(_ spec: OpSpec, _ arguments: [ArgumentValue], _ outputs: OpSpec.Outputs) throws {
    for result in [outputs.first] + outputs.rest {
      guard let finding = try Finding(result) else { continue }
      var ranges: [String] = []
      for (i, argument) in arguments.enumerated() {
        let name = i < spec.arguments.count ? spec.arguments[i].name : "argument \(i + 1)"
        guard let text = try range(of: argument) else { return }
        if !text.isEmpty { ranges.append("\(name) \(text)") }
      }
      nearestParameter = nearest(to: arguments.flatMap(\.variables).compactMap { $0 })
      throw CallerError("\(spec.name): \(finding.text(of: "its result \(result.shape.text)")), while its arguments are finite: \(ranges.joined(separator: ", "))")
    }
  }

  static func examine(_ gradients: [Tensor?], of node: Node) throws {
    for (i, gradient) in gradients.enumerated() {
      guard let gradient, i < node.edges.count, let finding = try Finding(gradient) else { continue }
      if case .none = node.edges[i] { continue }
      for case let arrived? in node.arrived where try Finding(arrived) != nil { return }
      let list = node.spec.arguments
      let name = i < list.count ? list[i].name : "argument \(i + 1)"
      let kept = try node.context.saved.compactMap { try $0.dtype.isFloatingPoint ? Finding.range(of: $0) : nil }
      let values = kept.isEmpty ? "" : "; the values that it kept are \(kept.joined(separator: ", "))"
      nearestParameter = nearest(to: [], nodes: [node])
      throw CallerError("backward: \(node.spec.name): \(finding.text(of: "the gradient of its \(name) \(gradient.shape.text)")), while the gradient of its result is finite\(values)")
    }
  }

  // Empty for what holds no numbers of its own, nil for what is not finite.
  private static func range(of argument: ArgumentValue) throws -> String? {
    switch argument {
    case .tensor(let x): return try Finding(x.value) == nil ? (x.dtype.isFloatingPoint ? Finding.range(of: x.value) : "") : nil
    case .tensors(let list):
      for x in list where try Finding(x.value) != nil { return nil }
      return list.isEmpty ? "" : "\(list.count) tensors"
    case .sparse(let rows): return (0..<rows.entryCount).allSatisfy { rows.values[$0].isFinite } ? "[\(rows.rows), \(rows.columns)]" : nil
    case .number(let x): return x.isFinite ? "\(x)" : nil
    case .numbers(let list): return list.allSatisfy(\.isFinite) ? "" : nil
    default: return ""
    }
  }

  private static func nearest(to variables: [Variable], nodes first: [Node] = []) -> Variable? {
    if let parameter = variables.first(where: \.isParameter) { return parameter }
    var nodes = variables.compactMap(\.producer) + first, next = 0
    var seen = Set(nodes.map { ObjectIdentifier($0) })
    while next < nodes.count {
      for edge in nodes[next].edges {
        switch edge {
        case .leaf(let variable) where variable.isParameter: return variable
        case .node(let node, _): if seen.insert(ObjectIdentifier(node)).inserted { nodes.append(node) }
        default: break
        }
      }
      next += 1
    }
    return nil
  }

  /// What is not finite in a tensor.
  private struct Finding {
    let bad: Int, count: Int, kind: String

    init?(_ tensor: Tensor) throws {
      guard tensor.dtype.isFloatingPoint else { return nil }
      let numbers = try tensor.array(of: Double.self)
      let nans = numbers.count { $0.isNaN }
      bad = numbers.count { !$0.isFinite }
      count = numbers.count
      kind = nans == bad ? "NaN" : nans == 0 ? "infinite" : "NaN or infinite"
      if bad == 0 { return nil }
    }

    func text(of what: String) -> String { "\(bad) of \(count) numbers of \(what) are \(kind)" }

    static func range(of tensor: Tensor) throws -> String {
      let numbers = try tensor.array(of: Double.self)
      guard let least = numbers.min(), let most = numbers.max() else { return tensor.shape.text }
      return "\(tensor.shape.text) in \(Float(least)) … \(Float(most))"
    }
  }
}
