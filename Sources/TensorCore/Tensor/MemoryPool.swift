import Glibc
import Synchronization

/// Blocks of memory for tensors, kept for reuse: a fresh block of 4 MB costs a millisecond of page faults, a reused one nothing.
///
/// Sizes are rounded up to a quarter of a power of two, blocks are aligned to 64 bytes, and at most `keptLimit` bytes wait unused.
public enum MemoryPool {
  // Pointers in the free lists belong to the pool alone, under its lock.
  private final class Shared: Sendable {
    let state = Mutex(Blocks())
  }
  private struct Blocks: @unchecked Sendable {
    var free: [[UnsafeMutableRawPointer]] = Array(repeating: [], count: 256)
    var keptBytes = 0
    var liveBytes = 0
    var liveBlocks = 0
    var freshBlocks = 0
    var allocatedBytes = 0
  }
  private static let shared = Shared()

  /// Bytes that may wait in the pool between uses; `JETLUA_KEPT_BYTES` or 128 MiB. With 0 every block comes from the system and goes back to it, so
  /// that tools which watch memory see who uses what was freed.
  public static let keptLimit = getenv("JETLUA_KEPT_BYTES").flatMap { Int(String(cString: $0)) }.map { max(0, $0) } ?? 128 << 20

  /// The size class of a request and the bytes it gets; `nil` where the size cannot be had.
  static func sizeClass(_ bytes: Int) -> (index: Int, bytes: Int)? {
    if bytes <= 64 { return (0, 64) }
    guard bytes <= 1 << 46 else { return nil }
    let power = Int.bitWidth - 1 - (bytes - 1).leadingZeroBitCount  // 2^power < bytes ≤ 2^(power + 1)
    let quarter = 1 << (power - 2)
    let quarters = (bytes - 1 - (1 << power)) / quarter + 1
    let rounded = (1 << power) + quarters * quarter
    return ((power - 6) * 4 + quarters, (rounded + 63) & ~63)
  }

  /// A block of at least `bytes` bytes, its contents undefined. Throws OutOfMemory.
  static func allocate(_ bytes: Int) throws -> UnsafeMutableRawPointer {
    guard bytes >= 0, let (index, size) = sizeClass(bytes) else { throw OutOfMemory(bytes: bytes < 0 ? nil : bytes) }
    let reused: UnsafeMutableRawPointer? = shared.state.withLock { state in
      state.liveBytes += bytes
      state.liveBlocks += 1
      state.allocatedBytes &+= bytes
      guard let block = state.free[index].popLast() else {
        state.freshBlocks += 1
        return nil
      }
      state.keptBytes -= size
      return block
    }
    if let reused { return reused }
    if let block = freshBlock(size) { return block }
    releaseUnused()
    if let block = freshBlock(size) { return block }
    shared.state.withLock { state in
      state.liveBytes -= bytes
      state.liveBlocks -= 1
    }
    throw OutOfMemory(bytes: bytes)
  }

  static func deallocate(_ block: UnsafeMutableRawPointer, bytes: Int) {
    guard let (index, size) = sizeClass(bytes) else { return }
    let kept = shared.state.withLock { state in
      state.liveBytes -= bytes
      state.liveBlocks -= 1
      guard state.keptBytes + size <= keptLimit else { return false }
      state.free[index].append(block)
      state.keptBytes += size
      return true
    }
    if !kept { giveBack(block, size) }
  }

  // Large blocks are mapped by themselves: malloc keeps what it once had on its heap, and a burst of temporaries would
  // stay with the process for good.
  private static let mappedFrom = 1 << 20
  private static let hugePageFrom = 4 << 20

  private static func freshBlock(_ size: Int) -> UnsafeMutableRawPointer? {
    if size >= mappedFrom {
      let block = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard block != MAP_FAILED else { return nil }
      // Fewer page faults, and fewer misses of the table of addresses in loops over megabytes.
      if size >= hugePageFrom { madvise(block, size, MADV_HUGEPAGE) }
      return block
    }
    var block: UnsafeMutableRawPointer?
    return posix_memalign(&block, 64, size) == 0 ? block : nil
  }

  private static func giveBack(_ block: UnsafeMutableRawPointer, _ size: Int) {
    if size >= mappedFrom { munmap(block, size) } else { free(block) }
  }

  // The bytes of a size class, as `sizeClass` rounds them.
  private static func blockSize(ofClass index: Int) -> Int {
    guard index > 0 else { return 64 }
    let power = 6 + (index - 1) / 4, quarters = (index - 1) % 4 + 1
    return ((1 << power) + quarters * (1 << (power - 2)) + 63) & ~63
  }

  /// Gives the waiting blocks back to the system.
  public static func releaseUnused() {
    let waiting = shared.state.withLock { state in
      let lists = state.free
      for i in state.free.indices { state.free[i].removeAll() }
      state.keptBytes = 0
      return Blocks(free: lists)
    }
    for (index, list) in waiting.free.enumerated() {
      for block in list { giveBack(block, blockSize(ofClass: index)) }
    }
  }

  /// Bytes and blocks of living storages, bytes that wait for reuse, and how many blocks had to be made.
  public static var statistics: (liveBytes: Int, liveBlocks: Int, keptBytes: Int, freshBlocks: Int) {
    shared.state.withLock { ($0.liveBytes, $0.liveBlocks, $0.keptBytes, $0.freshBlocks) }
  }
  /// Bytes of all storages ever made, those long gone included.
  public static var allocatedBytes: Int { shared.state.withLock { $0.allocatedBytes } }
}
