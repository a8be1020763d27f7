import Autodiff
import Jets
import TensorCore

extension JetSet: LuaObject {
  public var offHeapBytes: Int { count * 4 }
}

extension LuaHost {
  /// `jetlua.core.jets`: files of jets, selections, images, clustering.
  func openJetsLibrary() throws {
    let library = try library("jets")
    try library.function("open") { call in  // open(path [, {broken = "raise" | "drop"}])
      try call.expectAtMost(2)
      let path = try call.string(at: 1, "path")
      let options = try call.options(at: 2, keys: ["broken"])
      let broken = try options.choice("broken", default: "raise", BrokenJets.allCases.map(\.rawValue))
      return try call.returns(JetSet(source: openJets(path: path), broken: BrokenJets(rawValue: broken) ?? .raise))
    }
    try openJetSet()
    try openImageSets()
    try openClustering(library)
  }

  private func openJetSet() throws {
    let set = try declare(JetSet.self, as: "jet set")
    try set.metamethod("__len") { call in call.returns(try call.jets.count) }
    try set.metamethod("__tostring") { call in
      let jets = try call.jets
      return try call.returns("\(jets.count) jets of \(jets.path) (\(jets.formatName)): \(jets.columnNames.joined(separator: ", "))")
    }
    try set.property("path") { call in try call.returns(call.jets.path) }
    try set.property("format") { call in try call.returns(call.jets.formatName) }
    try set.method("class_name") { call in try call.returnsClassName(call.jets.classNames) }
    try set.index { call in  // set.pt, set.label, …; nil for a column the set lacks
      guard call.argument(at: 2, "column").kind == .string,
        let column = try call.jets.column(call.string(at: 2, "column"))
      else { return call.returnsNil() }
      return try call.returns(column.variable())
    }
    try openSelection(set)
    try set.method("images") { call in
      let recipe = try JetImageRecipe(call.options(at: 2, keys: JetImageRecipe.optionNames))
      return try call.returns(call.jets.images(recipe))
    }
  }

  private func openSelection(_ set: LuaClass<JetSet>) throws {
    try set.method("where") { call in  // where(cut | mask | function [, {name =}])
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
    try set.method("cutflow_steps") { call in
      let steps: [LuaValue] = try call.jets.cutflow().map { step in
        .record([
          ("name", .string(step.name)), ("n", .integer(step.count)), ("weight", .number(step.weight)),
          ("efficiency", .number(step.efficiency)), ("cumulative", .number(step.cumulative)), ("undecided", .integer(step.undecided)),
          ("labels", .integers(step.byLabel.map(\.label))), ("counts", .integers(step.byLabel.map(\.count))),
        ])
      }
      return try call.returns(.array(steps))
    }
    try set.method("mix") { call in  // mix{signal =, background =, ratio = 1, n = jets or "most", shuffle = true}
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
    try set.method("split") { call in  // split(fraction [, {shuffle = true}])
      try call.expectAtMost(3)
      let options = try call.options(at: 3, keys: ["shuffle"])
      let (first, second) = try call.jets.split(call.number(at: 2, "fraction"), permutation: call.selectionOrder(options))
      return try call.returns(.object(first), .object(second))
    }
    try set.method("take") { call in
      try call.expectAtMost(2)
      return try call.returns(call.jets.taking(call.integer(at: 2, "n")))
    }
    try set.method("shuffle") { call in
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
