import ArrayFiles
import Foundation
import SystemServices
import Testing

@Suite(.serialized) struct HDF5WriterTests {
  private let folder = NSTemporaryDirectory() + "/jetlua-writer-" + UUID().uuidString

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  private func inFolder(_ body: () throws -> Void) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body()
  }

  private var names: [String] { (try? FileSystem.list(folder)) ?? [] }

  @Test func whatIsWrittenIsRead() throws {
    try inFolder {
      let path = folder + "/out.h5"
      let writer = try HDF5Writer(path: path)
      let floats = (0..<600).map { Float($0) / 3 }
      try writer.write(floats, as: "images", shape: [30, 4, 5], deflate: 6)
      try writer.write([Double.pi, -.infinity], as: "group/inner/double", shape: [2])
      try writer.write([Int64.min, 0, .max], as: "labels", shape: [3, 1], chunkRows: 2)
      try writer.write([Int32(7)], as: "single", shape: [])
      try writer.write([UInt8](), as: "none", shape: [0, 4], deflate: 1)
      #expect(!FileSystem.exists(path))
      try writer.commit()
      #expect(names == ["out.h5"])

      let file = try HDF5File(path: path)
      #expect(try file.children(of: "/") == ["group", "images", "labels", "none", "single"])
      let images = try file.dataset("images")
      #expect(images.shape == [30, 4, 5])
      #expect(images.element == .float(bytes: 4))
      #expect(try images.readAll(Float.self) == floats)
      #expect(try file.dataset("group/inner/double").readAll(Double.self) == [Double.pi, -.infinity])
      #expect(try file.dataset("labels").readAll(Int64.self) == [Int64.min, 0, .max])
      #expect(try file.dataset("labels").chunkRows == 2)
      #expect(try file.dataset("single").readAll(Int32.self) == [7])
      #expect(try file.dataset("none").readAll(UInt8.self).isEmpty)
    }
  }

  @Test func rowsCanComeInParts() throws {
    try inFolder {
      let path = folder + "/out.h5"
      let values = (0..<1000 * 7).map { Double($0 % 97) }
      let writer = try HDF5Writer(path: path)
      let output = try writer.dataset("x", of: Double.self, shape: [1000, 7], chunkRows: 64, deflate: 1)
      try values.withUnsafeBufferPointer { buffer in
        let base = try #require(buffer.baseAddress)
        for start in stride(from: 0, to: 900, by: 90) { try output.write(rows: start..<start + 90, from: base + start * 7) }
        #expect(message { try output.write(rows: 990..<1001, from: base) }.contains("rows 990 to 1001 do not fit; there are 1000"))
      }
      try writer.commit()
      let read = try HDF5File(path: path).dataset("x").readAll(Double.self)
      #expect(Array(read[..<6300]) == Array(values[..<6300]))
      #expect(read[6300...].allSatisfy { $0 == 0 })
    }
  }

  @Test func theSameValuesGiveTheSameBytes() throws {
    try inFolder {
      for name in ["a", "b"] {
        let writer = try HDF5Writer(path: "\(folder)/\(name).h5")
        try writer.write((0..<100).map(Float.init), as: "group/x", shape: [10, 10], deflate: 9)
        try writer.commit()
        if name == "a" { sleep(1) }
      }
      #expect(try FileSystem.read(folder + "/a.h5") == FileSystem.read(folder + "/b.h5"))
    }
  }

  @Test func anUnfinishedFileLeavesTheOldOne() throws {
    try inFolder {
      let path = folder + "/out.h5"
      try AtomicFile.write("old", to: path)
      do {
        let writer = try HDF5Writer(path: path)
        try writer.write([Float](repeating: 1, count: 10), as: "x", shape: [10])
        #expect(names.count == 2)
      }
      let cancelled = try HDF5Writer(path: path)
      cancelled.cancel()
      #expect(try FileSystem.readText(path) == "old")
      #expect(names == ["out.h5"])
      #expect(message { try cancelled.commit() } == "\(path): the file is finished; start a new one")
    }
  }

  @Test func mistakesAreNamed() throws {
    try inFolder {
      let path = folder + "/out.h5"
      #expect(message { _ = try HDF5Writer(path: folder + "/no/out.h5") }.contains("there is no folder \(folder)/no; make it first"))
      #expect(message { _ = try HDF5Writer(path: folder) }.contains("no regular file"))
      #expect(message { _ = try HDF5Writer(path: "/dev/null") }.contains("no regular file"))
      let writer = try HDF5Writer(path: path)
      try writer.write([Float(1)], as: "x", shape: [1])
      #expect(message { try writer.write([Float(1)], as: "x", shape: [1]) }.contains("choose a name that is not taken"))
      #expect(message { try writer.write([Float(1)], as: "y", shape: [2]) }.contains("1 values do not fill the shape [2]; give 2"))
      #expect(message { try writer.write([Float(1)], as: "y", shape: [1]) }.isEmpty)
      #expect(message { try writer.write([Float(1)], as: "z", shape: [-1]) }.contains("sizes of 0 or more expected, got [-1]"))
      #expect(message { try writer.write([Float(1)], as: "/", shape: [1]) }.contains("this is no name for a data set"))
      #expect(message { try writer.write([Float(1)], as: "z", shape: [1], deflate: 10) }.contains("an integer in 0...9 expected, got 10"))
      #expect(message { _ = try writer.dataset("w", of: Float.self, shape: [.max, .max]) }.contains("is too large; split it"))
    }
  }
}
