import Glibc

/// Sequential recombination of one jet's particles, in buffers that are reused from jet to jet; one per thread.
///
/// It follows FastJet's N² algorithm for small N (hep-ph/0512210): nearest neighbours by distance, the smallest d_ij found among them. It
/// exists beside FastJet because FastJet's objects must stay on one thread.
final class Recombination {
  /// What the distances d_ij = min(w_i, w_j) Δ_ij²/R² and d_iB = w_i are weighted by.
  enum Measure {
    /// w = 1.
    case cambridgeAachen
    /// w = pT².
    case kt
    /// w = 1/pT².
    case antikt
  }

  /// What becomes of two branches.
  enum Scheme {
    /// Four-momenta add.
    case fourMomentum
    /// Transverse momenta add; the direction is that of the branch of larger pT (arXiv:1310.7584).
    case winnerTakesAll
  }

  /// A particle, or what two branches were joined to.
  struct Branch {
    var momentum: FourVector
    var pt: Double
    var rapidity: Double
    var phi: Double
    /// Places of the two branches it was made of; −1 for a particle.
    var first: Int32 = -1
    var second: Int32 = -1
  }

  /// One step of the undone clustering: branches a (harder) and b.
  struct Splitting {
    var plane: Int
    var delta: Double
    var ptA: Double
    var ptB: Double

    var kt: Double { ptB * delta }
    var z: Double { ptA + ptB > 0 ? ptB / (ptA + ptB) : 0 }
  }

  /// FastJet's largest radius: branches farther apart are never joined.
  static let unlimitedRadius = 1000.0

  let capacity: Int
  /// Particles first, then what they were joined to.
  let branches: UnsafeMutablePointer<Branch>
  private(set) var particleCount = 0
  private(set) var branchCount = 0
  /// Branches that are left, or whose distance to the beam was the smallest: jets.
  private(set) var jets: [Int32] = []

  private struct Slot {
    var rapidity: Double
    var phi: Double
    var weight: Double
    var branch: Int32
    /// Place of the nearest neighbour within R; −1 for none.
    var neighbour: Int32
    var neighbourDistance: Double
  }
  private let slots: UnsafeMutablePointer<Slot>
  private let distances: UnsafeMutablePointer<Double>
  private var pending: [(branch: Int32, plane: Int)] = []

  init(capacity: Int) {
    self.capacity = max(1, capacity)
    branches = .allocate(capacity: 2 * self.capacity)
    slots = .allocate(capacity: self.capacity)
    distances = .allocate(capacity: self.capacity)
  }

  deinit {
    branches.deallocate()
    slots.deallocate()
    distances.deallocate()
  }

  /// Starts with no particles.
  func clear() {
    particleCount = 0
    branchCount = 0
    jets.removeAll(keepingCapacity: true)
  }

  /// Adds a particle; beyond the capacity, and all zero (padding), it is left out.
  @inline(__always)
  func add(_ particle: FourVector) {
    guard particleCount < capacity, particle != .zero else { return }
    branches[particleCount] = branch(particle)
    particleCount += 1
  }

  /// Adds E, px, py, pz of the slots of a jet.
  func load(_ values: UnsafePointer<Float>, slots: Int) {
    clear()
    for slot in 0..<slots {
      let component = values + slot * 4
      add(FourVector(energy: Double(component[0]), px: Double(component[1]), py: Double(component[2]), pz: Double(component[3])))
    }
  }

  func load(_ particles: [FourVector]) {
    clear()
    for particle in particles { add(particle) }
  }

