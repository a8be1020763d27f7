/// Finds the jets of one event after another in buffers it reuses; one per thread.
///
/// It clusters with `Recombination` and not with FastJet, whose objects must stay on one thread; tests compare the jets.
final class EventClusterer {
  private let tree: Recombination
  private let measure: Recombination.Measure
  private let radius: Double
  private let jet: Int
  private let particleCount: Int
  private var particles: [FourVector] = []

  /// For events of at most `particles` particles.
  init(particles: Int, reading: JetReading) {
    particleCount = particles
    tree = Recombination(capacity: particles)
    measure =
      switch reading.algorithm {
      case .antikt: .antikt
      case .cambridgeAachen: .cambridgeAachen
      case .kt: .kt
      }
    radius = reading.radius
    jet = reading.jet
  }

  /// Stores the constituents of the event's jet as `PackedJet` does and returns how many they are; `event` holds (pT, η, φ) of each particle.
  func storeJet(_ event: UnsafePointer<Double>, into destination: UnsafeMutablePointer<Float>, slots: Int) -> Int {
    particles.removeAll(keepingCapacity: true)
    var isSound = true
    for i in 0..<particleCount where event[i * 3] != 0 {
      var particle = FourVector(pt: event[i * 3], eta: event[i * 3 + 1], phi: event[i * 3 + 2])
      if event[i * 3] < 0 { particle.energy = -particle.energy }
      isSound = isSound && particle.energy >= 0 && (particle.energy + particle.px + particle.py + particle.pz).isFinite
      particles.append(particle)
    }
    // An event that is not sound is not clustered: it is counted among the broken ones.
    let constituents = isSound ? foundJet() : particles
    PackedJet.store(constituents, slots: slots, into: destination)
    return min(constituents.count, slots)
  }

  private func foundJet() -> [FourVector] {
    tree.load(particles)
    tree.run(measure, radius: radius)
    guard tree.jets.count >= jet else { return [] }
    let order = tree.jets.sorted { a, b in
      let (first, second) = (tree.branches[Int(a)].pt, tree.branches[Int(b)].pt)
      return first != second ? first > second : a < b
    }
    return tree.particles(of: order[jet - 1]).map { tree.branches[$0].momentum }
  }
}
