import ArrayFiles

/// What pandas and PyTables expect around a table of the community layout.
///
/// They keep lists of columns as Python pickles of protocol 0, which is text; these are written here and never read.
enum CommunityTable {
  static let constituents = 200
  static let rowsAtOnce = 64
  static let floatColumns =
    (0..<constituents).flatMap { i in ["E", "PX", "PY", "PZ"].map { "\($0)_\(i)" } } + ["truthE", "truthPX", "truthPY", "truthPZ"]
  static let integerColumns = ["ttv", "is_signal_new"]

  static func describe(_ writer: HDF5Writer, rows: Int) throws {
    func set(_ object: String, _ attributes: [(String, HDF5Attribute)]) throws {
      for (name, value) in attributes { try writer.attribute(name, of: object, value) }
    }
    try set("/", [("CLASS", .text("GROUP")), ("PYTABLES_FORMAT_VERSION", .text("2.1")), ("TITLE", .text("")), ("VERSION", .text("1.0"))])
    try set(
      "/table",
      [
        ("CLASS", .text("GROUP")), ("TITLE", .text("")), ("VERSION", .text("1.0")), ("pandas_type", .text("frame_table")),
        ("table_type", .text("appendable_frame")), ("data_columns", .bytes("(lp0\n.")),
        ("encoding", .text("UTF-8")), ("errors", .text("strict")), ("index_cols", .bytes("(lp0\n(I0\nVindex\np1\ntp2\na.")),
        ("info", .bytes("(dp0\nI1\n(dp1\nVnames\np2\n(lp3\nNasVtype\np4\nVIndex\np5\nssVindex\np6\n(dp7\nsVvalues_block_0\np8\n(dp9\nsVvalues_block_1\np10\n(dp11\ns.")), ("levels", .integer(1)),
        ("nan_rep", .bytes("N.")),
        ("non_index_axes", .bytes("(lp0\n(I1\n\(pickled(floatColumns + integerColumns, from: 1))tp\(floatColumns.count + integerColumns.count + 2)\na.")),
        ("values_cols", .bytes(pickled(["values_block_0", "values_block_1"], from: 0) + ".")),
      ])
    try set(
      "/table/table",
      [
        ("CLASS", .text("TABLE")), ("TITLE", .text("")), ("VERSION", .text("2.7")), ("NROWS", .integer(Int64(rows))),
        ("FIELD_0_NAME", .text("index")), ("FIELD_0_FILL", .integer(0)), ("FIELD_1_NAME", .text("values_block_0")),
        ("FIELD_1_FILL", .float(0)), ("FIELD_2_NAME", .text("values_block_1")), ("FIELD_2_FILL", .integer(0)),
        ("index_kind", .text("integer")), ("values_block_0_dtype", .text("float32")), ("values_block_0_meta", .bytes("N.")),
        ("values_block_0_kind", .bytes(pickled(floatColumns, from: 0) + ".")), ("values_block_1_dtype", .text("int64")),
        ("values_block_1_meta", .bytes("N.")), ("values_block_1_kind", .bytes(pickled(integerColumns, from: 0) + ".")),
      ])
  }

  /// A list of texts as a pickle of protocol 0 without its end, its memory numbered from `first`.
  private static func pickled(_ texts: [String], from first: Int) -> String {
    "(lp\(first)\n" + texts.enumerated().map { "V\($0.element)\np\(first + 1 + $0.offset)\na" }.joined()
  }
}
