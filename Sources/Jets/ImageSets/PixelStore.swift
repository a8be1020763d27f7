import Glibc
import TensorCore

/// The sections of a pixel store, in memory and in a cache file alike: all offsets are in bytes from the start.
struct PixelLayout: Equatable {
  var rowCount: Int
  var activeCount: Int
  var pixelRoom: Int
  var values: Int
  var indices: Int
  var offsets: Int
  var mass: Int
  var pt: Int
  var index: Int
  var label: Int
  var end: Int

  /// Sections one after the other for `rowCount` images; the pixels have room for `pixelRoom` of them.
  ///
  /// A file is written before the number of pixels is known, so its two pixel sections may end in unused room (a hole in the file).
  init(rowCount: Int, activeCount: Int, pixelRoom: Int) {
    func aligned(_ position: Int) -> Int { (position + 4095) & ~4095 }
    self.rowCount = rowCount
    self.activeCount = activeCount
    self.pixelRoom = pixelRoom
    values = CacheFile.headerLength
    indices = aligned(values + pixelRoom * 4)
    offsets = aligned(indices + pixelRoom * 2)
    mass = offsets + (rowCount + 1) * 8
    pt = mass + rowCount * 8
    index = pt + rowCount * 8
    label = index + rowCount * 4
    end = label + rowCount
  }

  /// The sections without the unused room behind the pixels.
  var sections: [Range<Int>] { [values..<values + activeCount * 4, indices..<indices + activeCount * 2, offsets..<end] }
}

/// Finished images as sparse rows, with a few numbers per jet: one block of memory or one mapped file, never changed.
final class PixelStore {
  let layout: PixelLayout
  private let hasLabels: Bool
  /// Start of the pixels of each image in `indices` and `values`; one more entry than images.
  let offsets: UnsafePointer<Int64>
  let indices: UnsafePointer<UInt16>
  let values: UnsafePointer<Float>
  private let mass: UnsafePointer<Double>
  private let pt: UnsafePointer<Double>
  private let index: UnsafePointer<UInt32>
  private let label: UnsafePointer<UInt8>
  private let base: UnsafeMutableRawPointer
  private let mappedLength: Int?

  /// Takes over `base`, which `mappedLength` says is a mapping of that many bytes, or else memory from `malloc`.
  init(base: UnsafeMutableRawPointer, layout: PixelLayout, hasLabels: Bool, mappedLength: Int?) {
    self.base = base
    self.layout = layout
    self.hasLabels = hasLabels
    self.mappedLength = mappedLength
    func section<T>(_ start: Int, _ type: T.Type) -> UnsafePointer<T> {
      UnsafePointer((base + start).assumingMemoryBound(to: type))
    }
    offsets = section(layout.offsets, Int64.self)
    indices = section(layout.indices, UInt16.self)
    values = section(layout.values, Float.self)
    mass = section(layout.mass, Double.self)
    pt = section(layout.pt, Double.self)
    index = section(layout.index, UInt32.self)
    label = section(layout.label, UInt8.self)
  }

  deinit {
    if let mappedLength { munmap(base, mappedLength) } else { free(base) }
  }

  /// The images at `place` of the cache; `nil` where there are none, or damaged ones, which are made anew.
  static func find(_ place: ImageCache.Place, pixelCount: Int) throws -> PixelStore? {
    var layout: PixelLayout?, hasLabels = false
    let found = CacheFile.find(place) { numbers in
      // Below these limits no offset of the layout can overflow.
      guard numbers.count == 4, (0..<1 << 33).contains(numbers[0]), (0..<1 << 48).contains(numbers[2]), (0...numbers[2]).contains(numbers[1])
      else { return nil }
      let made = PixelLayout(rowCount: numbers[0], activeCount: numbers[1], pixelRoom: numbers[2])
      (layout, hasLabels) = (made, numbers[3] == 1)
      return made.end
    }
    guard let found, let layout else { return nil }
    let store = PixelStore(base: found.base, layout: layout, hasLabels: hasLabels, mappedLength: found.length)
    return try store.isConsistent(pixelCount: pixelCount) && store.checksum() == found.checksum ? store : nil
  }

  /// What the header of its file tells of its layout.
  var numbers: [Int] { [layout.rowCount, layout.activeCount, layout.pixelRoom, hasLabels ? 1 : 0] }
  /// The SHA-256 of what its file holds.
  func checksum() throws -> String { try CacheFile.checksum(numbers, base, layout.sections) }

  /// What is known of the jets.
  var jets: StoredJets {
    StoredJets(count: rowCount, mass: mass, pt: pt, index: index, label: label, hasLabels: hasLabels, owner: self)
  }

  var rowCount: Int { layout.rowCount }
  /// Whether the images lie in a mapped file.
  var isMapped: Bool { mappedLength != nil }

  /// Whether offsets ascend within the pixels and every pixel lies below `pixelCount`, so that no loop can leave the store.
  func isConsistent(pixelCount: Int) -> Bool {
    guard offsets[0] == 0, offsets[rowCount] == Int64(layout.activeCount) else { return false }
    for row in 0..<rowCount where offsets[row] > offsets[row + 1] { return false }
    var largest: UInt16 = 0
    for pixel in 0..<layout.activeCount { largest = max(largest, indices[pixel]) }
    return layout.activeCount == 0 || Int(largest) < pixelCount
  }
}
