import CVectorMath

/// A matrix [rows, columns] of which few elements are not zero, row by row (CSR), in float32.
///
/// Entries of row r are `offsets[r] ..< offsets[r + 1]` of `indices` and `values`, with ascending columns. Offsets may
/// start above 0, so that a range of rows is a view. At most 65,536 columns: an index takes 16 bits.
public final class SparseRows {
  /// The most columns: a column's index has 16 bits.
  public static let maximumColumns = 1 << 16

  /// N of the matrix [N, D].
  public let rows: Int
  /// D of the matrix [N, D].
  public let columns: Int
  /// `rows + 1` places in `indices` and `values`.
  public let offsets: UnsafePointer<Int64>
  /// The column of each entry, from 0, row after row.
  public let indices: UnsafePointer<UInt16>
  /// The value of each entry.
  public let values: UnsafePointer<Float>
  /// How the rows were made, where their maker says so; views and selections have it from the whole.
  public var origin: AnyHashable?
  private let owner: AnyObject
  var cachedColumns: SparseColumns?

  /// A view of memory that `owner` keeps alive; the caller answers for ascending columns below `columns`.
  public init(
    rows: Int, columns: Int, offsets: UnsafePointer<Int64>, indices: UnsafePointer<UInt16>, values: UnsafePointer<Float>,
    owner: AnyObject
  ) {
    self.rows = rows
    self.columns = columns
    self.offsets = offsets
    self.indices = indices
    self.values = values
    self.owner = owner
  }

  /// Entries stored.
  public var entryCount: Int { Int(offsets[rows] - offsets[0]) }

  /// Bytes of offsets, indices and values.
  public var byteCount: Int { (rows + 1) * 8 + entryCount * 6 }

  /// Memory for `rows` rows with `entries` entries, offsets first; its three parts are written before anyone reads them.
  public static func allocate(rows: Int, columns: Int, entries: Int) throws -> (
    matrix: SparseRows, offsets: UnsafeMutablePointer<Int64>, indices: UnsafeMutablePointer<UInt16>, values: UnsafeMutablePointer<Float>
  ) {
    guard columns <= maximumColumns else {
      throw CallerError("sparse_rows: at most \(maximumColumns) columns, got \(columns)")
    }
    // A tensor of no columns may have any number of rows.
    guard rows < 1 << 48, entries < 1 << 48 else { throw OutOfMemory(bytes: nil) }
    let storage = try Storage(byteCount: byteCount(rows: rows, entries: entries))
    let (offsets, indices, values) = parts(of: storage.pointer, rows: rows, entries: entries)
    offsets[rows] = Int64(entries)
    offsets[0] = 0
    return (SparseRows(rows: rows, columns: columns, offsets: offsets, indices: indices, values: values, owner: storage), offsets, indices, values)
  }

  /// Bytes of one block with all of a matrix, and where its parts lie in the block.
  static func byteCount(rows: Int, entries: Int) -> Int { (rows + 1) * 8 + entries * 6 }
  static func parts(of block: UnsafeMutableRawPointer, rows: Int, entries: Int) -> (
    offsets: UnsafeMutablePointer<Int64>, indices: UnsafeMutablePointer<UInt16>, values: UnsafeMutablePointer<Float>
  ) {
    let values = block + (rows + 1) * 8
    return (
      block.assumingMemoryBound(to: Int64.self), (values + entries * 4).assumingMemoryBound(to: UInt16.self),
      values.assumingMemoryBound(to: Float.self))
  }

  /// The non-zero elements of a dense [N, D] tensor.
  public convenience init(_ dense: Tensor) throws {
    guard dense.rank == 2 else { throw CallerError("sparse_rows: a tensor [N, D] expected, got shape \(dense.shape.text)") }
    let x = try dense.converted(to: .float32).contiguous()
    let (n, d) = (x.shape[0], x.shape[1])
    let numbers = x.buffer(as: Float.self)
    let entries = numbers.reduce(0) { $0 + ($1 != 0 ? 1 : 0) }
    let (matrix, offsets, indices, values) = try SparseRows.allocate(rows: n, columns: d, entries: entries)
    var at = 0
    for row in 0..<n {
      offsets[row] = Int64(at)
      for column in 0..<d where numbers[row * d + column] != 0 {
        indices[at] = UInt16(truncatingIfNeeded: column)
        values[at] = numbers[row * d + column]
        at += 1
      }
    }
    self.init(rows: n, columns: d, offsets: offsets, indices: indices, values: values, owner: matrix.owner)
  }

  /// The dense [rows, columns] tensor.
  public func dense() throws -> Tensor {
    let result = try Tensor(filling: [rows, columns], with: 0, .float32)
    let out = result.pointer(as: Float.self)
    for row in 0..<rows {
      for e in Int(offsets[row])..<Int(offsets[row + 1]) { out[row * columns + Int(indices[e])] = values[e] }
    }
    return result
  }

  /// Rows `range` without a copy.
  public func view(_ range: Range<Int>) -> SparseRows {
    let part = SparseRows(
      rows: range.count, columns: columns, offsets: offsets + range.lowerBound, indices: indices, values: values, owner: self)
    part.origin = origin
    return part
  }

  /// A matrix of the given rows, in that order; each must be in `0 ..< rows`.
  public func gathered(_ chosen: [Int]) throws -> SparseRows {
    var entries = 0
    for row in chosen { entries += Int(self.offsets[row + 1] - self.offsets[row]) }
    let (matrix, offsets, indices, values) = try SparseRows.allocate(rows: chosen.count, columns: columns, entries: entries)
    var at = 0
    for (place, row) in chosen.enumerated() {
      offsets[place] = Int64(at)
      at += Int(self.offsets[row + 1] - self.offsets[row])
    }
    // Rows drawn at random from a large set are misses of the cache, one after the other: the threads wait for half each.
    try ThreadPool.parallelRanges(chosen.count, grain: 64) { range in
      for place in range {
        let start = Int(self.offsets[chosen[place]]), to = Int(offsets[place]), n = Int(offsets[place + 1]) - to
        (indices + to).update(from: self.indices + start, count: n)
        (values + to).update(from: self.values + start, count: n)
      }
    }
    matrix.origin = origin
    return matrix
  }

  /// The same entries ordered by column; made once, at the first backward pass through this matrix.
  public func byColumn() throws -> SparseColumns {
    if let cachedColumns { return cachedColumns }
    let made = try SparseColumns(self)
    cachedColumns = made
    return made
  }

  /// The sums of each row: a [rows] tensor.
  public func rowSums() throws -> Tensor {
    let result = try Tensor(uninitialized: [rows], .float32)
    let out = result.pointer(as: Float.self)
    for row in 0..<rows {
      var total: Float = 0
      for e in Int(offsets[row])..<Int(offsets[row + 1]) { total += values[e] }
      out[row] = total
    }
    return result
  }
}
