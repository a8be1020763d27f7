import CVectorMath

/// The rows of the next batch, gathered and ordered by column on another thread while this one works on the present batch.
///
/// The work is done in pieces between the array loops (see `jt_aside_start`); with one thread there is nobody to do it.
public final class RowsAhead {
  // What the other thread works on: raw memory only, so that it counts no references.
  private struct Job {
    var source: jvm_sparse_rows
    var columns: Int
    var places: UnsafeMutablePointer<Int>
    /// Where each row ends among the gathered entries.
    var ends: UnsafeMutablePointer<Int64>
    var count: Int
    var entries = 0
    /// The gathered rows and their order by column; nil before they are there and where memory ran out.
    var rowBlock: UnsafeMutableRawPointer?
    var columnBlock: UnsafeMutableRawPointer?
  }

  // Rows of one piece: some two microseconds, since a loop that begins meanwhile starts without this thread.
  private static let rowsPerPiece = 16
  private let job: UnsafeMutablePointer<Job>
  private let source: SparseRows
  private var work: WorkAside?

  /// Begins to gather the rows `places` of `source`, each in `0 ..< source.rows`. Nil with one thread.
  public init?(_ source: SparseRows, at places: [Int]) {
    guard ThreadPool.threadCount > 1, !places.isEmpty else { return nil }
    self.source = source
    let copy = UnsafeMutablePointer<Int>.allocate(capacity: places.count)
    copy.initialize(from: places, count: places.count)
    job = .allocate(capacity: 1)
    job.initialize(to: Job(source: source.kernelView, columns: source.columns, places: copy, ends: .allocate(capacity: places.count), count: places.count))
    let pieces = (places.count - 1) / RowsAhead.rowsPerPiece + 1
    work = WorkAside(pieces: 2 + 3 * pieces) { [job] in RowsAhead.run(job, piece: $0) }
  }

  deinit {
    work?.finish()
    if let block = job.pointee.rowBlock { MemoryPool.deallocate(block, bytes: SparseRows.byteCount(rows: job.pointee.count, entries: job.pointee.entries)) }
    if let block = job.pointee.columnBlock {
      MemoryPool.deallocate(block, bytes: SparseColumns.byteCount(columns: job.pointee.columns, entries: job.pointee.entries))
    }
    job.pointee.places.deallocate()
    job.pointee.ends.deallocate()
    job.deallocate()
  }

  /// The rows; waits for them if need be. Throws OutOfMemory.
  public func take() throws -> SparseRows {
    work?.finish()
    let (count, entries) = (job.pointee.count, job.pointee.entries)
    guard let block = job.pointee.rowBlock else { return try source.gathered(Array(UnsafeBufferPointer(start: job.pointee.places, count: count))) }
    job.pointee.rowBlock = nil
    let (offsets, indices, values) = SparseRows.parts(of: block, rows: count, entries: entries)
    let owner = Storage(adopting: block, byteCount: SparseRows.byteCount(rows: count, entries: entries))
    let rows = SparseRows(rows: count, columns: source.columns, offsets: offsets, indices: indices, values: values, owner: owner)
    rows.origin = source.origin
    if let block = job.pointee.columnBlock {
      job.pointee.columnBlock = nil
      let storage = Storage(adopting: block, byteCount: SparseColumns.byteCount(columns: source.columns, entries: entries))
      rows.cachedColumns = SparseColumns(columns: source.columns, storage: storage)
    }
    return rows
  }

  // The first pieces measure rows, one makes the blocks, the next ones gather and count, one turns counts into places, the last fill the
  // columns. They run in this order, though not all on one thread.
  private static func run(_ job: UnsafeMutablePointer<Job>, piece: Int) {
    let pieces = (job.pointee.count - 1) / rowsPerPiece + 1
    func rows(_ part: Int) -> Range<Int> { part * rowsPerPiece..<min(job.pointee.count, (part + 1) * rowsPerPiece) }
    if piece < pieces { return measure(job, rows(piece)) }
    if piece == pieces { return makeBlocks(job) }
    guard let block = job.pointee.rowBlock, let columnBlock = job.pointee.columnBlock else { return }
    let (count, entries, source) = (job.pointee.count, job.pointee.entries, job.pointee.source)
    let (offsets, indices, values) = SparseRows.parts(of: block, rows: count, entries: entries)
    let columns = SparseColumns.parts(of: columnBlock, columns: job.pointee.columns)
    if piece <= 2 * pieces {
      let range = rows(piece - pieces - 1)
      // Counted two places on, as `jvm_fill_columns` wants it.
      jvm_gather_rows(source, job.pointee.places, range.lowerBound, range.upperBound, offsets, indices, values, columns.places + 2)
    } else if piece == 2 * pieces + 1 {
      var sum: Int32 = 0
      for column in 2..<job.pointee.columns + 2 {
        sum &+= columns.places[column]
        columns.places[column] = sum
      }
    } else {
      let range = rows(piece - 2 * pieces - 2)
      let gathered = jvm_sparse_rows(offsets: offsets, columns: indices, values: values)
      jvm_fill_columns(gathered, range.lowerBound, range.upperBound, columns.places, columns.entries)
    }
  }

  private static func measure(_ job: UnsafeMutablePointer<Job>, _ rows: Range<Int>) {
    let offsets = job.pointee.source.offsets
    var end = rows.lowerBound > 0 ? job.pointee.ends[rows.lowerBound - 1] : 0
    for place in rows {
      let row = job.pointee.places[place]
      end &+= (offsets?[row + 1] ?? 0) &- (offsets?[row] ?? 0)
      job.pointee.ends[place] = end
    }
  }

  private static func makeBlocks(_ job: UnsafeMutablePointer<Job>) {
    let count = job.pointee.count, entries = Int(job.pointee.ends[count - 1])
    guard entries < Int(Int32.max), count < Int(Int32.max), let block = try? MemoryPool.allocate(SparseRows.byteCount(rows: count, entries: entries)) else { return }
    job.pointee.entries = entries
    job.pointee.columnBlock = try? MemoryPool.allocate(SparseColumns.byteCount(columns: job.pointee.columns, entries: entries))
    guard let columnBlock = job.pointee.columnBlock else { return MemoryPool.deallocate(block, bytes: SparseRows.byteCount(rows: count, entries: entries)) }
    job.pointee.rowBlock = block
    let offsets = SparseRows.parts(of: block, rows: count, entries: entries).offsets
    offsets[0] = 0
    (offsets + 1).update(from: job.pointee.ends, count: count)
    SparseColumns.parts(of: columnBlock, columns: job.pointee.columns).places.update(repeating: 0, count: job.pointee.columns + 2)
  }
}
