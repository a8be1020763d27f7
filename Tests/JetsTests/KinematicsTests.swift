import Jets
import TestSupport
import Testing

@Suite struct KinematicsTests {
  @Test func jetKinematicsVectors() throws {
    let cases = try Fixture.group("jet_kinematics")
    #expect(cases.count == 5)
    for jet in cases {
      let particles = jet.rows("constituents_E_px_py_pz").map {
        FourVector(energy: $0[0], px: $0[1], py: $0[2], pz: $0[3])
      }
      let expected = jet["jet"] as? [String: Any] ?? [:]
      let got = JetKinematics(constituents: particles)
      let sum = particles.reduce(.zero, +)
      #expect(got.defect == nil && got.constituentCount == particles.count)
      #expect(agree(got.pt, expected.number("pt"), 1e-12))
      #expect(agree(got.eta, expected.number("eta"), 1e-12))
      #expect(agree(got.phi, expected.number("phi"), 1e-12))
      #expect(agree(sum.rapidity, expected.number("rapidity"), 1e-12))
      // The mass of one massless particle is the rounding of E² − p²: about √(1e-16) E.
      #expect(agree(got.mass, expected.number("mass"), got.constituentCount == 1 ? 1e-5 : 1e-11))
    }
  }

  @Test func fourVectorFromCylindricalCoordinates() throws {
    for jet in try Fixture.group("jet_kinematics") {
      for (polar, cartesian) in zip(jet.rows("pt_eta_phi"), jet.rows("constituents_E_px_py_pz")) {
        let made = FourVector(pt: polar[0], eta: polar[1], phi: polar[2])
        #expect(agree(made.energy, cartesian[0], 1e-12) && agree(made.px, cartesian[1], 1e-12))
        #expect(agree(made.py, cartesian[2], 1e-12) && agree(made.pz, cartesian[3], 1e-12))
      }
    }
  }

  @Test func azimuthLiesAboveMinusPi() {
    #expect(FourVector(energy: 1, px: -1, py: -0.0, pz: 0).phi == .pi)
    #expect(FourVector(energy: 1, px: -1, py: 0, pz: 0).phi == .pi)
    #expect(wrappedAzimuth(-.pi) == .pi && wrappedAzimuth(.pi) == .pi && wrappedAzimuth(3 * .pi) == .pi)
    #expect(agree(wrappedAzimuth(6.1), 6.1 - 2 * .pi, 1e-15))
  }

  @Test func massIsClampedAtZero() {
    #expect(FourVector(energy: 1, px: 1, py: 1e-4, pz: 0).mass == 0)
  }

  @Test func degenerateJetsHaveDocumentedValues() {
    let empty = JetKinematics(constituents: [.zero, .zero])
    #expect(empty.pt == 0 && empty.eta == 0 && empty.phi == 0 && empty.mass == 0 && empty.constituentCount == 0)
    #expect(empty.defect == nil)
    let along = JetKinematics(constituents: [FourVector(energy: 5, px: 0, py: 0, pz: -5)])
    #expect(along.eta == -.infinity && along.phi == 0 && along.constituentCount == 1)
    let good = FourVector(pt: 10, eta: 0, phi: 0)
    for (broken, defect) in [
      (FourVector(energy: .nan, px: 1, py: 0, pz: 0), JetDefect.notFinite),
      (FourVector(energy: 1, px: 1, py: -.infinity, pz: 0), .notFinite),
      (FourVector(energy: -1, px: 1, py: 0, pz: 0), .negativeEnergy),
    ] {
      let jet = JetKinematics(constituents: [good, broken])
      #expect(jet.defect == defect && jet.defectiveConstituent == 2 && jet.pt == 0 && jet.mass == 0)
    }
  }
}
