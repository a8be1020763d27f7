import Evaluation
import TestSupport
import Testing

@Suite struct ROCTests {
  private func curve(_ score: [Double], _ label: [Double], _ weight: [Double]? = nil) throws -> ROCCurve {
    ROCCurve(try ScoredSample(score: score, label: label, weight: weight, function: "roc"))
  }

  @Test func aucVectors() throws {
    let cases = try Fixture.group("auc")
    #expect(cases.count == 6)
    for sample in cases {
      let roc = try curve(sample.numbers("scores"), sample.numbers("labels"))
      #expect(close(roc.auc, sample.number("auc")) && close(roc.auc, sample.number("auc_trapezoid")))
      #expect(close(roc.fpr, sample.numbers("fpr")) && close(roc.tpr, sample.numbers("tpr")))
      #expect(roc.threshold.count == roc.fpr.count && roc.threshold.first == .infinity)
      for (at, expected) in sample["background_rejection"] as? [String: [String: Any]] ?? [:] {
        let efficiency = Double(at) ?? .nan
        let (first, linear) = (try roc.rejection(at: efficiency), try roc.rejection(at: efficiency, interpolate: true))
        let background = Double(sample.numbers("labels").count { $0 == 0 })
        for (got, key) in [(first, "inv_fpr_at_it"), (linear, "inv_fpr_linear")] {
          let value = expected.number(key)
          #expect(got.isLowerLimit == value.isNaN)
          #expect(close(got.value, value.isNaN ? background / 2.3 : value), "at \(at), \(key)")
        }
      }
    }
  }

  @Test func agreesWithScikitLearn() throws {
    for sample in try Fixture.group("roc", of: "evaluation") {
      let roc = try curve(sample.numbers("score"), sample.numbers("label"), sample.optionalNumbers("weight"))
      #expect(close(roc.auc, sample.number("auc")) && close(roc.fpr, sample.numbers("fpr")) && close(roc.tpr, sample.numbers("tpr")))
      #expect(Array(roc.threshold[1...]) == Array(sample.numbers("threshold")[1...]))
    }
  }

  @Test func tiesInfinitiesAndWeights() throws {
    #expect(try curve([1, 1, 1, 1], [0, 1, 0, 1]).auc == 0.5)
    #expect(try curve([.infinity, -.infinity, 0.0, -0.0], [1, 0, 1, 0]).auc == 0.875)
    #expect(try curve([3, 2, 1], [1, 0, 1], [1, 1, 3]).auc == 0.25)
    // A jet of weight 2 counts as two jets.
    let twice = try curve([1, 2, 2, 3, 3, 4], [0, 0, 0, 1, 1, 0])
    let weighted = try curve([1, 2, 3, 4], [0, 0, 1, 0], [1, 2, 2, 1])
    #expect(twice.auc == weighted.auc && twice.fpr == weighted.fpr && twice.tpr == weighted.tpr)
  }

  @Test func significanceImprovementNeedsTenBackgroundJets() throws {
    let score = (0..<60).map { Double(60 - $0) }
    let label = (0..<60).map { $0 % 3 == 2 ? 0.0 : 1 }
    let sic = try curve(score, label).significanceImprovement()
    // 20 background jets at every third place: the tenth is the 30th jet, 20 signal jets of 40 pass there.
    #expect(close(sic.tpr[0], 0.5) && close(sic.sic[0], 0.5 / 0.5.squareRoot()))
    // The best point has all signal and 19 of 20 background jets.
    #expect(close(sic.maximum ?? 0, 1 / 0.95.squareRoot()) && sic.at == 1 && sic.tpr.last == 1)
    #expect(try curve([2, 1], [1, 0]).significanceImprovement().maximum == nil)
  }

  @Test func badInput() {
    func sample(_ score: [Double], _ label: [Double], _ weight: [Double]? = nil) -> String {
      message { _ = try ScoredSample(score: score, label: label, weight: weight, function: "auc") }
    }
    #expect(sample([1, 2], [0]) == "auc: 1 labels for 2 scores; give one per score")
    #expect(sample([1, 2], [0, 1], [1]) == "auc: 1 weights for 2 scores; give one per score")
    #expect(sample([1, 2], [0, 2]) == "auc: label: expected 0 (background) or 1 (signal), got 2")
    #expect(sample([1, 2], [0, .nan]) == "auc: label: expected 0 (background) or 1 (signal), got nan")
    #expect(sample([1, 2], [0, 0]) == "auc: no jet has label 1 (signal) among 2; both classes are needed")
    #expect(sample([], []) == "auc: no jet has label 1 (signal) among 0; both classes are needed")
    #expect(sample([1, .nan, .nan], [0, 1, 1]) == "auc: score: 2 of 3 values are NaN; drop those jets or find out where they come from")
    #expect(sample([1, 2], [0, 1], [1, -1]) == "auc: weight: expected numbers from 0, got -1")
    #expect(sample([1, 2], [0, 1], [0, 1]) == "auc: the jets with label 0 (background) have no weight")
    for at in [0, 1.5, -1, .nan] {
      #expect(
        message { _ = try curve([1, 2], [0, 1]).rejection(at: at) }.hasPrefix("rejection: at: expected a signal efficiency above 0 and at most 1, got "))
    }
  }
}
