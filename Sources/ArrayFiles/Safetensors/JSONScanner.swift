/// Reads the few forms of JSON that a header of safetensors holds, piece by piece; there is nothing in it that nests.
struct JSONScanner {
  struct Malformed: Error {}

  private let text: [UInt8]
  private(set) var place = 0

  init(_ text: [UInt8]) { self.text = text }

  /// Whether only white space is left.
  var isAtEnd: Bool { text[place...].allSatisfy { [0x20, 0x0a, 0x0d, 0x09].contains($0) } }

  /// Takes the character if it comes next behind white space.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    while place < text.count, [0x20, 0x0a, 0x0d, 0x09].contains(text[place]) { place += 1 }
    guard place < text.count, text[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  /// Takes the character; throws where another comes.
  mutating func expect(_ character: Unicode.Scalar) throws {
    if !take(character) { throw Malformed() }
  }

  /// Calls `body` with each key of an object, behind its colon.
  mutating func object(_ body: (inout JSONScanner, String) throws -> Void) throws {
    try expect("{")
    if take("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try body(&self, key)
    } while take(",")
    try expect("}")
  }

  /// A list of whole numbers of at least 0.
  mutating func numbers(atMost limit: Int) throws -> [Int] {
    var values: [Int] = []
    try expect("[")
    if take("]") { return values }
    repeat {
      values.append(try number())
      guard values.count <= limit else { throw Malformed() }
    } while take(",")
    try expect("]")
    return values
  }

  /// A whole number of at least 0 and below 2⁶³.
  mutating func number() throws -> Int {
    _ = take(" ")
    var value = 0
    let start = place
    while place < text.count, (0x30...0x39).contains(text[place]) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (next, carry) = tens.addingReportingOverflow(Int(text[place] - 0x30))
      guard !overflow, !carry else { throw Malformed() }
      value = next
      place += 1
    }
    // JSON has no leading zeros.
    guard place > start, place == start + 1 || text[start] != 0x30 else { throw Malformed() }
    return value
  }

  /// A text in quotes, its escapes replaced; throws for what is no UTF-8 and for half a surrogate pair.
  mutating func string() throws -> String {
    try expect("\"")
    var bytes: [UInt8] = []
    while true {
      guard place < text.count, text[place] >= 0x20 else { throw Malformed() }
      let byte = text[place]
      place += 1
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") { bytes += try escape() } else { bytes.append(byte) }
    }
    guard let string = String(validating: bytes, as: UTF8.self) else { throw Malformed() }
    return string
  }

  private mutating func escape() throws -> [UInt8] {
    guard place < text.count else { throw Malformed() }
    let code = text[place]
    place += 1
    switch Unicode.Scalar(code) {
    case "\"", "\\", "/": return [code]
    case "b": return [8]
    case "f": return [12]
    case "n": return [10]
    case "r": return [13]
    case "t": return [9]
    case "u":
      var unit = try hexadecimal()
      if (0xd800..<0xdc00).contains(unit) {
        guard place + 2 <= text.count, text[place] == UInt8(ascii: "\\"), text[place + 1] == UInt8(ascii: "u") else { throw Malformed() }
        place += 2
        let low = try hexadecimal()
        guard (0xdc00..<0xe000).contains(low) else { throw Malformed() }
        unit = 0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(unit) else { throw Malformed() }
      return Array(String(Character(scalar)).utf8)
    default: throw Malformed()
    }
  }

  private mutating func hexadecimal() throws -> UInt32 {
    guard place + 4 <= text.count, let digits = String(validating: text[place..<(place + 4)], as: UTF8.self),
      text[place..<(place + 4)].allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }), let unit = UInt32(digits, radix: 16)
    else { throw Malformed() }
    place += 4
    return unit
  }

  /// `text` in quotes, escaped as Rust's serde_json does, which Python's safetensors writes with.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{8}": result += "\\b"
      case "\u{c}": result += "\\f"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 32:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
