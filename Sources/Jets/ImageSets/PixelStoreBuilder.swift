import Glibc
import SystemServices
import TensorCore

/// Images that a file holds: the pixels of all in a row, those of each in ascending order and ending at its place in `ends`.
struct ReadyImages {
  var rows: [UInt32] = []
  var ends: [Int] = []
  var masses: [Double] = []
  var labels: [UInt8] = []
  var indices: [UInt16] = []
  var values: [Float] = []

  mutating func clear() {
    rows.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    masses.removeAll(keepingCapacity: true)
    labels.removeAll(keepingCapacity: true)
    indices.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }
}

/// Collects images in memory and moves them to a file when they grow beyond a limit.
final class PixelStoreBuilder {
  private let rowCount: Int
  private let hasLabels: Bool
  private let memoryLimit: Int
  /// Room for the pixels still to come, per jet.
  private let pixelsPerJet: Int
  private let makeFile: () throws -> CacheFile
  private var file: CacheFile?
  // Of the file: room for pixels, and those written so far.
  private var pixelRoom = 0
  private var written = 0
  private var indices: [UInt16] = []
  private var values: [Float] = []
  private var offsets: [Int64] = [0]
  private var mass: [Double] = []
  private var pt: [Double] = []
  private var index: [UInt32] = []
  private var label: [UInt8] = []

  /// A builder for `rowCount` images of at most `pixelsPerJet` active pixels; `makeFile` is called when they exceed `memoryLimit` bytes.
  init(rowCount: Int, pixelsPerJet: Int, hasLabels: Bool, memoryLimit: Int, makeFile: @escaping () throws -> CacheFile) {
    self.rowCount = rowCount
    self.pixelsPerJet = pixelsPerJet
    self.hasLabels = hasLabels
    self.memoryLimit = memoryLimit
    self.makeFile = makeFile
    offsets.reserveCapacity(rowCount + 1)
    mass.reserveCapacity(rowCount)
    pt.reserveCapacity(rowCount)
    index.reserveCapacity(rowCount)
    label.reserveCapacity(rowCount)
  }

  func append(_ block: JetSweep.Block) throws {
    var end = offsets.last ?? 0
    for (position, jet) in block.kinematics.enumerated() {
      end += Int64(block.pixelCounts[position])
      offsets.append(end)
      mass.append(jet.mass)
      pt.append(jet.pt)
      index.append(UInt32(block.rows[position]))
    }
    label.append(contentsOf: hasLabels ? block.labels : [UInt8](repeating: 0, count: block.rows.count))
    indices.append(contentsOf: block.pixelIndices)
    values.append(contentsOf: block.pixelValues)
    try settle()
  }

  func append(_ images: ReadyImages) throws {
    let before = offsets.last ?? 0
    for end in images.ends { offsets.append(before + Int64(end)) }
    mass.append(contentsOf: images.masses)
    pt.append(contentsOf: repeatElement(0, count: images.rows.count))
    index.append(contentsOf: images.rows)
    label.append(contentsOf: images.labels)
    indices.append(contentsOf: images.indices)
    values.append(contentsOf: images.values)
    try settle()
  }

  /// Moves what has become too much for memory to the file.
  private func settle() throws {
    if file == nil, indices.count * 6 > memoryLimit { try spill() }
    if file != nil, indices.count >= 1 << 18 { try flush() }
  }

  /// The finished store.
  func finish() throws -> PixelStore {
    guard let file else { return try finishInMemory() }
    try flush()
    let layout = PixelLayout(rowCount: rowCount, activeCount: Int(offsets.last ?? 0), pixelRoom: pixelRoom)
    try writeColumns(layout) { try file.write($0, at: $1) }
    let store = PixelStore(base: try file.map(layout.end), layout: layout, hasLabels: hasLabels, mappedLength: layout.end)
    try file.finish(store.numbers) { try store.checksum() }
    return store
  }

  private func spill() throws {
    let made = try makeFile()
    let rest = max(0, rowCount - (offsets.count - 1))
    pixelRoom = indices.count + rest * pixelsPerJet
    file = made
    try flush()
    // Their capacity is that of everything collected so far.
    indices = []
    values = []
  }

  private func flush() throws {
    guard let file, !indices.isEmpty else { return }
    let room = PixelLayout(rowCount: rowCount, activeCount: 0, pixelRoom: pixelRoom)
    try values.withUnsafeBytes { try file.write($0, at: room.values + written * 4) }
    try indices.withUnsafeBytes { try file.write($0, at: room.indices + written * 2) }
    written += indices.count
    indices.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }

  private func finishInMemory() throws -> PixelStore {
    let layout = PixelLayout(rowCount: offsets.count - 1, activeCount: indices.count, pixelRoom: indices.count)
    guard let base = malloc(layout.end) else { throw OutOfMemory(bytes: layout.end) }
    func copy(_ bytes: UnsafeRawBufferPointer, at position: Int) {
      if let start = bytes.baseAddress { (base + position).copyMemory(from: start, byteCount: bytes.count) }
    }
    indices.withUnsafeBytes { copy($0, at: layout.indices) }
    values.withUnsafeBytes { copy($0, at: layout.values) }
    writeColumns(layout, copy)
    return PixelStore(base: base, layout: layout, hasLabels: hasLabels, mappedLength: nil)
  }

  private func writeColumns(_ layout: PixelLayout, _ write: (UnsafeRawBufferPointer, Int) throws -> Void) rethrows {
    try offsets.withUnsafeBytes { try write($0, layout.offsets) }
    try mass.withUnsafeBytes { try write($0, layout.mass) }
    try pt.withUnsafeBytes { try write($0, layout.pt) }
    try index.withUnsafeBytes { try write($0, layout.index) }
    try label.withUnsafeBytes { try write($0, layout.label) }
  }
}
