import Autodiff
import Evaluation
import TensorCore

extension LuaHost {
  /// ROC curves and what follows from them.
  func openCurves(_ library: LuaLibrary) throws {
    try library.function("roc") { call in  // roc(score, label [, weight])
      try call.expectAtMost(3)
      let sample = try call.sample(weight: call.optional(at: 3, "weight"))
      let roc = ROCCurve(sample)
      return try call.returns(
        .record([
          ("fpr", .object(Variable(try Tensor(roc.fpr)))), ("tpr", .object(Variable(try Tensor(roc.tpr)))),
          ("threshold", .object(Variable(try Tensor(roc.threshold)))), ("auc", .number(roc.auc)),
          ("fpr_error", .object(Variable(try Tensor(roc.fprError)))), ("tpr_error", .object(Variable(try Tensor(roc.tprError)))),
          ("auc_error", AreaUncertainty(sample).error.map { .number($0) } ?? .nil),
        ]))
    }
    try library.function("auc") { call in  // auc(score, label [, weight])
      try call.expectAtMost(3)
      return call.returns(ROCCurve(try call.sample(weight: call.optional(at: 3, "weight"))).auc)
    }
    try library.function("auc_error") { call in  // auc_error(score, label [, weight])
      try call.expectAtMost(3)
      guard let error = AreaUncertainty(try call.sample(weight: call.optional(at: 3, "weight"))).error else { return call.returnsNil() }
      return call.returns(error)
    }
    try library.function("auc_difference") { call in  // auc_difference(score, other, label [, weight])
      try call.expectAtMost(4)
      let label = try call.argument(at: 3, "label").manyNumbers(), weight = try call.optional(at: 4, "weight")?.manyNumbers()
      let areas = try [(1, "score"), (2, "other")].map {
        AreaUncertainty(
          try ScoredSample(score: call.argument(at: $0.0, $0.1).manyNumbers(), label: label, weight: weight, function: call.functionName))
      }
      let (value, error) = try areas[0].difference(from: areas[1])
      // Two scores of one order differ by nothing, with certainty.
      let z = error.map { $0 > 0 ? value / $0 : value == 0 ? 0 : .infinity * value }
      return try call.returns(
        .record([
          ("difference", .number(value)), ("error", error.map { .number($0) } ?? .nil), ("z", z.map { .number($0) } ?? .nil),
          ("p", z.map { .number(twoSidedTail($0)) } ?? .nil),
        ]))
    }
    try library.function("rejection") { call in  // rejection(score, label [, {at = 0.3, interpolate = false, weight =}])
      try call.expectAtMost(3)
      let options = try call.options(at: 3, keys: ["at", "interpolate", "weight"])
      let roc = ROCCurve(try call.sample(weight: options.optional("weight")))
      let rejection = try roc.rejection(at: options.number("at", default: 0.3), interpolate: options.bool("interpolate", default: false))
      guard rejection.isLowerLimit else { return call.returns(rejection.value) }
      return try call.returns(.number(rejection.value), .string(limitText))
    }
    try library.function("rejection_interval") { call in  // rejection_interval(score, label [, {at = 0.3, interpolate = false, weight =, level =}])
      try call.expectAtMost(3)
      let options = try call.options(at: 3, keys: ["at", "interpolate", "weight", "level"])
      let found = try ROCCurve(call.sample(weight: options.optional("weight"))).rejectionInterval(
        at: options.number("at", default: 0.3), interpolate: options.bool("interpolate", default: false),
        level: options.number("level", default: oneStandardDeviation))
      return try call.returns(
        .record([
          ("value", .number(found.rejection.value)), ("limit", found.rejection.isLowerLimit ? .string(limitText) : .nil), ("low", .number(found.low)),
          ("high", .number(found.high)), ("error", found.error.map { .number($0) } ?? .nil), ("passing", .number(found.passing)),
          ("signal_efficiency", .number(found.signalEfficiency)),
        ]))
    }
    try library.function("sic") { call in  // sic(score, label [, weight])
      try call.expectAtMost(3)
      let curve = ROCCurve(try call.sample(weight: call.optional(at: 3, "weight"))).significanceImprovement()
      return try call.returns(
        .record([
          ("tpr", .object(Variable(try Tensor(curve.tpr)))), ("sic", .object(Variable(try Tensor(curve.sic)))),
          ("max", curve.maximum.map { .number($0) } ?? .nil), ("at", curve.at.map { .number($0) } ?? .nil),
          ("error", .object(Variable(try Tensor(curve.error)))), ("max_error", curve.maximumError.map { .number($0) } ?? .nil),
        ]))
    }
  }

  /// Intervals and resampling.
  func openIntervals(_ library: LuaLibrary) throws {
    try library.function("binomial_interval") { call in  // binomial_interval(passing, total [, {level = 0.6827}])
      try call.expectAtMost(3)
      let options = try call.options(at: 3, keys: ["level"])
      let ends = try binomialInterval(
        passing: call.number(at: 1, "passing"), of: call.number(at: 2, "total"), level: options.number("level", default: oneStandardDeviation))
      return try call.returns(.number(ends.low), .number(ends.high))
    }
    try library.function("rank_correlation") { call in  // rank_correlation(x, y)
      try call.expectAtMost(2)
      return call.returns(try rankCorrelation(call.argument(at: 1, "x").manyNumbers(), call.argument(at: 2, "y").manyNumbers()))
    }
    try library.function("bootstrap_weights") { call in  // bootstrap_weights(label)
      try call.expectAtMost(1)
      return try call.returns(Variable(try Tensor(bootstrapCounts(label: call.argument(at: 1, "label").manyNumbers()))))
    }
  }
}

private let limitText = "lower limit (90 %)"

extension Call {
  /// Scores, labels and the weights of `weight`, if given.
  fileprivate func sample(weight: Argument?) throws -> ScoredSample {
    try ScoredSample(
      score: argument(at: 1, "score").manyNumbers(), label: argument(at: 2, "label").manyNumbers(), weight: weight?.manyNumbers(),
      function: functionName)
  }
}
