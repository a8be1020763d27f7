import Synchronization
import TensorCore

/// The constituents of a set's jets as its source hands them on, some jets at a time, in fixed memory.
///
/// While one batch is worked on another thread reads the next, where the source can be read by several.
public final class ParticleBatches {
  /// Number of batches; the last may have fewer jets.
  public let count: Int
  private let set: JetSet
  private let size: Int
  private var next = 0
  private var ahead: Reading?

  init(_ set: JetSet, size: Int) {
    (self.set, self.size) = (set, size)
    count = (set.count - 1) / size + 1
  }

  /// The constituents of the next jets, `[n, M, 4]` with E, px, py, pz in GeV, zero padded; `nil` after the last ones.
  ///
  /// Values come as they are stored: a jet with NaN or negative energies is not refused here. Throws `CallerError` where the file cannot
  /// be read, `OutOfMemory` and `Interrupted`.
  public func nextBatch() throws -> Tensor? {
    guard next < count else { return nil }
    let reading = try ahead ?? Reading(set, batch(next))
    ahead = nil
    try reading.finish()
    next += 1
    if next < count, set.table.source.canBeSharedByThreads {
      let coming = try Reading(set, batch(next))
      coming.begin()
      ahead = coming
    }
    return reading.tensor
  }

  private func batch(_ number: Int) -> Range<Int> { number * size..<min((number + 1) * size, set.count) }

  /// The reading of one batch, in pieces that whoever is free takes.
  private final class Reading {
    let tensor: Tensor
    private let work: Work
    private var aside: WorkAside?

    init(_ set: JetSet, _ positions: Range<Int>) throws {
      tensor = try Tensor(uninitialized: [positions.count, set.table.source.constituentsPerJet, 4], .float32)
      work = Work(set, positions, tensor.pointer(as: Float.self))
    }

    func begin() {
      // The tensor lives as long as the work that fills it.
      aside = WorkAside(pieces: work.count) { [work, tensor] _ in withExtendedLifetime(tensor) { work.takePiece() } }
    }

    func finish() throws {
      if work.source.canBeSharedByThreads {
        ThreadPool.parallel(work.count) { [work] _ in work.takePiece() }
      } else {
        for _ in 0..<work.count where !Interrupted.isRequested { work.takePiece() }
      }
      aside?.finish()
      aside = nil
      try Interrupted.check()
      if let problem = work.problem.withLock({ $0 }) { throw problem }
    }
  }

  private final class Work: @unchecked Sendable {
    let source: any JetSource
    let count: Int
    let problem = Mutex<(any Error)?>(nil)
    private let pieces: [(rows: Range<Int>, place: Int)]
    private let destination: UnsafeMutablePointer<Float>
    private let taken = Atomic<Int>(0)

    init(_ set: JetSet, _ positions: Range<Int>, _ destination: UnsafeMutablePointer<Float>) {
      source = set.table.source
      self.destination = destination
      // Rows one behind the other are read together, up to the end of a stored block or some hundred kilobytes.
      let stored = (1...32768).contains(source.rowsPerBlock) ? source.rowsPerBlock : 1
      let length = max(1, (256 << 10) / (source.constituentsPerJet * 16) / stored) * stored
      var pieces: [(rows: Range<Int>, place: Int)] = []
      var start = positions.lowerBound
      while start < positions.upperBound {
        let first = set.row(start)
        let limit = min((first / length + 1) * length - first, positions.upperBound - start)
        var taken = 1
        while taken < limit, set.row(start + taken) == first + taken { taken += 1 }
        pieces.append((first..<first + taken, start - positions.lowerBound))
        start += taken
      }
      self.pieces = pieces
      count = pieces.count
    }

    func takePiece() {
      let number = taken.add(1, ordering: .relaxed).oldValue
      guard number < count, !Interrupted.isRequested else { return }
      let piece = pieces[number]
      do {
        try source.readConstituents(rows: piece.rows, into: destination + piece.place * source.constituentsPerJet * 4)
      } catch { problem.withLock { if $0 == nil { $0 = error } } }
    }
  }
}

extension JetSet {
  /// The constituents of `size` jets at a time, in the set's order. Throws `CallerError` for a size below 1 and a set without jets.
  public func particles(_ size: Int) throws -> ParticleBatches {
    guard size >= 1 else { throw CallerError("particles: jets in a batch: expected 1 or more, got \(size)") }
    try requireJets("particles")
    return ParticleBatches(self, size: size)
  }
}
