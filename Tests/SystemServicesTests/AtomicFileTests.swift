import Foundation
import SystemServices
import Testing

@Suite struct AtomicFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func mode(_ path: String) throws -> Int {
    try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test func writesAWholeFileAndLeavesNoOther() throws {
    try AtomicFile.write("hello\n", to: folder("a.txt"))
    try AtomicFile.write("again\n", to: folder("a.txt"))
    #expect(try FileSystem.readText(folder("a.txt")) == "again\n")
    #expect(folder.names == ["a.txt"])
  }

  @Test func keepsTheModeBitsOfAReplacedFile() throws {
    let path = folder("private")
    try AtomicFile.write("1", to: path)
    for bits in [0o600, 0o640, 0o755] {
      try FileManager.default.setAttributes([.posixPermissions: bits], ofItemAtPath: path)
      try AtomicFile.write("2", to: path)
      #expect(try mode(path) == bits)
    }
  }

  @Test func theOldFileStaysUntilCommit() throws {
    let path = folder("state")
    try AtomicFile.write("old", to: path)
    let file = try AtomicFile(path: path)
    try file.write([UInt8](repeating: 7, count: 200_000))
    try file.write("tail")
    #expect(try FileSystem.readText(path) == "old")
    #expect(folder.names.count == 2)
    try file.commit()
    #expect(try FileSystem.read(path).count == 200_004)
    #expect(folder.names == ["state"])
    #expect(throws: SystemError.self) { try file.write("more") }
    #expect(throws: SystemError.self) { try file.commit() }
  }

  @Test func cancelAndDropLeaveTheOldFile() throws {
    let path = folder("state")
    try AtomicFile.write("old", to: path)
    let file = try AtomicFile(path: path)
    try file.write("new")
    file.cancel()
    file.cancel()
    do {
      let dropped = try AtomicFile(path: path)
      try dropped.write("new")
    }
    #expect(try FileSystem.readText(path) == "old")
    #expect(folder.names == ["state"])
  }

  @Test func keepsPiecesInOrderAcrossTheBuffer() throws {
    let file = try AtomicFile(path: folder("pieces"))
    var expected: [UInt8] = []
    for i in 0..<300 {
      let piece = [UInt8](repeating: UInt8(i % 251), count: i * 37 % 5000 + (i == 150 ? 100_000 : 0))
      expected += piece
      try file.write(piece)
    }
    try file.commit()
    #expect(try FileSystem.read(folder("pieces")) == expected)
  }

  @Test func aLinkStaysALink() throws {
    try AtomicFile.write("old", to: folder("target"))
    try FileManager.default.createSymbolicLink(atPath: folder("link"), withDestinationPath: "target")
    try AtomicFile.write("new", to: folder("link"))
    #expect(try FileSystem.readText(folder("target")) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder("link")) == "target")
  }

  @Test func aDeviceIsWrittenInPlace() throws {
    try AtomicFile.write("gone", to: "/dev/null")
    let type = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
    #expect(type == .typeCharacterSpecial)
  }

  @Test func removesWhatADeadProcessLeft() throws {
    let ended = try ChildProcess.run(["sh", "-c", "echo $$"])
    let dead = String(decoding: ended.output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    let host = Machine.hostName
    let stale = ".a.txt.\(host)-\(dead)-1.tmp"
    let mine = ".a.txt.\(host)-\(Machine.processID)-9999999.tmp"
    let other = ".b.txt.\(host)-\(dead)-1.tmp"
    for name in [stale, mine, other] { try Data("x".utf8).write(to: URL(fileURLWithPath: folder(name))) }
    try AtomicFile.write("new", to: folder("a.txt"))
    #expect(folder.names == [mine, other, "a.txt"].sorted())
  }

  @Test func longNamesFit() throws {
    let name = String(repeating: "é", count: 120)
    try AtomicFile.write("x", to: folder(name))
    #expect(folder.names == [name])
  }

  @Test(arguments: [
    ("", "cannot write a file with an empty name; give a path"),
    ("a\0b", "cannot write a?b: the path holds a zero byte; give a path without one"),
  ]) func refusesPathsThatCWouldCutShort(path: String, message: String) {
    #expect(throws: SystemError.self) { try AtomicFile.write("x", to: path) }
    do { try AtomicFile.write("x", to: path) } catch { #expect("\(error)" == message) }
  }

  @Test func failuresNameThePathAndLeaveNothing() throws {
    let missing = folder("no/such/file")
    do {
      try AtomicFile.write("x", to: missing)
      Issue.record("written into a folder that is not there")
    } catch {
      #expect("\(error)" == "cannot write \(missing): there is no folder \(folder("no/such")); make it first")
    }
    do {
      try AtomicFile.write("x", to: folder.path)
      Issue.record("written over a folder")
    } catch {
      #expect("\(error)" == "cannot write \(folder.path): Is a directory; give the name of a file")
    }
    #expect(folder.names.isEmpty)
  }

  @Test func fullDiskIsAnErrorAndTheOldFileStays() throws {
    let file = try AtomicFile(path: "/dev/full")
    try file.write("x")
    do {
      try file.commit()
      Issue.record("a full disk took the bytes")
    } catch {
      #expect("\(error)" == "cannot write /dev/full: No space left on device; free some space or choose another disk")
    }
  }
}
