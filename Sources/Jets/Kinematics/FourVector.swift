import Glibc

/// A four-vector (E, px, py, pz) in GeV with c = 1.
public struct FourVector: Equatable, Sendable {
  /// E in GeV.
  public var energy: Double
  /// The momentum along x in GeV.
  public var px: Double
  /// The momentum along y in GeV.
  public var py: Double
  /// The momentum along the beam in GeV.
  public var pz: Double

  /// The sum of no particles.
  public static let zero = FourVector(energy: 0, px: 0, py: 0, pz: 0)

  /// A four-vector from its components in GeV.
  public init(energy: Double, px: Double, py: Double, pz: Double) {
    self.energy = energy
    self.px = px
    self.py = py
    self.pz = pz
  }

  /// A four-vector from transverse momentum (GeV), pseudorapidity, azimuth (radian) and mass (GeV).
  public init(pt: Double, eta: Double, phi: Double, mass: Double = 0) {
    let longitudinal = pt * sinh(eta)
    self.init(
      energy: (pt * pt + longitudinal * longitudinal + mass * mass).squareRoot(), px: pt * cos(phi), py: pt * sin(phi), pz: longitudinal)
  }

  /// Transverse momentum √(px² + py²) in GeV.
  public var pt: Double { (px * px + py * py).squareRoot() }

  /// Pseudorapidity asinh(pz / pT); ±∞ along the beam, 0 for no momentum at all.
  public var eta: Double { pt > 0 ? asinh(pz / pt) : pz == 0 ? 0 : pz > 0 ? .infinity : -.infinity }

  /// Azimuth in (−π, π]; 0 without transverse momentum.
  public var phi: Double { pt > 0 ? azimuth(px: px, py: py) : 0 }

  /// Rapidity ½ ln((E + pz) / (E − pz)); ±∞ along the beam, 0 for no momentum at all.
  public var rapidity: Double {
    guard pz != 0 else { return 0 }
    let transverseMassSquared = max(0, (energy - pz) * (energy + pz))
    guard transverseMassSquared > 0 else { return pz > 0 ? .infinity : -.infinity }
    return asinh(pz / transverseMassSquared.squareRoot())
  }

  /// Invariant mass √max(0, E² − |p|²) in GeV.
  public var mass: Double { max(0, energy * energy - px * px - py * py - pz * pz).squareRoot() }

  /// The sum of two four-vectors, component by component.
  public static func + (left: FourVector, right: FourVector) -> FourVector {
    FourVector(
      energy: left.energy + right.energy, px: left.px + right.px, py: left.py + right.py, pz: left.pz + right.pz)
  }
}

/// `angle` moved by a multiple of 2π into (−π, π].
public func wrappedAzimuth(_ angle: Double) -> Double {
  var wrapped = angle.remainder(dividingBy: 2 * .pi)
  if wrapped <= -.pi { wrapped = .pi }
  return wrapped
}

/// The angle of (px, py) in (−π, π]; `atan2` alone gives −π where py is a negative zero.
@inline(__always)
func azimuth(px: Double, py: Double) -> Double {
  let angle = atan2(py, px)
  return angle <= -.pi ? .pi : angle
}
