import Foundation
import Jets
import TensorCore
import TestSupport
import Testing

@Suite struct ConstituentTests {
  @Test func paperBPreprocessVectors() throws {
    let cases = try Fixture.group("paperB_preprocess")
    #expect(cases.count == 4)
    for jet in cases {
      let particles = jet.rows("pt_eta_phi").map { FourVector(pt: $0[0], eta: $0[1], phi: $0[2]) }
      var recipe = ConstituentRecipe()
      recipe.n = particles.count + 1
      let got = ConstituentAligner.vectors(particles, recipe: recipe)
      #expect(got.last == .zero && got.count == particles.count + 1)
      for (vector, expected) in zip(got, jet.rows("aligned_E_px_py_pz")) {
        #expect(agree(vector.energy, expected[0], 1e-10) && agree(vector.px, expected[1], 1e-10))
        #expect(agree(vector.py, expected[2], 1e-10) && agree(vector.pz, expected[3], 1e-10))
      }
    }
  }

  @Test func robustScalerVectors() throws {
    let group = try Fixture.object("vectors")["robust_scaler"] as? [String: Any] ?? [:]
    let rows = group.rows("X"), center = group.numbers("center_median"), spread = group.numbers("scale_iqr")
    #expect(rows.count == 6 && center.count == 3)
    for column in 0..<3 {
      var values = rows.map { $0[column] }
      let fit = RobustScaler.fit(&values)
      #expect(agree(fit.center, center[column], 1e-14) && agree(fit.spread, spread[column], 1e-14))
    }
    var constant = [2.0, 2, 2]
    #expect(RobustScaler.fit(&constant) == (2, 1))
  }

