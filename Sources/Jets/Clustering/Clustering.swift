import CFastJet
import TensorCore

/// How particles become jets: the distance min(pT_i^2p, pT_j^2p) Δ²/R² with p = −1, 0 or 1, four-momenta added.
public enum ClusteringAlgorithm: String, CaseIterable, Sendable {
  /// p = −1 (arXiv:0802.1189).
  case antikt
  /// p = 0 (hep-ph/9707323, hep-ph/9907280).
  case cambridgeAachen = "cambridge_aachen"
  /// p = 1 (hep-ph/9305266).
  case kt
}

/// A jet and the particles in it.
public struct ClusteredJet: Equatable, Sendable {
  /// The sum of the particles.
  public var momentum: FourVector
  /// Places of the particles in the list that was clustered, from 0, in descending order of pT.
  public var constituents: [Int]
}

/// One step of an undone Cambridge/Aachen clustering; b is the branch of lower transverse momentum.
public struct Declustering: Equatable, Sendable {
  /// 0 on the primary plane; one more for each step into a softer branch.
  public var plane: Int
  /// Distance Δ of the branches in rapidity and azimuth.
  public var delta: Double
  /// kt = pT_b Δ in GeV.
  public var kt: Double
  /// z = pT_b / (pT_a + pT_b).
  public var z: Double
  /// κ = z Δ.
  public var kappa: Double
  /// ψ = atan2(y_b − y_a, φ_b − φ_a) in (−π, π].
  public var psi: Double
  /// Mass of the branch before the step in GeV.
  public var mass: Double
  /// Transverse momentum of the branch before the step in GeV.
  public var pt: Double
  /// Transverse momentum of the harder branch in GeV.
  public var hardPt: Double
  /// Transverse momentum of the softer branch in GeV.
  public var softPt: Double
}

/// Jet finding by FastJet (arXiv:1111.6097).
public enum Clustering {
  /// The jets of `particles` with pT ≥ `minimumPt` (GeV), in descending order of pT; all-zero four-vectors are padding.
  ///
  /// Throws `CallerError` for a radius outside (0, 1000], a negative `minimumPt`, and particles with components that are not finite or a
  /// negative energy.
  public static func cluster(
    _ particles: [FourVector], algorithm: ClusteringAlgorithm = .antikt, radius: Double = 1, minimumPt: Double = 0
  ) throws -> [ClusteredJet] {
    guard radius > 0, radius <= 1000 else { throw CallerError("cluster: R: expected a radius above 0 and at most 1000, got \(radius)") }
    guard minimumPt >= 0, minimumPt.isFinite else { throw CallerError("cluster: ptmin: expected a momentum from 0, got \(minimumPt)") }
    let (input, places) = try checked(particles, function: "cluster")
    var result = jetlua_clustering()
    try calling("cluster") { message, size in
      jetlua_fastjet_cluster(input, input.count, algorithm.code, radius, minimumPt, &result, message, size)
    }
    defer { jetlua_fastjet_free_clustering(&result) }
    guard let jets = result.jets, let offsets = result.offsets, let indices = result.indices else { return [] }
    return (0..<result.count).map { number in
      ClusteredJet(
        momentum: FourVector(energy: jets[number].energy, px: jets[number].px, py: jets[number].py, pz: jets[number].pz),
        constituents: (offsets[number]..<offsets[number + 1]).map { places[indices[$0]] })
    }
  }

  /// The steps of the Cambridge/Aachen clustering of `constituents` into one jet, undone: the primary branch first, each softer branch
  /// after the chain it left, in the order in which they left it.
  ///
  /// Throws `CallerError` for constituents with components that are not finite or a negative energy.
  public static func declusterings(_ constituents: [FourVector]) throws -> [Declustering] {
    let (input, _) = try checked(constituents, function: "declusterings")
    var result = jetlua_declustering()
    try calling("declusterings") { message, size in jetlua_fastjet_decluster(input, input.count, &result, message, size) }
    defer { jetlua_fastjet_free_declustering(&result) }
    guard let splittings = result.splittings else { return [] }
    return (0..<result.count).map { Declustering(splittings[$0]) }
  }

  private static func calling(_ function: String, _ body: (UnsafeMutablePointer<CChar>, Int) -> Int32) throws {
    var message = [CChar](repeating: 0, count: 400)
    let status = message.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { body($0, buffer.count) } ?? 1
    }
    guard status != 0 else { return }
    let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    throw CallerError("\(function): \(text)")
  }

  private static func checked(_ particles: [FourVector], function: String) throws -> (input: [jetlua_particle], places: [Int]) {
    guard particles.count <= Int(Int32.max) else { throw CallerError("\(function): \(particles.count) particles are too many") }
    var input: [jetlua_particle] = []
    var places: [Int] = []
    for (place, particle) in particles.enumerated() where particle != .zero {
      guard particle.energy.isFinite, particle.px.isFinite, particle.py.isFinite, particle.pz.isFinite else {
        throw CallerError("\(function): particle \(place + 1) has \(JetDefect.notFinite.text)")
      }
      guard particle.energy >= 0 else { throw CallerError("\(function): particle \(place + 1) has \(JetDefect.negativeEnergy.text)") }
      input.append(jetlua_particle(energy: particle.energy, px: particle.px, py: particle.py, pz: particle.pz))
      places.append(place)
    }
    return (input, places)
  }
}

extension ClusteringAlgorithm {
  fileprivate var code: jetlua_algorithm {
    switch self {
    case .antikt: JETLUA_ANTIKT
    case .cambridgeAachen: JETLUA_CAMBRIDGE_AACHEN
    case .kt: JETLUA_KT
    }
  }
}

extension Declustering {
  fileprivate init(_ splitting: jetlua_splitting) {
    delta = (splitting.delta_rapidity * splitting.delta_rapidity + splitting.delta_phi * splitting.delta_phi).squareRoot()
    let total = splitting.hard_pt + splitting.soft_pt
    plane = Int(splitting.plane)
    kt = splitting.soft_pt * delta
    z = total > 0 ? splitting.soft_pt / total : 0
    kappa = z * delta
    psi = azimuth(px: splitting.delta_phi, py: splitting.delta_rapidity)
    mass = splitting.parent_mass
    pt = splitting.parent_pt
    hardPt = splitting.hard_pt
    softPt = splitting.soft_pt
  }
}
