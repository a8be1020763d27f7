import Glibc

/// What the numbers of one constituent in a file are, and the four-vector they come to.
struct ConstituentForm {
  /// Numbers of a constituent.
  let size: Int
  private let unit: Double
  // Places of the numbers within a constituent; −1 for those that are not there.
  private let e: Int, px: Int, py: Int, pz: Int
  private let pt: Int, angle: Int, phi: Int, mass: Int, pdgid: Int, mask: Int
  private let isRapidity: Bool

  init(_ layout: JetLayout) {
    func place(_ quantity: JetLayout.Quantity) -> Int { layout.order.firstIndex(of: quantity) ?? -1 }
    size = layout.order.count
    unit = layout.unit
    (e, px, py, pz) = (place(.e), place(.px), place(.py), place(.pz))
    isRapidity = place(.y) >= 0
    (pt, angle, phi, mass, pdgid) = (place(.pt), isRapidity ? place(.y) : place(.eta), place(.phi), place(.m), place(.pdgid))
    mask = place(.mask)
  }

  /// The constituent whose numbers begin at `values`, relative to the jet's `axis` where that is given; zero for padding.
  @inline(__always)
  func vector(_ values: UnsafePointer<Double>, _ axis: (pt: Double, eta: Double)?) -> FourVector {
    if mask >= 0, !(values[mask] > 0.5) { return .zero }
    if px >= 0 { return FourVector(energy: values[e] * unit, px: values[px] * unit, py: values[py] * unit, pz: values[pz] * unit) }
    var (pt, eta) = (values[pt] * unit, values[angle])
    let m = mass >= 0 ? values[mass] * unit : pdgid >= 0 ? ParticleMass.of(values[pdgid]) : 0
    if let axis { (pt, eta) = (pt * axis.pt, eta + axis.eta) }
    if pt == 0 { return .zero }
    guard isRapidity else {
      // A negative pT would give a sound four-vector; as a negative energy it is counted among the broken ones.
      let vector = FourVector(pt: pt, eta: eta, phi: values[phi], mass: m)
      return pt < 0 ? FourVector(energy: -vector.energy, px: vector.px, py: vector.py, pz: vector.pz) : vector
    }
    let transverse = (pt * pt + m * m).squareRoot()
    return FourVector(
      energy: pt < 0 ? -transverse : transverse * cosh(eta), px: pt * cos(values[phi]), py: pt * sin(values[phi]), pz: transverse * sinh(eta))
  }
}

/// Masses of the particles that live long enough to be constituents, in GeV (PDG 2024).
enum ParticleMass {
  /// The mass of a particle or antiparticle by its PDG number; 0 for others.
  static func of(_ number: Double) -> Double {
    switch abs(number) {
    case 11: 0.000511
    case 13: 0.105658
    case 130, 310: 0.497611
    case 211: 0.139570
    case 321: 0.493677
    case 2112: 0.939565
    case 2212: 0.938272
    default: 0
    }
  }
}
