import Autodiff
import Evaluation
import Glibc
import TensorCore

extension LuaHost {
  /// `jetlua.core.metrics`: what a score is worth.
  func openMetricsLibrary() throws {
    let library = try library("metrics")
    try openROC(library)
    try openMassMeasures(library)
    try openEnergyMover(library)
    try openBumpHunt(library)
    try library.function("jsd") { call in  // jsd(p, q [, {base = "e"}])
      try call.expectAtMost(3)
      let unit = try call.options(at: 3, keys: ["base"]).logarithmOfBase()
      let nats = try jensenShannonDivergence(
        call.argument(at: 1, "p").manyNumbers(), call.argument(at: 2, "q").manyNumbers(), function: call.functionName)
      return call.returns(nats / unit)
    }
    try library.function("distance_correlation") { call in  // distance_correlation(x, y [, weight] [, {squared = false}])
      try call.expectAtMost(4)
      let third = call.argument(at: 3, "weight")
      // A table of options stands third where no weights are given.
      let optionsAreThird = try third.kind == .table && third.length() == 0
      let options = try call.options(at: optionsAreThird ? 3 : 4, keys: ["squared"])
      let weight = optionsAreThird || third.isNil ? nil : try third.manyNumbers()
      return call.returns(
        try distanceCorrelation(
          call.argument(at: 1, "x").manyNumbers(), call.argument(at: 2, "y").manyNumbers(), weight: weight,
          squared: options.bool("squared", default: false)))
    }
  }

  private func openROC(_ library: LuaLibrary) throws {
    try library.function("roc") { call in  // roc(score, label [, weight])
      try call.expectAtMost(3)
      let roc = ROCCurve(try call.sample(weightAt: 3))
      return try call.returns(
        .record([
          ("fpr", .object(Variable(try Tensor(roc.fpr)))), ("tpr", .object(Variable(try Tensor(roc.tpr)))),
          ("threshold", .object(Variable(try Tensor(roc.threshold)))), ("auc", .number(roc.auc)),
          ("fpr_error", .object(Variable(try Tensor(roc.fprError)))), ("tpr_error", .object(Variable(try Tensor(roc.tprError)))),
        ]))
    }
    try library.function("auc") { call in  // auc(score, label [, weight])
      try call.expectAtMost(3)
      return call.returns(ROCCurve(try call.sample(weightAt: 3)).auc)
    }
    try library.function("rejection") { call in  // rejection(score, label [, {at = 0.3, interpolate = false}])
      try call.expectAtMost(3)
      let options = try call.options(at: 3, keys: ["at", "interpolate"])
      let roc = ROCCurve(try call.sample(weightAt: nil))
      let rejection = try roc.rejection(
        at: options.number("at", default: 0.3), interpolate: options.bool("interpolate", default: false))
      guard rejection.isLowerLimit else { return call.returns(rejection.value) }
      return try call.returns(.number(rejection.value), .string("lower limit (90 %)"))
    }
    try library.function("sic") { call in  // sic(score, label)
      try call.expectAtMost(2)
      let curve = ROCCurve(try call.sample(weightAt: nil)).significanceImprovement()
      return try call.returns(
        .record([
          ("tpr", .object(Variable(try Tensor(curve.tpr)))), ("sic", .object(Variable(try Tensor(curve.sic)))),
          ("max", curve.maximum.map { .number($0) } ?? .nil), ("at", curve.at.map { .number($0) } ?? .nil),
        ]))
    }
  }

  private func openMassMeasures(_ library: LuaLibrary) throws {
    try library.function("mass_sculpting") { call in  // mass_sculpting(score, mass, label [, {at = 0.5, width = 5}])
      try call.expectAtMost(4)
      let options = try call.options(at: 4, keys: ["at", "width"])
      let sculpting = try MassSculpting(
        score: call.argument(at: 1, "score").manyNumbers(), mass: call.argument(at: 2, "mass").manyNumbers(),
        label: call.argument(at: 3, "label").manyNumbers(), backgroundEfficiency: options.number("at", default: 0.5),
        width: options.number("width", default: 5))
      return try call.returns(
        .record([
          ("jsd", .number(sculpting.divergence)), ("floor", .number(sculpting.floor)), ("threshold", .number(sculpting.threshold)),
          ("efficiency", .number(sculpting.efficiency)), ("width", .number(sculpting.width)),
          ("passing", .object(Variable(try Tensor(sculpting.passing)))), ("failing", .object(Variable(try Tensor(sculpting.failing)))),
        ]))
    }
    try library.function("equal_mass_weights") { call in  // equal_mass_weights(mass, label [, {width = 5, min = 20}])
      try call.expectAtMost(3)
      let options = try call.options(at: 3, keys: ["width", "min"])
      let equal = try EqualMassWeights(
        mass: call.argument(at: 1, "mass").manyNumbers(), label: call.argument(at: 2, "label").manyNumbers(),
        width: options.number("width", default: 5), minimum: options.integer("min", default: 20))
      let facts: LuaValue = .record([
        ("range", .numbers([equal.massRange.low, equal.massRange.high])),
        ("kept", .record([("signal", .number(equal.keptFraction.signal)), ("background", .number(equal.keptFraction.background))])),
        ("effective", .record([("signal", .number(equal.effectiveCount.signal)), ("background", .number(equal.effectiveCount.background))])),
      ])
      return try call.returns(.object(Variable(try Tensor(equal.weights))), facts)
    }
  }
}

extension Call {
  /// Scores, labels and weights, if the function takes weights.
  fileprivate func sample(weightAt position: Int?) throws -> ScoredSample {
    try ScoredSample(
      score: argument(at: 1, "score").manyNumbers(), label: argument(at: 2, "label").manyNumbers(),
      weight: position.flatMap { optional(at: $0, "weight") }?.manyNumbers(), function: functionName)
  }
}

extension Options {
  /// ln of the option `base`: "e" or a number above 1.
  fileprivate func logarithmOfBase() throws -> Double {
    guard let base = optional("base") else { return 1 }
    if base.kind == .string, try base.string() == "e" { return 1 }
    guard base.kind == .number, try base.number() > 1, try base.number().isFinite else {
      throw base.mistake(expected: "\"e\" or a number above 1")
    }
    return try log(base.number())
  }
}
