import CSystem
import Glibc

/// A failure of the operating system, worded for the person at the terminal: what was tried, on which path, why it failed, what to do.
public struct SystemError: Error, CustomStringConvertible, Sendable {
  /// One line, such as `cannot read jets.h5: No such file or directory; check the path`.
  public let description: String
  /// The system's error number (`ENOENT`, …); 0 where the system gave none.
  public let code: Int32

  /// A failure that the system gave no number for.
  public init(_ description: String) {
    self.description = description
    code = 0
  }

  /// A failed system call: `action` as in "cannot `action` `path`", and the number it left in `errno`.
  public init(_ action: String, _ path: String, code: Int32) {
    let reason = String(cString: system_error_text(code))
    var text = "cannot \(action) \(SystemError.printable(path)): \(reason)"
    if let advice = SystemError.advice(code) { text += "; \(advice)" }
    description = text
    self.code = code
  }

  /// Thrown where the caller's `interrupted` said yes; its `code` is `EINTR`.
  public static var interrupted: SystemError { SystemError(description: "interrupted!", code: EINTR) }

  private init(description: String, code: Int32) {
    self.description = description
    self.code = code
  }

  /// `path` on one line: control characters, which would break the message, become `?`.
  static func printable(_ path: String) -> String {
    if path.isEmpty { return "\"\"" }
    return String(String.UnicodeScalarView(path.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "?" : $0 }))
  }

  private static func advice(_ code: Int32) -> String? {
    switch code {
    case ENOENT: return "check the path"
    case ENOTDIR: return "a part of the path is a file, not a folder"
    case EISDIR: return "give the name of a file"
    case EACCES, EPERM: return "check who may read and write it"
    case EROFS: return "choose a folder that can be written"
    case ENOSPC, EDQUOT: return "free some space or choose another disk"
    case EMFILE, ENFILE: return "close files that are no longer needed"
    case ENAMETOOLONG: return "choose a shorter name"
    case ENOTEMPTY: return "empty the folder first"
    default: return nil
    }
  }
}

/// Calls `body` until it is not interrupted by a signal; throws what `errno` says when it returns a negative number.
@discardableResult
func checked<N: SignedInteger>(_ action: String, _ path: String, _ body: () -> N) throws -> N {
  while true {
    let result = body()
    if result >= 0 { return result }
    let code = errno
    if code != EINTR { throw SystemError(action, path, code: code) }
  }
}

/// Throws for a path that C would cut short: one with a zero byte in it, or an empty one.
func checkPath(_ action: String, _ path: String) throws {
  if path.isEmpty { throw SystemError("cannot \(action) a file with an empty name; give a path") }
  if path.utf8.contains(0) {
    throw SystemError("cannot \(action) \(SystemError.printable(path)): the path holds a zero byte; give a path without one")
  }
}
