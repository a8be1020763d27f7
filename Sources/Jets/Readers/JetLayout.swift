/// Where the jets of a file are: names of arrays, and what the numbers of each constituent mean. One such description is a format.
public struct JetLayout: Sendable {
  /// What one number of a constituent is.
  public enum Quantity: String, CaseIterable, Sendable {
    /// Energy and momentum.
    case e, px, py, pz
    /// Transverse momentum, pseudorapidity, rapidity, azimuth, mass.
    case pt, eta, y, phi, m
    /// A number above 0.5 for a constituent, another for padding.
    case mask
    /// The PDG number, which tells the mass; 0 is massless.
    case pdgid
    /// A number that is not used.
    case skip = "-"
  }

  /// What the file is called in messages.
  public var name = "described layout"
  /// The array `[N, M, k]` or `[N, M · k]` of constituents.
  public var constituents: String
  /// What the k numbers of a constituent are: e, px, py, pz or pt, eta (or y), phi and m or pdgid.
  public var order: [Quantity]
  /// GeV per unit of the file, 0.001 for MeV.
  public var unit = 1.0
  /// An array `[N, M]`, above 0.5 for a constituent.
  public var mask: String?
  /// An array `[N]` of labels, whole numbers from 0 to 255.
  public var label: String?
  /// An array `[N]` of weights.
  public var weight: String?
  /// Further columns by name: an array `[N]`, or a column (from 0) of one `[N, K]`.
  public var columns: [(name: String, array: String, column: Int)] = []
  /// An array `[N, ≥ 3]` with the jet's pT and η in its first two columns, which pT, η and φ of the constituents are relative to.
  public var relativeTo: String?
  /// Numbers of each row of `constituents` that are used; `nil` for all.
  public var usedWidth: Int?
  /// Names of the labels.
  public var classNames: [Int: String] = [:]

  /// A layout whose constituents are in `constituents`, each in `order`.
  public init(constituents: String, order: [Quantity]) {
    self.constituents = constituents
    self.order = order
  }

  /// What decides about the constituents and labels, in one line.
  var text: String {
    "\(constituents) \(order.map(\.rawValue).joined(separator: ",")) unit=\(unit) mask=\(mask ?? "") label=\(label ?? "") "
      + "relative=\(relativeTo ?? "") width=\(usedWidth ?? 0)"
  }
}