  /// Joins the particles until `wanted` branches are left or none are within `radius` of one another; `jets` names the result.
  func run(_ measure: Measure, radius: Double = unlimitedRadius, scheme: Scheme = .fourMomentum, leaving wanted: Int = 0) {
    branchCount = particleCount
    jets.removeAll(keepingCapacity: true)
    var count = particleCount
    let reach = radius * radius
    start(count, measure, reach)
    while count > wanted {
      var a = 0
      for i in 1..<max(1, count) where distances[i] < distances[a] { a = i }
      var b = Int(slots[a].neighbour)
      if b >= 0 {
        // The joined branch takes the lower place, the last slot moves to the other.
        if a < b { swap(&a, &b) }
        let joined = join(slots[a].branch, slots[b].branch, scheme)
        slots[b] = slot(joined, measure, reach)
      } else {
        jets.append(slots[a].branch)
      }
      count -= 1
      remove(a, joined: b, count: count, reach)
    }
    for i in 0..<count { jets.append(slots[i].branch) }
  }

  /// The jet of largest pT; `nil` without particles.
  var hardest: Int32? { jets.max { branches[Int($0)].pt < branches[Int($1)].pt } }

  /// Places of the particles that `jet` was joined from, ascending.
  func particles(of jet: Int32) -> [Int] {
    var found: [Int] = [], open = [jet]
    while let place = open.popLast() {
      let branch = branches[Int(place)]
      if branch.first < 0 { found.append(Int(place)) } else { open += [branch.first, branch.second] }
    }
    return found.sorted()
  }

  /// Undoes the joining of `start`, plane by plane as FastJet's users do: the harder branch keeps its plane, the softer is one higher.
  /// Planes above `last` are not entered. (plane 0 is the primary one)
  func forEachSplitting(of start: Int32, lastPlane last: Int, _ body: (Splitting) -> Void) {
    pending.removeAll(keepingCapacity: true)
    pending.append((start, 0))
    while let (from, plane) = pending.popLast() {
      var current = Int(from)
      while let (a, b) = parents(of: current) {
        body(
          Splitting(plane: plane, delta: distanceSquared(branches[a], branches[b]).squareRoot(), ptA: branches[a].pt, ptB: branches[b].pt))
        if plane < last { pending.append((Int32(b), plane + 1)) }
        current = a
      }
    }
  }

  /// The two branches that `place` was made of, the harder first; `nil` for a particle.
  @inline(__always)
  func parents(of place: Int) -> (harder: Int, softer: Int)? {
    let first = Int(branches[place].first), second = Int(branches[place].second)
    guard first >= 0 else { return nil }
    return branches[first].pt < branches[second].pt ? (second, first) : (first, second)
  }

  /// Δ² in rapidity and azimuth.
  @inline(__always)
  func distanceSquared(_ a: Branch, _ b: Branch) -> Double {
    squaredDistance(a.rapidity - b.rapidity, a.phi - b.phi)
  }

  @inline(__always)
  private func squaredDistance(_ rapidity: Double, _ azimuth: Double) -> Double {
    let straight = abs(azimuth)
    let phi = straight > .pi ? 2 * .pi - straight : straight
    return rapidity * rapidity + phi * phi
  }

  private func start(_ count: Int, _ measure: Measure, _ reach: Double) {
    for i in 0..<count { slots[i] = slot(Int32(i), measure, reach) }
    for i in 1..<max(1, count) {
      for j in 0..<i {
        let distance = squaredDistance(slots[i].rapidity - slots[j].rapidity, slots[i].phi - slots[j].phi)
        if distance < slots[i].neighbourDistance { (slots[i].neighbourDistance, slots[i].neighbour) = (distance, Int32(j)) }
        if distance < slots[j].neighbourDistance { (slots[j].neighbourDistance, slots[j].neighbour) = (distance, Int32(i)) }
      }
    }
    for i in 0..<count { distances[i] = weightedDistance(i) }
  }

