import Jets
import TensorCore
import TestSupport
import Testing

@Suite struct JetSetTests {
  @Test func columnsAgreeWithTheFourVectors() throws {
    let source = try randomJets(3000)
    let set = try JetSet(source: source)
    var values = [Float](repeating: 0, count: 12 * 4)
    let (pt, eta, phi, mass) = (try set.numbers("pt"), try set.numbers("eta"), try set.numbers("phi"), try set.numbers("mass"))
    let counts = try set.numbers("n_constituents")
    for row in [0, 1, 63, 64, 65, 1279, 1280, 2999] {
      try source.readConstituents(rows: row..<row + 1, into: &values)
      let particles = stride(from: 0, to: 48, by: 4).map {
        FourVector(energy: Double(values[$0]), px: Double(values[$0 + 1]), py: Double(values[$0 + 2]), pz: Double(values[$0 + 3]))
      }
      let sum = particles.reduce(.zero, +)
      #expect(pt[row] == sum.pt && eta[row] == sum.eta && phi[row] == sum.phi && mass[row] == sum.mass)
      #expect(Int(counts[row]) == particles.filter { $0 != .zero }.count)
    }
    #expect(try set.column("weight") == .numbers([Double](repeating: 1, count: 3000)))
    #expect(try set.column("index") == .integers((0..<3000).map(Int64.init)))
    #expect(try set.column("label") == .integers((0..<3000).map { $0 % 3 == 0 ? 1 : 0 }))
    #expect(try set.column("tau21") == nil)
  }

  @Test func onePassServesAllSets() throws {
    let source = CountingSource(try randomJets(2000))
    let set = try JetSet(source: source)
    let (a, b) = try set.split(0.5)
    #expect(set.count == 2000 && a.count == 1000 && source.rowsRead == 0)
    _ = try b.filtered(by: "pt > 100").numbers("mass")
    _ = try a.numbers("eta")
    _ = try set.mixed(signal: "top", background: "qcd", ratio: 0.1).numbers("pt")
    #expect(source.rowsRead == 2000)
  }

  @Test func filteringKeepsOrderIndexAndCutflow() throws {
    let set = try JetSet(source: randomJets(900))
    let pt = try set.numbers("pt"), eta = try set.numbers("eta")
    let hard = try set.filtered(by: "pt > 300", name: "hard").filtered(by: "abs(eta) < 1 and n_constituents > 0 and label == 1")
    let expected = (0..<900).filter { pt[$0] > 300 && abs(eta[$0]) < 1 && $0 % 3 == 0 }
    #expect(try hard.numbers("index") == expected.map(Double.init))
    #expect(try hard.filtered(by: "index >= 100").count == expected.filter { $0 >= 100 }.count)
    let steps = try hard.cutflow()
    #expect(steps.map(\.name) == ["read", "hard", "abs(eta) < 1 and n_constituents > 0 and label == 1"])
    #expect(steps[0].count == 900 && steps[0].weight == 900 && steps[0].efficiency == 1 && steps[0].byLabel.map(\.count) == [600, 300])
    let hardCount = pt.filter { $0 > 300 }.count
    #expect(steps[1].count == hardCount && steps[1].efficiency == Double(hardCount) / 900)
    #expect(steps[2].count == expected.count && steps[2].efficiency == Double(expected.count) / Double(hardCount))
    #expect(steps[2].cumulative == Double(expected.count) / 900)
    #expect(steps[2].byLabel.map(\.label) == [1])
    let masked = try set.filtered(by: pt.map { $0 > 300 })
    #expect(try masked.numbers("index") == (try set.filtered(by: "pt > 300")).numbers("index"))
    #expect(message { _ = try set.filtered(by: [true]) } == "where: the mask has 1 values for 900 jets; make it from columns of this set")
  }

