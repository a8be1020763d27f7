import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct BumpHuntTests {
  @Test func agreesWithSciPy() throws {
    let cases = try Fixture.group("bump_hunt", of: "measures")
    #expect(cases.count == 3)
    for sample in cases {
      var settings = BumpHunt.Settings()
      settings.width = sample.number("width")
      let edges = sample.numbers("window")
      settings.window = (edges[0], edges[1])
      let got = try ScoredBumpHunt(
        mass: sample.numbers("mass"), score: sample.numbers("score"), label: sample.numbers("label"), at: sample.number("at"), settings: settings)
      let hunt = got.passing
      #expect(got.threshold == sample.number("threshold") && hunt.count == sample.number("n"))
      #expect(Double(hunt.degree) == sample.number("degree") && Double(hunt.degreesOfFreedom) == sample.number("dof"))
      #expect(close(hunt.deviance, sample.number("deviance"), 1e-8) && close(hunt.expected.count, sample.number("b"), 1e-8))
      #expect(close(hunt.expected.error, sample.number("sigma"), 1e-7) && close(hunt.significance, sample.number("z"), 1e-7))
      #expect(close(hunt.probability, erfc(hunt.significance / 2.0.squareRoot()) / 2))
      #expect(hunt.window.low == edges[0] && hunt.window.high == edges[1] && hunt.scan.count == 1)
      #expect(close(got.efficiency, sample.number("at"), 5e-3) && got.uncut != nil && got.background != nil)
    }
  }

  @Test func fisherTailsAreThoseOfSciPy() throws {
    for tail in try Fixture.group("fisher", of: "measures") { #expect(close(fisherTail(tail.number("f"), tail.number("n")), tail.number("p"), 1e-10)) }
    #expect(fisherTail(0, 5) == 1)
  }

  @Test func significanceHasItsLimits() {
    #expect(countingSignificance(count: 100, expected: 100, error: 5) == 0)
    #expect(close(countingSignificance(count: 120, expected: 100, error: 0), (2 * (120 * log(1.2) - 20)).squareRoot()))
    #expect(close(countingSignificance(count: 120, expected: 100, error: 1e-5), countingSignificance(count: 120, expected: 100, error: 0), 1e-6))
    #expect(countingSignificance(count: 80, expected: 100, error: 5) < 0 && countingSignificance(count: 0, expected: 3, error: 1) < -1)
    // Many events and a large uncertainty of the background: (n − b)/σ.
    #expect(close(countingSignificance(count: 1_003_000, expected: 1e6, error: 1e4), 3000 / (1e6 + 1e8).squareRoot(), 1e-2))
  }

  @Test func theScanFindsABumpAndBackgroundAloneHasNone() throws {
    var random = SeededNumbers(state: 11)
    let background = (0..<20_000).map { _ in 50 - 60 * log(1 - Double.random(in: 0..<1, using: &random)) }
    let signal = (0..<300).map { _ in 172.5 + (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0...1, using: &random) } * 6 }
    let mass = background + signal, label = background.map { _ in 0.0 } + signal.map { _ in 1.0 }
    let score = label.map { $0 + Double.random(in: -1...1, using: &random) }
    var settings = BumpHunt.Settings()
    settings.width = 10
    let hunt = try ScoredBumpHunt(mass: mass, score: score, label: label, at: 0.2, settings: settings)
    #expect(hunt.passing.significance > 5 && hunt.passing.window.low < 172.5 && hunt.passing.window.high > 172.5)
    let expectedZ = try #require(hunt.asimov), uncut = try #require(hunt.uncut)
    #expect(abs(expectedZ - hunt.passing.significance) < 3 && uncut.significance < hunt.passing.significance)
    let alone = try #require(hunt.background)
    #expect(alone.significance < 4 && alone.scan.count > 10 && alone.significance == alone.scan.map(\.significance).max())
    // The significance of windows without signal scatters like a standard normal number.
    let below = alone.scan.count { abs($0.significance) < 1 }
    #expect(Double(below) > 0.4 * Double(alone.scan.count))
    let unlabelled = try ScoredBumpHunt(mass: mass, score: score, at: 0.2, settings: settings)
    #expect(unlabelled.background == nil && unlabelled.asimov == nil && unlabelled.passing.significance > 4)
  }

  @Test func aScoreThatShapesTheMassMakesItsOwnBump() throws {
    var random = SeededNumbers(state: 12)
    let mass = (0..<20_000).map { _ in 50 - 60 * log(1 - Double.random(in: 0..<1, using: &random)) }
    var settings = BumpHunt.Settings()
    (settings.width, settings.window) = (10, (150, 190))
    let score = mass.map { Double.random(in: 0...1, using: &random) + (abs($0 - 170) < 20 ? 0.5 : 0) }
    let hunt = try ScoredBumpHunt(mass: mass, score: score, label: mass.map { _ in 0 }, at: 0.2, settings: settings)
    #expect(try #require(hunt.background).significance > 5 && hunt.asimov == 0)
  }

  @Test func badInput() {
    let mass = (0..<100).map { Double($0) }, score = mass
    func says(_ change: (inout BumpHunt.Settings) -> Void) -> String {
      var settings = BumpHunt.Settings()
      change(&settings)
      return message { _ = try ScoredBumpHunt(mass: mass, score: score, at: 1, settings: settings) }
    }
    #expect(says { $0.width = 0 } == "bump_hunt: width: expected a bin width above 0, got 0")
    #expect(says { $0.window = (5, 5) } == "bump_hunt: window: expected {low, high} in GeV with 0 <= low < high, got {5, 5}")
    #expect(says { $0.range = (0, .infinity) }.hasPrefix("bump_hunt: range: expected {low, high}"))
    #expect(says { $0.windowWidth = 1 } == "bump_hunt: window: expected a width of at least one bin of 5 GeV, got 1")
    #expect(says { $0.maximumDegree = 9 } == "bump_hunt: max_degree: expected an integer in 1...8, got 9")
    #expect(says { $0.window = (0, 20) }.hasPrefix("bump_hunt: window: the side bands of the window hold too little among 100 masses of the jets that pass"))
    #expect(says { $0.width = 0.01; $0.windowWidth = 1 }.hasPrefix("bump_hunt: width: 9901 bins of 0.01 GeV"))
    #expect(message { _ = try ScoredBumpHunt(mass: mass, score: [1]) } == "bump_hunt: 100 masses, 1 scores; give one of each per jet")
    #expect(message { _ = try ScoredBumpHunt(mass: [], score: []) } == "bump_hunt: no jets were given")
    #expect(message { _ = try ScoredBumpHunt(mass: [1], score: [1], label: [1]) } == "bump_hunt: no jet has label 0 (background) among 1")
    #expect(message { _ = try ScoredBumpHunt(mass: [1], score: [1], label: [2]) } == "bump_hunt: label: expected 0 (background) or 1 (signal), got 2")
    #expect(message { _ = try ScoredBumpHunt(mass: [1, 2], score: [1, .nan]) }.hasPrefix("bump_hunt: score: 1 of 2 values are NaN"))
    #expect(message { _ = try ScoredBumpHunt(mass: [1, .nan], score: [1, 2], at: 1) }.hasPrefix("bump_hunt: mass: 1 of 2 values"))
    #expect(message { _ = try ScoredBumpHunt(mass: [1], score: [1], at: 0) } == "bump_hunt: at: expected a fraction of the background above 0 and at most 1, got 0")
  }
}
