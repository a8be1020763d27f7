import TensorCore

/// Reads chosen rows of a source window by window and computes kinematics (and images) of each jet, in fixed memory.
///
/// Each block of 64 jets has its own buffers and is handed on in row order, so what comes out depends neither on the number of threads
/// nor on which of them computed a block.
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

    fileprivate func compute(_ window: UnsafePointer<Float>, firstRow: Int, slots: Int) {
      for row in rows {
        let values = window + (row - firstRow) * slots * 4
        guard let maker else {
          let jet = scratch.load(values, slots: slots, angles: false)
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
      let jet = (0..<slots).map { slot in
        FourVector(
          energy: Double(values[slot * 4]), px: Double(values[slot * 4 + 1]), py: Double(values[slot * 4 + 2]),
          pz: Double(values[slot * 4 + 3]))
      }
      for vector in ConstituentAligner.vectors(jet, recipe: constituents) {
        vectors.append(Float(vector.energy))
        vectors.append(Float(vector.px))
        vectors.append(Float(vector.py))
        vectors.append(Float(vector.pz))
      }
    }
  }

  private static let blockLength = 64
  private static let windowBytes = 4 << 20

  private let source: any JetSource
  private let slots: Int
  private let windowLength: Int
  private let blocks: [Block]

  init(
    source: any JetSource, recipe: ImageRecipe? = nil, measuring keys: [SubstructureKey] = [], constituents: ConstituentRecipe? = nil
  ) throws {
    self.source = source
    slots = source.constituentsPerJet
    let perWindow = Self.windowBytes / max(1, slots * 4 * MemoryLayout<Float>.stride) / Self.blockLength
    windowLength = max(1, perWindow) * Self.blockLength
    blocks = try (0..<windowLength / Self.blockLength).map { [slots] _ in
      try Block(recipe: recipe, constituents: constituents, keys: keys, slots: slots)
    }
  }

  /// Computes the jets of `rows`, ascending and distinct (`nil`: all of the source), and hands each block to `sink` in row order.
  ///
  /// Throws `Interrupted` between two windows, about every ten milliseconds.
  func run(rows: [UInt32]?, sink: (Block) throws -> Void) throws {
    let window = UnsafeMutablePointer<Float>.allocate(capacity: windowLength * slots * 4)
    let labels = UnsafeMutablePointer<UInt8>.allocate(capacity: windowLength)
    defer {
      window.deallocate()
      labels.deallocate()
    }
    var next = 0
    let total = rows?.count ?? source.count
    while next < total {
      try Interrupted.check()
      let first = rows.map { Int($0[next]) } ?? next
      var end = next
      while end < total, (rows.map { Int($0[end]) } ?? end) < first + windowLength { end += 1 }
      let last = rows.map { Int($0[end - 1]) } ?? end - 1
      try source.readConstituents(rows: first..<last + 1, into: window)
      if source.hasLabels { try source.readLabels(rows: first..<last + 1, into: labels) }
      let used = fill(next..<end, rows: rows, labels: labels, firstRow: first)
      compute(used, window: window, firstRow: first)
      for block in blocks[..<used] { try sink(block) }
      next = end
    }
  }

  private func fill(_ positions: Range<Int>, rows: [UInt32]?, labels: UnsafePointer<UInt8>, firstRow: Int) -> Int {
    let used = (positions.count + Self.blockLength - 1) / Self.blockLength
    for (number, block) in blocks[..<used].enumerated() {
      block.clear()
      let start = positions.lowerBound + number * Self.blockLength
      for position in start..<min(start + Self.blockLength, positions.upperBound) {
        let row = rows.map { Int($0[position]) } ?? position
        block.rows.append(row)
        if source.hasLabels { block.labels.append(labels[row - firstRow]) }
      }
    }
    return used
  }

  private func compute(_ used: Int, window: UnsafePointer<Float>, firstRow: Int) {
    ThreadPool.parallel(used) { [blocks, slots] number in blocks[number].compute(window, firstRow: firstRow, slots: slots) }
  }
}
