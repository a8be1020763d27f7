import Autodiff
import Evaluation
import TensorCore

extension LuaHost {
  /// Measures of what a score does to the mass spectrum.
  func openMassMeasures(_ library: LuaLibrary) throws {
    try library.function("mass_sculpting") { call in  // mass_sculpting(score, mass, label [, {at = 0.5, width = 5, weight =}])
      try call.expectAtMost(4)
      let options = try call.options(at: 4, keys: ["at", "width", "weight"])
      let sculpting = try MassSculpting(
        score: call.argument(at: 1, "score").manyNumbers(), mass: call.argument(at: 2, "mass").manyNumbers(),
        label: call.argument(at: 3, "label").manyNumbers(), weight: options.optional("weight")?.manyNumbers(),
        backgroundEfficiency: options.number("at", default: 0.5), width: options.number("width", default: 5))
      return try call.returns(
        .record([
          ("jsd", .number(sculpting.divergence)), ("floor", .number(sculpting.floor)), ("error", .number(sculpting.error)),
          ("threshold", .number(sculpting.threshold)), ("efficiency", .number(sculpting.efficiency)), ("width", .number(sculpting.width)),
          ("passing", .object(Variable(try Tensor(sculpting.passing)))), ("failing", .object(Variable(try Tensor(sculpting.failing)))),
        ]))
    }
    try library.function("equal_mass_weights") { call in  // equal_mass_weights(mass, label [, {width = 5, min = 20, weight =}])
      try call.expectAtMost(3)
      let options = try call.options(at: 3, keys: ["width", "min", "weight"])
      let equal = try EqualMassWeights(
        mass: call.argument(at: 1, "mass").manyNumbers(), label: call.argument(at: 2, "label").manyNumbers(),
        weight: options.optional("weight")?.manyNumbers(), width: options.number("width", default: 5), minimum: options.integer("min", default: 20))
      let facts: LuaValue = .record([
        ("range", .numbers([equal.massRange.low, equal.massRange.high])),
        ("kept", .record([("signal", .number(equal.keptFraction.signal)), ("background", .number(equal.keptFraction.background))])),
        ("effective", .record([("signal", .number(equal.effectiveCount.signal)), ("background", .number(equal.effectiveCount.background))])),
      ])
      return try call.returns(.object(Variable(try Tensor(equal.weights))), facts)
    }
  }
}
