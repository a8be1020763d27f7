import CSystem

/// Compression as ZIP files use it, raw deflate, by the system's zlib. Throws `SystemError` naming Debian's package where it is missing.
enum Deflate {
  /// The largest number of bytes that one compressed byte can stand for.
  static let largestRatio = 1032

  /// The CRC-32 of bytes whose first part has the CRC-32 `sum`.
  static func checksum(_ bytes: UnsafeRawBufferPointer, after sum: UInt32 = 0) throws -> UInt32 {
    var opened: Int32 = 0
    let result = system_crc32(sum, bytes.baseAddress, bytes.count, &opened)
    guard opened != 0 else { throw missing }
    return result
  }

  fileprivate static var missing: SystemError {
    SystemError("cannot use compressed files: libz.so.1 is missing; install Debian's package zlib1g")
  }

  /// One stream of bytes, compressed (`level` 1 to 9) or decompressed (0).
  final class Stream {
    private let state: OpaquePointer
    /// Whether the compressed bytes have come to their end.
    private(set) var isAtEnd = false

    init(level: Int32) throws {
      var opened: Int32 = 0
      guard let state = system_deflate_start(level, &opened) else {
        throw opened == 0 ? missing : SystemError("cannot use compressed files: not enough memory")
      }
      self.state = state
    }

    deinit { system_deflate_end(state) }

    /// Takes from `input` and writes to `output` as much as fits; both become what is left of them. `false` where the input is damaged.
    func step(_ input: inout UnsafeRawBufferPointer, _ output: inout UnsafeMutableRawBufferPointer, last: Bool = false) -> Bool {
      var from = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
      var to = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      var inputCount = input.count, outputCount = output.count
      let result = system_deflate_step(state, &from, &inputCount, &to, &outputCount, last ? 1 : 0)
      input = UnsafeRawBufferPointer(start: from, count: inputCount)
      output = UnsafeMutableRawBufferPointer(start: to, count: outputCount)
      isAtEnd = result == SYSTEM_DEFLATE_END
      return result != SYSTEM_DEFLATE_DAMAGED
    }
  }
}
