import Autodiff
import Evaluation
import Glibc
import TensorCore

extension LuaHost {
  /// `jetlua.core.metrics`: what a score is worth.
  func openMetricsLibrary() throws {
    let library = try library("metrics")
    try openCurves(library)
    try openIntervals(library)
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