  @Test func theScalerIsFittedOnceAndUsedAgain() throws {
    let set = try JetSet(source: randomJets(300))
    var recipe = ConstituentRecipe()
    recipe.n = 5
    let (train, test) = try set.split(0.5, permutation: testPermutation(seed: 3))
    let rows = try train.constituents(recipe)
    #expect(rows.recipe.center.count == 20 && rows.recipe.isFitted && rows.count == 150)
    let x = try rows.x().array(of: Float.self)
    for column in 0..<20 {
      var values = (0..<150).map { Double(x[$0 * 20 + column]) }
      let (center, spread) = RobustScaler.fit(&values)
      #expect(abs(center) < 1e-5 && abs(spread - 1) < 1e-4)
    }
    // Unscaled rows of the other set, scaled by hand with the first set's numbers.
    var plain = recipe
    plain.scale = .none
    let raw = try test.constituents(plain).x().array(of: Float.self)
    let scaled = try test.constituents(rows.recipe).x().array(of: Float.self)
    for i in raw.indices { #expect(scaled[i] == Float((Double(raw[i]) - rows.recipe.center[i % 20]) / rows.recipe.spread[i % 20])) }
  }

  @Test func rowsFollowTheOrderOfTheSetAndLieInAFileWhenTheyAreMany() throws {
    let set = try JetSet(source: randomJets(200)).shuffled(testPermutation(seed: 5))
    var recipe = ConstituentRecipe()
    recipe.n = 3
    recipe.scale = .none
    recipe.align = false
    let inMemory = try set.constituents(recipe)
    let folder = NewFolder()
    let mapped = try set.constituents(recipe, cache: ImageCache(folder: folder.path, memoryLimit: 0))
    #expect(mapped.isMapped && !inMemory.isMapped)
    #expect(try mapped.x().array(of: Float.self) == inMemory.x().array(of: Float.self))
    let index = try set.numbers("index")
    var jet = [Float](repeating: 0, count: 48)
    for place in [0, 7, 199] {
      try randomJets(200).readConstituents(rows: Int(index[place])..<Int(index[place]) + 1, into: &jet)
      #expect(try inMemory.x([place]).array(of: Float.self) == Array(jet[..<12]))
    }
    var seen: [Int] = []
    let batches = try inMemory.batches(64, permutation: testPermutation(seed: 9))
    while let batch = try batches.nextBatch() {
      seen += batch.places
      #expect(batch.column("index") == .integers(batch.places.map { Int64(index[$0]) }))
    }
    #expect(seen.sorted() == Array(0..<200) && seen != seen.sorted() && batches.count == 4)
  }

  @Test func normalisingDividesByTheJetsTransverseMomentum() throws {
    var recipe = ConstituentRecipe()
    recipe.normalise = true
    recipe.n = 2
    let jet = [FourVector(pt: 30, eta: 0.1, phi: 0.4), FourVector(pt: 20, eta: 0.3, phi: 0.2), FourVector(pt: 5, eta: 0, phi: 0)]
    for align in [true, false] {
      recipe.align = align
      let sum = ConstituentAligner.vectors(jet, recipe: recipe).reduce(.zero, +)
      #expect(agree(sum.pt, 1, 1e-12))
    }
  }

  @Test func degenerateJetsAreRowsOfZerosOrStayFinite() throws {
    let beam = FourVector(energy: 5, px: 0, py: 0, pz: 5)
    for jet in [[], [FourVector(pt: 10, eta: 0, phi: 1)], [beam], [FourVector](repeating: FourVector(pt: 10, eta: 2, phi: 1), count: 3)] {
      for vector in ConstituentAligner.vectors(jet, recipe: ConstituentRecipe()) {
        #expect(vector.energy.isFinite && vector.px.isFinite && vector.py.isFinite && vector.pz.isFinite)
      }
    }
  }

  @Test func mistakesAreNamed() throws {
    let set = try JetSet(source: randomJets(20))
    var recipe = ConstituentRecipe()
    recipe.n = 0
    #expect(message { _ = try set.constituents(recipe) } == "constituents: n: expected a whole number from 1 to 1000, got 0")
    recipe.n = 2
    recipe.center = [1]
    #expect(message { _ = try set.constituents(recipe) }.hasPrefix("constituents: center and spread: expected 8 numbers each for n = 2"))
    #expect(message { _ = try set.filtered(by: "pt > 1e9").constituents() }.hasPrefix("constituents: no jets are left (read: 20"))
  }
}

@Suite struct ResamplingTests {
  @Test func matchedJetsFollowTheReference() throws {
    let set = try JetSet(source: randomJets(6000))
    let wide = try set.filtered(by: "label == 1"), narrow = try set.filtered(by: "label == 0")
    let (matched, report) = try narrow.matched(to: wide, column: "mass", width: 20, n: 1500, permutation: testPermutation(seed: 2))
    #expect(report.count == matched.count && report.largestRepetition <= 10 && report.effective <= Double(report.distinct))
    func spectrum(_ set: JetSet) throws -> [Int: Double] {
      let mass = try set.numbers("mass")
      return Dictionary(mass.map { (Int(($0 / 20).rounded(.down)), 1.0) }, uniquingKeysWith: +)
    }
    let wanted = try spectrum(wide), got = try spectrum(matched), there = try spectrum(narrow)
    var covered = 0.0
    for (bin, count) in wanted {
      let share = (1500 * count / Double(wide.count)).rounded()
      #expect(got[bin, default: 0] == min(share, 10 * there[bin, default: 0]))
      if got[bin, default: 0] == share, there[bin] != nil || share == 0 { covered += count / Double(wide.count) }
    }
    // The divergence from its definition.
    var divergence = 0.0
    for (bin, count) in wanted {
      let x = got[bin, default: 0] / Double(matched.count), y = count / Double(wide.count)
      divergence += (x > 0 ? x / 2 * log(2 * x / (x + y)) : 0) + y / 2 * log(2 * y / (x + y))
    }
    #expect(abs(report.divergence - divergence) < 1e-9)
    #expect(abs(report.covered - covered) < 1e-9 && report.range.low < report.range.high)
    let repeats = Dictionary(try matched.numbers("index").map { ($0, 1) }, uniquingKeysWith: +)
    #expect(repeats.count == report.distinct && repeats.values.max() == report.largestRepetition)
    // A jet that is drawn twice is two rows of images and of constituents.
    #expect(try matched.images().count == matched.count && matched.constituents().count == matched.count)
    #expect(message { _ = try narrow.matched(to: wide, column: "mas") }.hasPrefix("match: column: memory has no column \"mas\"; did you mean \"mass\"?"))
    #expect(message { _ = try narrow.matched(to: wide, width: 0) } == "match: width: expected a number above 0, got 0.0")
  }

  @Test func asManyAreDrawnAsKeepTheSpectra() throws {
    let set = try JetSet(source: randomJets(6000))
    let wide = try set.filtered(by: "label == 1"), narrow = try set.filtered(by: "label == 0")
    let all = try narrow.matched(to: wide, width: 20, cap: 1, n: 3000).1
    let limit = (all.divergence + (try narrow.matched(to: wide, width: 20, cap: 1, n: 100).1.divergence)) / 2
    let (kept, report) = try narrow.matched(to: wide, width: 20, cap: 1, n: 3000, divergence: limit, permutation: testPermutation(seed: 3))
    #expect(report.divergence <= limit && kept.count < all.count && kept.count > 100 && report.count == kept.count)
    // More would be too many: the limit is nearly reached.
    #expect(report.divergence > 0.9 * limit)
    #expect(try narrow.matched(to: wide, width: 20, cap: 1, n: 3000, divergence: 1).1 == all)
    #expect(message { _ = try narrow.matched(to: wide, width: 20, divergence: 1e-9) }.hasPrefix("match: jsd: the spectra of mass come no closer than 0."))
    #expect(message { _ = try narrow.matched(to: wide, divergence: 0) } == "match: jsd: expected a divergence in nats above 0, got 0.0")
    #expect(message { _ = try narrow.filtered(by: "mass < 1e9 and pt > 0").matched(to: wide, column: "index", width: 1e-3) }.contains("no jet lies where"))
  }

