/// A jet as sources hand it on: constituents by descending pT, then zeros. Its buffers are used again from jet to jet.
struct PackedJet {
  private var particles: [FourVector] = []
  private var keys: [Double] = []
  private var isOrdered = true

  mutating func clear() {
    particles.removeAll(keepingCapacity: true)
    keys.removeAll(keepingCapacity: true)
    isOrdered = true
  }

  mutating func append(_ particle: FourVector) {
    let pt = particle.pt
    // One that is broken goes first, so that it is met and counted.
    let key = pt.isFinite && particle.energy.isFinite && particle.pz.isFinite && particle.energy >= 0 ? pt : .infinity
    if let last = keys.last, last < key { isOrdered = false }
    particles.append(particle)
    keys.append(key)
  }

  /// Stores the first `slots` constituents.
  mutating func store(slots: Int, into destination: UnsafeMutablePointer<Float>) {
    if !isOrdered {
      // Stable: constituents of one pT keep the file's order.
      let order = keys.indices.sorted { keys[$0] != keys[$1] ? keys[$0] > keys[$1] : $0 < $1 }
      particles = order.map { particles[$0] }
    }
    let count = min(slots, particles.count)
    for slot in 0..<count {
      let p = particles[slot]
      destination[slot * 4] = Float(p.energy)
      destination[slot * 4 + 1] = Float(p.px)
      destination[slot * 4 + 2] = Float(p.py)
      destination[slot * 4 + 3] = Float(p.pz)
    }
    (destination + count * 4).update(repeating: 0, count: (slots - count) * 4)
  }

  /// Sorts and stores the first `slots` of `particles`.
  static func store(_ particles: [FourVector], slots: Int, into destination: UnsafeMutablePointer<Float>) {
    var jet = PackedJet()
    for particle in particles { jet.append(particle) }
    jet.store(slots: slots, into: destination)
  }
}

/// The same for a jet whose constituents come in order, as most files have them: written at once.
struct OrderedJet {
  private let slots: Int
  private let destination: UnsafeMutablePointer<Float>
  private var count = 0
  private var last = Double.infinity

  /// A jet of at most `slots` constituents at `destination`.
  init(slots: Int, _ destination: UnsafeMutablePointer<Float>) { (self.slots, self.destination) = (slots, destination) }

  /// Adds a constituent; false, with nothing promised of the jet, where it is out of order or broken: `PackedJet` takes such jets.
  @inline(__always)
  mutating func append(_ particle: FourVector) -> Bool {
    let squared = particle.px * particle.px + particle.py * particle.py
    guard squared <= last, particle.energy >= 0, (squared + particle.energy + particle.pz).isFinite else { return false }
    last = squared
    guard count < slots else { return true }
    let place = destination + count * 4
    place[0] = Float(particle.energy)
    place[1] = Float(particle.px)
    place[2] = Float(particle.py)
    place[3] = Float(particle.pz)
    count += 1
    return true
  }

  /// Fills the slots that are left with zeros.
  func finish() { (destination + count * 4).update(repeating: 0, count: (slots - count) * 4) }
}
