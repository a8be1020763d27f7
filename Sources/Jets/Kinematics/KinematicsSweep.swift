import CVectorMath
import Synchronization
import TensorCore

/// One pass over all jets of a source that computes the columns of every set, in fixed memory besides those.
///
/// A thread reads some jets, sums them while they are in its core's caches and writes each column where the row belongs, so that nothing is
/// copied or put in order afterwards.
final class KinematicsSweep {
  /// A jet that cannot be used, and its row.
  typealias BrokenJet = (row: Int, jet: JetKinematics)

  /// What a thread reads at once: a quarter of a core's second cache.
  private static let windowBytes = 512 << 10

  private let source: any JetSource
  private let slots: Int
  /// Rows of a piece, which ends where the source's stored blocks end, and those that are read at once.
  private let pieceLength: Int, windowLength: Int
  private let idle = Mutex<[Room]>([])
  private let broken = Mutex<[BrokenJet]>([])

  init(source: any JetSource) {
    self.source = source
    slots = source.constituentsPerJet
    let rows = max(16, Self.windowBytes / max(1, slots * 4 * MemoryLayout<Float>.stride))
    let stored = (1...32768).contains(source.rowsPerBlock) ? source.rowsPerBlock : 1
    pieceLength = max(1, rows / stored) * stored
    windowLength = source.canBeSharedByThreads ? rows : pieceLength
  }

  /// The columns of all rows, and the broken jets by row. Throws what the source throws, of several problems that of the first row, and
  /// `Interrupted`.
  func run() throws -> (columns: JetColumns, broken: [BrokenJet]) {
    var columns = JetColumns(rowCount: source.count, labels: source.hasLabels)
    try columns.withPlaces { places in
      if source.canBeSharedByThreads { try sweep(places) } else { try sweepInOrder(places) }
    }
    return (columns, broken.withLock { $0.sorted { $0.row < $1.row } })
  }

  private func sweep(_ places: JetColumns.Places) throws {
    let problem = Mutex<(row: Int, error: any Error)?>(nil)
    try ThreadPool.parallelRanges((source.count + pieceLength - 1) / pieceLength, grain: 1) { numbers in
      var start = numbers.lowerBound * pieceLength
      let end = min(numbers.upperBound * pieceLength, source.count)
      if problem.withLock({ $0.map { $0.row < start } ?? false }) { return }
      let room = takeRoom()
      defer { idle.withLock { $0.append(room) } }
      while start < end {
        let rows = start..<min(start + windowLength, end)
        do {
          try source.readConstituents(rows: rows, into: room.constituents)
          if let labels = places.labels { try source.readLabels(rows: rows, into: labels + start) }
        } catch {
          return problem.withLock { if $0.map({ start < $0.row }) ?? true { $0 = (start, error) } }
        }
        compute(rows, room, places)
        start = rows.upperBound
      }
    }
    if let problem = problem.withLock({ $0 }) { throw problem.error }
  }

  /// Reads some pieces one after the other, then computes them on all threads.
  private func sweepInOrder(_ places: JetColumns.Places) throws {
    let rooms = (0..<4 * ThreadPool.threadCount).map { _ in takeRoom() }
    var next = 0
    while next < source.count {
      var read: [(rows: Range<Int>, room: Room)] = []
      for room in rooms where next < source.count {
        try Interrupted.check()
        let rows = next..<min((next / pieceLength + 1) * pieceLength, source.count)
        try source.readConstituents(rows: rows, into: room.constituents)
        if let labels = places.labels { try source.readLabels(rows: rows, into: labels + rows.lowerBound) }
        read.append((rows, room))
        next = rows.upperBound
      }
      ThreadPool.parallel(read.count) { [read] number in compute(read[number].rows, read[number].room, places) }
    }
  }

  private func compute(_ rows: Range<Int>, _ room: Room, _ places: JetColumns.Places) {
    let kernels = jvm_kernels_in_use()
    var unusual: [BrokenJet] = []
    for number in 0..<rows.count {
      let values = room.constituents + number * slots * 4, sum = room.sums + number * 4
      let particles = kernels.pointee.momentum_sum(values, slots, sum)
      places.constituentCount[rows.lowerBound + number] = UInt16(clamping: particles)
      guard particles < 0 else { continue }
      sum.update(repeating: 0, count: 4)
      // Which constituent it was that is broken is found by looking again.
      unusual.append((rows.lowerBound + number, room.scratch.load(values, slots: slots, angles: false)))
    }
    let first = rows.lowerBound
    kernels.pointee.jet_kinematics(room.sums, rows.count, places.pt + first, places.eta + first, places.phi + first, places.mass + first)
    for (row, jet) in unusual {
      // Zeros, unless it was only the loop that could not sum it.
      (places.pt[row], places.eta[row], places.phi[row], places.mass[row]) = (jet.pt, jet.eta, jet.phi, jet.mass)
      places.constituentCount[row] = UInt16(clamping: jet.constituentCount)
    }
    if !unusual.isEmpty { broken.withLock { $0 += unusual.filter { $0.jet.defect != nil } } }
  }

  private func takeRoom() -> Room { idle.withLock { $0.popLast() } ?? Room(rows: windowLength, slots: slots) }

  /// What the thread needs that reads and computes some rows.
  private final class Room: @unchecked Sendable {
    let constituents: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Double>
    let scratch: ConstituentScratch

    init(rows: Int, slots: Int) {
      constituents = .allocate(capacity: rows * slots * 4)
      sums = .allocate(capacity: rows * 4)
      scratch = ConstituentScratch(capacity: slots)
    }

    deinit {
      constituents.deallocate()
      sums.deallocate()
    }
  }
}
