import Foundation
import Jets
import TensorCore
import TestSupport
import Testing

/// Against fastjet-contrib (Tests/reference/substructure.py).
@Suite(.serialized) struct SubstructureTests {
  private func cases() throws -> [(jet: [FourVector], expected: [String: Any])] {
    try Fixture.group("substructure", of: "substructure").map { entry in
      (entry.rows("constituents").map { FourVector(energy: $0[0], px: $0[1], py: $0[2], pz: $0[3]) }, entry)
    }
  }

  private let point = FourVector(pt: 50, eta: 0.3, phi: 1)

  @Test func nSubjettinessAgreesWithContrib() throws {
    var compared = 0
    for (jet, expected) in try cases() {
      for entry in expected["tau"] as? [[String: Any]] ?? [] {
        var settings = NSubjettinessSettings()
        settings.beta = entry.number("beta")
        settings.axes = try #require(SubjetAxes(rawValue: entry["axes"] as? String ?? ""))
        let got = try nSubjettiness(jet, upTo: 4, settings: settings)
        let reference = entry.numbers("values")
        #expect(got.count == reference.count)
        for (n, (value, wanted)) in zip(got, reference).enumerated() {
          compared += 1
          #expect(abs(value - wanted) <= 1e-9 * wanted + 1e-14, "\(jet.count) constituents, tau\(n + 1), \(settings): \(value), \(wanted)")
        }
      }
    }
    #expect(compared == 12 * 8 * 4)
  }

