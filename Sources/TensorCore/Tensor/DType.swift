/// What the elements of a tensor are.
public enum DType: UInt8, Sendable, CaseIterable {
  case bool, int64, float32, float64

  /// The name scripts use: `"float32"`.
  public var name: String {
    switch self {
    case .bool: "bool"
    case .int64: "int64"
    case .float32: "float32"
    case .float64: "float64"
    }
  }

  /// The type of a name, or `nil`.
  public init?(name: String) {
    guard let found = DType.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .bool: 1
    case .int64, .float64: 8
    case .float32: 4
    }
  }

  /// Whether elements may have gradients.
  public var isFloatingPoint: Bool { self == .float32 || self == .float64 }

  /// The type that holds both: bool < int64 < float32 < float64, as PyTorch promotes.
  public static func promoted(_ a: DType, _ b: DType) -> DType { a.rawValue >= b.rawValue ? a : b }
}

/// A Swift type that stores one `DType`.
public protocol Element: BitwiseCopyable, Sendable {
  static var dtype: DType { get }
}

extension Float: Element { public static var dtype: DType { .float32 } }
extension Double: Element { public static var dtype: DType { .float64 } }
extension Int64: Element { public static var dtype: DType { .int64 } }
/// Bools are stored as one byte of 0 or 1.
extension UInt8: Element { public static var dtype: DType { .bool } }
