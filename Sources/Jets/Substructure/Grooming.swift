import Glibc
import TensorCore

/// A jet after grooming.
public struct GroomedJet: Equatable, Sendable {
  /// What is left.
  public var momentum = FourVector.zero
  /// z_g of the step that passed; 0 where none did.
  public var z = 0.0
  /// R_g, the distance of that step's branches; 0 where none did.
  public var delta = 0.0

  /// Nothing is left.
  public init() {}

  init(momentum: FourVector, z: Double = 0, delta: Double = 0) {
    self.momentum = momentum
    self.z = z
    self.delta = delta
  }
}

/// How soft drop decides: a step passes with z > zCut (Δ/R)^β.
public struct SoftDropSettings: Hashable, Sendable {
  /// z_cut, from 0 to 0.5.
  public var zCut = 0.1
  /// Exponent β; 0 is the modified mass drop.
  public var beta = 0.0
  /// Radius R of the jet, above 0.
  public var radius = 0.8

  /// z_cut = 0.1, β = 0, R = 0.8.
  public init() {}

  /// Throws `CallerError` where a setting is out of its range.
  public func check(_ function: String) throws {
    guard zCut >= 0, zCut <= 0.5 else { throw CallerError("\(function): zcut: expected a share from 0 to 0.5, got \(zCut)") }
    guard abs(beta) <= 10 else { throw CallerError("\(function): beta: expected an exponent from -10 to 10, got \(beta)") }
    guard radius > 0, radius <= 1000 else { throw CallerError("\(function): R: expected a radius above 0 and at most 1000, got \(radius)") }
  }
}

/// How trimming decides: a kt subjet of radius `radius` stays with pT ≥ `fraction` of the jet's.
public struct TrimmingSettings: Hashable, Sendable {
  /// Radius of the subjets, above 0.
  public var radius = 0.2
  /// Share of the jet's pT, from 0 to 1.
  public var fraction = 0.05

  /// Subjets of radius 0.2 with at least 5 % of the jet's pT.
  public init() {}

  /// Throws `CallerError` where a setting is out of its range.
  public func check(_ function: String) throws {
    guard radius > 0, radius <= 1000 else { throw CallerError("\(function): R: expected a radius above 0 and at most 1000, got \(radius)") }
    guard fraction >= 0, fraction <= 1 else { throw CallerError("\(function): fraction: expected a share from 0 to 1, got \(fraction)") }
  }
}

/// Soft drop (arXiv:1402.2657, equation 1.1): undoes the Cambridge/Aachen clustering along the harder branch until a step passes.
///
/// Where no step passes, its last constituent is left; a jet without constituents has the values 0. Throws `CallerError` for settings out
/// of range, and constituents with components that are not finite or a negative energy.
public func softDrop(_ constituents: [FourVector], settings: SoftDropSettings = SoftDropSettings()) throws -> GroomedJet {
  try settings.check("soft_drop")
  return try JetSubstructure(constituents, function: "soft_drop").softDrop(settings)
}

/// Trimming (arXiv:0912.1342, section 2): the sum of the kt subjets that carry enough of the jet's pT.
///
/// A jet without constituents, or none of whose subjets stays, has the values 0. Throws `CallerError` for settings out of range, and
/// constituents with components that are not finite or a negative energy.
public func trim(_ constituents: [FourVector], settings: TrimmingSettings = TrimmingSettings()) throws -> GroomedJet {
  try settings.check("trim")
  return try JetSubstructure(constituents, function: "trim").trim(settings)
}

extension JetSubstructure {
  func softDrop(_ settings: SoftDropSettings) -> GroomedJet {
    clusterAll(.cambridgeAachen)
    guard let jet = tree.hardest else { return GroomedJet() }
    var place = Int(jet)
    while let (a, b) = tree.parents(of: place) {
      let harder = tree.branches[a], softer = tree.branches[b]
      let total = harder.pt + softer.pt
      let z = total > 0 ? softer.pt / total : 0
      let delta = tree.distanceSquared(harder, softer).squareRoot()
      if z > settings.zCut * pow(delta / settings.radius, settings.beta) {
        return GroomedJet(momentum: tree.branches[place].momentum, z: z, delta: delta)
      }
      place = a
    }
    return GroomedJet(momentum: tree.branches[place].momentum)
  }

  func trim(_ settings: TrimmingSettings) -> GroomedJet {
    let total = (0..<count).reduce(FourVector.zero) { $0 + tree.branches[$1].momentum }
    let subjets = cluster(.kt, radius: settings.radius)
    var left = FourVector.zero
    for subjet in subjets where tree.branches[Int(subjet)].pt >= settings.fraction * total.pt {
      left = left + tree.branches[Int(subjet)].momentum
    }
    return GroomedJet(momentum: left)
  }
}
