import TensorCore

/// The options that jetlua has besides those of the standalone interpreter; they stand before the script.
struct Settings {
  private(set) var threads: Int?
  private(set) var seed: Int?
  private(set) var quiet = false
  private(set) var strict = false
  private(set) var profile: String?

  /// How far a script is trusted.
  enum Level { case trusted, restricted, isolated, isolatedChild }
  private(set) var level = Level.trusted
  /// Bytes and seconds that a restricted script may take.
  private(set) var memory: Int?
  private(set) var time: Double?
  /// Files and folders that a restricted script may read.
  private(set) var data: [String] = []

  /// Whether the option's value is the next word.
  static func takesValue(_ word: String) -> Bool { ["--threads", "--seed", "--memory", "--time", "--data"].contains(word) }

  /// Takes `--quiet`, `--strict`, `--profile`, `--profile=FILE`, `--threads N`, `--threads=N`, `--seed N` or `--seed=N`; false where the word is none of them.
  mutating func take(_ word: String, next: String?) throws -> Bool {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts.first.map(String.init) ?? word
    let value = parts.count == 2 ? String(parts[1]) : next
    switch name {
    case "--quiet" where parts.count == 1: quiet = true
    case "--strict" where parts.count == 1: strict = true
    case "--restricted" where parts.count == 1: level = .restricted
    case "--isolated" where parts.count == 1: level = .isolated
    case "--isolated-child" where parts.count == 1: level = .isolatedChild
    case "--memory": memory = try Int(number(name, value, "a number of GB", in: 0.1...100_000) * 1e9)
    case "--time": time = try number(name, value, "a number of seconds", in: 0.1...1e8)
    case "--data":
      guard let value, !value.isEmpty else { throw CallerError("--data: expected a file or folder that the script may read, got nothing") }
      data.append(value)
    case "--profile": profile = parts.count == 2 ? String(parts[1]) : ""
    case "--threads": threads = try integer(name, value, in: 1...256)
    case "--seed": seed = try integer(name, value, in: 0...Int.max)
    default: return false
    }
    return true
  }

  /// As `--quiet`.
  mutating func fallSilent() { quiet = true }

  private func number(_ name: String, _ value: String?, _ expected: String, in range: ClosedRange<Double>) throws -> Double {
    guard let value, let number = Double(value), range.contains(number) else {
      throw CallerError("\(name): expected \(expected) in \(range), got \(value ?? "nothing")")
    }
    return number
  }

  private func integer(_ name: String, _ value: String?, in range: ClosedRange<Int>) throws -> Int {
    guard let value, let number = Int(value), range.contains(number) else {
      let expected = range.upperBound == Int.max ? "an integer from \(range.lowerBound) on" : "an integer in \(range)"
      throw CallerError("\(name): expected \(expected), got \(value ?? "nothing")")
    }
    return number
  }

  /// What Lua modules have to know before the script starts, as a chunk; nil where there is nothing to say.
  var chunk: String? {
    var lines: [String] = []
    if quiet { lines.append("require('jetlua.internal.settings').quiet = true") }
    if let seed { lines.append("require('jetlua.internal.settings').seed = \(seed) require('jetlua.tensor').manual_seed(\(seed))") }
    if let profile { lines.append("require('jetlua.internal.profile').start('\(Settings.escaped(profile))')") }
    if strict { lines.append("require('jetlua.strict')") }
    return lines.isEmpty ? nil : lines.joined(separator: " ")
  }

  // Inside quotes of Lua.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 { result += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16) }
    return result
  }
}