  @Test func foldsAreDisjointAndComplete() throws {
    let set = try JetSet(source: randomJets(103)).filtered(by: "index >= 3")
    let folds = try set.folds(7, permutation: testPermutation(seed: 8))
    #expect(folds.count == 7)
    var tested: [Double] = []
    for fold in folds {
      let test = try fold.test.numbers("index")
      tested += test
      #expect(Set(test).isDisjoint(with: try fold.train.numbers("index")) && fold.train.count + fold.test.count == 100)
    }
    #expect(tested.sorted() == (3..<103).map(Double.init))
    #expect(message { _ = try set.folds(1) }.hasPrefix("folds: k: expected a number of parts from 2 to 100"))
  }

  @Test func savedJetsAreReadBack() throws {
    let set = try JetSet(source: randomJets(150)).filtered(by: "n_constituents > 2").shuffled(testPermutation(seed: 1))
    let folder = NewFolder()
    try set.save(to: folder.path + "/mine.h5")
    let back = try JetSet(source: openJets(path: folder.path + "/mine.h5"))
    #expect(back.count == set.count && back.formatName == "top tagging")
    for column in ["pt", "eta", "mass", "label", "n_constituents"] { #expect(try back.numbers(column) == set.numbers(column), "\(column)") }
    #expect(back.classNames == [0: "qcd", 1: "top"])
    try set.taking(0).save(to: folder.path + "/none.h5")
    #expect(try openJets(path: folder.path + "/none.h5").count == 0)
    #expect(message { try set.save(to: folder.path + "/missing/mine.h5") }.contains("missing"))
  }

  @Test func savedJetsKeepClassesAndTruth() throws {
    let set = try JetSet(source: openJets(path: Fixture.path("jets/simulated.h5"))).filtered(by: "label != 1 and truth_mass >= 0")
    let folder = NewFolder()
    try set.save(to: folder.path + "/some.h5")
    let back = try JetSet(source: openJets(path: folder.path + "/some.h5"))
    #expect(back.classNames == set.classNames && back.classNames[4] == "higgs")
    for column in ["mass", "label", "truth_pt", "truth_mass", "truth_eta"] { #expect(try back.numbers(column) == set.numbers(column), "\(column)") }
    #expect(try back.numbers("truth_mass").contains { $0 > 100 })
    let mixed = try set.mixed(signal: "higgs", background: "qcd", ratio: 1, n: 10)
    try mixed.save(to: folder.path + "/mixed.h5")
    let again = try JetSet(source: openJets(path: folder.path + "/mixed.h5"))
    #expect(again.classNames[1] == "higgs" && again.classNames == mixed.classNames)
  }

  @Test(arguments: [true, false]) func particlesAreThoseOfTheSource(isShared: Bool) throws {
    let inner = try randomJets(1000, slots: 30)
    let set = try JetSet(source: isShared ? inner : CountingSource(inner))
    var expected = [Float](repeating: 0, count: 1000 * 120)
    try inner.readConstituents(rows: 0..<1000, into: &expected)
    func read(_ set: JetSet, _ size: Int) throws -> [Float] {
      let batches = try set.particles(size)
      var all: [Float] = [], number = 0
      while let tensor = try batches.nextBatch() {
        number += 1
        #expect(Array(tensor.shape) == [min(size, set.count - (number - 1) * size), 30, 4])
        all += tensor.buffer(as: Float.self)
      }
      #expect(number == batches.count)
      return all
    }
    #expect(try read(set, 300) == expected)
    #expect(try read(set, 5000) == expected)
    let order = try set.shuffled(testPermutation(seed: 2)).taking(333)
    let rows = try order.numbers("index").map { Int($0) }
    #expect(try read(order, 100) == rows.flatMap { expected[$0 * 120..<($0 + 1) * 120] })
    #expect(message { _ = try set.particles(0) }.hasPrefix("particles: jets in a batch: expected 1 or more"))
    #expect(message { _ = try set.taking(0).particles(5) }.contains("no jets are left"))
  }

  @Test(arguments: [1, 2, 4]) func sourcesOfManyThreadsAndOfOneGiveTheSame(threads: Int) throws {
    let before = ThreadPool.threadCount
    defer { ThreadPool.threadCount = before }
    let inner = try randomJets(3000, slots: 40)
    let alone = try JetSet(source: CountingSource(inner))
    ThreadPool.threadCount = threads
    let shared = try JetSet(source: inner)
    for column in ["pt", "eta", "phi", "mass", "label", "n_constituents"] { #expect(try shared.numbers(column) == alone.numbers(column), "\(column)") }
    let some = "index > 100 and (index < 900 or index > 2500)"
    #expect(try shared.filtered(by: some).constituents().x().buffer(as: Float.self).elementsEqual(alone.filtered(by: some).constituents().x().buffer(as: Float.self)))
    #expect(try shared.images().sparseRows().dense().buffer(as: Float.self).elementsEqual(alone.images().sparseRows().dense().buffer(as: Float.self)))
  }
}
