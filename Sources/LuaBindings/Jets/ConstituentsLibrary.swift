import Autodiff
import Jets
import TensorCore

extension ConstituentSet: PreparedSet {
  /// The numbers, where they do not lie in a mapped file.
  public var offHeapBytes: Int { bytesInMemory + count * 8 }
  func column(_ name: String) -> JetColumnValues? { column(name, nil) }
}

extension ConstituentBatch: PreparedBatch {
  /// The rows.
  public var offHeapBytes: Int { x.count * MemoryLayout<Float>.stride }
  var text: String { "a batch of \(count) rows of \(recipe.width) numbers" }
}

extension ConstituentBatches: PreparedBatches {}

extension ParticleBatches: LuaObject {}

extension PreparedWords {
  fileprivate static let constituents = PreparedWords(
    set: "jets.Constituents", batches: "jets.ConstituentBatches", batch: "jets.ConstituentBatch", method: "constituents()", noun: "rows",
    printedBatch: "a batch of 10 rows of 80 numbers")
}

extension ConstituentRecipe {
  static let optionNames = ["n", "align", "scale", "normalise", "center", "spread"]

  /// The recipe that the options of a script describe.
  init(_ options: Options) throws {
    self.init()
    n = try options.integer("n", default: n, in: 1...1000)
    align = try options.bool("align", default: align)
    let name = try options.choice("scale", default: scale.rawValue, Scale.allCases.map(\.rawValue))
    scale = Scale(rawValue: name) ?? scale
    normalise = try options.bool("normalise", default: normalise)
    center = try options.optional("center")?.numbers() ?? []
    spread = try options.optional("spread")?.numbers() ?? []
    try check()
  }

  /// The options that give this recipe again.
  var optionTable: LuaValue {
    var fields: [(String, LuaValue)] = [
      ("n", .integer(n)), ("align", .boolean(align)), ("scale", .string(scale.rawValue)), ("normalise", .boolean(normalise)),
    ]
    if !center.isEmpty { fields += [("center", .numbers(center)), ("spread", .numbers(spread))] }
    return .record(fields)
  }
}

extension Variable {
  /// A tensor of jets' constituents, which knows how they were made.
  convenience init(_ value: Tensor, recipe: ConstituentRecipe) {
    self.init(value)
    origin = RecipeOfRows(recipe)
  }
}

/// How the rows of a tensor were made.
final class RecipeOfRows {
  let recipe: ConstituentRecipe
  init(_ recipe: ConstituentRecipe) { self.recipe = recipe }
}

extension LuaHost {
  func openConstituents(_ set: LuaClass<JetSet>) throws {
    try set.method("constituents", help: """
      The hardest constituents as rows of four-vectors E, px, py, pz (arXiv:2007.01850): aligned, scaled column by column to median 0 and
      inter-quartile range 1. The scaler is fitted on these jets and comes back in the set's `recipe`; that recipe makes the same rows of
      other jets: `test:constituents(train_rows.recipe)`.
      @param options? {n: integer, align: boolean, scale: "robust"|"none", normalise: boolean, center: number[], spread: number[]}
      n 20, align true, scale "robust", normalise false (true divides by the jet's pT); center and spread are the fitted scaler
      @return jets.Constituents
          rows = jets.sample():take(100):constituents{n = 20}
          rows.x.shape, #rows.recipe.center --> {100, 80} 80
      """) { call in
      try call.expectAtMost(2)
      let recipe = try ConstituentRecipe(call.options(at: 2, keys: ConstituentRecipe.optionNames))
      return try call.returns(call.object(at: 1, "self", JetSet.self).constituents(recipe))
    }
    try set.method("particles", help: """
      An iterator over the constituents as they are in the file, n jets at a time: `for p in set:particles(1024) do`, tensors [n, M, 4] of E, px,
      py, pz in GeV, the hardest first, zeros behind the last. Nothing is computed of them, and jets that are broken come as they are. The
      next ones are read on another thread while the present ones are worked on; a set in file order reads fastest.
      @param n? integer jets at a time (default 1024); the last tensor may have fewer
      @return jets.Particles
          p = jets.sample():take(1000):particles(600)()
          p.shape, p:sum(2).shape --> {600, 200, 4} {600, 4}
      """) { call in  // particles([n = 1024])
      try call.expectAtMost(2)
      let size = call.argument(at: 2, "n").isNil ? 1024 : try call.integer(at: 2, "n", in: 1...Int.max)
      return try call.returns(call.object(at: 1, "self", JetSet.self).particles(size))
    }
    try openParticles()
    try openConstituentSet()
  }

  private func openParticles() throws {
    let batches = try declare(ParticleBatches.self, as: "particle batches", help: """
      @class jets.Particles
      @operator len: integer
      @operator call: tensor
      An iterator over the constituents of jets; `#particles` counts the tensors it gives.
          #jets.sample():take(1000):particles(256) --> 4
      """)
    func read(_ call: Call) throws -> ParticleBatches { try call.object(at: 1, "self", ParticleBatches.self) }
    try batches.metamethod("__call", called: "particles") { call in
      guard let tensor = try read(call).nextBatch() else { return call.returnsNil() }
      return try call.returns(Variable(tensor))
    }
    try batches.metamethod("__len") { call in call.returns(try read(call).count) }
    try batches.metamethod("__tostring") { call in try call.returns("\(read(call).count) tensors of constituents") }
  }

  private func openConstituentSet() throws {
    let rows = try declare(ConstituentSet.self, as: "constituent set", help: """
      @class jets.Constituents
      @operator len: integer
      Jets as rows of four-vectors, with the columns of their jets. `#rows` counts them.
      @field label tensor? of each jet
      @field mass tensor in GeV
      @field pt tensor in GeV
      @field weight tensor of each jet
      @field index tensor row of the source file, from 0
          rows = jets.sample():take(100):constituents()
          rows --> 100 rows of 20 constituents (E, px, py, pz), jets of …
      """)
    func read(_ call: Call) throws -> ConstituentSet { try call.object(at: 1, "self", ConstituentSet.self) }
    try rows.metamethod("__tostring") { call in
      let set = try read(call)
      return try call.returns("\(set.count) rows of \(set.recipe.n) constituents (E, px, py, pz), jets of \(set.path)")
    }
    try rows.property("x", help: """
      @type tensor
      [N, 4 n]: E, px, py, pz of constituent 1, then of constituent 2, ….
      """) { call in
      let set = try read(call)
      return try call.returns(Variable(set.x(), recipe: set.recipe))
    }
    try rows.property("recipe", help: """
      @type table
      The options that make such rows again, the fitted scaler among them: `jets.open(path):constituents(model.recipe)`.
      """) { call in try call.returns(read(call).recipe.optionTable) }
    try openPrepared(rows, .constituents)
    try openBatches(ConstituentBatches.self, as: "constituent batches", batch: "constituent batch", .constituents).property("x", help: """
      @type tensor
      One row of four-vectors per jet.
      """) { call in
      let batch = try call.object(at: 1, "self", ConstituentBatch.self)
      return try call.returns(Variable(batch.x, recipe: batch.recipe))
    }
  }
}