  @Test func mixDrawsWhatWasAsked() throws {
    let set = try JetSet(source: randomJets(900))
    let mixed = try set.mixed(signal: "top", background: "qcd", ratio: 0.05, n: 400, permutation: testPermutation(seed: 4))
    #expect(mixed.count == 420 && mixed.classNames == [0: "qcd", 1: "top"])
    let labels = try mixed.numbers("label"), index = try mixed.numbers("index")
    #expect(labels.filter { $0 == 1 }.count == 20 && Set(index).count == 420 && index != index.sorted())
    for (label, row) in zip(labels, index) { #expect((label == 1) == (Int(row) % 3 == 0)) }
    // Signal and background are interleaved, not one after the other.
    #expect(labels[..<210].contains(1) && labels[210...].contains(1))

    let reversed = try set.mixed(signal: "qcd", background: "top", ratio: 0.5)
    #expect(reversed.count == 450 && reversed.classNames == [0: "top", 1: "qcd"])
    let reversedLabels = try reversed.numbers("label"), reversedIndex = try reversed.numbers("index")
    #expect(reversedLabels.filter { $0 == 1 }.count == 150 && reversedIndex == reversedIndex.sorted())
    for (label, row) in zip(reversedLabels, reversedIndex) { #expect((label == 0) == (Int(row) % 3 == 0)) }
    #expect(try reversed.cutflow().last?.byLabel.map(\.count) == [300, 150])
    #expect(try reversed.filtered(by: "label == 1").count == 150)
    #expect(try set.mixed(signal: "top", background: "qcd", ratio: 0).count == 600)
  }

  @Test(arguments: [
    ("top", "qcd", 1.0, Optional(601), "mix: n: asks for 601 qcd jets, there are 600; ask for at most 600"),
    ("top", "qcd", 2.0, nil, "mix: ratio 2.0 of 600 qcd jets asks for 1200 top jets, there are 300; ask for a ratio of at most 0.5 or for fewer background jets by n"),
    ("top", "qcd", 1e20, nil, "mix: ratio 1e+20 of 600 qcd jets asks for 6e+22 top jets, there are 300; ask for a ratio of at most 0.5 or for fewer background jets by n"),
    ("tpo", "qcd", 1, nil, "mix: signal: no class \"tpo\"; did you mean \"top\"? the classes are qcd, top"),
    ("top", "higgsino", 1, nil, "mix: background: no class \"higgsino\"; the classes are qcd, top"),
    ("top", "top", 1, nil, "mix: signal and background are both \"top\"; name two classes"),
    ("top", "qcd", -1, nil, "mix: ratio: expected a number from 0, got -1.0"),
    ("top", "qcd", .nan, nil, "mix: ratio: expected a number from 0, got nan"),
    ("top", "qcd", 1, 0, "mix: n: expected a number of jets from 1, got 0"),
    ("top", "qcd", 1e-9, nil,
     "mix: ratio 1e-09 of 600 qcd jets leaves no top jet; ask for a ratio of at least \(1.0 / 600), for more background jets, or for a ratio of 0"),
  ] as [(String, String, Double, Int?, String)])
  func impossibleMixes(signal: String, background: String, ratio: Double, n: Int?, expected: String) throws {
    let set = try JetSet(source: randomJets(900))
    #expect(message { _ = try set.mixed(signal: signal, background: background, ratio: ratio, n: n) } == expected)
  }

  @Test(arguments: [("top", 1.0, 300), ("top", 0.25, 600), ("top", 0, 600), ("top", 2, 150), ("top", 1e-300, 600), ("top", 1e300, 1), ("qcd", 2, 300), ("qcd", 7, 85)])
  func largestMixes(signal: String, ratio: Double, expected: Int) throws {
    let set = try JetSet(source: randomJets(900))
    let background = signal == "top" ? "qcd" : "top"
    #expect(try set.largestMix(signal: signal, background: background, ratio: ratio) == expected)
    if (1e-3...10).contains(ratio) {
      let mixed = try set.mixed(signal: signal, background: background, ratio: ratio, n: expected)
      #expect(try mixed.numbers("label").filter { $0 == 0 }.count == expected)
    }
    let onlyQCD = try set.filtered(by: "label == 0")
    #expect(
      message { _ = try onlyQCD.mixed(signal: "top", background: "qcd") }
        == "mix: there are no top jets to be signal (read: 900 -> label == 0: 600); loosen the selection")
  }

  @Test func mixNeedsLabelsAndClasses() throws {
    let plain = try JetSet(source: InMemoryJets(constituents: [1, 1, 0, 0], constituentsPerJet: 1))
    #expect(message { _ = try plain.mixed(signal: "top", background: "qcd") } == "mix: memory has no labels; a mix draws jets by their class")
    let nameless = try JetSet(source: InMemoryJets(constituents: [1, 1, 0, 0], constituentsPerJet: 1, labels: [0], classNames: [:]))
    #expect(
      message { _ = try nameless.mixed(signal: "top", background: "qcd") }
        == "mix: memory: the layout \"memory\" names no classes; select by label and where")
  }

