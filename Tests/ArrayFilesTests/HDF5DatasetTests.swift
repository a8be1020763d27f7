import ArrayFiles
import Foundation
import Testing

@Suite struct HDF5DatasetTests {
  private let numbers: HDF5File

  init() throws { numbers = try HDF5File(path: fixture("hdf5/numbers.h5")) }

  @Test func describesElements() throws {
    #expect(try numbers.dataset("double").element == .float(bytes: 8))
    #expect(try numbers.dataset("double").shape == [12, 5])
    #expect(try numbers.dataset("double").chunkRows == nil)
    #expect(try numbers.dataset("chunked").chunkRows == 5)
    #expect(try numbers.dataset("short").element == .integer(bytes: 2, signed: true))
    #expect(try numbers.dataset("truth").element == .integer(bytes: 1, signed: true))
    #expect(try numbers.dataset("single").shape == [])
    #expect(try numbers.dataset("text").element == .string(bytes: nil))
    #expect(try numbers.dataset("names").element == .string(bytes: 2))
    #expect(try numbers.dataset("lists").element == .variableLength)
    #expect(try numbers.dataset("arrays").summary == "arrays: 3 x {a: int8, b: float64[2, 3]}")
    #expect(
      try numbers.dataset("mixed").element
        == .compound([HDF5Field(name: "id", element: .string(bytes: nil)), HDF5Field(name: "x", element: .float(bytes: 4), shape: [2])]))
  }

  @Test func convertsEveryNumberType() throws {
    let grid = (0..<60).map(Double.init)
    #expect(try numbers.dataset("double").readAll(Double.self) == grid.map { $0 / 8 })
    #expect(try numbers.dataset("double").readAll(Float.self) == grid.map { Float($0 / 8) })
    #expect(try numbers.dataset("big_endian").readAll(Float.self) == grid.map(Float.init))
    #expect(try numbers.dataset("big_endian").readAll(Int32.self) == (0..<60).map(Int32.init))
    #expect(try numbers.dataset("short").readAll(Int64.self) == (0..<60).map { Int64($0 - 30) })
    #expect(try numbers.dataset("short").readAll(Float.self) == (0..<60).map { Float($0 - 30) })
    #expect(try numbers.dataset("chunked").readAll(UInt8.self) == (0..<60).map(UInt8.init))
    #expect(try numbers.dataset("truth").readAll(UInt8.self) == [1, 0, 1])
    #expect(try numbers.dataset("truth").readAll(Float.self) == [1, 0, 1])
    #expect(try numbers.dataset("single").readAll(Double.self) == [2.5])
    #expect(try numbers.dataset("group/soft").readAll(Double.self).count == 60)
  }

  @Test func readsRowsAndColumns() throws {
    for name in ["double", "chunked"] {
      let scale: Float = name == "double" ? 8 : 1
      let data = try numbers.dataset(name)
      for rows in [0..<12, 3..<8, 11..<12] {
        for columns in [0..<5, 1..<4, 4..<5] {
          var values = [Float](repeating: -1, count: rows.count * columns.count)
          try data.read(rows: rows, columns: columns, into: &values, capacity: values.count)
          #expect(values == rows.flatMap { row in columns.map { Float(row * 5 + $0) / scale } })
        }
      }
    }
    var middle = [Int32](repeating: 0, count: 16)
    try numbers.dataset("cube").read(rows: 1..<3, columns: 1..<3, into: &middle, capacity: 16)
    #expect(middle == [16, 17, 18, 19, 20, 21, 22, 23, 28, 29, 30, 31, 32, 33, 34, 35])
  }

  @Test func readsFields() throws {
    let arrays = try numbers.dataset("arrays")
    #expect(try arrays.readAll(Int64.self, field: "a") == [0, -7, 0])
    #expect(try arrays.readAll(Double.self, field: "b")[6..<12] == [0, 0.5, 1, 1.5, 2, 2.5])
    var columns = [Float](repeating: -1, count: 3)
    try arrays.read(rows: 1..<2, field: "b", columns: 1..<2, into: &columns, capacity: 3)
    #expect(columns == [1.5, 2, 2.5])
    // Beside a text of any length rows cannot be copied as they are stored.
    #expect(try numbers.dataset("mixed").readAll(Float.self, field: "x") == [1, 2, 3, 4])
    #expect(try numbers.dataset("mixed").readAll(Double.self, field: "x") == [1, 2, 3, 4])
  }

  @Test func readsTruthValuesOfPyTables() throws {
    let file = try HDF5File(path: fixture("hdf5/truth_bits.h5"))
    #expect(try file.dataset("bits").readAll(UInt8.self) == [1, 0, 1, 1])
    #expect(try file.dataset("bits").readAll(Float.self) == [1, 0, 1, 1])
    #expect(try file.dataset("rows").readAll(Int64.self, field: "flag") == [1, 0, 0, 1])
    #expect(try file.dataset("rows").readAll(Float.self, field: "x") == [1, 2])
  }

  @Test func readsTheFixedFormatOfPandas() throws {
    let file = try HDF5File(path: fixture("hdf5/fixed.h5"))
    let block = try file.dataset("/df/block0_values")
    #expect(block.shape == [4, 8])
    #expect(try block.readAll(Float.self)[8..<12] == [1001, 3, 0.25, -1])
  }

  @Test func smallPiecesGiveWhatTheWholeGives() throws {
    let table = try HDF5File(path: fixture("hdf5/blosc_lz4.h5")).dataset("/table/table")
    let whole = try table.readAll(Float.self, field: "values_block_0")
    for step in [1, 7, 19, 60] {
      var pieces: [Float] = []
      for start in stride(from: 0, to: 60, by: step) {
        let rows = start..<min(start + step, 60)
        var piece = [Float](repeating: -1, count: rows.count * 804)
        try table.read(rows: rows, field: "values_block_0", into: &piece, capacity: piece.count)
        pieces += piece
      }
      #expect(pieces == whole)
    }
    let double = try table.readAll(Double.self, field: "values_block_0")
    #expect(double == whole.map(Double.init))
  }

  @Test func nothingIsWrittenBeyondWhatWasAskedFor() throws {
    var values = [Double](repeating: -1, count: 11)
    try numbers.dataset("double").read(rows: 2..<4, into: &values, capacity: 10)
    #expect(values[10] == -1)
    try numbers.dataset("double").read(rows: 5..<5, into: &values, capacity: 0)
    #expect(values[0] == 1.25)
  }

  @Test func mistakesAreNamed() throws {
    var value = [Double](repeating: 0, count: 4)
    func text(_ name: String, rows: Range<Int> = 0..<1, field: String? = nil, columns: Range<Int>? = nil, capacity: Int = 4) throws -> String {
      let data = try numbers.dataset(name)
      return message { try data.read(rows: rows, field: field, columns: columns, into: &value, capacity: capacity) }
    }
    let path = numbers.path
    #expect(try text("double", rows: 11..<13) == "\(path): double: rows 11 to 13 asked for, but there are 12; ask for rows that are there")
    #expect(try text("double", columns: 4..<6) == "\(path): double: columns 4 to 6 asked for, but there are 5; ask for columns that are there")
    #expect(try text("double") == "\(path): double: 1 rows of 5 values asked for, but there is room for 4; ask for fewer rows")
    #expect(try text("double", rows: -1..<0).contains("rows -1 to 0"))
    #expect(try text("double", field: "x").contains("there is no field \"x\""))
    #expect(try text("arrays").contains("has the fields a, b; name the one to read"))
    #expect(try text("arrays", field: "c").contains("there is no field \"c\" among a, b"))
    #expect(try text("mixed", field: "id").contains("numbers expected, got text"))
    #expect(try text("text").contains("numbers expected, got text"))
    #expect(try text("lists").contains("numbers expected, got lists of varying length"))
    #expect(try text("single", rows: 0..<2).contains("rows 0 to 2"))
    #expect(try text("single", columns: 0..<1).contains("columns 0 to 1 asked for, but there are 0"))
  }

  // The library reads beyond a block's memory then.
  @Test func blocksBeyondAFixedShapeAreDamage() throws {
    var damaged = try content("jets/own.h5")
    // The layout of pfcands, blocks of 5 x 8 x 4 numbers of 8 bytes: 4 becomes 4 + 112 · 256.
    let blocks: [UInt8] = bytes(5, 4) + bytes(8, 4) + bytes(4, 4) + bytes(8, 4)
    let place = try #require((0..<4096).first { start in Array(damaged[start..<start + blocks.count]) == blocks })
    damaged[place + 9] = 112
    let path = NSTemporaryDirectory() + "/jetlua-blocks-\(UUID().uuidString).h5"
    defer { unlink(path) }
    try Data(damaged).write(to: URL(fileURLWithPath: path))
    #expect(message { _ = try HDF5File(path: path).dataset("pfcands") }.contains(
      "pfcands: blocks of shape [5, 8, 28676] are larger than the shape [12, 8, 4] allows; the file is damaged"))
  }

  @Test func everyKindOfBlockIsDecoded() throws {
    let file = try HDF5File(path: fixture("hdf5/blocks.h5"))
    let expected = (0..<37).map { Float($0) / 4 }
    for width in [4, 7, 16, 20, 39, 52] {
      for kind in ["plain", "shuffle", "gzip", "both", "checked"] {
        let rows = try file.dataset("\(kind)\(width)")
        #expect(try rows.readAll(Float.self, field: "x") == expected, "\(kind)\(width)")
        var part = [Float](repeating: -1, count: 20)
        try rows.read(rows: 10..<30, field: "x", into: &part, capacity: 20)
        #expect(part == Array(expected[10..<30]), "\(kind)\(width)")
        let place = try #require(try rows.place(of: "x"))
        try rows.read(rows: 15..<35, floatsAt: [place], into: &part)
        #expect(place == width - 4 && part == Array(expected[15..<35]), "\(kind)\(width)")
        if width > 4 { #expect(try rows.readAll(UInt8.self, field: "pad") == (0..<37).flatMap { [UInt8](repeating: $0, count: width - 4) }) }
      }
    }
    #expect(try file.dataset("grid_f4").readAll(Float.self) == (0..<222).map(Float.init))
    #expect(try file.dataset("grid_f8").readAll(Double.self) == (0..<222).map(Double.init))
    #expect(try file.dataset("grid_i8").readAll(Int64.self) == (0..<222).map(Int64.init))
    #expect(try file.dataset("grid_i8").readAll(Float.self) == (0..<222).map(Float.init))
    var columns = [Float](repeating: -1, count: 9)
    try file.dataset("grid_f4").read(rows: 15..<18, columns: 1..<2, into: &columns, capacity: 9)
    #expect(columns == [93, 94, 95, 99, 100, 101, 105, 106, 107])
    // What is unusual about a block is left to the library.
    let sevens = [Float](repeating: 7, count: 16)
    #expect(try file.dataset("holes").readAll(Float.self) == sevens + (0..<16).map(Float.init) + sevens)
    #expect(try file.dataset("left_out").readAll(Float.self) == (0..<32).map(Float.init))
  }

  @Test func placesOutsideARowAreRefused() throws {
    let rows = try HDF5File(path: fixture("hdf5/blocks.h5")).dataset("both20")
    var value: Float = 0
    for place in [-1, 17, Int.max] {
      #expect(message { try rows.read(rows: 0..<1, floatsAt: [place], into: &value) }.contains("outside the 20 bytes of a row"))
    }
    #expect(message { try rows.read(rows: 36..<38, floatsAt: [16], into: &value) }.contains("36 to 38"))
    #expect(try rows.place(of: "pad") == nil && rows.place(of: "x", column: 1) == nil)
    #expect(message { _ = try rows.place(of: "y") }.contains("there is no field \"y\""))
  }
}
