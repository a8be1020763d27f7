import ArrayFiles
import Foundation
import Testing

@Suite(.serialized) struct HDF5FileTests {
  private let numbers = fixture("hdf5/numbers.h5")

  @Test func listsGroups() throws {
    let file = try HDF5File(path: numbers)
    #expect(try file.children(of: "/group") == ["dangling", "data", "inner", "soft"])
    #expect(try file.children(of: "/group/inner").isEmpty)
    #expect(file.exists("double") && file.exists("/group/soft") && file.exists("/group"))
    #expect(!file.exists("/group/dangling") && !file.exists("/nowhere") && !file.exists("a\0b"))
  }

  @Test func missingNamesSayWhatIsThere() throws {
    let file = try HDF5File(path: numbers)
    #expect(message { _ = try file.dataset("/group/dota") } == "\(numbers): there is no /group/dota; /group holds dangling, data, inner, soft")
    #expect(message { _ = try file.dataset("/grup/data") }.hasPrefix("\(numbers): there is no /grup; / holds arrays, big_endian, "))
    #expect(message { _ = try file.dataset("/group/dangling") }.contains("is no data set that can be read"))
    #expect(message { _ = try file.dataset("/group") }.contains("is no data set that can be read"))
    #expect(message { _ = try file.children(of: "/double") }.contains("/double is no group"))
    #expect(message { _ = try file.dataset("/double/x") }.contains("there is no /double/x"))
  }

  @Test(arguments: [
    ("hdf5/none.h5", "No such file or directory; check the path"),
    ("hdf5", "Is a directory; give the name of a file"),
    ("hdf5/empty.h5", "the file is empty; copy or download it again"),
    ("hdf5/not_hdf5.h5", "this is no HDF5 file, it lacks the signature; check the path or download it again"),
    ("hdf5/truncated.h5", "the file is cut short: 15113 of 30227 bytes are there; copy or download it again"),
  ]) func whatIsNoHDF5IsRefused(name: String, reason: String) {
    let path = fixture(name)
    let text = message { _ = try HDF5File(path: path) }
    #expect(text.hasSuffix(reason))
    #expect(text.contains(path))
    #expect(!text.contains("\n"))
  }

  @Test func everyTruncationIsRefusedOrReadsAsMuchAsIsThere() throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: fixture("hdf5/zlib.h5")))
    let path = NSTemporaryDirectory() + "/jetlua-cut-\(UUID().uuidString).h5"
    defer { try? FileManager.default.removeItem(atPath: path) }
    for size in stride(from: 1, to: whole.count, by: 509) {
      try whole.prefix(size).write(to: URL(fileURLWithPath: path))
      let text = message { _ = try HDF5File(path: path) }
      #expect(!text.isEmpty, "opened with \(size) bytes of \(whole.count)")
      #expect(!text.contains("\n"))
    }
  }

  @Test func aPipeIsRefusedAndNotWaitedFor() throws {
    let path = NSTemporaryDirectory() + "/jetlua-pipe-\(UUID().uuidString)"
    try #require(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    #expect(message { _ = try HDF5File(path: path) }.contains("no regular file"))
    #expect(message { _ = try HDF5File(path: "") }.contains("empty"))
    #expect(message { _ = try HDF5File(path: "a\0b") }.contains("zero byte"))
  }

  @Test func aFileCannotLeadToAnother() throws {
    func refusal(_ name: String, _ dataset: String) -> String {
      message {
        let data = try HDF5File(path: fixture("hdf5/\(name)")).dataset(dataset)
        let _: [Double] = try data.readAll()
      }
    }
    #expect(refusal("external_storage.h5", "data").contains("keeps its values in another file (external storage)"))
    #expect(refusal("external_link.h5", "data").contains("/data is a link to another file, which is not followed"))
    #expect(refusal("external_link.h5", "group/data").contains("/group is a link to another file"))
    #expect(!refusal("external_link.h5", "roundabout").isEmpty)
    #expect(refusal("virtual.h5", "data").contains("is a virtual data set made of other files"))
    #expect(refusal("unknown_filter.h5", "data").contains("is compressed with filter 32099"))
    #expect(refusal("blosc2.h5", "/table/table").contains("is compressed with filter 32026 (blosc2), which is not known here"))
    #expect(refusal("secret.h5", "data").isEmpty)
    #expect(!(try HDF5File(path: fixture("hdf5/external_link.h5"))).exists("roundabout"))
  }

  @Test func aClosedFileSaysSo() throws {
    let file = try HDF5File(path: numbers)
    let data = try file.dataset("double")
    file.close()
    file.close()
    #expect(message { let _: [Double] = try data.readAll() } == "\(numbers): the file is closed; open it again")
    #expect(message { _ = try file.dataset("double") } == "\(numbers): the file is closed; open it again")
    #expect(!file.exists("double"))
  }

  @Test func aDatasetKeepsItsFileOpen() throws {
    let data = try HDF5File(path: numbers).dataset("double")
    #expect(try data.readAll(Double.self).last == 59 / 8)
  }

  @Test func aLockedFileSaysWhatToDo() throws {
    let path = NSTemporaryDirectory() + "/jetlua-lock-\(UUID().uuidString).h5"
    try FileManager.default.copyItem(atPath: fixture("hdf5/secret.h5"), toPath: path)
    defer { unlink(path) }
    let other = open(path, O_RDWR | O_CLOEXEC)
    defer { close(other) }
    try #require(flock(other, LOCK_EX | LOCK_NB) == 0)
    let text = message { _ = try HDF5File(path: path) }
    #expect(text.contains("locked by another program") && text.contains("HDF5_USE_FILE_LOCKING=FALSE"))
    flock(other, LOCK_UN)
    #expect(message { _ = try HDF5File(path: path) }.isEmpty)
  }

  @Test func fiveHundredOpensLeaveNoDescriptor() throws { try openRepeatedly(500) }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["JETLUA_SLOW_TESTS"] == "1", "slow: opens 10,000 files"))
  func tenThousandOpensLeaveNoDescriptor() throws { try openRepeatedly(10_000) }

  private func openRepeatedly(_ count: Int) throws {
    let path = fixture("hdf5/blosc_zstd.h5")
    _ = try HDF5File(path: path)
    let before = openDescriptors()
    for turn in 0..<count {
      let file = try HDF5File(path: path)
      let data = try file.dataset("/table/table")
      var value: Int64 = -1
      try data.read(rows: 7..<8, field: "index", into: &value, capacity: 1)
      #expect(value == 7)
      if turn % 2 == 0 { file.close() }
      _ = try? HDF5File(path: fixture("hdf5/truncated.h5"))
      _ = try? file.dataset("nothing")
    }
    #expect(openDescriptors() == before)
  }
}
