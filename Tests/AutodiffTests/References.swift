/// The value of an op by its formula, in plain loops over Doubles; one result per result of the op.
typealias Reference = @Sendable ([ReferenceArgument]) -> [NumberArray]

/// An independent reference for every op of the table, by name.
enum References {
  static let all: [String: Reference] = [elementwise, arithmetic, reductions, shapes, matrices, variational, gaussianMixtures, choosing, indexing, statistics, losses, convolutions, norms, dependence]
    .reduce(into: [:]) { $0.merge($1) { first, _ in first } }

  static let empty = NumberArray([0], [])

  /// A reference of one tensor and one result.
  static func one(_ f: @escaping @Sendable (NumberArray, [ReferenceArgument]) -> NumberArray) -> Reference {
    { arguments in [f(arguments[0].array ?? empty, arguments)] }
  }

  /// Losses per row as asked: themselves, their sum or their mean.
  static func reduce(_ losses: NumberArray, _ reduction: String) -> NumberArray {
    switch reduction {
    case "none": losses
    case "sum": NumberArray(scalar: losses.values.reduce(0, +))
    default: NumberArray(scalar: losses.values.reduce(0, +) / Double(losses.values.count))
    }
  }
}
