import Glibc
import SystemServices
import TensorCore

/// Rows of numbers in memory, or, beyond a limit, in a file without a name in the cache's folder, which goes with the process.
final class FloatStore {
  let values: UnsafeMutablePointer<Float>
  let count: Int
  /// Whether the numbers lie in a mapped file.
  let isMapped: Bool

  /// Room for `count` zeros. Throws `CallerError` or `OutOfMemory` where there is none.
  init(count: Int, cache: ImageCache) throws {
    let (bytes, overflow) = max(count, 1).multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    guard !overflow, count >= 0 else { throw OutOfMemory(bytes: .max) }
    self.count = count
    isMapped = bytes > cache.memoryLimit
    guard isMapped else {
      guard let memory = calloc(bytes, 1) else { throw OutOfMemory(bytes: bytes) }
      values = memory.bindMemory(to: Float.self, capacity: count)
      return
    }
    let folder = try cache.resolvedFolder()
    try FileSystem.makeFolder(folder)
    var name = Array("\(folder)/constituents-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    guard file >= 0 else { throw SystemError("write", folder, code: errno) }
    defer { close(file) }
    unlink(name)
    // Room is taken now: a full disk would end the process at the first touch of a page.
    let status = posix_fallocate(file, 0, bytes)
    guard status == 0 else { throw SystemError("write", folder, code: status) }
    guard let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED else {
      throw OutOfMemory(bytes: bytes)
    }
    values = memory.bindMemory(to: Float.self, capacity: count)
  }

  deinit {
    if isMapped { munmap(values, max(count, 1) * MemoryLayout<Float>.stride) } else { free(values) }
  }
}
