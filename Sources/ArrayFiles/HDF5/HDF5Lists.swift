import Glibc

/// Lists of varying length found in a file's global heaps without the library, which looks for them under its one lock, list by list.
///
/// A row refers to a list by its length (4 bytes), the place of a heap (8) and a number within it (4). A heap begins with "GCOL", version 1
/// and its size (8 bytes at 8); then come objects: number (2 bytes), size (8 bytes at 8), and from 16 on the contents, filled up to a multiple
/// of 8 (HDF5 File Format Specification 3.0, III.E). Whatever is unusual is left to the library. One thread at a time uses an object.
final class HDF5Lists: @unchecked Sendable {
  static let referenceSize = 16
  private static let headerSize = 16, largestHeap = 16 << 20

  private let rows: HDF5Rows
  private var bytes: UnsafeMutableRawPointer?
  private var capacity = 0
  private var found: [(place: Int, count: Int)] = []

  /// The lists of the file that holds `rows`.
  init(_ rows: HDF5Rows) { self.rows = rows }

  deinit { free(bytes) }

  /// The list that reference `number` of those that `find` took refers to.
  func list(_ number: Int) -> UnsafeBufferPointer<Float> {
    guard let bytes, found[number].count > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
    return UnsafeBufferPointer(start: (bytes + found[number].place).assumingMemoryBound(to: Float.self), count: found[number].count)
  }

  /// Reads the lists of `count` references, `stride` bytes apart; false where they are not found so.
  func find(_ references: UnsafeRawPointer, count: Int, stride: Int) -> Bool {
    func reference(_ number: Int) -> (length: Int, heap: UInt64, index: UInt32) {
      let place = references + number * stride
      return (
        Int(place.loadUnaligned(as: UInt32.self)), place.loadUnaligned(fromByteOffset: 4, as: UInt64.self), place.loadUnaligned(fromByteOffset: 12, as: UInt32.self)
      )
    }
    var low = UInt64.max, high: UInt64 = 0, needed = 0
    for number in 0..<count {
      let (length, heap, _) = reference(number)
      guard length > 0 else { continue }
      (low, high, needed) = (min(low, heap), max(high, heap), needed + length * MemoryLayout<Float>.size)
    }
    found.removeAll(keepingCapacity: true)
    guard needed > 0 else {
      found.append(contentsOf: repeatElement((place: 0, count: 0), count: count))
      return true
    }
    // Those that lie far apart are better looked for one by one.
    guard let first = Int(exactly: low), let last = Int(exactly: high), last - first <= 8 * needed + (1 << 20), let size = heapSize(at: last),
      rows.isInFile(at: first, count: last - first + size), let bytes = room(last - first + size),
      rows.readFile(at: first, count: last - first + size, into: bytes)
    else { return false }
    let end = last - first + size
    // Most lists are in the heap of the one before, behind it.
    var heap = -1, heapEnd = 0, object = 0
    for number in 0..<count {
      let (length, place, index) = reference(number)
      guard length > 0 else {
        found.append((0, 0))
        continue
      }
      let start = Int(place - low)
      if start != heap {
        guard end - start >= HDF5Lists.headerSize, let size = HDF5Lists.heapSize(bytes + start), size <= end - start else { return false }
        (heap, heapEnd, object) = (start, start + size, start + HDF5Lists.headerSize)
      }
      guard let contents = HDF5Lists.contents(of: index, in: bytes, from: &object, first: heap + HDF5Lists.headerSize, end: heapEnd),
        length * MemoryLayout<Float>.size <= contents.count, contents.lowerBound % MemoryLayout<Float>.alignment == 0
      else { return false }
      found.append((contents.lowerBound, length))
    }
    return true
  }

  /// Where the contents of object `index` of a heap are, looked for from `object` on and then from the first one; `object` is then that one.
  private static func contents(of index: UInt32, in bytes: UnsafeRawPointer, from object: inout Int, first: Int, end: Int) -> Range<Int>? {
    for start in object == first ? [first] : [object, first] {
      var place = start
      while end - place >= headerSize {
        let number = UInt32(bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self))
        let size = bytes.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self)
        // Number 0 is the room that is left.
        guard number != 0, size <= UInt64(end - place - headerSize) else { break }
        let contents = place + headerSize..<place + headerSize + Int(size)
        if number == index {
          object = place
          return contents
        }
        place = contents.lowerBound + (Int(size) + 7) / 8 * 8
      }
    }
    return nil
  }

  private func heapSize(at place: Int) -> Int? {
    withUnsafeTemporaryAllocation(byteCount: HDF5Lists.headerSize, alignment: 8) { header in
      guard let base = header.baseAddress, rows.readFile(at: place, count: header.count, into: base) else { return nil }
      return HDF5Lists.heapSize(base)
    }
  }

  private static func heapSize(_ header: UnsafeRawPointer) -> Int? {
    let size = header.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    // "GCOL"
    guard header.loadUnaligned(as: UInt32.self) == 0x4c4f_4347, header.load(fromByteOffset: 4, as: UInt8.self) == 1, size >= UInt64(headerSize),
      size <= UInt64(largestHeap)
    else { return nil }
    return Int(size)
  }

  private func room(_ size: Int) -> UnsafeMutableRawPointer? {
    if size > capacity {
      free(bytes)
      bytes = malloc(size)
      capacity = bytes == nil ? 0 : size
    }
    return bytes
  }
}
