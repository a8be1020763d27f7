import Autodiff
import Jets
import TensorCore

extension JetSet: LuaObject {
  /// The rows of the source that the set consists of.
  public var offHeapBytes: Int { count * 4 }
}

extension LuaHost {
  /// `jetlua.core.jets`: files of jets, selections, images, clustering.
  func openJetsLibrary() throws {
    let library = try library("jets")
    try library.function("open") { call in  // open(path [, {broken =, algorithm =, R =, jet =, layout =}])
      try call.expectAtMost(2)
      let path = try call.string(at: 1, "path")
      let options = try call.options(at: 2, keys: ["broken", "algorithm", "R", "jet", "layout"])
      let broken = try options.choice("broken", default: "raise", BrokenJets.allCases.map(\.rawValue))
      var reading = JetReading()
      let algorithm = try options.choice("algorithm", default: "antikt", ClusteringAlgorithm.allCases.map(\.rawValue))
      reading.algorithm = ClusteringAlgorithm(rawValue: algorithm) ?? .antikt
      reading.radius = try options.number("R", default: 1)
      reading.jet = try options.integer("jet", default: 1)
      reading.layout = try options.optional("layout").map { try JetLayout($0) }
      switch try openJetFile(path: path, reading) {
      case .jets(let source): return try call.returns(JetSet(source: source, broken: BrokenJets(rawValue: broken) ?? .raise))
      case .images(let images): return try call.returns(images)
      }
    }
    try openJetSet()
    try openImageSets()
    try openClustering(library)
    try openSubstructure(library)
  }

  private func openJetSet() throws {
    let set = try declare(JetSet.self, as: "jet set", help: """
      @class jets.Set
      @operator len: integer
      Jets of a file, or a selection of them, read when they are needed. `#set` counts them; a column that the file lacks is nil.
      @field pt tensor transverse momentum in GeV
      @field eta tensor pseudorapidity
      @field phi tensor azimuth in (−π, π]
      @field mass tensor invariant mass in GeV
      @field n_constituents tensor constituents that are no padding
      @field label tensor? 0 or 1 as in the file; after `mix` 1 is the signal
      @field weight tensor 1 where the file has none
      @field index tensor row of the source file, from 0; it survives every selection
          set = jets.sample()
          #set, set.pt:dim() --> 20000 1
      """)
    try set.metamethod("__len") { call in call.returns(try call.jets.count) }
    try set.metamethod("__tostring") { call in
      let jets = try call.jets
      return try call.returns("\(jets.count) jets of \(jets.path) (\(jets.formatName)): \(jets.columnNames.joined(separator: ", "))")
    }
    try set.property("path", help: """
      @type string
      The file the jets come from.
      """) { call in try call.returns(call.jets.path) }
    try set.property("format", help: """
      @type string
      The layout of that file.
      """) { call in try call.returns(call.jets.formatName) }
    try set.method("class_name", help: """
      The name of a label, "qcd" or "top"; nil for one without a name.
      @param label integer
      @return string?
          jets.sample():class_name(1) --> top
      """) { call in try call.returnsClassName(call.jets.classNames) }
    try set.index { call in  // set.pt, set.label, …; nil for a column the set lacks
      guard call.argument(at: 2, "column").kind == .string,
        let column = try call.jets.column(call.string(at: 2, "column"))
      else { return call.returnsNil() }
      return try call.returns(column.variable())
    }
    try openSelection(set)
    try openComputedColumns(set)
    try openResampling(set)
    try openConstituents(set)
    try set.method("images", help: """
      Jet images as sparse rows (arXiv:2104.08291, section 2): shifted to the centroid, rotated, flipped, pixels to the power `power`, blurred
      by a Gaussian of `blur` pixels, divided by their sum.
      @param options? {size: integer, deta: number, dphi: number, weight: "pt"|"energy"|"one", combine: "sum"|"overwrite", center: boolean, rotate: boolean, flip: boolean, power: number, blur: number, normalise: boolean}
      size 40 pixels a side of 0.029 x 0.035, weight "pt", combine "sum", power 1, blur 0 and all other steps by default
      @return jets.Images
          jets.sample():take(100):images().x.shape --> {100, 1600}
          smooth = jets.sample():take(100):images { power = 0.5, blur = 1 }
          smooth.recipe.blur, smooth.x:nnz() > 10000 --> 1.0 true
      """) { call in
      guard case .jet(let recipe) = try call.imageRecipe(at: 2) else {
        throw call.mistake("expected options of jet images, got those of Lund images (kind = \"lund\"); lund_images takes them")
      }
      return try call.returns(call.jets.images(recipe))
    }
    try set.method("lund_images", help: """
      Images of the jets' Lund planes as sparse rows (arXiv:1807.04758; arXiv:2104.08291, appendix): x = ln(1/Δ), y = ln(kt/GeV) of the
      steps that undo a Cambridge/Aachen clustering, divided by their sum. Steps outside the window are left out.
      @param options? {size: integer, plane: integer, x: number[], y: number[], weight: "one"|"kt"|"z"|"kappa", kt_min: number, normalise: boolean}
      size 40, plane 1 (the primary), x {0, 7}, y {-2, 5}, weight "one", kt_min 0 GeV, normalise true by default
      @return jets.Images
          jets.sample():take(100):lund_images().x.shape --> {100, 1600}
      """) { call in
      let recipe = try LundImageRecipe(call.options(at: 2, keys: LundImageRecipe.optionNames))
      return try call.returns(call.jets.lundImages(recipe))
    }
  }

