import Glibc

/// Lists of varying length found in a file's global heaps without the library, which looks for them under its one lock, list by list, and
/// may crash on a reference that leads nowhere.
///
/// A row refers to a list by its length (4 bytes), the place of a heap (8) and a number within it (4). A heap begins with
/// "GCOL", version 1 and its size (8 bytes at 8); then come objects: number (2 bytes), size (8 bytes at 8), and from 16 on the contents, filled
/// up to a multiple of 8; number 0 is room that is left, its size with the header (HDF5 File Format Specification 3.0, III.E). One thread at
/// a time uses an object.
final class HDF5Lists: @unchecked Sendable {
  static let referenceSize = 16
  private static let headerSize = 16, largestHeap = 16 << 20, mostAtOnce = 64 << 20

  /// How a search ended.
  enum Search: Equatable {
    case found
    /// The lists lie so far apart that fewer at a time are better looked for.
    case apart
    /// What this code does not know; the library may.
    case unknown
    /// The reference of this number leads to no list of its length.
    case damaged(Int)
  }

  private let rows: HDF5Rows
  // In a file that begins with something else all places are counted from where HDF5's part begins.
  private let startsTheFile: Bool
  private var bytes: UnsafeMutableRawPointer?
  private var capacity = 0
  private var found: [(place: Int, count: Int)] = []

  /// The lists of the file that holds `rows`.
  init(_ rows: HDF5Rows) {
    self.rows = rows
    startsTheFile = withUnsafeTemporaryAllocation(byteCount: 8, alignment: 8) { start in
      guard let base = start.baseAddress, rows.readFile(at: 0, count: 8, into: base) else { return false }
      return start.elementsEqual([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])
    }
  }

  deinit { free(bytes) }

  /// The list that reference `number` of those that `find` took refers to.
  func list(_ number: Int) -> UnsafeBufferPointer<Float> {
    guard let bytes, found[number].count > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
    return UnsafeBufferPointer(start: (bytes + found[number].place).assumingMemoryBound(to: Float.self), count: found[number].count)
  }

  /// Reads the lists of `count` references, `stride` bytes apart.
  func find(_ references: UnsafeRawPointer, count: Int, stride: Int) -> Search {
    guard startsTheFile else { return .unknown }
    func reference(_ number: Int) -> (size: Int, heap: UInt64, index: UInt32) {
      let place = references + number * stride
      return (
        Int(place.loadUnaligned(as: UInt32.self)) * MemoryLayout<Float>.size, place.loadUnaligned(fromByteOffset: 4, as: UInt64.self),
        place.loadUnaligned(fromByteOffset: 12, as: UInt32.self)
      )
    }
    var first = Int.max, last = 0, lastNumber = 0, needed = 0
    for number in 0..<count {
      let (size, heap, _) = reference(number)
      guard size > 0 else { continue }
      guard let place = Int(exactly: heap), rows.isInFile(at: place, count: size) else { return .damaged(number) }
      if place >= last { (last, lastNumber) = (place, number) }
      (first, needed) = (min(first, place), needed + size)
    }
    found.removeAll(keepingCapacity: true)
    guard needed > 0 else {
      found.append(contentsOf: repeatElement((place: 0, count: 0), count: count))
      return .found
    }
    if last - first > min(8 * needed, HDF5Lists.mostAtOnce) + (1 << 20) { return .apart }
    guard let size = heapSize(at: last), rows.isInFile(at: last, count: size) else { return .damaged(lastNumber) }
    let end = last - first + size
    guard size <= HDF5Lists.largestHeap, let bytes = room(end), rows.readFile(at: first, count: end, into: bytes) else { return .unknown }
    // Most lists are in the heap of the one before, behind it.
    var heap = -1, heapEnd = 0, object = 0
    for number in 0..<count {
      let (size, place, index) = reference(number)
      guard size > 0 else {
        found.append((0, 0))
        continue
      }
      let start = Int(place) - first
      if start != heap {
        guard let whole = HDF5Lists.heapSize(bytes + start), whole <= end - start else { return .damaged(number) }
        (heap, heapEnd, object) = (start, start + whole, start + HDF5Lists.headerSize)
      }
      guard let contents = HDF5Lists.contents(of: index, in: bytes, from: &object, first: heap + HDF5Lists.headerSize, end: heapEnd),
        size <= contents.count
      else { return .damaged(number) }
      guard contents.lowerBound % MemoryLayout<Float>.alignment == 0 else { return .unknown }
      found.append((contents.lowerBound, size / MemoryLayout<Float>.size))
    }
    return .found
  }

  /// Where the contents of object `index` of a heap are, looked for from `object` on and then from the first one; `object` is then that one.
  private static func contents(of index: UInt32, in bytes: UnsafeRawPointer, from object: inout Int, first: Int, end: Int) -> Range<Int>? {
    for start in object == first ? [first] : [object, first] {
      var place = start
      while end - place >= headerSize {
        let number = UInt32(bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self))
        let size = bytes.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self)
        if number == 0 {
          guard size >= UInt64(headerSize), size <= UInt64(end - place) else { break }
          place += Int(size)
          continue
        }
        guard size <= UInt64(end - place - headerSize) else { break }
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

  /// `nil` where no heap begins.
  private func heapSize(at place: Int) -> Int? {
    withUnsafeTemporaryAllocation(byteCount: HDF5Lists.headerSize, alignment: 8) { header in
      guard let base = header.baseAddress, rows.readFile(at: place, count: header.count, into: base) else { return nil }
      return HDF5Lists.heapSize(base)
    }
  }

  private static func heapSize(_ header: UnsafeRawPointer) -> Int? {
    // "GCOL"
    guard header.loadUnaligned(as: UInt32.self) == 0x4c4f_4347, header.load(fromByteOffset: 4, as: UInt8.self) == 1,
      let size = Int(exactly: header.loadUnaligned(fromByteOffset: 8, as: UInt64.self)), size >= headerSize
    else { return nil }
    return size
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
