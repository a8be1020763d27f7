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
    var count: Int
    var entries = 0
    /// The gathered rows and their order by column; nil before they are there and where memory ran out.
    var rowBlock: UnsafeMutableRawPointer?
    var columnBlock: UnsafeMutableRawPointer?
  }

  // Rows of one piece: some five microseconds, since a loop that begins meanwhile starts without this thread.
  private static let rowsPerPiece = 64
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
    job.initialize(to: Job(source: source.kernelView, columns: source.columns, places: copy, count: places.count))
    let pieces = (places.count - 1) / RowsAhead.rowsPerPiece + 1
    work = WorkAside(pieces: 2 + 2 * pieces) { [job] in RowsAhead.run(job, piece: $0) }
  }

  deinit {
    work?.finish()
    if let block = job.pointee.rowBlock { MemoryPool.deallocate(block, bytes: SparseRows.byteCount(rows: job.pointee.count, entries: job.pointee.entries)) }
    if let block = job.pointee.columnBlock {
      MemoryPool.deallocate(block, bytes: SparseColumns.byteCount(columns: job.pointee.columns, entries: job.pointee.entries))
    }
    job.pointee.places.deallocate()
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
    if let block = job.pointee.columnBlock {
      job.pointee.columnBlock = nil
      let storage = Storage(adopting: block, byteCount: SparseColumns.byteCount(columns: source.columns, entries: entries))
      rows.cachedColumns = SparseColumns(columns: source.columns, entries: entries, storage: storage)
    }
    return rows
  }

  // Piece 0 measures, the next ones gather, one counts the columns, the last ones fill them.
  private static func run(_ job: UnsafeMutablePointer<Job>, piece: Int) {
    let pieces = (job.pointee.count - 1) / rowsPerPiece + 1
    if piece == 0 { return measure(job) }
    guard let block = job.pointee.rowBlock, let columnBlock = job.pointee.columnBlock else { return }
    let (count, entries, source) = (job.pointee.count, job.pointee.entries, job.pointee.source)
    let (offsets, indices, values) = SparseRows.parts(of: block, rows: count, entries: entries)
    let gathered = jvm_sparse_rows(offsets: offsets, columns: indices, values: values)
    let columns = SparseColumns.parts(of: columnBlock, columns: job.pointee.columns, entries: entries)
    func rows(_ part: Int) -> Range<Int> { part * rowsPerPiece..<min(count, (part + 1) * rowsPerPiece) }
    if piece <= pieces {
      for place in rows(piece - 1) {
        let start = Int(source.offsets[job.pointee.places[place]]), to = Int(offsets[place]), n = Int(offsets[place + 1]) - to
        (indices + to).update(from: source.columns + start, count: n)
        (values + to).update(from: source.values + start, count: n)
      }
    } else if piece == pieces + 1 {
      jvm_count_columns(gathered, count, job.pointee.columns, columns.places)
    } else {
      let range = rows(piece - pieces - 2)
      jvm_fill_columns(gathered, range.lowerBound, range.upperBound, columns.places, columns.rows, columns.values)
    }
  }

  private static func measure(_ job: UnsafeMutablePointer<Job>) {
    let (count, source) = (job.pointee.count, job.pointee.source)
    var entries = 0
    for place in 0..<count {
      let row = job.pointee.places[place]
      entries += Int(source.offsets[row + 1] - source.offsets[row])
    }
    guard entries < Int(Int32.max), count < Int(Int32.max), let block = try? MemoryPool.allocate(SparseRows.byteCount(rows: count, entries: entries)) else { return }
    job.pointee.entries = entries
    job.pointee.rowBlock = block
    job.pointee.columnBlock = try? MemoryPool.allocate(SparseColumns.byteCount(columns: job.pointee.columns, entries: entries))
    if job.pointee.columnBlock == nil {
      MemoryPool.deallocate(block, bytes: SparseRows.byteCount(rows: count, entries: entries))
      job.pointee.rowBlock = nil
      return
    }
    let offsets = SparseRows.parts(of: block, rows: count, entries: entries).offsets
    var at = 0
    for place in 0..<count {
      offsets[place] = Int64(at)
      let row = job.pointee.places[place]
      at += Int(source.offsets[row + 1] - source.offsets[row])
    }
    offsets[count] = Int64(at)
  }
}