  @Test func splitTakeShuffle() throws {
    let set = try JetSet(source: randomJets(101))
    let (a, b) = try set.split(0.9, permutation: testPermutation(seed: 9))
    #expect(a.count == 91 && b.count == 10)
    let (indexA, indexB) = (try a.numbers("index"), try b.numbers("index"))
    #expect(Set(indexA).union(indexB).count == 101 && indexA != indexA.sorted())
    #expect(try set.split(0.9).0.numbers("index") == (0..<91).map(Double.init))
    #expect(try set.split(0).0.count == 0 && set.split(1).1.count == 0)
    #expect(message { _ = try set.split(1.5) } == "split: expected a fraction from 0 to 1, got 1.5")
    #expect(message { _ = try set.split(.nan) } == "split: expected a fraction from 0 to 1, got nan")
    #expect(try a.taking(3).numbers("index") == Array(indexA[..<3]))
    #expect(try a.taking(1000).count == 91)
    #expect(message { _ = try a.taking(-1) } == "take: expected a number of jets from 0, got -1")
    let shuffled = try set.shuffled(testPermutation(seed: 2))
    let order = try shuffled.numbers("index"), pt = try set.numbers("pt")
    #expect(order.sorted() == (0..<101).map(Double.init) && order != order.sorted())
    #expect(try shuffled.numbers("pt") == order.map { pt[Int($0)] })
    #expect(message { _ = try set.shuffled { _ in [0] } } == "jets: the random order is no permutation of 101 jets")
  }

  @Test func brokenJetsAreReportedOrDropped() throws {
    var values = packed([[FourVector(pt: 10, eta: 0, phi: 0)]], slots: 2) + packed([[]], slots: 2)
    values += [-5, 1, 0, 0, 0, 0, 0, 0] + [5, 1, 0, 0, 3, .nan, 0, 0] + [Float](repeating: 0, count: 8)
    let source = try InMemoryJets(constituents: values, constituentsPerJet: 2, labels: [0, 1, 0, 0, 1], path: "bad.h5")
    #expect(
      message { _ = try JetSet(source: source).numbers("pt") }
        == "jets: bad.h5: 2 of 5 jets cannot be used: the one in row 2 (counted from 0) has a negative energy in constituent 1; open the file with { broken = \"drop\" } to leave such jets out")
    let kept = try JetSet(source: source, broken: .drop)
    #expect(try kept.numbers("index") == [0, 1, 4])
    #expect(try kept.numbers("pt")[1...] == [0, 0] && kept.numbers("n_constituents") == [1, 0, 0])
    let steps = try kept.cutflow()
    #expect(steps.map(\.name) == ["read", "not broken"] && steps.map(\.count) == [5, 3])
    #expect(try JetSet(source: randomJets(5), broken: .drop).cutflow().count == 1)
  }

  @Test func setsWithoutJetsAndLabels() throws {
    let empty = try JetSet(source: InMemoryJets(constituents: [], constituentsPerJet: 3, labels: []))
    #expect(empty.count == 0)
    #expect(try empty.numbers("pt").isEmpty && empty.filtered(by: "pt > 1").count == 0 && empty.cutflow()[0].byLabel.isEmpty)
    let plain = try JetSet(source: InMemoryJets(constituents: [1, 1, 0, 0], constituentsPerJet: 1))
    #expect(try plain.column("label") == nil && plain.cutflow()[0].byLabel.isEmpty)
    #expect(message { _ = try plain.filtered(by: "label == 1") }.contains("no column \"label\""))
  }
}
