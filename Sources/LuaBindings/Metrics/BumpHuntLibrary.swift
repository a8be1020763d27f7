import Autodiff
import Evaluation
import TensorCore

extension LuaHost {
  /// `bump_hunt` of `jetlua.core.metrics`.
  func openBumpHunt(_ library: LuaLibrary) throws {
    try library.function("bump_hunt") { call in  // bump_hunt{mass =, score = [, label =, at =, width =, window =, range =, max_degree =, weight =, toys =]}
      try call.expectAtMost(1)
      let options = try call.options(at: 1, keys: ["mass", "score", "label", "at", "width", "window", "range", "max_degree", "weight", "toys"])
      guard let mass = try options.optional("mass")?.manyNumbers(), let score = try options.optional("score")?.manyNumbers() else {
        throw call.mistake("expected a table with mass = and score =, one of each per jet")
      }
      var settings = BumpHunt.Settings()
      settings.width = try options.number("width", default: settings.width)
      settings.maximumDegree = try options.integer("max_degree", default: settings.maximumDegree)
      settings.toys = try options.integer("toys", default: 0)
      settings.range = try options.optional("range")?.edges()
      if let window = options.optional("window") {
        if window.kind == .number { settings.windowWidth = try window.number() } else { settings.window = try window.edges() }
      } else {
        settings.windowWidth = 6 * settings.width
      }
      let hunt = try ScoredBumpHunt(
        mass: mass, score: score, label: options.optional("label")?.manyNumbers(), weight: options.optional("weight")?.manyNumbers(),
        at: options.number("at", default: 0.01), settings: settings)
      var fields = try hunt.passing.fields(width: settings.width)
      fields += [("threshold", .number(hunt.threshold)), ("efficiency", .number(hunt.efficiency)), ("asimov", hunt.asimov.map { .number($0) } ?? .nil)]
      if let uncut = hunt.uncut { fields.append(("uncut", .record(try uncut.fields(width: settings.width)))) }
      if let background = hunt.background { fields.append(("background", .record(try background.fields(width: settings.width)))) }
      return try call.returns(.record(fields))
    }
  }
}

extension BumpHunt {
  fileprivate func fields(width: Double) throws -> [(String, LuaValue)] {
    func tensor(_ values: [Double]) throws -> LuaValue { .object(Variable(try Tensor(values))) }
    var fields: [(String, LuaValue)] = [
      ("z", .number(significance)), ("p", .number(probability)), ("n", .number(count)), ("b", .number(expected.count)), ("sigma", .number(expected.error)),
      ("window", .numbers([window.low, window.high])), ("degree", .integer(degree)), ("deviance", .number(deviance)), ("dof", .integer(degreesOfFreedom)),
      ("mass", try tensor(bins.map { (Double($0) + 0.5) * width })), ("count", try tensor(bins.map { counts[$0] })), ("fit", try tensor(fit)),
      ("scan", .record([("mass", try tensor(scan.map(\.mass))), ("z", try tensor(scan.map(\.significance)))])),
      ("fit_error", try tensor(fitError)),
    ]
    if let global {
      fields += [
        ("p_global", .number(global.probability)), ("p_global_error", .number(global.error)), ("z_global", .number(global.significance)),
        ("toys", .integer(global.toys)), ("z_global_is_lower_limit", global.isLimit ? .boolean(true) : .nil),
      ]
    }
    return fields
  }
}

extension Argument {
  /// Two numbers {low, high}.
  fileprivate func edges() throws -> (low: Double, high: Double) {
    guard kind == .table, try length() == 2 else { throw mistake(expected: "{low, high} in GeV") }
    let values = try numbers()
    return (values[0], values[1])
  }
}
