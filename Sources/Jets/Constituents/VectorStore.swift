import Glibc
import SystemServices
import TensorCore

/// Rows of four-vectors, not yet scaled, with a few numbers per jet: one block of memory, or one mapped file of the cache.
final class VectorStore {
  private struct Layout {
    let rowCount: Int, width: Int
    let values = CacheFile.headerLength
    let mass: Int, pt: Int, index: Int, label: Int, end: Int

    /// `nil` where the sizes overflow.
    init?(rowCount: Int, width: Int) {
      let (count, overflow) = rowCount.multipliedReportingOverflow(by: width)
      guard rowCount >= 0, width > 0, width <= 1 << 16, !overflow, count < 1 << 56 else { return nil }
      self.rowCount = rowCount
      self.width = width
      mass = (values + count * MemoryLayout<Float>.stride + 7) & ~7
      pt = mass + rowCount * 8
      index = pt + rowCount * 8
      label = index + rowCount * 4
      end = label + rowCount
    }
  }

  /// The rows, `[rowCount, width]`.
  var values: UnsafePointer<Float> { UnsafePointer((base + layout.values).assumingMemoryBound(to: Float.self)) }
  /// Whether they lie in a mapped file.
  let isMapped: Bool
  /// Bytes of all together.
  var byteCount: Int { layout.end }

  private let layout: Layout
  private let hasLabels: Bool
  private let base: UnsafeMutableRawPointer
  private var file: CacheFile?
  private var filled = 0

  /// Room for rows of a set, in a file at `place` or without a name where they are too many for memory. Throws `CallerError` or `OutOfMemory`.
  init(rowCount: Int, width: Int, hasLabels: Bool, place: ImageCache.Place?, cache: ImageCache) throws {
    guard let layout = Layout(rowCount: rowCount, width: width) else { throw OutOfMemory(bytes: .max) }
    self.layout = layout
    self.hasLabels = hasLabels
    isMapped = VectorStore.needsFile(rowCount: rowCount, width: width, cache)
    if isMapped {
      let file = try CacheFile(.constituents, place, cache)
      self.file = file
      base = try file.reserve(layout.end)
    } else {
      guard let memory = malloc(layout.end) else { throw OutOfMemory(bytes: layout.end) }
      base = memory
    }
  }

  private init(_ found: CacheFile.Found, _ layout: Layout, hasLabels: Bool) {
    (self.layout, self.hasLabels, base, isMapped) = (layout, hasLabels, found.base, true)
  }

  deinit {
    if isMapped { munmap(base, layout.end) } else { free(base) }
  }

  /// Whether so many rows are too many for memory.
  static func needsFile(rowCount: Int, width: Int, _ cache: ImageCache) -> Bool {
    Layout(rowCount: rowCount, width: width).map { $0.end > cache.memoryLimit } ?? true
  }

  /// The rows at `place` of the cache; `nil` where there are none, or damaged ones, which are made anew.
  static func find(_ place: ImageCache.Place, rowCount: Int, width: Int) throws -> VectorStore? {
    guard let layout = Layout(rowCount: rowCount, width: width) else { return nil }
    var hasLabels = false
    let found = CacheFile.find(place) { numbers in
      guard numbers.count == 3, numbers[0] == rowCount, numbers[1] == width else { return nil }
      hasLabels = numbers[2] == 1
      return layout.end
    }
    guard let found else { return nil }
    let store = VectorStore(found, layout, hasLabels: hasLabels)
    return try store.checksum() == found.checksum ? store : nil
  }

  /// Adds the rows of a block, which come in the store's order.
  func append(_ block: JetSweep.Block) {
    block.vectors.withUnsafeBytes { section(layout.values + filled * layout.width * 4, $0) }
    for (number, jet) in block.kinematics.enumerated() {
      let row = filled + number
      base.storeBytes(of: jet.mass, toByteOffset: layout.mass + row * 8, as: Double.self)
      base.storeBytes(of: jet.pt, toByteOffset: layout.pt + row * 8, as: Double.self)
      base.storeBytes(of: UInt32(block.rows[number]), toByteOffset: layout.index + row * 4, as: UInt32.self)
      base.storeBytes(of: hasLabels ? block.labels[number] : 0, toByteOffset: layout.label + row, as: UInt8.self)
    }
    filled += block.kinematics.count
  }

  /// Gives the file of the cache its name.
  func finish() throws {
    try file?.finish(numbers) { try checksum() }
    file = nil
  }

  /// What is known of the jets.
  var jets: StoredJets {
    func column<T>(_ start: Int, _ type: T.Type) -> UnsafePointer<T> { UnsafePointer((base + start).assumingMemoryBound(to: type)) }
    return StoredJets(
      count: layout.rowCount, mass: column(layout.mass, Double.self), pt: column(layout.pt, Double.self),
      index: column(layout.index, UInt32.self), label: column(layout.label, UInt8.self), hasLabels: hasLabels, owner: self)
  }

  private var numbers: [Int] { [layout.rowCount, layout.width, hasLabels ? 1 : 0] }
  private func checksum() throws -> String { try CacheFile.checksum(numbers, base, [layout.values..<layout.end]) }

  private func section(_ start: Int, _ bytes: UnsafeRawBufferPointer) {
    if let source = bytes.baseAddress { (base + start).copyMemory(from: source, byteCount: bytes.count) }
  }
}
