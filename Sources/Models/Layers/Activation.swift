import Autodiff
import TensorCore

/// An activation function as a layer: one op of the table with its parameters fixed.
public final class Activation: Layer {
  /// A setting of an activation, as the op's entry in the table declares it.
  public struct Setting: Sendable {
    /// What scripts call the setting.
    public let name: String
    /// What it is where it is left out.
    public let defaultValue: Double
    /// A dimension, from 1 or from −1 backwards, and not a number.
    public let isDimension: Bool
  }

  /// What scripts call each activation layer, and its op.
  public static let kinds: [(layer: String, op: String)] = [
    ("ReLU", "relu"), ("LeakyReLU", "leaky_relu"), ("ELU", "elu"), ("SELU", "selu"), ("GELU", "gelu"), ("Softplus", "softplus"),
    ("Sigmoid", "sigmoid"), ("Tanh", "tanh"), ("Softmax", "softmax"), ("LogSoftmax", "log_softmax"),
  ]

  /// The settings of a layer of `kinds`, none for an unknown one.
  public static func settings(of layer: String) -> [Setting] {
    guard let op = kinds.first(where: { $0.layer == layer })?.op, let spec = OpTable.named(op) else { return [] }
    return spec.arguments.dropFirst().compactMap { argument in
      switch argument.kind {
      case .number(let value): Setting(name: argument.name, defaultValue: value ?? 0, isDimension: false)
      // The last dimension, where features are.
      case .dimension: Setting(name: "dim", defaultValue: -1, isDimension: true)
      default: nil
      }
    }
  }

  /// The name of the layer: "ReLU", "Softmax".
  public let kind: String
  private let spec: OpSpec
  private let settings: [(setting: Setting, value: Double)]

  /// A layer of `kinds`; `values` by the names of its settings, the rest as PyTorch's defaults.
  public init(_ kind: String, _ values: [String: Double] = [:]) throws {
    guard let op = Activation.kinds.first(where: { $0.layer == kind })?.op else {
      throw CallerError("\(kind): no such activation; known: \(Activation.kinds.map(\.layer).joined(separator: ", "))")
    }
    self.kind = kind
    spec = try layerOp(op)
    settings = try Activation.settings(of: kind).map { setting in
      let value = values[setting.name] ?? setting.defaultValue
      guard value.isFinite, !setting.isDimension || Int(exactly: value) != nil else {
        throw CallerError("\(kind): \(setting.name): expected \(setting.isDimension ? "an integer" : "a finite number"), got \(shortText(value))")
      }
      return (setting, value)
    }
  }

  /// The function of every element, or along a dimension; throws where the input has no such dimension.
  public override func forward(_ x: Variable) throws -> Variable {
    var arguments: [ArgumentValue] = [.tensor(x)]
    for (setting, value) in settings {
      guard setting.isDimension else {
        arguments.append(.number(value))
        continue
      }
      arguments.append(.integer(try place(Int(exactly: value) ?? 0, in: x.shape, of: kind)))
    }
    return try Engine.applyOne(spec, arguments)
  }

  /// `nn.LeakyReLU(negative_slope = 0.01)`.
  public override var summary: String {
    "nn.\(kind)(\(settings.map { "\($0.setting.name) = \(shortText($0.value))" }.joined(separator: ", ")))"
  }
}

/// A dimension from 1, or from −1 backwards, counted from 0; throws CallerError outside the shape.
func place(_ d: Int, in shape: Dimensions, of layer: String) throws -> Int {
  let found = d < 0 ? d &+ shape.count : d &- 1
  guard shape.indices.contains(found) else {
    throw CallerError("\(layer): dim: expected a dimension of the shape \(shape.text), got \(d)")
  }
  return found
}
