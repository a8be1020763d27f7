import CHDF5
import Glibc
import Synchronization
import TensorCore

/// The stored blocks of a data set, decoded on all threads: the library itself decompresses under its one lock, one block after another.
///
/// Only whole rows, at most a byte shuffle and one compression (zlib, Blosc) are decoded here. Whatever is unusual about a block, a
/// filter left out, no place in the file, damage, is left to the library, which knows what to do or to say.
final class HDF5Blocks: @unchecked Sendable {
  /// A filter as the file names it.
  struct Filter {
    let number: H5Z_filter_t
    /// The first of its own numbers; 0 where it has none.
    let value: Int
  }

  /// What the blocks of a data set are.
  struct Layout {
    let rows: Int
    let rowSize: Int
    let axes: Int
    let compression: Int32
    let shuffled: Int
    var size: Int { rows * rowSize }

    private static let largest = 16 << 20

    /// `nil` for blocks that are not decoded here.
    init?(shape: [Int], axes: [Int], rowSize: Int?, filters: [Filter]) {
      guard let rows = shape.first, rows > 0, shape.count == axes.count, Array(shape.dropFirst()) == Array(axes.dropFirst()), let rowSize, rowSize > 0,
        rows <= Layout.largest / rowSize, filters.allSatisfy({ hdf5_undoes($0.number) == 1 })
      else { return nil }
      var rest = filters[...]
      var shuffled = 0
      if let first = rest.first, first.number == H5Z_FILTER_SHUFFLE {
        guard first.value > 1 else { return nil }
        shuffled = first.value
        rest = rest.dropFirst()
      }
      guard rest.count <= 1, rest.first?.number != H5Z_FILTER_SHUFFLE else { return nil }
      (self.rows, self.rowSize, self.axes, self.shuffled) = (rows, rowSize, axes.count, shuffled)
      compression = rest.first?.number ?? 0
    }
  }

  /// Memory of one block; `nil` where there is none.
  private final class Block: @unchecked Sendable {
    let bytes: UnsafeMutableRawPointer

    init?(_ size: Int) {
      guard let bytes = malloc(size) else { return nil }
      self.bytes = bytes
    }

    deinit { free(bytes) }
  }

  /// Bytes of decoded blocks that are kept: a pass over some columns and then one over others, a few hundred rows at a time, decodes each
  /// block once. More would not stay in a core's second cache, where what is decoded is read again.
  private static let kept = 1 << 20

  private let dataset: HDF5Handle
  private let layout: Layout
  private struct Kept {
    // The ones used last, at the end.
    var recent: [(number: Int, block: Block)] = []
    // Memory to be used again: fresh pages cost as much as decoding.
    var spare: [Block] = []
  }
  private let state = Mutex(Kept())

  init(_ dataset: HDF5Handle, _ layout: Layout) {
    self.dataset = dataset
    self.layout = layout
  }

  /// Hands the part of each block that lies in `rows` to `body`, on the pool's threads; `false` where a block could not be decoded.
  func forEach(_ rows: Range<Int>, _ body: (UnsafeRawPointer, Range<Int>) -> Void) throws -> Bool {
    guard !rows.isEmpty else { return true }
    let first = rows.lowerBound / layout.rows
    let failed = Atomic<Bool>(false)
    try ThreadPool.parallelRanges((rows.upperBound - 1) / layout.rows - first + 1, grain: 1) { numbers in
      for number in numbers.lowerBound + first..<numbers.upperBound + first where !failed.load(ordering: .relaxed) {
        guard let block = block(number) else {
          failed.store(true, ordering: .relaxed)
          continue
        }
        let start = number * layout.rows
        let part = max(rows.lowerBound, start)..<min(rows.upperBound, start + layout.rows)
        body(UnsafeRawPointer(block.bytes + (part.lowerBound - start) * layout.rowSize), part)
        withExtendedLifetime(block) {}
      }
    }
    return !failed.load(ordering: .relaxed)
  }

  private func block(_ number: Int) -> Block? {
    let known = state.withLock { state -> Block? in
      guard let place = state.recent.lastIndex(where: { $0.number == number }) else { return nil }
      state.recent.append(state.recent.remove(at: place))
      return state.recent.last?.block
    }
    if let known { return known }
    guard let made = decoded(number) else { return nil }
    let most = max(ThreadPool.threadCount + 1, HDF5Blocks.kept / layout.size)
    state.withLock { state in
      state.recent.append((number, made))
      guard state.recent.count > most else { return }
      var dropped = state.recent.removeFirst().block
      // Another thread may still read it.
      if isKnownUniquelyReferenced(&dropped), state.spare.count < 4 { state.spare.append(dropped) }
    }
    return made
  }

  /// Memory for a decoded block.
  private func room() -> Block? { state.withLock { $0.spare.popLast() } ?? Block(layout.size) }

  private func giveBack(_ block: Block?) {
    guard let block else { return }
    state.withLock { if $0.spare.count < 4 { $0.spare.append(block) } }
  }

  private func decoded(_ number: Int) -> Block? {
    guard let block = room() else { return nil }
    let isPlain = layout.compression == 0 && layout.shuffled == 0
    guard let stored = stored(number, isPlain ? block : nil) else { return nil }
    if isPlain { return stored.count == layout.size ? block : nil }
    let scratch = layout.shuffled > 0 ? room() : nil
    defer { giveBack(scratch) }
    guard layout.shuffled == 0 || scratch != nil,
      hdf5_undo(layout.compression, layout.shuffled, stored.block.bytes, stored.count, block.bytes, scratch?.bytes, layout.size) == 1
    else { return nil }
    withExtendedLifetime((stored, scratch)) {}
    return block
  }

  /// The bytes of a block as they are in the file, in `target` where that is given.
  private func stored(_ number: Int, _ target: Block?) -> (block: Block, count: Int)? {
    var corner = [hsize_t](repeating: 0, count: layout.axes)
    corner[0] = hsize_t(number * layout.rows)
    // Compression may make a block a little larger than it was.
    let most = target == nil ? layout.size + layout.size / 8 + 4096 : layout.size
    return try? withHDF5 { hdf5 in
      var size: hsize_t = 0
      var leftOut: UInt32 = 0
      guard hdf5.pointee.H5Dget_chunk_storage_size(dataset.id, corner, &size) >= 0, size > 0, size <= hsize_t(most),
        let block = target ?? Block(Int(size)),
        hdf5.pointee.H5Dread_chunk(dataset.id, 0, corner, &leftOut, block.bytes) >= 0, leftOut == 0
      else {
        _ = lastHDF5Error(hdf5)
        return nil
      }
      return (block, Int(size))
    }
  }
}
