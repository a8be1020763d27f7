import Foundation
import SystemServices
import Testing

@Suite struct FileSystemTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func readsWhatIsThere() throws {
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try AtomicFile.write(bytes, to: folder("x"))
    #expect(try FileSystem.read(folder("x")) == bytes)
    #expect(try FileSystem.read("/proc/self/status").count > 100)
    try AtomicFile.write("", to: folder("empty"))
    #expect(try FileSystem.read(folder("empty")) == [])
  }

  @Test func refusesWhatItCannotRead() throws {
    do { _ = try FileSystem.read(folder("none")) } catch {
      #expect("\(error)" == "cannot read \(folder("none")): No such file or directory; check the path")
      #expect((error as? SystemError)?.code == ENOENT)
    }
    #expect(throws: SystemError.self) { try FileSystem.read(folder("none")) }
    #expect(throws: SystemError.self) { try FileSystem.read(folder.path) }
    try AtomicFile.write("12345", to: folder("x"))
    #expect(throws: SystemError.self) { try FileSystem.read(folder("x"), limit: 4) }
    #expect(throws: SystemError.self) { try FileSystem.read("/dev/zero", limit: 100_000) }
    #expect(try FileSystem.read(folder("x"), limit: 5).count == 5)
  }

  @Test func appendsLines() throws {
    try FileSystem.appendLine("{\"epoch\":1}", to: folder("log"))
    try FileSystem.appendLine("{\"epoch\":2}", to: folder("log"))
    #expect(try FileSystem.readText(folder("log")) == "{\"epoch\":1}\n{\"epoch\":2}\n")
    #expect(throws: SystemError.self) { try FileSystem.appendLine("x", to: "/dev/full") }
  }

  @Test func secondNamesLeadToTheContentThatThereWas() throws {
    try AtomicFile.write("first", to: folder("x"))
    try AtomicReplacement.link(folder("x"), as: folder("kept"))
    // A file is replaced, not written to, so the second name keeps what it led to.
    try AtomicFile.write("second", to: folder("x"))
    #expect(try FileSystem.readText(folder("kept")) == "first")
    // In place of a file, and again where both are names of one already: no other name is left.
    for _ in 0..<2 {
      try AtomicReplacement.link(folder("kept"), as: folder("x"))
      #expect(try FileSystem.readText(folder("x")) == "first")
      #expect(try FileSystem.list(folder.path).sorted() == ["kept", "x"])
    }
    for (path, name) in [("none", "y"), ("x", "nowhere/y"), ("", "y"), ("x", "")] {
      #expect(throws: SystemError.self) { try AtomicReplacement.link(path.isEmpty ? "" : folder(path), as: name.isEmpty ? "" : folder(name)) }
    }
    #expect(try FileSystem.list(folder.path).sorted() == ["kept", "x"])
    // Another file system has no second name for the file: a copy.
    let far = "/dev/shm/jetlua-link-\(getpid())"
    defer { unlink(far) }
    try AtomicReplacement.link(folder("x"), as: far)
    #expect(try FileSystem.readText(far) == "first")
  }

  @Test func linesOfSeveralWritersDoNotMix() async throws {
    let path = folder("log")
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          for _ in 0..<200 { try? FileSystem.appendLine(String(repeating: "\(writer)", count: 100), to: path) }
        }
      }
    }
    let lines = try FileSystem.readText(path).split(separator: "\n")
    #expect(lines.count == 800)
    #expect(lines.allSatisfy { $0.count == 100 && Set($0).count == 1 })
  }

  @Test func makesFoldersAbove() throws {
    try FileSystem.makeFolder(folder("a/b//c/"))
    try FileSystem.makeFolder(folder("a/b/c"))
    #expect(FileSystem.isFolder(folder("a/b/c")))
    try AtomicFile.write("", to: folder("file"))
    #expect(throws: SystemError.self) { try FileSystem.makeFolder(folder("file")) }
    #expect(throws: SystemError.self) { try FileSystem.makeFolder(folder("file/below")) }
  }

  @Test func onlyOneMakesANewFolder() async throws {
    let path = folder("runs/1")
    let made = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<16 { group.addTask { (try? FileSystem.makeNewFolder(path)) ?? false } }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(made == 1)
  }

  @Test func listsRemovesAndRenames() throws {
    for name in ["b", "a", ".c"] { try AtomicFile.write(name, to: folder(name)) }
    #expect(try FileSystem.list(folder.path) == [".c", "a", "b"])
    try FileSystem.rename(folder("a"), to: folder("b"))
    #expect(try FileSystem.readText(folder("b")) == "a")
    #expect(try FileSystem.remove(folder("b")))
    #expect(try !FileSystem.remove(folder("b")))
    #expect(!FileSystem.exists(folder("b")))
    #expect(FileSystem.exists(folder(".c")))
    #expect(throws: SystemError.self) { try FileSystem.remove(folder.path) }
    #expect(throws: SystemError.self) { try FileSystem.list(folder("none")) }
    #expect(throws: SystemError.self) { try FileSystem.rename(folder("none"), to: folder("x")) }
  }

  @Test func aStampTellsAChange() throws {
    try AtomicFile.write("12345", to: folder("x"))
    let stamp = try FileSystem.stamp(folder("x"))
    #expect(try FileSystem.stamp(folder("x")) == stamp)
    // The same size, and the time of writing set back: only the time that the system keeps itself tells.
    var before = stat()
    #expect(stat(folder("x"), &before) == 0)
    usleep(20_000)
    let file = try #require(fopen(folder("x"), "r+"))
    fputs("54321", file)
    fclose(file)
    let times = [before.st_atim, before.st_mtim]
    #expect(utimensat(AT_FDCWD, folder("x"), times, 0) == 0)
    #expect(try FileSystem.stamp(folder("x")) != stamp)
    try AtomicFile.write("12345", to: folder("x"))
    #expect(try FileSystem.stamp(folder("x")) != stamp)
    #expect(throws: SystemError.self) { try FileSystem.stamp(folder("none")) }
  }

  @Test func errorsStayOnOneLine() throws {
    do { _ = try FileSystem.read(folder("a\nb")) } catch { #expect(!"\(error)".contains("\n")) }
  }
}
