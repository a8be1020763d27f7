import Foundation
import Jets
import TestSupport
import Testing

@Suite struct ClusteringTests {
  @Test func lundVectors() throws {
    let cases = try Fixture.group("lund")
    #expect(cases.count >= 3)
    for jet in cases {
      let particles = jet.rows("pt_rap_phi_massless").map { FourVector(pt: $0[0], eta: $0[1], phi: $0[2]) }
      let expected = jet["splittings"] as? [[String: Any]] ?? []
      let got = try Clustering.declusterings(particles)
      #expect(got.count == expected.count)
      for splitting in expected {
        // Each step is found by its plane and distance; both lists may order softer branches in their own way.
        let match = got.first { $0.plane == Int(splitting.number("plane")) && agree($0.delta, splitting.number("delta"), 1e-9) }
        guard let match else {
          Issue.record("no step of delta \(splitting.number("delta"))")
          continue
        }
        #expect(agree(match.kt, splitting.number("kt"), 1e-9) && agree(match.z, splitting.number("z"), 1e-9))
        #expect(agree(match.kappa, splitting.number("kappa"), 1e-9) && agree(match.psi, splitting.number("psi"), 1e-9))
        #expect(agree(match.pt, splitting.number("parent_pt"), 1e-9) && abs(match.mass - splitting.number("parent_m")) < 1e-4)
        #expect(agree(match.hardPt, splitting.number("pt_hard"), 1e-9) && agree(match.softPt, splitting.number("pt_soft"), 1e-9))
      }
      #expect(got.first?.plane == 0)
    }
  }

  @Test(arguments: ClusteringAlgorithm.allCases)
  func clusteringAgreesWithTheDefinition(algorithm: ClusteringAlgorithm) throws {
    var random = SeededNumbers(state: 11)
    for _ in 0..<20 {
      let particles = (0..<25).map { _ in
        FourVector(
          pt: Double.random(in: 1...100, using: &random), eta: Double.random(in: -2...2, using: &random),
          phi: Double.random(in: -3.1...3.1, using: &random))
      }
      let expected = bruteForce(particles, power: algorithm == .antikt ? -1 : algorithm == .kt ? 1 : 0, radius: 0.8).filter { $0.0.pt >= 10 }
      let got = try Clustering.cluster(particles, algorithm: algorithm, radius: 0.8, minimumPt: 10)
      #expect(got.map { Set($0.constituents) } == expected.map(\.1))
      for (jet, reference) in zip(got, expected) {
        #expect(agree(jet.momentum.pt, reference.0.pt, 1e-9) && agree(jet.momentum.eta, reference.0.eta, 1e-9))
        let momenta = jet.constituents.map { particles[$0].pt }
        #expect(momenta == momenta.sorted(by: >))
      }
    }
  }

  /// Sequential recombination straight from its definition.
  private func bruteForce(_ particles: [FourVector], power: Double, radius: Double) -> [(FourVector, Set<Int>)] {
    var active = particles.enumerated().map { ($0.element, Set([$0.offset])) }
    var jets: [(FourVector, Set<Int>)] = []
    while !active.isEmpty {
      var best = (distance: Double.infinity, i: 0, j: -1)
      for i in active.indices {
        let beam = pow(active[i].0.pt, 2 * power)
        if beam < best.distance { best = (beam, i, -1) }
        for j in active.indices where j > i {
          let dy = active[i].0.rapidity - active[j].0.rapidity, dphi = wrappedAzimuth(active[i].0.phi - active[j].0.phi)
          let distance = min(beam, pow(active[j].0.pt, 2 * power)) * (dy * dy + dphi * dphi) / (radius * radius)
          if distance < best.distance { best = (distance, i, j) }
        }
      }
      if best.j < 0 {
        jets.append(active.remove(at: best.i))
      } else {
        let second = active.remove(at: best.j)
        active[best.i] = (active[best.i].0 + second.0, active[best.i].1.union(second.1))
      }
    }
    return jets.sorted { $0.0.pt > $1.0.pt }
  }

  @Test func paddingIsSkippedAndPlacesStay() throws {
    let jets = try Clustering.cluster([.zero, FourVector(pt: 5, eta: 0, phi: 0), .zero, FourVector(pt: 50, eta: 0, phi: 2)], radius: 0.5)
    #expect(jets.map(\.constituents) == [[3], [1]])
    #expect(try Clustering.cluster([.zero]).isEmpty && Clustering.declusterings([]).isEmpty)
    #expect(try Clustering.declusterings([FourVector(pt: 5, eta: 0, phi: 0)]).isEmpty)
  }

  @Test func badInput() {
    let good = FourVector(pt: 5, eta: 0, phi: 0)
    #expect(message { _ = try Clustering.cluster([good], radius: 0) } == "cluster: R: expected a radius above 0 and at most 1000, got 0.0")
    #expect(message { _ = try Clustering.cluster([good], radius: .nan) } == "cluster: R: expected a radius above 0 and at most 1000, got nan")
    #expect(message { _ = try Clustering.cluster([good], minimumPt: -1) } == "cluster: ptmin: expected a momentum from 0, got -1.0")
    let bad = FourVector(energy: 1, px: .nan, py: 0, pz: 0)
    #expect(message { _ = try Clustering.cluster([good, bad]) } == "cluster: particle 2 has a component that is not finite")
    #expect(
      message { _ = try Clustering.declusterings([FourVector(energy: -1, px: 1, py: 0, pz: 0)]) } == "declusterings: particle 1 has a negative energy")
  }
}
