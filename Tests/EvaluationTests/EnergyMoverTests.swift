import Evaluation
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct EnergyMoverTests {
  private func flow(_ rows: [[Double]], _ name: String = "jet_a") throws -> EnergyFlow {
    try EnergyFlow(rows.map { ($0[0], $0[1], $0[2]) }, argument: name)
  }

  private func flag(_ sample: [String: Any], _ key: String) -> Bool { (sample[key] as? NSNumber)?.boolValue ?? false }

  @Test func emdVectors() throws {
    let cases = try Fixture.group("emd")
    #expect(cases.count == 6)
    for pair in cases {
      let mover = try EnergyMover(radius: pair.number("R"), isNormalised: flag(pair, "norm"))
      let a = try flow(pair.rows("jet_a_pt_y_phi")), b = try flow(pair.rows("jet_b_pt_y_phi"))
      #expect(close(try mover.distance(a, b), pair.number("emd_periodic_phi")))
      #expect(close(try mover.distance(b, a), pair.number("emd_periodic_phi")))
    }
  }

  @Test func agreesWithPOT() throws {
    let cases = try Fixture.group("emd", of: "measures")
    #expect(cases.count == 20)
    for pair in cases {
      let mover = try EnergyMover(radius: pair.number("R"), isNormalised: flag(pair, "norm"))
      let got = try mover.distance(flow(pair.rows("a")), flow(pair.rows("b")))
      #expect(abs(got - pair.number("emd")) <= 1e-11 * max(1, pair.rows("a").map { $0[0] }.reduce(0, +)), "\(got) against \(pair.number("emd"))")
    }
  }

  @Test func isAMetricOnJets() throws {
    var random = SeededNumbers(state: 5)
    let jets = try (0..<12).map { _ in
      try flow((0..<Int.random(in: 1...25, using: &random)).map { _ in
        [Double.random(in: 0.1...50, using: &random), Double.random(in: -0.5...0.5, using: &random), Double.random(in: 5.8...6.8, using: &random)]
      })
    }
    let mover = try EnergyMover()
    for a in jets {
      #expect(try mover.distance(a, a) < 1e-11)
      for b in jets {
        let direct = try mover.distance(a, b)
        #expect(close(direct, try mover.distance(b, a), 1e-11))
        for c in jets { #expect(try direct <= mover.distance(a, c) + mover.distance(c, b) + 1e-9) }
      }
    }
    let reversed = Array(jets.reversed())
    #expect(try mover.distances(jets, reversed) == zip(jets, reversed).map { try mover.distance($0, $1) })
  }

  // Between particles in one row the cost is the area between the two running sums of pt.
  @Test func onALineItIsTheAreaBetweenTheRunningSums() throws {
    var random = SeededNumbers(state: 6)
    let n = 200
    let a = (0..<n).map { _ in Double.random(in: 0...1, using: &random) }.sorted(), b = (0..<n).map { _ in Double.random(in: 0...1, using: &random) }.sorted()
    let expected = zip(a, b).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(n)
    let got = try EnergyMover(isNormalised: true).distance(flow(a.map { [2, $0, 1] }), flow(b.map { [7, $0, 1] }))
    #expect(close(got, expected, 1e-12))
  }

  @Test func badInput() throws {
    let one = try flow([[1, 0, 0]]), far = try flow([[1, 3, 0], [2, 0, 0]])
    #expect(message { _ = try EnergyMover(radius: 0) } == "emd: R: expected a number above 0, got 0")
    #expect(message { _ = try flow([[-1, 0, 0]]) } == "emd: jet_a: expected a finite pt from 0 for particle 1, got -1")
    #expect(message { _ = try flow([[1, .nan, 0]]) } == "emd: jet_a: expected finite y and phi for particle 1, got nan and 0")
    #expect(message { _ = try flow([]) } == "emd: jet_a: no particle has a pt above 0; drop empty jets first")
    #expect(message { _ = try flow([[0, .nan, 0]]) } == "emd: jet_a: no particle has a pt above 0; drop empty jets first")
    #expect(message { _ = try flow([[1e308, 0, 0], [1e308, 0, 0]]) } == "emd: jet_a: the sum of pt is not finite")
    #expect(
      message { _ = try EnergyMover().distance(one, far) }
        == "emd: R: expected at least 1.5, half the largest distance of these jets, got 1; give a larger R, or norm = true")
    #expect(message { _ = try EnergyMover().distances([one], []) } == "emd: 1 jets against 0; give as many of each")
    #expect(close(try EnergyMover(isNormalised: true).distance(one, far), 1))
  }
}
