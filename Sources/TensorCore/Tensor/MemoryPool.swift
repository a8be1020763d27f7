import Glibc
import Synchronization

/// Blocks of memory for tensors, kept for reuse: a fresh block of 4 MB costs a millisecond of page faults, a reused one nothing.
///
/// Sizes are rounded up to a quarter of a power of two, blocks are aligned to 64 bytes. Blocks wait for reuse as long as all memory of the pool, in use and
/// waiting, stays within what was in use at once lately and `keptLimit` bytes more: a training step that repeats itself asks the system for nothing, however
/// large it is, and the pool never has more than `keptLimit` bytes beyond what the script itself has just needed. What nobody took for a while goes back.
public enum MemoryPool {
  // Rejected: a share of the physical memory alone (a container's limit is not in it, and nothing else may be left), one fixed limit (too little for large
  // models, whose steps then map and unmap), counting steps (the pool knows none; a script may train two models at once), a thread that gives memory
  // back (it would wake up for ever), MADV_FREE (a system call for each block).

  // Pointers in the free lists belong to the pool alone, under its lock.
  private final class Shared: Sendable {
    let state = Mutex(Blocks())
  }
  private struct Blocks: @unchecked Sendable {
    var free: [[UnsafeMutableRawPointer]] = Array(repeating: [], count: 256)
    // The fewest blocks of each size that waited since the period began: so many at the list's beginning nobody took.
    var untouched: [Int] = Array(repeating: 0, count: 256)
    var keptBytes = 0
    var liveBytes = 0
    var liveBlocks = 0
    var freshBlocks = 0
    var allocatedBytes = 0
    // In blocks as they are, rounded up; the largest since the period began and in the one before.
    var usedBytes = 0
    var peak = 0
    var peakBefore = 0
    var calls = 0
    var periodEnd = 0
    var ceiling: Int?
  }
  private static let shared = Shared()

  /// Bytes that may wait in the pool beyond what was in use at once lately; `JETLUA_KEPT_BYTES` or 128 MiB. With 0 every block comes from the system and goes
  /// back to it, so that tools which watch memory see who uses what was freed.
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
    let (reused, periodEnded): (UnsafeMutableRawPointer?, Bool) = shared.state.withLock { state in
      state.liveBytes += bytes
      state.liveBlocks += 1
      state.allocatedBytes &+= bytes
      state.usedBytes += size
      state.peak = max(state.peak, state.usedBytes)
      let ended = endsPeriod(&state)
      guard let block = state.free[index].popLast() else {
        state.freshBlocks += 1
        return (nil, ended)
      }
      state.untouched[index] = min(state.untouched[index], state.free[index].count)
      state.keptBytes -= size
      return (block, ended)
    }
    if periodEnded { releaseIdle() }
    if let reused { return reused }
    if let block = freshBlock(size) { return block }
    releaseUnused()
    if let block = freshBlock(size) { return block }
    shared.state.withLock { state in
      state.liveBytes -= bytes
      state.liveBlocks -= 1
      state.usedBytes -= size
    }
    throw OutOfMemory(bytes: bytes)
  }

  static func deallocate(_ block: UnsafeMutableRawPointer, bytes: Int) {
    guard let (index, size) = sizeClass(bytes) else { return }
    let kept = shared.state.withLock { state in
      state.liveBytes -= bytes
      state.liveBlocks -= 1
      state.usedBytes -= size
      let waiting = state.keptBytes + size
      guard keptLimit > 0, state.usedBytes + waiting <= max(state.peak, state.peakBefore) + keptLimit else { return false }
      // What the machine allows is looked up by processes that come near it alone: others start without.
      if waiting > smallKept || state.ceiling != nil {
        let ceiling = state.ceiling ?? MemoryLimits.available / 4
        state.ceiling = ceiling
        guard waiting <= ceiling else { return false }
      }
      state.free[index].append(block)
      state.keptBytes = waiting
      return true
    }
    if !kept { giveBack(block, size) }
  }

  private static let smallKept = 32 << 20
  private static let periodSeconds = 10

  // Looks at the clock now and then: blocks are asked for thousands of times a second where it matters.
  private static func endsPeriod(_ state: inout Blocks) -> Bool {
    state.calls &+= 1
    guard state.calls & 63 == 0 else { return false }
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    guard time.tv_sec >= state.periodEnd else { return false }
    defer { state.periodEnd = time.tv_sec + periodSeconds }
    return state.periodEnd > 0
  }

  /// Bytes that may wait at most, whatever was in use: a quarter of what the process may have, by the machine's memory and the limits set for it, unless it is set.
  public static var keptCeiling: Int {
    get { shared.state.withLock { $0.ceiling } ?? MemoryLimits.available / 4 }
    set { shared.state.withLock { $0.ceiling = max(0, newValue) } }
  }

  /// Gives the blocks back that waited all the time since this was done last, which allocations do every ten seconds.
  public static func releaseIdle() {
    let idle = shared.state.withLock { state in
      var lists = Blocks().free
      for i in state.free.indices {
        // The last ones are taken first, so that those which nobody took stand in front.
        let count = min(state.untouched[i], state.free[i].count)
        if count > 0 {
          lists[i] = Array(state.free[i].prefix(count))
          state.free[i].removeFirst(count)
          state.keptBytes -= count * blockSize(ofClass: i)
        }
        state.untouched[i] = state.free[i].count
      }
      state.peakBefore = state.peak
      state.peak = state.usedBytes
      return Blocks(free: lists)
    }
    giveBack(idle)
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

  /// Gives all waiting blocks back to the system.
  public static func releaseUnused() {
    let waiting = shared.state.withLock { state in
      let lists = state.free
      for i in state.free.indices {
        state.free[i].removeAll()
        state.untouched[i] = 0
      }
      state.keptBytes = 0
      return Blocks(free: lists)
    }
    giveBack(waiting)
  }

  private static func giveBack(_ blocks: Blocks) {
    for (index, list) in blocks.free.enumerated() {
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
