import CVectorMath
import Foundation
import TensorCore
import Testing

extension TensorCoreTests {
  /// The loops over the particles of jets, in every instruction set this processor has.
  @Suite struct MomentumLoops {
    private func kernels(_ name: String) throws -> jvm_kernels { try #require(jvm_kernels_named(name)).pointee }

    private func particles(_ count: Int, _ slots: Int) -> [Float] {
      let pt = (0..<count).map { 300 / Float($0 + 1) }
      let jet = pt.enumerated().flatMap { i, pt in [pt * cosh(Float(i) * 0.03), pt * cos(Float(i)), pt * sin(Float(i)), pt * sinh(Float(i) * 0.03)] }
      return jet + [Float](repeating: 0, count: (slots - count) * 4)
    }

    @Test(arguments: VectorMath.sets) func sumsOfMomenta(set: String) throws {
      let k = try kernels(set)
      for slots in [1, 2, 3, 4, 5, 8, 30, 200] {
        for count in Set([0, 1, slots / 2, slots]) {
          let jet = particles(count, slots)
          var sum = [Double](repeating: .nan, count: 4)
          #expect(k.momentum_sum(jet, slots, &sum) == count)
          for i in 0..<4 {
            let exact = stride(from: i, to: jet.count, by: 4).reduce(0.0) { $0 + Double(jet[$1]) }
            #expect(abs(sum[i] - exact) <= 1e-12 * 1000, "\(set), \(count) of \(slots), component \(i)")
          }
        }
      }
      // A particle in the midst of padding counts; one that is broken is told, wherever it is.
      var jet = [Float](repeating: 0, count: 80)
      jet[41] = -3
      var sum = [0.0, 0, 0, 0]
      #expect(k.momentum_sum(jet, 20, &sum) == 1 && sum == [0, -3, 0, 0])
      for (place, value) in [(40, -1 as Float), (43, .nan), (42, .infinity), (0, -.infinity), (76, -1), (79, .nan)] {
        var broken = jet
        broken[place] = value
        #expect(k.momentum_sum(broken, 20, &sum) == -1, "\(place) \(value)")
      }
    }

    @Test(arguments: VectorMath.sets) func packedJetsAreTold(set: String) throws {
      let k = try kernels(set)
      for (count, slots) in [(0, 1), (1, 1), (0, 7), (5, 7), (7, 7), (45, 200), (6, 10)] {
        #expect(k.packed_slots(particles(count, slots), slots) == count, "\(count) of \(slots)")
      }
      let jet = particles(5, 11)
      func with(_ changes: (Int, Float)...) -> Int {
        var changed = jet
        for (place, value) in changes { changed[place] = value }
        return k.packed_slots(changed, 11)
      }
      #expect(with((4, -1)) == -1 && with((0, .nan)) == -1 && with((1, .infinity)) == -1 && with((3, -.infinity)) == -1 && with((0, .infinity)) == -1)
      // Out of order; a particle behind padding; padding between particles; zeros of the other sign.
      #expect(with((5, 1000)) == -1 && with((40, 1)) == -1 && with((8, 0), (9, 0), (10, 0), (11, 0)) == -1 && with((39, -0.0)) == 5)
      // Two of one pT are in order, and so are particles along the beam at the end.
      #expect(with((5, jet[1]), (6, jet[2])) == 5 && with((20, 2), (23, 2)) == 6)
    }

    @Test(arguments: VectorMath.sets) func momentaFromAngles(set: String) throws {
      let k = try kernels(set)
      var random = SystemRandomNumberGenerator()
      for count in [1, 3, 8, 9, 1000] {
        let pt = (0..<count).map { _ in Double.random(in: 0.1...1000, using: &random) }
        let angle = (0..<count).map { _ in Double.random(in: -5...5, using: &random) }
        let phi = (0..<count).map { $0 % 50 == 7 ? 3e5 : Double.random(in: -10...10, using: &random) }
        let mass = (0..<count).map { $0 % 2 == 0 ? 0 : 0.13957 }
        for isRapidity in [false, true] {
          var e = [Double](repeating: 0, count: count), px = e, py = e, pz = e
          e.withUnsafeMutableBufferPointer { e in px.withUnsafeMutableBufferPointer { px in py.withUnsafeMutableBufferPointer { py in
            pz.withUnsafeMutableBufferPointer { pz in
              let components = [e.baseAddress, px.baseAddress, py.baseAddress, pz.baseAddress]
              components.withUnsafeBufferPointer { k.four_vectors(pt, angle, phi, mass, isRapidity, $0.baseAddress, count) }
            }
          } } }
          for i in 0..<count {
            let root = (pt[i] * pt[i] + mass[i] * mass[i]).squareRoot()
            let z = (isRapidity ? root : pt[i]) * sinh(angle[i])
            let energy = isRapidity ? root * cosh(angle[i]) : (pt[i] * pt[i] + z * z + mass[i] * mass[i]).squareRoot()
            let worst = max(abs(e[i] - energy), abs(px[i] - pt[i] * cos(phi[i])), abs(py[i] - pt[i] * sin(phi[i])), abs(pz[i] - z))
            #expect(worst <= 3e-15 * energy, "\(set): \(pt[i]) \(angle[i]) \(phi[i])")
          }
        }
      }
      var e = [0.0], px = [0.0], py = [0.0], pz = [0.0]
      func one(_ pt: Double, _ angle: Double, _ phi: Double) -> [Double] {
        withUnsafeMutablePointer(to: &e[0]) { e in withUnsafeMutablePointer(to: &px[0]) { px in withUnsafeMutablePointer(to: &py[0]) { py in
          withUnsafeMutablePointer(to: &pz[0]) { pz in
            [e, px, py, pz].map { Optional($0) }.withUnsafeBufferPointer { k.four_vectors([pt], [angle], [phi], [0], false, $0.baseAddress, 1) }
            return [e.pointee, px.pointee, py.pointee, pz.pointee]
          }
        } } }
      }
      #expect(one(-2, 0, 0)[0] == -2 && one(.nan, 0, 0)[0].isNaN && one(1, .nan, 0)[3].isNaN && one(1, 0, .nan)[1].isNaN && one(1, 0, .infinity)[2].isNaN)
    }
  }
}
