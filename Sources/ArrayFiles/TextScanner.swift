/// The header of a file is not what it should be.
struct MalformedText: Error {}

/// What readers of small texts share, the JSON of safetensors and the Python dictionary of `.npy` alike: the next character behind white
/// space, and whole numbers.
protocol TextScanner {
  var text: [UInt8] { get }
  /// Of the next byte.
  var place: Int { get set }
}

extension TextScanner {
  /// Whether only white space is left.
  var isAtEnd: Bool { text[place...].allSatisfy(Self.isSpace) }

  private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x0a, 0x0d, 0x09].contains(byte) }

  mutating func skipSpace() {
    while place < text.count, Self.isSpace(text[place]) { place += 1 }
  }

  /// Takes the character if it comes next behind white space.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard place < text.count, text[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  /// Takes the character; throws where another comes.
  mutating func expect(_ character: Unicode.Scalar) throws {
    if !take(character) { throw MalformedText() }
  }

  /// A whole number of at least 0 and below 2⁶³, and how many digits it has.
  mutating func digits() throws -> (value: Int, count: Int) {
    skipSpace()
    var value = 0
    let start = place
    while place < text.count, (0x30...0x39).contains(text[place]) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (next, carry) = tens.addingReportingOverflow(Int(text[place] - 0x30))
      guard !overflow, !carry else { throw MalformedText() }
      value = next
      place += 1
    }
    guard place > start else { throw MalformedText() }
    return (value, place - start)
  }
}
