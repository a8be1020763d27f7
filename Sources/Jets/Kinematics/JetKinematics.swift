/// What is wrong with a jet whose numbers cannot be used.
public enum JetDefect: Equatable, Sendable {
  /// A component of a constituent is NaN or infinite.
  case notFinite
  /// A constituent has an energy below 0.
  case negativeEnergy

  /// The defect as a message words it.
  public var text: String {
    switch self {
    case .notFinite: "a component that is not finite"
    case .negativeEnergy: "a negative energy"
    }
  }
}

/// The sum of a jet's constituents and what it says of the jet.
///
/// A jet without constituents has the values 0; a jet with a defect has the values 0 too and says which defect, at which constituent.
public struct JetKinematics: Equatable, Sendable {
  /// Transverse momentum in GeV.
  public var pt = 0.0
  /// Pseudorapidity.
  public var eta = 0.0
  /// Azimuth in (−π, π].
  public var phi = 0.0
  /// Invariant mass in GeV.
  public var mass = 0.0
  /// Number of constituents that are no padding.
  public var constituentCount = 0
  /// Why the values cannot be used; `nil` for a sound jet.
  public var defect: JetDefect?
  /// The slot (from 1) of the constituent that has the defect; 0 for a sound jet.
  public var defectiveConstituent = 0

  /// The kinematics of the sum of `constituents`; all-zero four-vectors count as padding.
  public init(constituents: [FourVector]) {
    let scratch = ConstituentScratch(capacity: constituents.count)
    self = scratch.load(constituents)
  }

  init() {}

  init(defect: JetDefect, constituent: Int) {
    self.defect = defect
    defectiveConstituent = constituent
  }

  init(sum: FourVector, constituentCount: Int) {
    pt = sum.pt
    eta = sum.eta
    phi = sum.phi
    mass = sum.mass
    self.constituentCount = constituentCount
  }
}
