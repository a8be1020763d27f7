import Autodiff
import Jets
import TensorCore

extension LuaHost {
  /// Functions of one jet's constituents, and the computed columns of a set.
  func openSubstructure(_ library: LuaLibrary) throws {
    try library.function("nsubjettiness", help: """
      N-subjettiness τ_N = Σ pT_i min_k ΔR_ik^β / Σ pT_i R^β of a jet (arXiv:1011.2268), 0 for one of at most N constituents; without N the
      list of τ1 to τ4. "kt" takes the axes of the exclusive kt subjets, "wta_kt" along their hardest branches, "onepass_kt" moves them to
      the nearest minimum.
      @param constituents tensor|number[][] [N, 4]: E, px, py, pz in GeV
      @param options? {N: integer, beta: number, R: number, axes: "kt"|"wta_kt"|"onepass_kt"} beta 1, R 0.8, axes "kt" by default
      @return number|number[]
          jet = {{50, 50, 0, 0}, {20, 19.9, 2, 0}, {30, 29, -7, 3}}
          jets.nsubjettiness(jet, {N = 1}) > jets.nsubjettiness(jet, {N = 2}), #jets.nsubjettiness(jet) --> true 4
      """) { call in
      try call.expectAtMost(2)
      let options = try call.options(at: 2, keys: ["N"] + NSubjettinessSettings.optionNames)
      let settings = try NSubjettinessSettings(options, function: "nsubjettiness")
      let one = try options.optional("N")?.integer(in: 1...100)
      let values = try nSubjettiness(call.argument(at: 1, "constituents").fourVectors(), upTo: one ?? 4, settings: settings)
      if one != nil, let last = values.last { return call.returns(last) }
      return try call.returns(.array(values.map { .number($0) }))
    }
    try library.function("soft_drop", help: """
      A jet after soft drop (arXiv:1402.2657): its Cambridge/Aachen clustering is undone along the harder branch until a step has
      z > zcut · (delta/R)^beta; `zg` and `rg` are that step's z and distance, 0 where none passes and the last constituent is left.
      @param constituents tensor|number[][] [N, 4]: E, px, py, pz in GeV
      @param options? {zcut: number, beta: number, R: number} 0.1, 0 and 0.8 by default
      @return {mass: number, pt: number, eta: number, phi: number, zg: number, rg: number}
          jets.soft_drop({{50, 50, 0, 0}, {20, 16, 12, 0}, {1, 0, 1, 0}}).zg > 0.2 --> true
      """) { call in
      try call.expectAtMost(2)
      let settings = try SoftDropSettings(call.options(at: 2, keys: SoftDropSettings.optionNames), function: "soft_drop")
      let jet = try softDrop(call.argument(at: 1, "constituents").fourVectors(), settings: settings)
      return try call.returns(.record(jet.fields + [("zg", .number(jet.z)), ("rg", .number(jet.delta))]))
    }
    try library.function("trim", help: """
      A jet after trimming (arXiv:0912.1342): the sum of its kt subjets of radius R that have at least `fraction` of its pT.
      @param constituents tensor|number[][] [N, 4]: E, px, py, pz in GeV
      @param options? {R: number, fraction: number} 0.2 and 0.05 by default
      @return {mass: number, pt: number, eta: number, phi: number}
          jets.trim({{50, 50, 0, 0}, {1, 0, 1, 0}}).pt --> 50.0
      """) { call in
      try call.expectAtMost(2)
      let settings = try TrimmingSettings(call.options(at: 2, keys: TrimmingSettings.optionNames), function: "trim")
      let jet = try trim(call.argument(at: 1, "constituents").fourVectors(), settings: settings)
      return try call.returns(.record(jet.fields))
    }
    try library.function("energy_correlations", help: """
      The energy correlation functions e2 = Σ z_i z_j ΔR^β and e3 = Σ z_i z_j z_k (ΔR ΔR ΔR)^β of a jet with z_i = pT_i / Σ pT, and their
      ratios c2 = e3/e2² (arXiv:1305.0007) and d2 = e3/e2³ (arXiv:1409.6298), which are nil where e2 is 0.
      @param constituents tensor|number[][] [N, 4]: E, px, py, pz in GeV
      @param options? {beta: number} 1 by default
      @return {e2: number, e3: number, c2: number?, d2: number?}
          jets.energy_correlations({{50, 50, 0, 0}}).d2 --> nil
      """) { call in
      try call.expectAtMost(2)
      let options = try call.options(at: 2, keys: ["beta"])
      let found = try energyCorrelations(call.argument(at: 1, "constituents").fourVectors(), beta: options.number("beta", default: 1))
      var fields: [(String, LuaValue)] = [("e2", .number(found.e2)), ("e3", .number(found.e3))]
      if let c2 = found.c2, let d2 = found.d2 { fields += [("c2", .number(c2)), ("d2", .number(d2))] }
      return try call.returns(.record(fields))
    }
  }

