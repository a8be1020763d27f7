import CVectorMath
import Glibc

/// The constituents of one jet in cylindrical coordinates, in buffers that are reused from jet to jet; one per thread.
final class ConstituentScratch {
  let capacity: Int
  /// Constituents with transverse momentum; those along the beam have no place in an image.
  private(set) var count = 0
  let energy: UnsafeMutablePointer<Double>
  let pt: UnsafeMutablePointer<Double>
  let eta: UnsafeMutablePointer<Double>
  let phi: UnsafeMutablePointer<Double>
  private let kernels = jvm_kernels_in_use()

  init(capacity: Int) {
    self.capacity = max(1, capacity)
    energy = .allocate(capacity: self.capacity)
    pt = .allocate(capacity: self.capacity)
    eta = .allocate(capacity: self.capacity)
    phi = .allocate(capacity: self.capacity)
  }

  deinit {
    energy.deallocate()
    pt.deallocate()
    eta.deallocate()
    phi.deallocate()
  }

  /// Loads `slots` four-vectors (E, px, py, pz) and sums them; the angles are left out unless `angles`.
  func load(_ values: UnsafePointer<Float>, slots: Int, angles: Bool) -> JetKinematics {
    load(slots: slots, angles: angles) { slot in
      let component = values + slot * 4
      return FourVector(
        energy: Double(component[0]), px: Double(component[1]), py: Double(component[2]), pz: Double(component[3]))
    }
  }

  /// The kinematics of the sum of `slots` four-vectors, as `load` without angles, for the many jets of which nothing else is asked.
  func sum(_ values: UnsafePointer<Float>, slots: Int) -> JetKinematics {
    var sum = (0.0, 0.0, 0.0, 0.0)
    let particles = withUnsafeMutableBytes(of: &sum) { sum in
      sum.baseAddress.map { kernels.pointee.momentum_sum(values, slots, $0.assumingMemoryBound(to: Double.self)) } ?? -1
    }
    // Which constituent it was that is broken is found by looking again.
    guard particles >= 0 else { return load(values, slots: slots, angles: false) }
    return JetKinematics(sum: FourVector(energy: sum.0, px: sum.1, py: sum.2, pz: sum.3), constituentCount: particles)
  }

  func load(_ constituents: [FourVector]) -> JetKinematics {
    load(slots: constituents.count, angles: true) { constituents[$0] }
  }

  @inline(__always)
  private func load(slots: Int, angles: Bool, vector: (Int) -> FourVector) -> JetKinematics {
    count = 0
    var sum = FourVector.zero
    var constituentCount = 0
    for slot in 0..<min(slots, capacity) {
      let particle = vector(slot)
      guard particle.energy.isFinite, particle.px.isFinite, particle.py.isFinite, particle.pz.isFinite else {
        count = 0
        return JetKinematics(defect: .notFinite, constituent: slot + 1)
      }
      if particle.energy == 0, particle.px == 0, particle.py == 0, particle.pz == 0 { continue }
      guard particle.energy >= 0 else {
        count = 0
        return JetKinematics(defect: .negativeEnergy, constituent: slot + 1)
      }
      constituentCount += 1
      sum = sum + particle
      guard angles else { continue }
      let transverse = particle.pt
      guard transverse > 0 else { continue }
      energy[count] = particle.energy
      pt[count] = transverse
      eta[count] = asinh(particle.pz / transverse)
      phi[count] = azimuth(px: particle.px, py: particle.py)
      count += 1
    }
    return JetKinematics(sum: sum, constituentCount: constituentCount)
  }
}
