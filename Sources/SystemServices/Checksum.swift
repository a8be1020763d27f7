import CSystem
import Glibc

/// A SHA-256 checksum of bytes that come in parts.
///
/// The system's libcrypto computes it. Throws `SystemError` naming Debian's package where that library is missing.
public final class Checksum {
  private var state: OpaquePointer?

  /// Starts with no bytes.
  public init() throws {
    var opened: Int32 = 0
    state = system_sha256_start(&opened)
    if state == nil {
      throw SystemError(
        opened == 0
          ? "cannot compute a SHA-256: libcrypto.so.3 is missing; install Debian's package libssl3"
          : "cannot compute a SHA-256: not enough memory")
    }
  }

  deinit { if let state { system_sha256_finish(state, nil) } }

  /// Adds bytes.
  public func add(_ bytes: UnsafeRawBufferPointer) throws {
    guard let state else { throw SystemError("cannot add to a SHA-256 that is finished; start a new one") }
    if bytes.count > 0, system_sha256_add(state, bytes.baseAddress, bytes.count) != 1 {
      throw SystemError("cannot compute a SHA-256: libcrypto failed")
    }
  }

  /// The checksum as 64 hexadecimal digits; nothing can be added after it.
  public func finish() throws -> String {
    guard let state else { throw SystemError("cannot finish a SHA-256 twice; start a new one") }
    self.state = nil
    var digest = [UInt8](repeating: 0, count: 32)
    if system_sha256_finish(state, &digest) != 1 { throw SystemError("cannot compute a SHA-256: libcrypto failed") }
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The SHA-256 of `bytes` as 64 hexadecimal digits.
  public static func sha256(_ bytes: [UInt8]) throws -> String {
    let sum = try Checksum()
    try bytes.withUnsafeBytes { try sum.add($0) }
    return try sum.finish()
  }

  /// The SHA-256 of the file at `path` as 64 hexadecimal digits; reads it in parts of a megabyte.
  ///
  /// `interrupted` is asked between the parts; where it says yes, `SystemError.interrupted` is thrown.
  public static func sha256(file path: String, interrupted: () -> Bool = { false }) throws -> String {
    let sum = try Checksum()
    let descriptor = try FileSystem.openToRead(path)
    defer { close(descriptor) }
    // A tree of small files would spend its time on clearing a megabyte for each of them.
    var status = stat()
    try checked("read", path) { fstat(descriptor, &status) }
    var buffer = [UInt8](repeating: 0, count: min(max(Int(status.st_size), 1 << 12), 1 << 20))
    while true {
      let got = try buffer.withUnsafeMutableBytes { bytes in
        let got = try checked("read", path) { read(descriptor, bytes.baseAddress, bytes.count) }
        try sum.add(UnsafeRawBufferPointer(rebasing: bytes[..<got]))
        return got
      }
      if got == 0 { return try sum.finish() }
      if interrupted() { throw SystemError.interrupted }
    }
  }
}
