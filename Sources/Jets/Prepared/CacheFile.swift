import Glibc
import SystemServices
import TensorCore

/// A file of the cache: lines of text (kind and version, key, checksum of the sections, the numbers of their layout), and from byte 4096 on
/// the sections. It gets its name when it is whole; unless it is to be kept it never has one.
final class CacheFile {
  static let headerLength = 4096

  let place: ImageCache.Place?
  private let replacement: AtomicReplacement
  private let kind: ImageCache.Kind
  private var descriptor: Int32

  /// Starts the file at `place`; without one a file in the folder of `cache` that goes with the process.
  init(_ kind: ImageCache.Kind, _ place: ImageCache.Place?, _ cache: ImageCache) throws {
    self.kind = kind
    self.place = place
    let path = try place?.path ?? cache.resolvedFolder() + "/once.jetlua"
    do {
      if let slash = path.lastIndex(of: "/") { try FileSystem.makeFolder(String(path[..<slash])) }
      replacement = try AtomicReplacement(path: path)
    } catch { throw CacheFile.failure("\(error)") }
    descriptor = open(replacement.temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw CacheFile.failure("\(SystemError("write", path, code: errno))") }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    replacement.discard()
  }

  func write(_ bytes: UnsafeRawBufferPointer, at position: Int) throws {
    var done = 0
    while done < bytes.count {
      let count = pwrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(position + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure(count == 0 ? ENOSPC : errno) }
      done += count
    }
  }

  /// Takes the room for `length` bytes and maps them to be written: a full disk would otherwise end the process at the first touch of a page.
  func reserve(_ length: Int) throws -> UnsafeMutableRawPointer {
    let status = posix_fallocate(descriptor, 0, off_t(length))
    guard status == 0 else { throw failure(status) }
    return try CacheFile.map(descriptor, length, PROT_READ | PROT_WRITE, replacement.path)
  }

  /// Ends the file after `length` bytes and maps it.
  func map(_ length: Int) throws -> UnsafeMutableRawPointer {
    guard ftruncate(descriptor, off_t(length)) == 0 else { throw failure(errno) }
    return try CacheFile.map(descriptor, length, PROT_READ, replacement.path)
  }

  /// Writes the header and gives the file its name, unless the source has changed since its bytes were hashed.
  func finish(_ numbers: [Int], checksum: () throws -> String) throws {
    if let place, place.content.isUnchanged {
      let text = Array(([kind.title, place.key, try checksum()] + numbers.map(String.init) + [""]).joined(separator: "\n").utf8)
      try (text + [UInt8](repeating: 0, count: CacheFile.headerLength - text.count)).withUnsafeBytes { try write($0, at: 0) }
      do { try replacement.publish() } catch { throw CacheFile.failure("\(error)") }
    } else {
      replacement.discard()
    }
    close(descriptor)
    descriptor = -1
  }

  /// What was found at a place, to be checked against `checksum`.
  struct Found {
    let base: UnsafeMutableRawPointer
    let length: Int
    let checksum: String
  }

  /// The file at `place`, of which `length` tells from the numbers of its header how long it must be; `nil` where there is none, one of
  /// another key or version, or one that is cut short.
  static func find(_ place: ImageCache.Place, length: ([Int]) -> Int?) -> Found? {
    let descriptor = open(place.path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    var bytes = [UInt8](repeating: 0, count: headerLength)
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, pread(descriptor, &bytes, bytes.count, 0) == bytes.count
    else { return nil }
    let lines = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self).split(separator: "\n")
    guard lines.count >= 3, lines[0] == place.kind.title, lines[1] == place.key else { return nil }
    let numbers = lines.dropFirst(3).compactMap { Int($0) }
    guard numbers.count == lines.count - 3, let length = length(numbers), length == Int(status.st_size),
      let base = try? map(descriptor, length, PROT_READ, place.path)
    else { return nil }
    return Found(base: base, length: length, checksum: String(lines[2]))
  }

  /// The SHA-256 of the numbers in the header and of some sections of a mapped file.
  static func checksum(_ numbers: [Int], _ base: UnsafeRawPointer, _ sections: [Range<Int>]) throws -> String {
    let sum = try Checksum()
    try numbers.withUnsafeBytes { try sum.add($0) }
    for section in sections {
      var start = section.lowerBound
      while start < section.upperBound {
        try Interrupted.check()
        let part = min(section.upperBound - start, 8 << 20)
        try sum.add(UnsafeRawBufferPointer(start: base + start, count: part))
        start += part
      }
    }
    return try sum.finish()
  }

  private static func map(_ descriptor: Int32, _ length: Int, _ protection: Int32, _ path: String) throws -> UnsafeMutableRawPointer {
    guard let base = mmap(nil, length, protection, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
      throw failure("\(SystemError("map", path, code: errno))")
    }
    return base
  }

  private func failure(_ code: Int32) -> CallerError { CacheFile.failure("\(SystemError("write", replacement.path, code: code))") }

  private static func failure(_ reason: String) -> CallerError {
    CallerError("images: the image cache: \(reason); JETLUA_CACHE names the folder it lies in")
  }
}
