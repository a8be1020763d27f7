import Glibc
import SystemServices

/// The file of the prompt's history: before each input, of one or more lines, a line `#SECONDS` with its time.
enum History {
  /// The inputs that are kept from session to session.
  private static let kept = 2000

  /// Leaves the last inputs, each with its time, and puts one before lines that have none.
  ///
  /// readline's own cutting leaves the first input without its time, and then takes every line of every input for an input. The file
  /// is whole at any moment; what cannot be read or written stays as it is.
  static func tidy(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(path, W_OK) == 0,
      let bytes = try? FileSystem.read(path, limit: 1 << 26)
    else { return }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast(bytes.last == UInt8(ascii: "\n") ? 1 : 0)
    let untimed = lines.prefix { !isTime($0) }.count
    let inputs = untimed + lines.lazy.filter(isTime).count
    guard inputs > kept || untimed > 0 && inputs > untimed else { return }
    var rest: [UInt8] = []
    var number = 0
    for (i, line) in lines.enumerated() {
      if i < untimed || isTime(line) { number += 1 }
      guard number > inputs - kept else { continue }
      if i < untimed { rest += Array("#0\n".utf8) }
      rest += line + [UInt8(ascii: "\n")]
    }
    try? AtomicFile.write(rest, to: path)
  }

  private static func isTime(_ line: ArraySlice<UInt8>) -> Bool {
    line.count > 1 && line.first == UInt8(ascii: "#") && line.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}