  private func openResampling(_ set: LuaClass<JetSet>) throws {
    try set.method("match", help: """
      Jets drawn so that a spectrum is the reference's: its share for each bin, the jets of a bin as equally often as can be. Bins
      whose jets do not suffice stay below, so that the set may have fewer than n jets.
      @param reference jets.Set its weights count
      @param options? {column: string, width: number, cap: integer, n: integer, jsd: number, shuffle: boolean}
      column "mass" in bins of 5 GeV; cap 10, how often a jet may be drawn; n as many as there are; with jsd the largest number up to n
      for which the spectra differ by no more; shuffle true, else in order
      @return jets.Set
      @return {n: integer, distinct: integer, effective: number, largest: integer, covered: number, low: number, high: number, jsd: number}
      report distinct jets, their effective number (Σ r)² / Σ r², the largest repetition, the fraction of the reference in bins that are
      full, the edges of the longest run of such bins, and the Jensen–Shannon divergence in nats of the spectra in these bins
          set = jets.sample()
          matched, report = set:where("label == 1"):match(set:where("label == 0"), {column = "mass", width = 5})
          report.largest <= 10, report.n == #matched --> true true
      """) { call in  // match(reference [, {column = "mass", width = 5, cap = 10, n =, jsd =, shuffle = true}])
      try call.expectAtMost(3)
      let options = try call.options(at: 3, keys: ["column", "width", "cap", "n", "jsd", "shuffle"])
      let (set, report) = try call.jets.matched(
        to: call.object(at: 2, "reference", JetSet.self), column: options.string("column", default: "mass"),
        width: options.number("width", default: 5), cap: options.integer("cap", default: 10), n: options.optional("n")?.integer(),
        divergence: options.optional("jsd")?.number(), permutation: call.selectionOrder(options))
      return try call.returns(
        .object(set),
        .record([
          ("n", .integer(report.count)), ("distinct", .integer(report.distinct)), ("effective", .number(report.effective)),
          ("largest", .integer(report.largestRepetition)), ("covered", .number(report.covered)), ("low", .number(report.range.low)),
          ("high", .number(report.range.high)), ("jsd", .number(report.divergence)),
        ]))
    }
    try set.method("folds", help: """
      Sets for cross-validation: k pairs `{train =, test =}`; every jet is in the test part of exactly one.
      @param k integer 2 to 100
      @param options? {shuffle: boolean} default true, a seeded permutation, else in file order
      @return {train: jets.Set, test: jets.Set}[]
          folds = jets.sample():folds(5)
          #folds, #folds[1].train, #folds[1].test --> 5 16000 4000
      """) { call in  // folds(k [, {shuffle = true}])
      try call.expectAtMost(3)
      let options = try call.options(at: 3, keys: ["shuffle"])
      let folds = try call.jets.folds(call.integer(at: 2, "k"), permutation: call.selectionOrder(options))
      return try call.returns(.array(folds.map { .record([("train", .object($0.train)), ("test", .object($0.test))]) }))
    }
    try set.method("save", help: """
      Writes the jets in the layout of the community top-tagging set, which `pandas.read_hdf(path, key="table")` and `jets.open` read: the 200 leading
      constituents, the label as is_signal_new, the row of the source as the index. The file appears whole or not at all.
      @param path string
          path = os.tmpname()
          jets.sample():take(5):save(path)
          #jets.open(path), os.remove(path) --> 5 true
      """) { call in
      try call.expectAtMost(2)
      try call.jets.save(to: call.string(at: 2, "path"))
      return call.returns()
    }
  }

