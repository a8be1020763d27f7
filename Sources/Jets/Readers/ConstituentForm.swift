import CVectorMath
import Glibc

/// What the numbers of one constituent in a file are, and the four-vector they come to.
struct ConstituentForm {
  /// Numbers of a constituent.
  let size: Int
  /// Whether they are E, px, py, pz in GeV, as sources hand them on.
  let isPlain: Bool
  /// Whether they are momenta along the axes, not transverse momentum and angles.
  var isCartesian: Bool { px >= 0 }
  /// Whether the angle is the rapidity, not the pseudorapidity.
  let isRapidity: Bool
  private let unit: Double
  private let isInOrder: Bool
  private let polarForm: jvm_polar_form?
  // Places of the numbers within a constituent; −1 for those that are not there.
  private let e: Int, px: Int, py: Int, pz: Int
  private let pt: Int, angle: Int, phi: Int, mass: Int, pdgid: Int, mask: Int

  init(_ layout: JetLayout) {
    func place(_ quantity: JetLayout.Quantity) -> Int { layout.order.firstIndex(of: quantity) ?? -1 }
    size = layout.order.count
    unit = layout.unit
    (e, px, py, pz) = (place(.e), place(.px), place(.py), place(.pz))
    isRapidity = place(.y) >= 0
    (pt, angle, phi, mass, pdgid) = (place(.pt), isRapidity ? place(.y) : place(.eta), place(.phi), place(.m), place(.pdgid))
    mask = place(.mask)
    isInOrder = layout.order == [.e, .px, .py, .pz]
    isPlain = isInOrder && layout.unit == 1
    polarForm = px >= 0 || pdgid >= 0 || size > jvm_polar_numbers ? nil
      : jvm_polar_form(size: size, pt: pt, angle: angle, phi: phi, mass: mass, mask: mask, unit: unit, is_rapidity: isRapidity)
  }

  /// Stores the first `kept` particles of a jet of `slots` by descending pT; false, with nothing promised, unless they are in that order with
  /// the padding behind them, and of a form that the loops over whole jets know.
  @inline(__always)
  func store<T: BinaryFloatingPoint>(
    _ values: UnsafePointer<T>, slots: Int, axis: (pt: Double, eta: Double)?, into jet: UnsafeMutablePointer<Float>, kept: Int,
    _ kernels: UnsafePointer<jvm_kernels>
  ) -> Bool {
    if T.self == Double.self, isInOrder {
      return kernels.pointee.narrowed_slots(UnsafeRawPointer(values).assumingMemoryBound(to: Double.self), slots, unit, jet, kept) >= 0
    }
    guard T.self == Float.self, var form = polarForm else { return false }
    let numbers = UnsafeRawPointer(values).assumingMemoryBound(to: Float.self)
    return kernels.pointee.polar_slots(numbers, slots, &form, axis?.pt ?? 1, axis?.eta ?? 0, jet, kept) >= 0
  }

  /// The constituent whose numbers begin at `values`; zero for padding. Of numbers that are momenta along the axes.
  @inline(__always)
  func vector<T: BinaryFloatingPoint>(_ values: UnsafePointer<T>) -> FourVector {
    if mask >= 0, !(values[mask] > 0.5) { return .zero }
    return FourVector(
      energy: Double(values[e]) * unit, px: Double(values[px]) * unit, py: Double(values[py]) * unit, pz: Double(values[pz]) * unit)
  }

  /// Transverse momentum, angle, azimuth and mass of the constituent whose numbers begin at `values`, relative to the jet's `axis` where that
  /// is given; `nil` for padding.
  @inline(__always)
  func polar<T: BinaryFloatingPoint>(_ values: UnsafePointer<T>, _ axis: (pt: Double, eta: Double)?)
    -> (pt: Double, angle: Double, phi: Double, mass: Double)? {
    if mask >= 0, !(values[mask] > 0.5) { return nil }
    var (pt, eta) = (Double(values[pt]) * unit, Double(values[angle]))
    if let axis { (pt, eta) = (pt * axis.pt, eta + axis.eta) }
    if pt == 0 { return nil }
    let m = mass >= 0 ? Double(values[mass]) * unit : pdgid >= 0 ? ParticleMass.of(Double(values[pdgid])) : 0
    return (pt, eta, Double(values[phi]), m)
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
