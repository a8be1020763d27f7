import Autodiff
import Jets
import TensorCore

extension ConstituentSet: LuaObject {
  /// The numbers, where they do not lie in a mapped file.
  public var offHeapBytes: Int { bytesInMemory + count * 8 }
}

extension ConstituentBatch: LuaObject {}

extension ConstituentBatches: LuaObject {}

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
    try openConstituentSet()
    try openConstituentBatches()
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
    try rows.metamethod("__len") { call in call.returns(try read(call).count) }
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
    try rows.property("path", help: """
      @type string
      The file the jets come from.
      """) { call in try call.returns(read(call).path) }
    try rows.method("class_name", help: """
      The name of a label, "qcd" or "top"; nil for one without a name.
      @param label integer
      @return string?
          jets.sample():take(10):constituents():class_name(1) --> top
      """) { call in try call.returnsClassName(read(call).classNames) }
    try rows.index { call in
      guard call.argument(at: 2, "column").kind == .string, let column = try read(call).column(call.string(at: 2, "column")) else {
        return call.returnsNil()
      }
      return try call.returns(column.variable())
    }
    try rows.method("split", help: """
      Two disjoint sets, of `fraction` of the jets and of the others, drawn by a seeded permutation.
      @param fraction number in (0, 1)
      @param options? {shuffle: boolean} default true
      @return jets.Constituents
      @return jets.Constituents
          a, b = jets.sample():take(100):constituents():split(0.8)
          #a, #b --> 80 20
      """) { call in
      try call.expectAtMost(3)
      let options = try call.options(at: 3, keys: ["shuffle"])
      let (first, second) = try read(call).split(call.number(at: 2, "fraction"), permutation: call.selectionOrder(options))
      return try call.returns(.object(first), .object(second))
    }
    try rows.method("batches", help: """
      An iterator over batches: `for batch in rows:batches(100) do`, with the fields `x label mass pt weight index`.
      @param n integer jets in a batch; the last one may have fewer
      @param options? {shuffle: boolean, forever: boolean} a new order each pass (default true); no end (default false)
      @return jets.ConstituentBatches
          jets.sample():take(250):constituents():batches(100) --> 3 batches
      """) { call in
      try call.expectAtMost(3)
      let size = try call.integer(at: 2, "n", in: 1...Int.max)
      let options = try call.options(at: 3, keys: ["shuffle", "forever"])
      let shuffle = try options.bool("shuffle", default: true)
      return try call.returns(
        read(call).batches(
          size, permutation: shuffle ? { RandomStream.order.permutation($0) } : nil, forever: options.bool("forever", default: false)))
    }
  }

  private func openConstituentBatches() throws {
    let batches = try declare(ConstituentBatches.self, as: "constituent batches", help: """
      @class jets.ConstituentBatches
      @operator len: integer
      @operator call: jets.ConstituentBatch
      An iterator over batches of rows; `#batches` counts them.
          #jets.sample():take(250):constituents():batches(100) --> 3
      """)
    func read(_ call: Call) throws -> ConstituentBatches { try call.object(at: 1, "self", ConstituentBatches.self) }
    try batches.metamethod("__call", called: "batches") { call in
      guard let batch = try read(call).nextBatch() else { return call.returnsNil() }
      return try call.returns(batch)
    }
    try batches.metamethod("__len") { call in
      let object = try read(call)
      guard !object.isForever else { throw CallerError("batches: these batches have no end and so no number; say total = in progress") }
      return call.returns(object.count)
    }
    try batches.metamethod("__tostring") { call in
      let object = try read(call)
      return try call.returns(object.isForever ? "batches without end, \(object.count) a pass" : "\(object.count) batches")
    }
    let batch = try declare(ConstituentBatch.self, as: "constituent batch", help: """
      @class jets.ConstituentBatch
      @operator len: integer
      Some rows with the columns of their jets; `#batch` counts them.
      @field label tensor? of each jet
      @field mass tensor in GeV
      @field pt tensor in GeV
      @field weight tensor of each jet
      @field index tensor row of the source file, from 0
          for batch in jets.sample():take(10):constituents():batches(10) do
            print(batch)
          end
          nil --> a batch of 10 rows of 80 numbers nil
      """)
    func one(_ call: Call) throws -> ConstituentBatch { try call.object(at: 1, "self", ConstituentBatch.self) }
    try batch.metamethod("__len") { call in call.returns(try one(call).count) }
    try batch.metamethod("__tostring") { call in
      let object = try one(call)
      return try call.returns("a batch of \(object.count) rows of \(object.recipe.width) numbers")
    }
    try batch.property("x", help: """
      @type tensor
      One row of four-vectors per jet.
      """) { call in
      let object = try one(call)
      return try call.returns(Variable(object.x(), recipe: object.recipe))
    }
    try batch.index { call in
      guard call.argument(at: 2, "column").kind == .string, let column = try one(call).column(call.string(at: 2, "column")) else {
        return call.returnsNil()
      }
      return try call.returns(column.variable())
    }
  }
}
