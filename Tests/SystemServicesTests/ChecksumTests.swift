import SystemServices
import Testing

@Suite struct ChecksumTests {
  // FIPS 180-2, appendix B.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ]) func knownAnswers(text: String, expected: String) throws {
    #expect(try Checksum.sha256(Array(text.utf8)) == expected)
  }

  @Test func aMillionLettersInParts() throws {
    let sum = try Checksum()
    let part = [UInt8](repeating: UInt8(ascii: "a"), count: 1000)
    for _ in 0..<1000 { try part.withUnsafeBytes { try sum.add($0) } }
    #expect(try sum.finish() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    #expect(throws: SystemError.self) { try sum.finish() }
    #expect(throws: SystemError.self) { try part.withUnsafeBytes { try sum.add($0) } }
  }

  @Test func filesAndInterrupts() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([UInt8](repeating: UInt8(ascii: "a"), count: 3_000_000), to: folder("x"))
    let whole = try Checksum.sha256(file: folder("x"))
    #expect(whole == (try Checksum.sha256([UInt8](repeating: UInt8(ascii: "a"), count: 3_000_000))))
    #expect(throws: SystemError.self) { try Checksum.sha256(file: folder("none")) }
    var asked = 0
    #expect(throws: SystemError.self) {
      try Checksum.sha256(file: folder("x")) {
        asked += 1
        return asked == 2
      }
    }
    #expect(asked == 2)
  }
}
