/// Every op of jetlua, in the order of the documentation.
public enum OpTable {
  /// The entries, in the order of the documentation.
  public static let all: [OpSpec] =
    OpSpec.arithmetic + OpSpec.comparisons + OpSpec.elementwise + OpSpec.choosing + OpSpec.reductions + OpSpec.statistics
    + OpSpec.sorting + OpSpec.shapes + OpSpec.indexing + OpSpec.matrices + OpSpec.norms + OpSpec.convolutions + OpSpec.pooling + OpSpec.upsampling + OpSpec.variational + OpSpec.gaussianMixtures + OpSpec.rowLosses + OpSpec.losses + OpSpec.classLosses + OpSpec.dependence

  private static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  /// The op of a name.
  public static func named(_ name: String) -> OpSpec? { byName[name] }
}
