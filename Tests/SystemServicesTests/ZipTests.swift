import Foundation
import SystemServices
import Testing

@Suite struct ZipTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ entries: [(String, [UInt8])], level: Int) throws -> String {
    let path = folder("x.zip")
    let zip = try ZipWriter(path: path)
    for (name, bytes) in entries {
      try bytes.withUnsafeBytes { all in
        // In two parts, as a header and what follows it.
        let middle = all.count / 3
        try zip.add(name, [UnsafeRawBufferPointer(rebasing: all[..<middle]), UnsafeRawBufferPointer(rebasing: all[middle...])], level: level)
      }
    }
    try zip.commit()
    return path
  }

  private func read(_ zip: ZipReader, _ entry: ZipReader.Entry, piece: Int) throws -> [UInt8] {
    let stream = try zip.open(entry)
    var bytes = [UInt8](repeating: 0, count: entry.size)
    try bytes.withUnsafeMutableBytes { all in
      var start = 0
      while start < all.count {
        let end = min(start + piece, all.count)
        try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: all[start..<end]))
        start = end
      }
    }
    try stream.finish()
    return bytes
  }

  @Test(arguments: [0, 1, 6, 9]) func whatIsWrittenIsRead(level: Int) throws {
    var random = SystemRandomNumberGenerator()
    let noise = (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    let entries: [(String, [UInt8])] = [
      ("empty", []), ("one", [7]), ("zeros", [UInt8](repeating: 0, count: 5_000_000)), ("folder/noise", noise), ("é", Array("text".utf8)),
    ]
    let path = try write(entries, level: level)
    let reader = try ZipReader(ByteSource(path: path))
    #expect(reader.entries.map(\.name) == entries.map(\.0))
    #expect(reader.entries.map(\.size) == entries.map(\.1.count))
    for (entry, (_, bytes)) in zip(reader.entries, entries) {
      #expect(entry.isDeflated == (level > 0))
      for piece in [bytes.count + 1, 4096] { #expect(try read(reader, entry, piece: piece) == bytes) }
    }
    if level > 0 { #expect(try FileSystem.read(path).count < 400_000) }
  }

  @Test(.enabled(if: Environment.findProgram("unzip") != nil, "needs unzip")) func unzipFindsNoFault() throws {
    for level in [0, 6] {
      let path = try write([("a", [1, 2, 3]), ("b/c", [UInt8](repeating: 9, count: 100_000))], level: level)
      #expect(try ChildProcess.run(["unzip", "-tq", path]).ending == .exited(0))
    }
  }

  @Test func manyEntriesNeed64Bits() throws {
    let path = folder("many.zip")
    let zip = try ZipWriter(path: path)
    for i in 0..<70_000 { try zip.add("\(i)", []) }
    try zip.commit()
    let reader = try ZipReader(ByteSource(path: path))
    #expect(reader.entries.count == 70_000 && reader.entries.last?.name == "69999")
  }

  @Test func sameEntriesGiveTheSameBytes() throws {
    let first = try FileSystem.read(write([("a", [1, 2, 3])], level: 6))
    #expect(try FileSystem.read(write([("a", [1, 2, 3])], level: 6)) == first)
  }

  @Test func namesAreTakenOnce() throws {
    let zip = try ZipWriter(path: folder("x.zip"))
    try zip.add("a", [])
    for name in ["a", "", "\0"] {
      #expect(throws: SystemError.self) { try zip.add(name, []) }
    }
    #expect(folder.names.allSatisfy { $0 != "x.zip" })
  }

  @Test func damagedBytesAreFound() throws {
    for level in [0, 6] {
      let path = try write([("a", (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* $0) })], level: level)
      var bytes = try FileSystem.read(path)
      bytes[60] ^= 4
      let zip = try ZipReader(ByteSource(bytes, name: "x.zip"))
      #expect(throws: SystemError.self) { _ = try read(zip, zip.entries[0], piece: 100) }
    }
  }
}

@Suite struct ByteSourceTests {
  @Test func readsAnywhereAndNeverBeyond() throws {
    let folder = try TemporaryFolder()
    try FileSystem.append([1, 2, 3, 4], to: folder("x"))
    for source in [try ByteSource(path: folder("x")), ByteSource([1, 2, 3, 4], name: "x")] {
      #expect(source.count == 4)
      #expect(try source.bytes(at: 1, count: 2) == [2, 3] && source.bytes(at: 4, count: 0) == [])
      for (offset, count) in [(3, 2), (5, 0), (-1, 1), (0, -1), (0, Int.max), (Int.max, 1), (Int.max, Int.max)] {
        #expect(throws: SystemError.self) { _ = try source.bytes(at: offset, count: count) }
      }
    }
  }

  @Test func aFileCutMeanwhileIsAnError() throws {
    let folder = try TemporaryFolder()
    try FileSystem.append([UInt8](repeating: 1, count: 1000), to: folder("x"))
    let source = try ByteSource(path: folder("x"))
    #expect(truncate(folder("x"), 10) == 0)
    #expect(throws: SystemError.self) { _ = try source.bytes(at: 0, count: 1000) }
  }

  @Test func onlyRegularFilesAreRead() throws {
    let folder = try TemporaryFolder()
    for path in ["/dev/null", folder.path, folder("missing"), ""] {
      #expect(throws: SystemError.self) { _ = try ByteSource(path: path) }
    }
  }
}
