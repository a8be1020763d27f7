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

    @Test(arguments: VectorMath.sets) func jetsInDoublePrecisionAreNarrowed(set: String) throws {
      let k = try kernels(set)
      for (count, slots, kept) in [(0, 1, 1), (1, 1, 1), (5, 7, 7), (7, 7, 3), (8, 8, 8), (16, 17, 9), (45, 200, 200), (45, 200, 20), (30, 30, 30)] {
        let jet = particles(count, slots).map { Double($0) * 1.000000123 }
        for unit in [1.0, 0.001] {
          // Behind what is asked for nothing is written.
          var out = [Float](repeating: .nan, count: kept * 4 + 5)
          #expect(k.narrowed_slots(jet, slots, unit, &out, kept) == count, "\(set): \(count) of \(slots)")
          #expect(out[..<(kept * 4)].elementsEqual(jet.prefix(kept * 4).map { Float($0 * unit) }) && out[(kept * 4)...].allSatisfy(\.isNaN))
        }
      }
      let jet = particles(20, 30).map { Double($0) }
      func with(_ changes: (Int, Double)...) -> Int {
        var changed = jet, out = [Float](repeating: 0, count: 120)
        for (place, value) in changes { changed[place] = value }
        return k.narrowed_slots(changed, 30, 1, &out, 30)
      }
      #expect(with((60, -1)) == -1 && with((0, .nan)) == -1 && with((41, .infinity)) == -1 && with((79, -.infinity)) == -1)
      #expect(with((37, 1000)) == -1 && with((119, 1)) == -1 && with((80, 1)) == 21 && with((32, 0), (33, 0), (34, 0), (35, 0)) == -1)
    }

    @Test(arguments: VectorMath.sets) func jetsOfAnglesBecomeMomenta(set: String) throws {
      let k = try kernels(set)
      let places: [(size: Int, pt: Int, angle: Int, phi: Int, mass: Int, mask: Int)] = [(4, 2, 0, 1, -1, 3), (3, 0, 1, 2, -1, -1), (6, 5, 3, 1, 0, -1), (4, 0, 1, 2, 3, -1)]
      for place in places {
        for (count, slots, kept, isRapidity) in [(0, 1, 1, false), (5, 7, 7, true), (8, 8, 8, false), (16, 17, 9, true), (28, 30, 30, false), (150, 150, 150, true)] {
          var jet = [Float](repeating: 0, count: slots * place.size)
          for i in 0..<count {
            jet[i * place.size + place.pt] = 300 / Float(i + 1)
            jet[i * place.size + place.angle] = sin(Float(i)) * 2
            jet[i * place.size + place.phi] = Float(i % 7) - 3
            if place.mass >= 0 { jet[i * place.size + place.mass] = 0.13957 }
            if place.mask >= 0 { jet[i * place.size + place.mask] = 1 }
          }
          var form = jvm_polar_form(
            size: place.size, pt: place.pt, angle: place.angle, phi: place.phi, mass: place.mass, mask: place.mask, unit: 0.5, is_rapidity: isRapidity)
          var out = [Float](repeating: .nan, count: kept * 4 + 5)
          #expect(k.polar_slots(jet, slots, &form, 3, 0.25, &out, kept) == count, "\(set): \(count) of \(slots), \(place)")
          #expect(out[(kept * 4)...].allSatisfy(\.isNaN) && out[(min(count, kept) * 4)..<(kept * 4)].allSatisfy { $0 == 0 })
          for i in 0..<min(count, kept) {
            let pt = Double(jet[i * place.size + place.pt]) * 1.5, angle = Double(jet[i * place.size + place.angle]) + 0.25
            let phi = Double(jet[i * place.size + place.phi]), mass = place.mass >= 0 ? Double(jet[i * place.size + place.mass]) * 0.5 : 0
            let root = (pt * pt + mass * mass).squareRoot(), z = (isRapidity ? root : pt) * sinh(angle)
            let expected = [isRapidity ? root * cosh(angle) : (pt * pt + z * z + mass * mass).squareRoot(), pt * cos(phi), pt * sin(phi), z]
            for c in 0..<4 { #expect(abs(Double(out[i * 4 + c]) - expected[c]) <= 6.1e-8 * max(abs(expected[c]), 1e-6), "\(set): particle \(i), \(c)") }
          }
          // Out of order, padding before a particle, a negative pT, NaN: told.
          guard count > 4 else { continue }
          func with(_ number: Int, _ value: Float) -> Int {
            var changed = jet, out = [Float](repeating: 0, count: kept * 4)
            changed[number] = value
            return k.polar_slots(changed, slots, &form, 3, 0.25, &out, kept)
          }
          #expect(with(2 * place.size + place.pt, 900) == -1 && with(2 * place.size + place.pt, 0) == -1 && with(place.pt, -1) == -1)
          #expect(with(3 * place.size + place.phi, .nan) == -1 && with(4 * place.size + place.angle, .infinity) == -1 && with(place.pt, .nan) == -1)
        }
      }
    }

    @Test(arguments: VectorMath.sets) func kinematicsOfSums(set: String) throws {
      let k = try kernels(set)
      var random = SystemRandomNumberGenerator()
      for count in [1, 7, 8, 1000] {
        let sums = (0..<count).flatMap { i -> [Double] in
          let size = pow(10, Double.random(in: -6...6, using: &random)), lean = pow(10, Double.random(in: -9...9, using: &random))
          let p = (0..<3).map { _ in Double.random(in: -1...1, using: &random) * size }
          let z = p[2] * lean, e = (p[0] * p[0] + p[1] * p[1] + z * z).squareRoot() * Double.random(in: 0.999...2, using: &random)
          return [e, p[0], i % 5 == 4 ? 0 : p[1], z]
        }
        var pt = [Double](repeating: .nan, count: count), eta = pt, phi = pt, mass = pt
        k.jet_kinematics(sums, count, &pt, &eta, &phi, &mass)
        for i in 0..<count {
          let (e, x, y, z) = (sums[4 * i], sums[4 * i + 1], sums[4 * i + 2], sums[4 * i + 3])
          #expect(pt[i] == (x * x + y * y).squareRoot() && mass[i] == max(0, e * e - x * x - y * y - z * z).squareRoot(), "\(set)")
          #expect(eta[i] == asinh(z / pt[i]) && phi[i] == atan2(y, x), "\(set): \(x) \(y) \(z)")
        }
      }
      // Along the axes and nowhere; φ in (−π, π].
      func one(_ x: Double, _ y: Double, _ z: Double) -> [Double] {
        var pt = 0.0, eta = 0.0, phi = 0.0, mass = 0.0
        k.jet_kinematics([10, x, y, z], 1, &pt, &eta, &phi, &mass)
        return [pt, eta, phi, mass]
      }
      #expect(one(0, 0, 0) == [0, 0, 0, 10] && one(0, 0, 3)[1] == .infinity && one(0, 0, -3)[1] == -.infinity && one(0, 0, 3)[2] == 0)
      #expect(one(-1, 0, 0)[2] == .pi && one(-1, -0.0, 0)[2] == .pi && one(-1, -1e-300, 0)[2] == .pi && one(0, -1, 0)[2] == -.pi / 2)
      #expect(one(1, 1, 0)[2] == .pi / 4 && one(-1, -1, 0)[2] == -3 * .pi / 4 && one(1, 0, 0)[1] == 0 && one(1, 0, 0)[2] == 0)
      #expect(abs(one(1e-120, 0, 1)[1] - asinh(1e120)) <= 1e-13 && one(1, 0, 1e-20)[1] == 1e-20 && one(3, 4, 12)[3] == 0)
      // A pT whose square is below the smallest number is none, as a four-vector has it.
      #expect(one(1e-200, 0, 1)[0] == 0 && one(1e-200, 0, 1)[1] == .infinity)
    }
  }
}
