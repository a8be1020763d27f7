import Evaluation
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite(.serialized) struct MassTests {
  @Test func jsdVectors() throws {
    let cases = try Fixture.group("jsd")
    #expect(cases.count == 5)
    for pair in cases {
      let nats = try jensenShannonDivergence(pair.numbers("p"), pair.numbers("q"))
      #expect(close(nats, pair.number("jsd_nats")) && close(nats / log(2), pair.number("jsd_bits")))
      #expect(close(try jensenShannonDivergence(pair.numbers("q"), pair.numbers("p")), nats))
    }
  }

  @Test func jsdBadInput() {
    #expect(message { _ = try jensenShannonDivergence([1], [1, 2]) } == "jsd: histograms of 1 and 2 bins; give both the same bins")
    #expect(message { _ = try jensenShannonDivergence([1], [-1]) } == "jsd: q: expected entries from 0, got -1")
    #expect(message { _ = try jensenShannonDivergence([.nan], [1]) } == "jsd: p: expected entries from 0, got nan")
    #expect(message { _ = try jensenShannonDivergence([0, 0], [1, 1]) } == "jsd: p: the histogram is empty")
    #expect(message { _ = try jensenShannonDivergence([], []) } == "jsd: p: the histogram is empty")
  }

  @Test func agreesWithNumpy() throws {
    for sample in try Fixture.group("mass", of: "evaluation") {
      let (mass, label, score) = (sample.numbers("mass"), sample.numbers("label"), sample.numbers("score"))
      let equal = try EqualMassWeights(mass: mass, label: label, width: sample.number("width"), minimum: Int(sample.number("minimum")))
      #expect(close(equal.weights, sample.numbers("weights")))
      #expect(close([equal.effectiveCount.background, equal.effectiveCount.signal], sample.numbers("effective")))
      #expect(close([equal.keptFraction.background, equal.keptFraction.signal], sample.numbers("kept")))
      #expect([equal.massRange.low, equal.massRange.high] == sample.numbers("range"))
      let weighted = try ScoredSample(score: score, label: label, weight: equal.weights, function: "auc")
      #expect(close(ROCCurve(weighted).auc, sample.number("auc_equal_mass")))
      let sculpting = try MassSculpting(score: score, mass: mass, label: label, width: sample.number("width"))
      #expect(close(sculpting.divergence, sample.number("jsd")) && close(sculpting.floor, sample.number("floor")))
      #expect(sculpting.threshold == sample.number("threshold") && sculpting.efficiency >= 0.5)
      #expect(sculpting.passing.reduce(0, +) + sculpting.failing.reduce(0, +) == Double(label.count { $0 == 0 }))
    }
  }

  @Test func equalMassWeightsMakeTheSpectraEqual() throws {
    let label: [Double] = (0..<1000).map { (jet: Int) -> Double in Double(jet % 2) }
    let mass: [Double] = (0..<1000).map { (jet: Int) -> Double in jet % 2 == 0 ? Double(jet % 97) : Double(jet % 61 + 20) }
    let equal = try EqualMassWeights(mass: mass, label: label, width: 10, minimum: 20)
    var signal = [Double](repeating: 0, count: 12), background = signal
    for jet in 0..<1000 {
      if label[jet] == 1 { signal[Int(mass[jet] / 10)] += equal.weights[jet] } else { background[Int(mass[jet] / 10)] += equal.weights[jet] }
    }
    #expect(close(signal, background, 1e-9) && signal[5] > 0 && signal[0] == 0)
  }

  @Test func aSculptingScoreIsSeenAndAFlatOneIsAtTheFloor() throws {
    var random = SeededNumbers(state: 7)
    let mass = (0..<20_000).map { _ in Double.random(in: 0...200, using: &random) }
    let label = [Double](repeating: 0, count: mass.count)
    let flat = try MassSculpting(score: mass.map { _ in Double.random(in: 0...1, using: &random) }, mass: mass, label: label)
    #expect(flat.divergence < 3 * flat.floor && flat.divergence > flat.floor / 4)
    let sculpting = try MassSculpting(score: mass, mass: mass, label: label)
    #expect(close(sculpting.divergence, log(2), 0.05) && abs(sculpting.threshold - 100) < 5)
  }

  @Test func massBadInput() {
    let mass = [10.0, 20, 30, 40], label = [0.0, 0, 1, 1], score = [1.0, 2, 3, 4]
    #expect(message { _ = try MassSculpting(score: score, mass: [1], label: label) } == "mass_sculpting: 4 scores, 1 masses and 4 labels; give one of each per jet")
    #expect(message { _ = try MassSculpting(score: score, mass: mass, label: label, backgroundEfficiency: 1) } == "mass_sculpting: at: expected a background efficiency between 0 and 1, got 1")
    #expect(message { _ = try MassSculpting(score: score, mass: mass, label: label, width: 0) } == "mass_sculpting: width: expected a bin width above 0, got 0")
    #expect(message { _ = try MassSculpting(score: score, mass: [.nan, 1, 1, 1], label: label) } == "mass_sculpting: mass: 1 of 2 values are negative, infinite or NaN; drop those jets first")
    #expect(message { _ = try MassSculpting(score: [1, 1, 1, 1], mass: mass, label: label) }.hasPrefix("mass_sculpting: all 2 background jets pass at threshold 1"))
    #expect(message { _ = try MassSculpting(score: score, mass: mass, label: [1, 1, 1, 1]) } == "mass_sculpting: no jet has label 0 (background) among 4")
    #expect(message { _ = try MassSculpting(score: [1, .nan, 1, 1], mass: mass, label: label) }.contains("1 of 2 background values are NaN"))
    #expect(message { _ = try MassSculpting(score: score, mass: [1e300, 1, 1, 1], label: label) }.contains("more than a million bins"))
    #expect(message { _ = try EqualMassWeights(mass: mass, label: label) } == "equal_mass_weights: no bin of 5 GeV holds 20 jets of each class; use wider bins, a smaller min or more jets")
    #expect(message { _ = try EqualMassWeights(mass: mass, label: label, minimum: 0) } == "equal_mass_weights: min: expected a number of jets from 1, got 0")
    #expect(message { _ = try EqualMassWeights(mass: mass, label: [0, 0, 0, 0]) }.contains("no jet has label 1"))
  }

  @Test func distanceCorrelationVectors() throws {
    let cases = try Fixture.group("distance_corr")
    #expect(cases.count == 5)
    let before = ThreadPool.threadCount
    defer { ThreadPool.threadCount = before }
    for threads in [1, 2] {
      ThreadPool.threadCount = threads
      for pair in cases {
        let (x, y, weight) = (pair.numbers("x"), pair.numbers("y"), pair.optionalNumbers("weights"))
        #expect(close(try distanceCorrelation(x, y, weight: weight, squared: true), pair.number("disco_power1")))
        #expect(close(try distanceCorrelation(x, y, weight: weight), pair.number("dcor_textbook")))
      }
    }
  }

  @Test func distanceCorrelationProperties() throws {
    var random = SeededNumbers(state: 7)
    let x = (0..<500).map { _ in Double.random(in: -1...1, using: &random) }
    #expect(close(try distanceCorrelation(x, x.map { 3 - 2 * $0 }), 1, 1e-9))
    #expect(try distanceCorrelation(x, x.map { $0 * $0 }) > 0.3)
    #expect(try distanceCorrelation(x, x.map { _ in 4 }) == 0)
    #expect(message { _ = try distanceCorrelation([1], [1]) } == "distance_correlation: expected at least 2 values, got 1")
    #expect(message { _ = try distanceCorrelation([1, 2], [1]) }.hasPrefix("distance_correlation: lists of 2 and 1 values"))
    #expect(message { _ = try distanceCorrelation([1, .nan], [1, 2]) } == "distance_correlation: x: 1 of 2 values are not finite")
    #expect(message { _ = try distanceCorrelation([1, 2], [1, 2], weight: [0, 0]) } == "distance_correlation: weight: expected numbers from 0 that are not all 0")
  }
}