  /// Fills place `a` with the last slot and brings the neighbours of all up to date; `b` holds a new branch, or is −1.
  private func remove(_ a: Int, joined b: Int, count: Int, _ reach: Double) {
    let tail = count
    if a != tail {
      slots[a] = slots[tail]
      distances[a] = distances[tail]
    }
    for i in 0..<count {
      let neighbour = Int(slots[i].neighbour)
      if neighbour == a || (neighbour >= 0 && neighbour == b) {
        findNeighbour(i, count, reach)
        distances[i] = weightedDistance(i)
      } else if neighbour == tail {
        slots[i].neighbour = Int32(a)
      }
      guard b >= 0, i != b else { continue }
      let distance = squaredDistance(slots[i].rapidity - slots[b].rapidity, slots[i].phi - slots[b].phi)
      if distance < slots[i].neighbourDistance {
        (slots[i].neighbourDistance, slots[i].neighbour) = (distance, Int32(b))
        distances[i] = weightedDistance(i)
      }
      if distance < slots[b].neighbourDistance { (slots[b].neighbourDistance, slots[b].neighbour) = (distance, Int32(i)) }
    }
    if b >= 0 { distances[b] = weightedDistance(b) }
  }

  private func findNeighbour(_ i: Int, _ count: Int, _ reach: Double) {
    var nearest = reach, place = -1
    for j in 0..<count where j != i {
      let distance = squaredDistance(slots[i].rapidity - slots[j].rapidity, slots[i].phi - slots[j].phi)
      if distance < nearest { (nearest, place) = (distance, j) }
    }
    slots[i].neighbourDistance = nearest
    slots[i].neighbour = Int32(place)
  }

  @inline(__always)
  private func weightedDistance(_ i: Int) -> Double {
    let neighbour = Int(slots[i].neighbour)
    let weight = neighbour >= 0 ? min(slots[i].weight, slots[neighbour].weight) : slots[i].weight
    return slots[i].neighbourDistance * weight
  }

  @inline(__always)
  private func slot(_ place: Int32, _ measure: Measure, _ reach: Double) -> Slot {
    let branch = branches[Int(place)]
    let squaredPt = branch.pt * branch.pt
    let weight =
      switch measure {
      case .cambridgeAachen: 1.0
      case .kt: squaredPt
      // FastJet's bound for a branch without transverse momentum.
      case .antikt: squaredPt > 1e-300 ? 1 / squaredPt : 1e300
      }
    return Slot(
      rapidity: branch.rapidity, phi: branch.phi, weight: weight, branch: place, neighbour: -1, neighbourDistance: reach)
  }

  private func join(_ first: Int32, _ second: Int32, _ scheme: Scheme) -> Int32 {
    let a = branches[Int(first)], b = branches[Int(second)]
    switch scheme {
    case .fourMomentum: branches[branchCount] = branch(a.momentum + b.momentum)
    case .winnerTakesAll:
      let winner = a.pt < b.pt ? b : a
      branches[branchCount] = Branch(momentum: .zero, pt: a.pt + b.pt, rapidity: winner.rapidity, phi: winner.phi)
    }
    branches[branchCount].first = first
    branches[branchCount].second = second
    branchCount += 1
    return Int32(branchCount - 1)
  }

  /// FastJet's rapidity: a negative m² counts as 0, and along the beam it is ±(10⁵ + |pz|).
  private func branch(_ momentum: FourVector) -> Branch {
    let squaredPt = momentum.px * momentum.px + momentum.py * momentum.py
    let along = abs(momentum.pz)
    let rapidity: Double
    if momentum.energy == along, squaredPt == 0 {
      rapidity = momentum.pz >= 0 ? 1e5 + along : -(1e5 + along)
    } else {
      let squaredMass = (momentum.energy + momentum.pz) * (momentum.energy - momentum.pz) - squaredPt
      let sum = momentum.energy + along
      let size = 0.5 * log((squaredPt + max(0, squaredMass)) / (sum * sum))
      rapidity = momentum.pz > 0 ? -size : size
    }
    return Branch(
      momentum: momentum, pt: squaredPt.squareRoot(), rapidity: rapidity,
      phi: squaredPt == 0 ? 0 : azimuth(px: momentum.px, py: momentum.py))
  }
}