  private func openSelection(_ set: LuaClass<JetSet>) throws {
    try set.method("where", help: """
      The jets that pass a cut, as another set; the cut becomes a line of the cutflow. A NaN fails the cut and is counted.
      @param cut string|tensor|boolean[]|fun(set: jets.Set): tensor such as "550 < pt and pt < 650 and abs(eta) < 2", a mask, or a function of the set that gives one
      @param options? {name: string} what the cutflow calls it
      @return jets.Set
          #jets.sample():where("label == 1") --> 10000
      """) { call in  // where(cut | mask | function [, {name =}])
      try call.expectAtMost(3)
      let jets = try call.jets
      let name = try call.options(at: 3, keys: ["name"]).optional("name")?.string()
      let cut = call.argument(at: 2, "cut")
      switch cut.kind {
      case .string: return try call.returns(jets.filtered(by: cut.string(), name: name))
      case .function:
        let mask = try call.invoke(cut, [.stack(call.argument(at: 1, "self"))])[0]
        return try call.returns(jets.filtered(by: mask.mask(), name: name ?? "function"))
      default: return try call.returns(jets.filtered(by: cut.mask(), name: name))
      }
    }
    try set.method("cutflow_steps", help: """
      @private
      """) { call in
      let steps: [LuaValue] = try call.jets.cutflow().map { step in
        .record([
          ("name", .string(step.name)), ("n", .integer(step.count)), ("weight", .number(step.weight)),
          ("efficiency", .number(step.efficiency)), ("cumulative", .number(step.cumulative)), ("undecided", .integer(step.undecided)),
          ("labels", .integers(step.byLabel.map(\.label))), ("counts", .integers(step.byLabel.map(\.count))),
        ])
      }
      return try call.returns(.array(steps))
    }
    try set.method("mix", help: """
      Signal and background in a given ratio, drawn by a seeded permutation; the label is then 1 for the signal.
      @param options {signal: string, background: string, ratio: number, n: integer|"most", shuffle: boolean}
      ratio 1; n jets of the background and ratio · n of the signal, "most" as many as there are; shuffle true, else in file order
      @return jets.Set
          set = jets.sample():mix{signal = "top", background = "qcd", ratio = 0.05, n = 1000}
          #set, set.label:sum():item() --> 1050 50
      """) { call in  // mix{signal =, background =, ratio = 1, n = jets or "most", shuffle = true}
      try call.expectAtMost(2)
      let options = try call.options(at: 2, keys: ["signal", "background", "ratio", "n", "shuffle"])
      let jets = try call.jets
      let signal = try options.required("signal").string(), background = try options.required("background").string()
      let ratio = try options.number("ratio", default: 1)
      let n: Int?
      if let given = options.optional("n"), given.kind == .string {
        _ = try given.choice(["most"])
        n = try jets.largestMix(signal: signal, background: background, ratio: ratio)
      } else {
        n = try options.optional("n")?.integer()
      }
      return try call.returns(
        jets.mixed(signal: signal, background: background, ratio: ratio, n: n, permutation: call.selectionOrder(options)))
    }
    try set.method("split", help: """
      Two disjoint sets, of `fraction` of the jets and of the others, drawn by a seeded permutation.
      @param fraction number in (0, 1)
      @param options? {shuffle: boolean} default true, else in file order
      @return jets.Set
      @return jets.Set
          train, test = jets.sample():split(0.9)
          #train, #test --> 18000 2000
      """) { call in  // split(fraction [, {shuffle = true}])
      try call.expectAtMost(3)
      let options = try call.options(at: 3, keys: ["shuffle"])
      let (first, second) = try call.jets.split(call.number(at: 2, "fraction"), permutation: call.selectionOrder(options))
      return try call.returns(.object(first), .object(second))
    }
    try set.method("take", help: """
      The first n jets in the set's order.
      @param n integer
      @return jets.Set
          #jets.sample():take(5) --> 5
      """) { call in
      try call.expectAtMost(2)
      return try call.returns(call.jets.taking(call.integer(at: 2, "n")))
    }
    try set.method("shuffle", help: """
      The same jets in a seeded random order.
      @return jets.Set
          #jets.sample():shuffle() --> 20000
      """) { call in
      try call.expectAtMost(1)
      return try call.returns(call.jets.shuffled { RandomStream.selection.permutation($0) })
    }
  }
}

extension Call {
  fileprivate var jets: JetSet { get throws { try object(at: 1, "self", JetSet.self) } }

  /// The name of the label that is argument 2; nil for one without a name.
  func returnsClassName(_ names: [Int: String]) throws -> Results {
    guard let name = names[try integer(at: 2, "label")] else { return returnsNil() }
    return try returns(name)
  }
}

extension Argument {
  /// A mask: a bool tensor, or a list of true and false.
  fileprivate func mask() throws -> [Bool] {
    if let variable = objectIfAny(Variable.self) {
      guard variable.dtype == .bool else {
        throw mistake(expected: "a mask of bools such as set.pt:gt(550), not a tensor of \(variable.dtype.name)")
      }
      return try variable.value.array(of: UInt8.self).map { $0 != 0 }
    }
    guard kind == .table else { throw mistake(expected: "a cut such as \"pt > 550\", a mask or a function") }
    var values: [Bool] = []
    try forEachItem { values.append(try $1.bool()) }
    return values
  }
}
