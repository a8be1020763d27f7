import Synchronization
import TensorCore

/// Reads chosen rows of a source and computes kinematics (and images) of each jet, in fixed memory.
///
/// A thread reads a piece of the rows and computes its jets while they are in the caches of its core; pieces end where the source's
/// stored blocks end, so that each is decoded once. Each piece has its own buffers and is handed on in row order, so what comes out
/// depends neither on the number of threads nor on which of them computed a piece.
final class JetSweep {
  /// What one block of jets came to.
  final class Block {
    /// Rows of the source.
    fileprivate(set) var rows: [Int] = []
    fileprivate(set) var kinematics: [JetKinematics] = []
    /// Labels of the rows; empty for a source without labels.
    fileprivate(set) var labels: [UInt8] = []
    /// Active pixels of each image.
    fileprivate(set) var pixelCounts: [Int] = []
    fileprivate(set) var pixelIndices: [UInt16] = []
    fileprivate(set) var pixelValues: [Float] = []
    /// The values of the computed columns, jet by jet.
    fileprivate(set) var measures: [Double] = []
    /// Rows of four-vectors by a recipe of constituents, unscaled.
    fileprivate(set) var vectors: [Float] = []
    private let maker: (any PixelMaker)?
    private let constituents: ConstituentRecipe?
    private let keys: [SubstructureKey]
    private let substructure: JetSubstructure
    private let scratch: ConstituentScratch

    fileprivate init(recipe: ImageRecipe?, constituents: ConstituentRecipe?, keys: [SubstructureKey], slots: Int) throws {
      self.constituents = constituents
      self.keys = keys
      substructure = JetSubstructure(capacity: keys.isEmpty ? 0 : slots)
      maker = try recipe?.makePixels(constituents: slots)
      scratch = ConstituentScratch(capacity: maker == nil ? slots : 0)
    }

    fileprivate func clear() {
      rows.removeAll(keepingCapacity: true)
      kinematics.removeAll(keepingCapacity: true)
      labels.removeAll(keepingCapacity: true)
      pixelCounts.removeAll(keepingCapacity: true)
      pixelIndices.removeAll(keepingCapacity: true)
      pixelValues.removeAll(keepingCapacity: true)
      measures.removeAll(keepingCapacity: true)
      vectors.removeAll(keepingCapacity: true)
    }

    /// Computes the rows from the one at `start` of `rows` on, of which `window` holds those from `firstRow` on.
    fileprivate func compute(from start: Int, _ window: UnsafePointer<Float>, firstRow: Int, slots: Int) {
      for row in rows[start...] {
        let values = window + (row - firstRow) * slots * 4
        guard let maker else {
          let jet = scratch.sum(values, slots: slots)
          kinematics.append(jet)
          let sound = jet.defect == nil ? slots : 0
          measure(values, slots: sound)
          align(values, slots: sound)
          continue
        }
        kinematics.append(maker.load(values, slots: slots))
        let active = maker.fillPixels()
        pixelCounts.append(active)
        pixelIndices.append(contentsOf: UnsafeBufferPointer(start: maker.pixels.indices, count: active))
        pixelValues.append(contentsOf: UnsafeBufferPointer(start: maker.pixels.values, count: active).lazy.map { Float($0) })
      }
    }

    private func measure(_ values: UnsafePointer<Float>, slots: Int) {
      guard !keys.isEmpty else { return }
      substructure.load(values, slots: slots)
      for key in keys { measures.append(substructure.value(key)) }
    }

    private func align(_ values: UnsafePointer<Float>, slots: Int) {
      guard let constituents else { return }
      var jet: [FourVector] = []
      jet.reserveCapacity(constituents.n)
      for slot in 0..<slots where jet.count < constituents.n {
        let particle = FourVector(
          energy: Double(values[slot * 4]), px: Double(values[slot * 4 + 1]), py: Double(values[slot * 4 + 2]),
          pz: Double(values[slot * 4 + 3]))
        if particle != .zero { jet.append(particle) }
      }
      for vector in ConstituentAligner.vectors(jet, recipe: constituents) {
        vectors.append(Float(vector.energy))
        vectors.append(Float(vector.px))
        vectors.append(Float(vector.py))
        vectors.append(Float(vector.pz))
      }
    }
  }

  /// What a thread reads at once: half of a core's second cache.
  private static let windowBytes = 512 << 10
  /// Rows that are handed on at once, unless the stored blocks are larger.
  private static let rowsAtOnce = 4096

  /// What the thread needs that reads and computes a piece.
  private final class Room: @unchecked Sendable {
    let constituents: UnsafeMutablePointer<Float>
    let labels: UnsafeMutablePointer<UInt8>

    init(rows: Int, slots: Int) {
      constituents = .allocate(capacity: rows * slots * 4)
      labels = .allocate(capacity: rows)
    }

    deinit {
      constituents.deallocate()
      labels.deallocate()
    }
  }

  private let source: any JetSource
  private let slots: Int
  /// Rows of a piece, and those that are read at once.
  private let pieceLength: Int, windowLength: Int
  private let blocks: [Block]
  private let idle = Mutex<[Room]>([])

