/// Reads the few forms of JSON that a header of safetensors holds, piece by piece; there is nothing in it that nests.
struct JSONScanner: TextScanner {
  let text: [UInt8]
  var place = 0

  init(_ text: [UInt8]) { self.text = text }

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
      guard values.count <= limit else { throw MalformedText() }
    } while take(",")
    try expect("]")
    return values
  }

  /// A whole number of at least 0 and below 2⁶³.
  mutating func number() throws -> Int {
    let number = try digits()
    // JSON has no leading zeros.
    guard number.count == 1 || text[place - number.count] != 0x30 else { throw MalformedText() }
    return number.value
  }

  /// A text in quotes, its escapes replaced; throws for what is no UTF-8 and for half a surrogate pair.
  mutating func string() throws -> String {
    try expect("\"")
    var bytes: [UInt8] = []
    while true {
      guard place < text.count, text[place] >= 0x20 else { throw MalformedText() }
      let byte = text[place]
      place += 1
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") { bytes += try escape() } else { bytes.append(byte) }
    }
    guard let string = String(validating: bytes, as: UTF8.self) else { throw MalformedText() }
    return string
  }

  private mutating func escape() throws -> [UInt8] {
    guard place < text.count else { throw MalformedText() }
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
        guard place + 2 <= text.count, text[place] == UInt8(ascii: "\\"), text[place + 1] == UInt8(ascii: "u") else { throw MalformedText() }
        place += 2
        let low = try hexadecimal()
        guard (0xdc00..<0xe000).contains(low) else { throw MalformedText() }
        unit = 0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(unit) else { throw MalformedText() }
      return Array(String(Character(scalar)).utf8)
    default: throw MalformedText()
    }
  }

  private mutating func hexadecimal() throws -> UInt32 {
    guard place + 4 <= text.count, let digits = String(validating: text[place..<(place + 4)], as: UTF8.self),
      text[place..<(place + 4)].allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }), let unit = UInt32(digits, radix: 16)
    else { throw MalformedText() }
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
