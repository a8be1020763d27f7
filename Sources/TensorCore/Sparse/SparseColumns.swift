import CVectorMath

/// The entries of a `SparseRows` ordered by column, rows ascending within one (CSC).
public final class SparseColumns {
  /// D of the matrix [N, D].
  public let columns: Int
  /// Where each column's entries begin, D + 1 numbers.
  public let offsets: UnsafePointer<Int32>
  /// The row and the value of each entry, column after column.
  public let entries: UnsafePointer<jvm_column_entry>
  private let storage: Storage

  /// Throws CallerError where a batch has more than 2^31 − 1 entries.
  convenience init(_ matrix: SparseRows) throws {
    let entries = matrix.entryCount
    guard entries < Int(Int32.max), matrix.rows < Int(Int32.max) else {
      throw CallerError("backward: a sparse batch of \(entries) entries is too large for one step; use smaller batches")
    }
    let bytes = SparseColumns.byteCount(columns: matrix.columns, entries: entries)
    self.init(columns: matrix.columns, storage: try Storage(byteCount: bytes))
    let (places, filled) = SparseColumns.parts(of: storage.pointer, columns: columns)
    jvm_count_columns(matrix.kernelView, matrix.rows, columns, places)
    jvm_fill_columns(matrix.kernelView, 0, matrix.rows, places, filled)
  }

  /// A block that is filled already, or will be.
  init(columns: Int, storage: Storage) {
    self.columns = columns
    self.storage = storage
    let (places, filled) = SparseColumns.parts(of: storage.pointer, columns: columns)
    (offsets, entries) = (UnsafePointer(places), UnsafePointer(filled))
  }

  var kernelView: jvm_sparse_columns { jvm_sparse_columns(offsets: offsets, entries: entries) }

  // Places for the kernels that count, one more than columns + 1, and then whole entries.
  private static func placeCount(_ columns: Int) -> Int { (columns + 3) & ~1 }
  static func byteCount(columns: Int, entries: Int) -> Int { placeCount(columns) * 4 + entries * MemoryLayout<jvm_column_entry>.size }
  static func parts(of block: UnsafeMutableRawPointer, columns: Int) -> (
    places: UnsafeMutablePointer<Int32>, entries: UnsafeMutablePointer<jvm_column_entry>
  ) {
    (block.assumingMemoryBound(to: Int32.self), (block + placeCount(columns) * 4).assumingMemoryBound(to: jvm_column_entry.self))
  }
}