  init(
    source: any JetSource, recipe: ImageRecipe? = nil, measuring keys: [SubstructureKey] = [], constituents: ConstituentRecipe? = nil
  ) throws {
    self.source = source
    slots = source.constituentsPerJet
    let rows = max(16, Self.windowBytes / max(1, slots * 4 * MemoryLayout<Float>.stride))
    let stored = (1...Self.rowsAtOnce * 8).contains(source.rowsPerBlock) ? source.rowsPerBlock : 1
    pieceLength = max(1, rows / stored) * stored
    windowLength = source.canBeSharedByThreads ? rows : pieceLength
    let threads = ThreadPool.threadCount
    let pieces = max(2 * threads, min(8 * threads, Self.rowsAtOnce / pieceLength))
    blocks = try (0..<pieces).map { [slots] _ in try Block(recipe: recipe, constituents: constituents, keys: keys, slots: slots) }
  }

  /// Computes the jets of `rows`, ascending and distinct (`nil`: all of the source), and hands each block to `sink` in row order.
  ///
  /// Throws `Interrupted` about every ten milliseconds.
  func run(rows: [UInt32]?, sink: (Block) throws -> Void) throws {
    let total = rows?.count ?? source.count
    var next = 0
    while next < total {
      var pieces: [Range<Int>] = []
      while next < total, pieces.count < blocks.count {
        let end = end(ofPieceFrom: next, rows, total)
        pieces.append(next..<end)
        next = end
      }
      try compute(pieces, rows)
      try Interrupted.check()
      for block in blocks[..<pieces.count] { try sink(block) }
    }
  }

  /// The position behind those whose rows lie in the same piece of the source.
  private func end(ofPieceFrom first: Int, _ rows: [UInt32]?, _ total: Int) -> Int {
    guard let rows else { return min((first / pieceLength + 1) * pieceLength, total) }
    let limit = (Int(rows[first]) / pieceLength + 1) * pieceLength
    var low = first + 1, high = min(total, first + pieceLength)
    while low < high {
      let middle = (low + high) / 2
      if Int(rows[middle]) < limit { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func compute(_ pieces: [Range<Int>], _ rows: [UInt32]?) throws {
    // Of several problems the one of the first row, as if there was one thread.
    let problem = Mutex<(piece: Int, error: any Error)?>(nil)
    func attempt(_ number: Int, _ work: () throws -> Void) {
      do { try work() } catch {
        problem.withLock { if $0.map({ number < $0.piece }) ?? true { $0 = (number, error) } }
      }
    }
    if source.canBeSharedByThreads {
      ThreadPool.parallel(pieces.count) { number in
        attempt(number) { try withRoom { try compute(blocks[number], pieces[number], rows, $0) } }
      }
    } else {
      var read: [(room: Room, firstRow: Int)] = []
      defer { idle.withLock { idle in idle += read.map(\.room) } }
      for (number, piece) in pieces.enumerated() {
        blocks[number].clear()
        let room = takeRoom()
        read.append((room, try fill(blocks[number], piece.lowerBound..<piece.upperBound, rows, room).firstRow))
      }
      ThreadPool.parallel(pieces.count) { [blocks, slots, read] number in
        blocks[number].compute(from: 0, read[number].room.constituents, firstRow: read[number].firstRow, slots: slots)
      }
    }
    if let problem = problem.withLock({ $0 }) { throw problem.error }
  }

  private func compute(_ block: Block, _ positions: Range<Int>, _ rows: [UInt32]?, _ room: Room) throws {
    block.clear()
    var next = positions.lowerBound
    while next < positions.upperBound, !Interrupted.isRequested {
      let start = block.rows.count
      let (firstRow, end) = try fill(block, next..<positions.upperBound, rows, room)
      block.compute(from: start, room.constituents, firstRow: firstRow, slots: slots)
      next = end
    }
  }

  /// Reads as many of the rows at `positions` as there is room for; tells the first row in the room and the position behind the last.
  private func fill(_ block: Block, _ positions: Range<Int>, _ rows: [UInt32]?, _ room: Room) throws -> (firstRow: Int, end: Int) {
    let first = rows.map { Int($0[positions.lowerBound]) } ?? positions.lowerBound
    var end = positions.upperBound
    if let rows {
      end = positions.lowerBound
      while end < positions.upperBound, Int(rows[end]) < first + windowLength {
        block.rows.append(Int(rows[end]))
        end += 1
      }
    } else {
      end = min(end, first + windowLength)
      block.rows.append(contentsOf: first..<end)
    }
    let last = rows.map { Int($0[end - 1]) } ?? end - 1
    try source.readConstituents(rows: first..<last + 1, into: room.constituents)
    if source.hasLabels {
      try source.readLabels(rows: first..<last + 1, into: room.labels)
      for row in block.rows[(block.rows.count - (end - positions.lowerBound))...] { block.labels.append(room.labels[row - first]) }
    }
    return (first, end)
  }

  private func takeRoom() -> Room { idle.withLock { $0.popLast() } ?? Room(rows: windowLength, slots: slots) }

  private func withRoom<R>(_ body: (Room) throws -> R) rethrows -> R {
    let room = takeRoom()
    defer { idle.withLock { $0.append(room) } }
    return try body(room)
  }
}
