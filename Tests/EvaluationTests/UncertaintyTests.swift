import Evaluation
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite(.serialized) struct UncertaintyTests {
  private func area(_ score: [Double], _ label: [Double], _ weight: [Double]? = nil) throws -> AreaUncertainty {
    AreaUncertainty(try ScoredSample(score: score, label: label, weight: weight, function: "auc_error"))
  }

  @Test func areasAgreeWithThePairMatrix() throws {
    let cases = try Fixture.group("auc", of: "uncertainties")
    #expect(cases.count == 4)
    for sample in cases {
      let (label, weight) = (sample.numbers("label"), sample.optionalNumbers("weight"))
      let one = try area(sample.numbers("score"), label, weight), other = try area(sample.numbers("other"), label, weight)
      #expect(close(one.area, sample.number("auc")))
      #expect(close(try #require(one.error), sample.number("error")))
      let difference = try one.difference(from: other)
      #expect(close(difference.value, sample.number("difference")))
      #expect(close(try #require(difference.error), sample.number("difference_error")))
      #expect(close(one.area, ROCCurve(try ScoredSample(score: sample.numbers("score"), label: label, weight: weight, function: "auc")).auc))
    }
    #expect(try area([1, 2, 3], [0, 0, 1]).error == nil)
    #expect(try area([1, 2, 3, 4], [0, 0, 1, 1], [1, 1, 1, 0]).error == nil)
    #expect(try area([1, 2, 3, 4], [0, 0, 1, 1]).error == 0)
    #expect(message { _ = try area([1, 2], [0, 1]).difference(from: area([1, 2], [1, 0])) }.hasPrefix("auc_difference: the scores are of different jets"))
  }

  @Test func intervalsAreThoseOfSciPy() throws {
    let cases = try Fixture.group("interval", of: "uncertainties")
    #expect(cases.count == 16)
    for sample in cases {
      let got = try binomialInterval(passing: sample.number("passing"), of: sample.number("total"), level: sample.number("level"))
      #expect(close(got.low, sample.number("low"), 1e-10) && close(got.high, sample.number("high"), 1e-10), "\(sample)")
    }
    #expect(message { _ = try binomialInterval(passing: 3, of: 2, level: 0.9) } == "binomial_interval: expected 0 <= passing <= total with a total above 0, got 3 of 2")
    #expect(message { _ = try binomialInterval(passing: .nan, of: 2, level: 0.9) }.hasSuffix("got nan of 2"))
    #expect(message { _ = try binomialInterval(passing: 1, of: 2, level: 1) } == "binomial_interval: level: expected a probability between 0 and 1, got 1")
  }

  @Test func intervalsCoverTheTruth() throws {
    // P(k) of Binomial(30, p) summed over the k whose interval holds p.
    for truth in [0.02, 0.1, 0.37] {
      var covered = 0.0
      for k in 0...30 {
        let ends = try binomialInterval(passing: Double(k), of: 30, level: 0.9)
        let choices: Double = lgamma(31) - lgamma(Double(k + 1)) - lgamma(Double(31 - k))
        let passing: Double = Double(k) * log(truth), failing: Double = Double(30 - k) * log(1 - truth)
        if ends.low <= truth, truth <= ends.high { covered += exp(choices + passing + failing) }
      }
      #expect(covered >= 0.9 && covered < 0.99, "\(truth): \(covered)")
    }
  }

  @Test func weightedCurvesAgreeWithScikitLearn() throws {
    for sample in try Fixture.group("curve", of: "uncertainties") {
      let roc = ROCCurve(try ScoredSample(
        score: sample.numbers("score"), label: sample.numbers("label"), weight: sample.numbers("weight"), function: "roc"))
      let found = try roc.rejectionInterval(at: sample.number("at"), level: sample.number("level"))
      #expect(close(found.rejection.value, sample.number("rejection")) && !found.rejection.isLowerLimit)
      #expect(close(found.low, sample.number("low"), 1e-9) && close(found.high, sample.number("high"), 1e-9))
      #expect(close(try #require(found.error), sample.number("error")))
      #expect(close(found.passing, sample.number("passing"), 1e-9))
      #expect(found.signalEfficiency >= sample.number("at"))
      let sic = roc.significanceImprovement()
      #expect(close(sic.sic, sample.numbers("sic")) && close(sic.error, sample.numbers("sic_error"), 1e-9))
      #expect(sic.maximumError == sic.sic.indices.max { sic.sic[$0] < sic.sic[$1] }.map { sic.error[$0] })
    }
    let none = try ROCCurve(try ScoredSample(score: [4, 3, 2, 1], label: [1, 1, 0, 0], function: "roc")).rejectionInterval(at: 1, level: 0.9)
    #expect(none.rejection.isLowerLimit && none.error == nil && none.high == .infinity && none.passing == 0)
    #expect(close(none.low, 1 / (1 - 0.05.squareRoot())))
  }

  @Test func weightedMassMeasuresAgreeWithNumpy() throws {
    for sample in try Fixture.group("mass", of: "uncertainties") {
      let (mass, label, score, weight) = (sample.numbers("mass"), sample.numbers("label"), sample.numbers("score"), sample.numbers("weight"))
      let width = sample.number("width")
      let equal = try EqualMassWeights(mass: mass, label: label, weight: weight, width: width, minimum: Int(sample.number("minimum")))
      #expect(close(equal.weights, sample.numbers("weights")))
      #expect(close(ROCCurve(try ScoredSample(score: score, label: label, weight: equal.weights, function: "auc")).auc, sample.number("auc_equal_mass")))
      let sculpting = try MassSculpting(score: score, mass: mass, label: label, weight: weight, backgroundEfficiency: sample.number("at"), width: width)
      #expect(sculpting.threshold == sample.number("threshold") && close(sculpting.efficiency, sample.number("efficiency")))
      #expect(close(sculpting.divergence, sample.number("jsd")) && close(sculpting.floor, sample.number("floor")))
      #expect(close(sculpting.error, sample.number("error"), 1e-9))
      // Weights of one for all are no weights.
      let ones = [Double](repeating: 2, count: mass.count)
      let (with, without) = (try MassSculpting(score: score, mass: mass, label: label, weight: ones), try MassSculpting(score: score, mass: mass, label: label))
      #expect(with.threshold == without.threshold && close(with.floor, without.floor) && close(with.error, without.error))
    }
    #expect(message { _ = try MassSculpting(score: [1, 2], mass: [1, 2], label: [0, 0], weight: [1]) } == "mass_sculpting: 1 weights for 2 jets; give one per jet")
    #expect(message { _ = try MassSculpting(score: [1, 2], mass: [1, 2], label: [0, 0], weight: [0, 0]) } == "mass_sculpting: the background jets have no weight")
    #expect(message { _ = try EqualMassWeights(mass: [1, 2], label: [0, 1], weight: [1, -1]) } == "equal_mass_weights: weight: expected numbers from 0, got -1")
  }

  @Test func weightedBumpHuntsAgreeWithSciPy() throws {
    let cases = try Fixture.group("bump_hunt", of: "uncertainties")
    #expect(cases.count == 2)
    for sample in cases {
      var settings = BumpHunt.Settings()
      (settings.width, settings.maximumDegree) = (sample.number("width"), 1)
      settings.window = (sample.numbers("window")[0], sample.numbers("window")[1])
      let hunt = try BumpHunt(mass: sample.numbers("mass"), weight: sample.numbers("weight"), settings: settings)
      #expect(close(hunt.count, sample.number("n")) && close(hunt.deviance, sample.number("deviance"), 1e-8))
      #expect(close(hunt.expected.count, sample.number("b"), 1e-8) && close(hunt.expected.error, sample.number("sigma"), 1e-7))
      #expect(close(hunt.significance, sample.number("z"), 1e-7))
      // Jets of weight 3 each are as significant as jets of weight 1.
      let mass = sample.numbers("mass")
      let plain = try BumpHunt(mass: mass, settings: settings), heavy = try BumpHunt(mass: mass, weight: mass.map { _ in 3 }, settings: settings)
      #expect(close(plain.significance, heavy.significance, 1e-9) && close(3 * plain.expected.count, heavy.expected.count, 1e-9))
      #expect(close(plain.expectedSignificance(signalMass: [175, 176]), heavy.expectedSignificance(signalMass: [175, 176], weight: [3, 3]), 1e-9))
      #expect(heavy.fit.count == heavy.fitError.count && heavy.fitError.allSatisfy { $0 > 0 })
    }
  }

  @Test func theGlobalProbabilityCountsTheWindowsTried() throws {
    defer { RandomStream.seed(0) }
    var random = SeededNumbers(state: 5)
    let mass = (0..<4000).map { _ in 50 - 60 * log(1 - Double.random(in: 0..<1, using: &random)) }
    var settings = BumpHunt.Settings()
    (settings.width, settings.windowWidth, settings.range, settings.maximumDegree, settings.toys) = (20, 60, (40, 300), 2, 100)
    RandomStream.seed(3)
    let hunt = try BumpHunt(mass: mass, settings: settings)
    let global = try #require(hunt.global)
    #expect(global.toys == 100 && global.largest.count == 100 && global.probability > hunt.probability && global.significance < hunt.significance)
    #expect(close(0.5 * erfc(global.significance / 2.0.squareRoot()), global.probability, 1e-9))
    #expect(close(global.error, (global.probability * (1 - global.probability) / 101).squareRoot()))
    // The largest of nine overlapping windows: far from one standard normal number, whose mean is 0 and whose 16 % tail begins at 1.
    let sorted = global.largest.sorted()
    #expect(sorted[50] > 0.6 && sorted[50] < 2.5 && sorted[98] < 5, "\(sorted[50]) \(sorted[98])")
    // The same seed gives the same toys, on any number of threads; another one does not.
    let threads = ThreadPool.threadCount
    defer { ThreadPool.threadCount = threads }
    ThreadPool.threadCount = 1
    RandomStream.seed(3)
    #expect(try BumpHunt(mass: mass, settings: settings).global == global)
    RandomStream.seed(4)
    #expect(try BumpHunt(mass: mass, settings: settings).global?.largest != global.largest)
    // A window chosen beforehand has no trials: both probabilities agree.
    settings.window = (140, 180)
    let single = try BumpHunt(mass: mass, settings: settings), alone = try #require(single.global)
    #expect(abs(alone.probability - single.probability) < 5 * alone.error + 0.01, "\(alone.probability) \(single.probability)")
    settings.toys = -1
    #expect(message { _ = try BumpHunt(mass: mass, settings: settings) } == "bump_hunt: toys: expected a number of spectra in 0...1000000, got -1")
    #expect(normalQuantile(tail: 0.5) < 1e-9 && close(normalQuantile(tail: 0.15865525393145707), 1, 1e-9) && normalQuantile(tail: 0) == .infinity)
  }

  @Test func poissonNumbersHaveTheirDistribution() throws {
    // Through the toys of a flat spectrum: the counts behind them have mean and variance of the fit; here by the spread of Z.
    defer { RandomStream.seed(0) }
    RandomStream.seed(9)
    for perBin in [4, 40, 400] {
      let mass = (0..<40).flatMap { bin in (0..<perBin).map { _ in 10 * Double(bin) + 5 } }
      var settings = BumpHunt.Settings()
      (settings.width, settings.range, settings.window, settings.maximumDegree, settings.toys) = (10, (0, 400), (190, 220), 1, 1500)
      let found = try #require(try BumpHunt(mass: mass, settings: settings).global).largest
      let mean = found.reduce(0, +) / 1500, variance = found.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1499
      #expect(abs(mean) < 0.08 && abs(variance - 1) < 0.1, "\(perBin) per bin: mean \(mean), variance \(variance)")
    }
  }

  @Test func rankCorrelationsAreThoseOfSciPy() throws {
    let cases = try Fixture.group("rank_correlation", of: "uncertainties")
    #expect(cases.count == 3)
    for pair in cases { #expect(close(try rankCorrelation(pair.numbers("x"), pair.numbers("y")), pair.number("rho"))) }
    #expect(try rankCorrelation([1, 1], [1, 2]) == 0)
    #expect(message { _ = try rankCorrelation([1], [1]) } == "rank_correlation: expected at least 2 values, got 1")
    #expect(message { _ = try rankCorrelation([1, .nan], [1, 2]) } == "rank_correlation: x: 1 of 2 values are NaN")
    #expect(message { _ = try rankCorrelation([1, 2], [1]) } == "rank_correlation: lists of 2 and 1 values; give pairs")
  }

  @Test func bootstrapCountsKeepTheClasses() throws {
    defer { RandomStream.seed(0) }
    let label = (0..<3000).map { Double($0 % 3 == 0 ? 1 : 0) }
    RandomStream.seed(1)
    let counts = try bootstrapCounts(label: label), again = try bootstrapCounts(label: label)
    #expect(counts != again)
    RandomStream.seed(1)
    #expect(try bootstrapCounts(label: label) == counts)
    for value in [0.0, 1] {
      let drawn = counts.indices.filter { label[$0] == value }.map { counts[$0] }
      #expect(drawn.reduce(0, +) == Double(drawn.count))
      // A share of 1/e is not drawn.
      #expect(abs(Double(drawn.count { $0 == 0 }) / Double(drawn.count) - exp(-1)) < 0.04)
    }
    #expect(try bootstrapCounts(label: []) == [])
    #expect(try bootstrapCounts(label: [.nan]) == [1])
  }
}
