import CVectorMath

/// The entries of a `SparseRows` ordered by column, rows ascending within one (CSC).
public final class SparseColumns {
  /// D of the matrix [N, D].
  public let columns: Int
  /// Where each column's entries begin, D + 1 numbers.
  public let offsets: UnsafePointer<Int32>
  /// The row of each entry, column after column.
  public let rows: UnsafePointer<Int32>
  /// The value of each entry.
  public let values: UnsafePointer<Float>
  private let storage: Storage

  /// Throws CallerError where a batch has more than 2^31 − 1 entries.
  convenience init(_ matrix: SparseRows) throws {
    let entries = matrix.entryCount
    guard entries < Int(Int32.max), matrix.rows < Int(Int32.max) else {
      throw CallerError("backward: a sparse batch of \(entries) entries is too large for one step; use smaller batches")
    }
    let bytes = SparseColumns.byteCount(columns: matrix.columns, entries: entries)
    self.init(columns: matrix.columns, entries: entries, storage: try Storage(byteCount: bytes))
    let (places, rows, values) = SparseColumns.parts(of: storage.pointer, columns: columns, entries: entries)
    jvm_count_columns(matrix.kernelView, matrix.rows, columns, places)
    jvm_fill_columns(matrix.kernelView, 0, matrix.rows, places, rows, values)
  }

  /// A block that is filled already, or will be.
  init(columns: Int, entries: Int, storage: Storage) {
    self.columns = columns
    self.storage = storage
    let (places, rows, values) = SparseColumns.parts(of: storage.pointer, columns: columns, entries: entries)
    (offsets, self.rows, self.values) = (UnsafePointer(places), UnsafePointer(rows), UnsafePointer(values))
  }

  static func byteCount(columns: Int, entries: Int) -> Int { (columns + 2) * 4 + entries * 8 }
  static func parts(of block: UnsafeMutableRawPointer, columns: Int, entries: Int) -> (
    places: UnsafeMutablePointer<Int32>, rows: UnsafeMutablePointer<Int32>, values: UnsafeMutablePointer<Float>
  ) {
    let places = block.assumingMemoryBound(to: Int32.self), rows = places + columns + 2
    return (places, rows, block.assumingMemoryBound(to: Float.self) + columns + 2 + entries)
  }
}