  @Test func onePassGoesDownAndKnowsTheCircle() throws {
    var random = SeededNumbers(state: 3)
    var (kt, onePass) = (NSubjettinessSettings(), NSubjettinessSettings())
    onePass.axes = .onePass
    var lower = 0
    for _ in 0..<200 {
      let jet = (0..<30).map { _ in
        (Double.random(in: 1...100, using: &random), Double.random(in: -0.6...0.6, using: &random), Double.random(in: -0.6...0.6, using: &random))
      }
      for beta in [1.0, 1.4, 2] {
        (kt.beta, onePass.beta) = (beta, beta)
        let start = try nSubjettiness(jet.map { FourVector(pt: $0.0, eta: $0.1, phi: $0.2) }, upTo: 3, settings: kt)
        let end = try nSubjettiness(jet.map { FourVector(pt: $0.0, eta: $0.1, phi: $0.2) }, upTo: 3, settings: onePass)
        for (a, b) in zip(start, end) {
          // The softening of the weights can cost a 10⁻⁴ near an axis that sits on a constituent.
          #expect(b <= a * 1.001)
          if b < 0.99 * a { lower += 1 }
        }
        let turned = try nSubjettiness(jet.map { FourVector(pt: $0.0, eta: $0.1, phi: $0.2 + .pi) }, upTo: 3, settings: onePass)
        for (a, b) in zip(end, turned) { #expect(agree(a, b, 1e-6)) }
      }
    }
    #expect(lower > 500)
  }

  @Test func groomingAgreesWithContrib() throws {
    for (jet, expected) in try cases() {
      for entry in expected["soft_drop"] as? [[String: Any]] ?? [] {
        var settings = SoftDropSettings()
        settings.zCut = entry.number("zcut")
        settings.beta = entry.number("beta")
        let got = try softDrop(jet, settings: settings)
        #expect(abs(got.momentum.mass - entry.number("msoftdrop")) < 2e-5 && agree(got.momentum.pt, entry.number("ptsoftdrop"), 1e-10))
        // Where no step passes contrib says −1.
        #expect(agree(got.z, max(0, entry.number("symmetrysoftdrop")), 1e-9) && agree(got.delta, max(0, entry.number("deltaRsoftdrop")), 1e-9))
      }
      let trimmed = try trim(jet)
      #expect(abs(trimmed.momentum.mass - expected.number("trimmed_mass")) < 2e-5)
      #expect(agree(trimmed.momentum.pt, expected.number("trimmed_pt"), 1e-10))
    }
  }

  @Test func correlationsAgreeWithContrib() throws {
    for (jet, expected) in try cases() {
      for entry in expected["correlations"] as? [[String: Any]] ?? [] {
        let got = try energyCorrelations(jet, beta: entry.number("beta"))
        #expect(agree(got.c2 ?? -1, entry.number("c2"), 1e-9) && agree(got.d2 ?? -1, entry.number("d2"), 1e-9))
      }
    }
  }

  @Test func primaryPlaneAgreesWithContrib() throws {
    for (jet, expected) in try cases() {
      let got = try Clustering.declusterings(jet).filter { $0.plane == 0 }
      let reference = expected.rows("lund")
      #expect(got.count == reference.count)
      for (step, wanted) in zip(got, reference) { #expect(agree(step.delta, wanted[0], 1e-9) && agree(step.kt, wanted[1], 1e-9)) }
    }
  }

  @Test func degenerateJetsHaveDocumentedValues() throws {
    for axes in SubjetAxes.allCases {
      var settings = NSubjettinessSettings()
      settings.axes = axes
      for jet in [[], [point], [point, point, point, point, point]] {
        #expect(try nSubjettiness(jet, upTo: 4, settings: settings).allSatisfy { abs($0) < 1e-9 })
      }
      let beams = [FourVector(energy: 5, px: 0, py: 0, pz: 5), point, FourVector(energy: 9, px: 1e-300, py: 0, pz: 9), FourVector(pt: 9, eta: 0.5, phi: 1)]
      #expect(try nSubjettiness(beams, upTo: 3, settings: settings).allSatisfy { $0.isFinite })
    }
    let none = try energyCorrelations([])
    #expect(none == EnergyCorrelations())
    #expect(try energyCorrelations([point]).c2 == nil)
    #expect(try energyCorrelations([point, point, point]).d2 == nil)
    let (dropped, trimmed) = (try softDrop([]), try trim([]))
    #expect(dropped == GroomedJet() && trimmed == GroomedJet())
    let (one, whole) = (try softDrop([point]), try trim([point]))
    #expect(one.momentum == point && whole.momentum == point && one.z == 0)
    for bad in [FourVector(energy: .nan, px: 1, py: 0, pz: 0), FourVector(energy: 5, px: 1, py: .infinity, pz: 0)] {
      #expect(message { _ = try nSubjettiness([point, bad], upTo: 1) } == "nsubjettiness: particle 2 has a component that is not finite")
      #expect(message { _ = try trim([bad]) } == "trim: particle 1 has a component that is not finite")
    }
    #expect(message { _ = try softDrop([FourVector(energy: -1, px: 0, py: 0, pz: 0)]) } == "soft_drop: particle 1 has a negative energy")
    #expect(message { _ = try nSubjettiness([point], upTo: 0) } == "nsubjettiness: N: expected a number of subjets from 1 to 100, got 0")
    var settings = NSubjettinessSettings()
    settings.beta = 0.5
    settings.axes = .onePass
    #expect(
      message { _ = try nSubjettiness([point], upTo: 1, settings: settings) }
        == "nsubjettiness: beta: expected 1 or more for axes \"onepass_kt\", got 0.5; axes \"wta_kt\" take any")
    #expect(message { _ = try energyCorrelations([point], beta: .nan) }.hasPrefix("energy_correlations: beta: expected an exponent"))
  }

  @Test func columnsAgreeWithTheFunctionsForAnyThreads() throws {
    let before = ThreadPool.threadCount
    defer { ThreadPool.threadCount = before }
    let source = try randomJets(500, slots: 20)
    var values = [Float](repeating: 0, count: 80)
    var results: [SubstructureColumn: [[Double]]] = [:]
    for threads in [1, 4] {
      ThreadPool.threadCount = threads
      let set = try JetSet(source: source)
      for column in SubstructureColumn.allCases { results[column, default: []].append(try set.substructure(column).values) }
    }
    for (_, runs) in results { #expect(runs[0].elementsEqual(runs[1]) { $0 == $1 || $0.isNaN && $1.isNaN }) }
    for row in stride(from: 0, to: 500, by: 3) {
      try source.readConstituents(rows: row..<row + 1, into: &values)
      let jet = stride(from: 0, to: 80, by: 4).map {
        FourVector(energy: Double(values[$0]), px: Double(values[$0 + 1]), py: Double(values[$0 + 2]), pz: Double(values[$0 + 3]))
      }
      let tau = try nSubjettiness(jet, upTo: 4)
      #expect(results[.tau1]?[0][row] == tau[0] && results[.tau4]?[0][row] == tau[3])
      let tau32 = results[.tau32]?[0][row] ?? 0
      #expect(tau[1] > 0 ? tau32 == tau[2] / tau[1] : tau32.isNaN)
      let (dropped, trimmed) = (try softDrop(jet), try trim(jet))
      #expect(results[.softDropMass]?[0][row] == dropped.momentum.mass && results[.trimmedMass]?[0][row] == trimmed.momentum.mass)
      let d2 = results[.d2]?[0][row] ?? 0
      let wanted = try energyCorrelations(jet).d2
      #expect(wanted.map { $0 == d2 } ?? d2.isNaN)
    }
  }

  @Test func cutsOnComputedColumns() throws {
    let source = CountingSource(try randomJets(600))
    let set = try JetSet(source: source)
    let tau21 = try set.substructure(.tau21)
    #expect(tau21.undefinedCount > 0 && source.rowsRead == 600)
    let cut = try set.filtered(by: "tau21 < 0.5 and pt > 0")
    #expect(source.rowsRead == 1200)
    let steps = try cut.cutflow()
    #expect(cut.count == tau21.values.count { $0 < 0.5 } && steps.last?.undecided == tau21.undefinedCount)
    // A second selection reads nothing that is known.
    _ = try set.filtered(by: "tau21 >= 0.5")
    #expect(source.rowsRead == 1200)
    var settings = SubstructureSettings()
    settings.subjettiness.beta = 2
    #expect(try cut.substructure(.tau21, settings: settings).values.count == cut.count)
    #expect(message { _ = try set.filtered(by: "tua21 < 1") }.contains("did you mean \"tau21\"?"))
    let broken = try InMemoryJets(constituents: packed([[point], [point]], slots: 1) + [.nan, 0, 0, 0], constituentsPerJet: 1)
    #expect(message { _ = try JetSet(source: broken).substructure(.tau1) }.contains("1 of 3 jets cannot be used"))
    #expect(message { _ = try JetSet(source: broken).substructure(.tau1) }.contains("1 of 3 jets cannot be used"))
    #expect(try JetSet(source: broken, broken: .drop).substructure(.tau21).undefinedCount == 2)
    #expect(try JetSet(source: broken, broken: .drop).filtered(by: "pt > 1e6").substructure(.c2).values.isEmpty)
  }
}