  func openComputedColumns(_ set: LuaClass<JetSet>) throws {
    try set.method("column", help: """
      A column by its name: one of the set's own, or one computed from the constituents, which cuts know too (at their default settings):
      `tau1` to `tau4` and `tau21 tau32 tau43` (options `beta R axes` of `jets.nsubjettiness`), `c2` and `d2` (`beta`), `soft_drop_mass`
      (`zcut beta R` of `jets.soft_drop`), `trimmed_mass` (`R fraction` of `jets.trim`). A ratio over 0 is undefined: it is 0
      here, the second result counts such jets, and a cut counts them as NaN.
      @param name string
      @param options? {beta: number, R: number, axes: "kt"|"wta_kt"|"onepass_kt", zcut: number, fraction: number}
      @return tensor
      @return integer undefined jets whose value is undefined
          values, undefined = jets.sample():take(50):column("tau21")
          #values, undefined --> 50 0
      """) { call in
      try call.expectAtMost(3)
      let jets = try call.object(at: 1, "self", JetSet.self)
      let name = try call.string(at: 2, "name")
      if jets.columnNames.contains(name), let column = try jets.column(name) {
        _ = try call.options(at: 3, keys: [])
        return try call.returns(.object(column.variable()), .integer(0))
      }
      guard let column = SubstructureColumn(rawValue: name) else {
        let choices = jets.columnNames + SubstructureColumn.allCases.map(\.rawValue)
        throw call.argument(at: 2, "name").mistake(expected: "a column (\(choices.joined(separator: ", ")))")
      }
      let found = try jets.substructure(column, settings: SubstructureSettings(call, column: column))
      let values = Variable(try Tensor(found.values.map { $0.isNaN ? 0 : $0 }))
      return try call.returns(.object(values), .integer(found.undefinedCount))
    }
  }
}

extension GroomedJet {
  fileprivate var fields: [(String, LuaValue)] {
    [("mass", .number(momentum.mass)), ("pt", .number(momentum.pt)), ("eta", .number(momentum.eta)), ("phi", .number(momentum.phi))]
  }
}

extension NSubjettinessSettings {
  fileprivate static let optionNames = ["beta", "R", "axes"]

  fileprivate init(_ options: Options, function: String) throws {
    self.init()
    beta = try options.number("beta", default: beta)
    radius = try options.number("R", default: radius)
    axes = SubjetAxes(rawValue: try options.choice("axes", default: axes.rawValue, SubjetAxes.allCases.map(\.rawValue))) ?? axes
    try check(function)
  }
}

extension SoftDropSettings {
  fileprivate static let optionNames = ["zcut", "beta", "R"]

  fileprivate init(_ options: Options, function: String) throws {
    self.init()
    zCut = try options.number("zcut", default: zCut)
    beta = try options.number("beta", default: beta)
    radius = try options.number("R", default: radius)
    try check(function)
  }
}

extension TrimmingSettings {
  fileprivate static let optionNames = ["R", "fraction"]

  fileprivate init(_ options: Options, function: String) throws {
    self.init()
    radius = try options.number("R", default: radius)
    fraction = try options.number("fraction", default: fraction)
    try check(function)
  }
}

extension SubstructureSettings {
  /// The settings of one column from argument 3.
  fileprivate init(_ call: Call, column: SubstructureColumn) throws {
    self.init()
    switch column {
    case .tau1, .tau2, .tau3, .tau4, .tau21, .tau32, .tau43:
      subjettiness = try NSubjettinessSettings(call.options(at: 3, keys: NSubjettinessSettings.optionNames), function: "column")
    case .c2, .d2:
      correlationExponent = try call.options(at: 3, keys: ["beta"]).number("beta", default: correlationExponent)
    case .softDropMass:
      softDrop = try SoftDropSettings(call.options(at: 3, keys: SoftDropSettings.optionNames), function: "column")
    case .trimmedMass:
      trimming = try TrimmingSettings(call.options(at: 3, keys: TrimmingSettings.optionNames), function: "column")
    }
  }
}
