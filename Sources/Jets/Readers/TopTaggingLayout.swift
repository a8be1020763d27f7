import ArrayFiles
import TensorCore

/// Where the columns of a top-tagging table are among the fields that pandas made of them.
///
/// The table has the columns E_0, PX_0, PY_0, PZ_0, E_1, … PZ_199, truthE, truthPX, truthPY, truthPZ (single precision) and ttv,
/// is_signal_new (integers). pandas gathers the columns of one type in one array field, in their order, except those named in
/// `data_columns`: they get a field of their own, and all that remain are then sorted by name. The attributes that list an array
/// field's columns are Python pickles: they are never looked at, and the columns follow from the fields' names and widths, or the
/// file is refused.
struct TopTaggingLayout: Equatable {
  /// Where one column is stored.
  enum Place: Equatable {
    /// In this column of the array field.
    case column(String, Int)
    /// In a field of its own.
    case field(String)
  }

  /// The places of E_0, PX_0, PY_0, PZ_0, E_1, … PZ_199.
  let constituents: [Place]
  /// The places of truthE, truthPX, truthPY, truthPZ; `nil` where the table has none.
  let truth: [Place]?
  /// The place of is_signal_new; `nil` where the table has no labels.
  let label: Place?
  /// Whether the label is stored as a whole number.
  let labelIsInteger: Bool

  static let constituentsPerJet = 200
  private static let momenta = (0..<constituentsPerJet).flatMap { i in ["E", "PX", "PY", "PZ"].map { "\($0)_\(i)" } }
  private static let truth = ["truthE", "truthPX", "truthPY", "truthPZ"]
  private static let labels = ["ttv", "is_signal_new"]

  /// Finds the columns in a table of these `fields`; `place` names the table in messages.
  init(fields: [HDF5Field], place: String) throws {
    var named: [String: HDF5Field] = [:]
    for field in fields where field.shape.isEmpty && field.element.isNumeric { named[field.name] = field }
    let blocks = fields.filter { $0.shape.count == 1 && $0.name.hasPrefix("values_block_") }

    // pandas forms the remaining columns as a difference of sets, which sorts them.
    let isSorted = fields.contains { $0.name != "index" && !$0.name.hasPrefix("values_block_") }
    func remaining(_ names: [String]) -> [String] {
      let names = names.filter { named[$0] == nil }
      return isSorted ? names.sorted() : names
    }

    // The label may stand among the others where all columns have one type.
    let orders = [
      TopTaggingLayout.momenta + TopTaggingLayout.truth, TopTaggingLayout.momenta,
      TopTaggingLayout.momenta + TopTaggingLayout.truth + TopTaggingLayout.labels, TopTaggingLayout.momenta + TopTaggingLayout.labels,
    ].map(remaining)
    var found: [String: Place] = [:]
    var matches = 0
    for block in blocks where block.isFloat {
      guard let order = orders.first(where: { $0.count == block.shape[0] }) else { continue }
      matches += 1
      for (column, name) in order.enumerated() { found[name] = .column(block.name, column) }
    }
    for name in named.keys { found[name] = .field(name) }
    let places = TopTaggingLayout.momenta.compactMap { found[$0] }
    guard matches <= 1, places.count == TopTaggingLayout.momenta.count else {
      throw CallerError(
        "\(place) holds \(TopTaggingLayout.list(fields)); a top-tagging table holds E_0, PX_0, PY_0, PZ_0, … PZ_199, "
          + "truthE … truthPZ in a field of 804 columns and ttv, is_signal_new in one of 2: give a table of that layout")
    }
    constituents = places
    let truthPlaces = TopTaggingLayout.truth.compactMap { found[$0] }
    truth = truthPlaces.count == TopTaggingLayout.truth.count ? truthPlaces : nil

    let integers = blocks.filter { !$0.isFloat && $0.element.isNumeric }
    let order = remaining(TopTaggingLayout.labels)
    if found["is_signal_new"] == nil, let block = integers.first {
      guard integers.count == 1, block.shape[0] == order.count, let column = order.firstIndex(of: "is_signal_new") else {
        throw CallerError(
          "\(place) holds \(TopTaggingLayout.list(fields)); which whole-number column is is_signal_new cannot be told without ttv "
            + "beside it: write the table with data_columns=[\"is_signal_new\"]")
      }
      found["is_signal_new"] = .column(block.name, column)
    }
    label = found["is_signal_new"]
    switch label {
    case .field(let name): labelIsInteger = named[name].map { !$0.isFloat } ?? false
    case .column(let name, _): labelIsInteger = integers.contains { $0.name == name }
    case nil: labelIsInteger = false
    }
  }

  private static func list(_ fields: [HDF5Field]) -> String {
    let shown = fields.prefix(10).map(\.description).joined(separator: ", ")
    return fields.count > 10 ? "\(shown) and \(fields.count - 10) more fields" : shown
  }
}

extension HDF5Field {
  fileprivate var isFloat: Bool {
    if case .float = element { return true }
    return false
  }
}
