import Jets
import TensorCore

extension JetLayout {
  private static let keys = ["constituents", "order", "unit", "mask", "label", "weight", "columns", "classes"]

  /// The layout that the option `layout` of a script describes.
  init(_ table: Argument) throws {
    let options = try Options(table, keys: JetLayout.keys)
    let names = try options.required("order").strings()
    let order = try names.map { name in
      guard let quantity = Quantity(rawValue: name) else {
        let known = Quantity.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        throw CallerError("open: layout: order: expected names among \(known), got \"\(name.onOneLine)\"")
      }
      return quantity
    }
    self.init(constituents: try options.required("constituents").string(), order: order)
    unit = try options.choice("unit", default: "GeV", ["GeV", "MeV"]) == "MeV" ? 0.001 : 1
    mask = try options.optional("mask")?.string()
    label = try options.optional("label")?.string()
    weight = try options.optional("weight")?.string()
    var columns: [(name: String, array: String, column: Int)] = []
    try options.optional("columns")?.forEachField { columns.append(($0, try $1.string(), 0)) }
    self.columns = columns.sorted { $0.name < $1.name }
    // From label 0 on, as the labels count.
    for (label, name) in try (options.optional("classes")?.strings() ?? []).enumerated() { classNames[label] = name }
  }
}
