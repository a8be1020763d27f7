import Glibc
import TensorCore

/// One word of a cut with its place (from 1) in the text.
struct CutToken: Equatable {
  enum Kind: Equatable {
    case number(Double)
    case name(String)
    case symbol(String)
    case end
  }

  let kind: Kind
  let position: Int

  /// Splits a cut into words; `&&`, `||`, `!`, `~=` and `!=` become the words they stand for.
  static func tokens(of text: String) throws -> [CutToken] {
    let characters = Array(text.utf8)
    var tokens: [CutToken] = []
    var i = 0
    while i < characters.count {
      let start = i
      let character = characters[i]
      if character == 0x20 || (0x09...0x0D).contains(character) {
        i += 1
      } else if isLetter(character) {
        while i < characters.count, isLetter(characters[i]) || isDigit(characters[i]) { i += 1 }
        tokens.append(CutToken(kind: .name(String(decoding: characters[start..<i], as: UTF8.self)), position: start + 1))
      } else if isDigit(character) || (character == UInt8(ascii: ".") && i + 1 < characters.count && isDigit(characters[i + 1])) {
        let (value, end) = try number(characters, from: start, text: text)
        i = end
        tokens.append(CutToken(kind: .number(value), position: start + 1))
      } else {
        let symbol = try symbol(characters, at: i, text: text)
        i += symbol.utf8.count
        tokens.append(CutToken(kind: word(for: symbol), position: start + 1))
      }
    }
    tokens.append(CutToken(kind: .end, position: characters.count + 1))
    return tokens
  }

  /// How a message shows the token.
  var shown: String {
    switch kind {
    case .number(let value): "\(value)"
    case .name(let name): "\"\(name)\""
    case .symbol(let symbol): "\"\(symbol)\""
    case .end: "the end"
    }
  }

  private static func isDigit(_ c: UInt8) -> Bool { (0x30...0x39).contains(c) }
  private static func isLetter(_ c: UInt8) -> Bool { (0x41...0x5A).contains(c) || (0x61...0x7A).contains(c) || c == 0x5F }

  private static func word(for symbol: String) -> Kind {
    switch symbol {
    case "&&": .name("and")
    case "||": .name("or")
    case "!": .name("not")
    case "!=": .symbol("~=")
    default: .symbol(symbol)
    }
  }

  private static func symbol(_ characters: [UInt8], at i: Int, text: String) throws -> String {
    if i + 1 < characters.count {
      let pair = String(decoding: characters[i...i + 1], as: UTF8.self)
      if ["<=", ">=", "==", "~=", "!=", "&&", "||"].contains(pair) { return pair }
    }
    let single = String(decoding: characters[i...i], as: UTF8.self)
    if ["<", ">", "+", "-", "*", "/", "^", "(", ")", ",", "!"].contains(single) { return single }
    if single == "=" { throw CutError.make(text, at: i + 1, "a single =; write == to compare") }
    throw CutError.make(text, at: i + 1, "a character that no cut has; use columns, numbers, < <= > >= == ~=, and or not, + - * / ^ and brackets")
  }

  private static func number(_ characters: [UInt8], from start: Int, text: String) throws -> (Double, Int) {
    var end = start
    while end < characters.count, isDigit(characters[end]) || characters[end] == UInt8(ascii: ".") { end += 1 }
    if end < characters.count, characters[end] | 0x20 == UInt8(ascii: "e") {
      var exponent = end + 1
      if exponent < characters.count, characters[exponent] == UInt8(ascii: "+") || characters[exponent] == UInt8(ascii: "-") { exponent += 1 }
      if exponent < characters.count, isDigit(characters[exponent]) {
        end = exponent
        while end < characters.count, isDigit(characters[end]) { end += 1 }
      }
    }
    guard let value = Double(String(decoding: characters[start..<end], as: UTF8.self)) else {
      throw CutError.make(text, at: start + 1, "a number that cannot be read; write it like 550, 0.5 or 1e3")
    }
    return (value, end)
  }
}

enum CutError {
  /// The cut, the place, and what is wrong there.
  static func make(_ text: String, at position: Int, _ problem: String) -> CallerError {
    let shown = text.utf8.count <= 80 ? text : String(text.prefix(77)) + "..."
    let line = String(shown.map { $0.isNewline ? " " : $0 })
    return CallerError("where: \"\(line)\": at character \(position): \(problem)")
  }
}
