/// Every op of jetlua, in the order of the documentation.
public enum OpTable {
  public static let all: [OpSpec] =
    OpSpec.arithmetic + OpSpec.comparisons + OpSpec.elementwise + OpSpec.reductions + OpSpec.shapes + OpSpec.matrices
    + OpSpec.variational

  private static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  /// The op of a name.
  public static func named(_ name: String) -> OpSpec? { byName[name] }
}
