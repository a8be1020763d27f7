/// A mistake of the caller, worded for the person who wrote the script: function, argument, expected, got, and what to do next.
///
/// The text reaches Lua as it stands, so it names nothing of Swift.
public struct CallerError: Error, CustomStringConvertible, Sendable {
  /// "FUNCTION: ARGUMENT: expected …, got …", on one line.
  public let description: String

  /// An error with this text.
  public init(_ description: String) { self.description = description }
}

/// Memory for an array could not be had; the host collects garbage and tries the call once more before a script sees this.
public struct OutOfMemory: Error, CustomStringConvertible, Sendable {
  /// The bytes that were asked for; `nil` where their number itself overflows.
  public let bytes: Int?

  /// A request of so many bytes failed; nil where the number is not known.
  public init(bytes: Int?) { self.bytes = bytes }

  /// The text that names the size, where it is known.
  public var description: String {
    guard let bytes else { return "not enough memory: the size in bytes overflows 64 bits" }
    return "not enough memory: \(bytes) bytes asked for"
  }
}

/// The user pressed Ctrl-C while a long computation ran.
public struct Interrupted: Error, CustomStringConvertible, Sendable {
  /// The error of a script that Ctrl-C ended.
  public init() {}
  /// "interrupted!", as Lua says it.
  public var description: String { "interrupted!" }
}
