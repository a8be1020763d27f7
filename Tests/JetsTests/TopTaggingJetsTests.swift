import Foundation
import Jets
import TestSupport
import Testing

@Suite struct TopTaggingJetsTests {
  private func fixture(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/hdf5/\(name)").path
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch { return "\(error)" }
  }

  /// The formula of Tests/Fixtures/hdf5/make.py.
  private func expected(rows: Range<Int>, constituents: Int = 200) -> [Float] {
    rows.flatMap { i in
      (0..<constituents).flatMap { j -> [Float] in
        guard j < 1 + i % 7 else { return [0, 0, 0, 0] }
        return [Float(1000 + i - 10 * j), Float(3 * i - 7 * j), Float(i + j) / 4, Float(2 * j - i)]
      }
    }
  }

  private func constituents(_ jets: any JetSource, _ rows: Range<Int>) throws -> [Float] {
    var values = [Float](repeating: -1, count: rows.count * jets.constituentsPerJet * 4)
    try jets.readConstituents(rows: rows, into: &values)
    return values
  }

  private func labels(_ jets: any JetSource, _ rows: Range<Int>) throws -> [UInt8] {
    var values = [UInt8](repeating: 9, count: rows.count)
    try jets.readLabels(rows: rows, into: &values)
    return values
  }

  @Test(arguments: [
    ("plain.h5", 6), ("zlib.h5", 60), ("blosc_blosclz.h5", 60), ("blosc_zstd.h5", 60), ("blosc_lz4.h5", 60),
    ("data_column_label.h5", 20), ("data_columns_several.h5", 20), ("data_column_energy.h5", 20), ("index_gaps.h5", 20), ("float64.h5", 20), ("one_block.h5", 20),
    ("no_truth.h5", 10), ("other_key.h5", 10),
  ]) func everyWritingOfTheTableGivesTheSameJets(name: String, count: Int) throws {
    let jets = try openJets(path: fixture(name))
    #expect(jets.count == count)
    #expect(jets.constituentsPerJet == 200)
    #expect(jets.formatName == "top tagging")
    #expect(jets.classNames == [0: "qcd", 1: "top"])
    #expect(jets.hasLabels)
    for rows in [0..<count, 2..<5, count - 1..<count, 3..<3] {
      #expect(try constituents(jets, rows) == expected(rows: rows))
      #expect(try labels(jets, rows) == rows.map { $0 % 3 == 0 ? 1 : 0 })
    }
  }

  @Test(arguments: ["blosc_zstd.h5", "data_columns_several.h5", "float64.h5"])
  func fewerConstituentsCanBeAskedFor(name: String) throws {
    for wanted in [1, 3, 20] {
      let jets = try openJets(path: fixture(name), maximumConstituents: wanted)
      #expect(jets.constituentsPerJet == wanted)
      #expect(try constituents(jets, 0..<20) == expected(rows: 0..<20, constituents: wanted))
    }
    #expect(try openJets(path: fixture(name), maximumConstituents: 500).constituentsPerJet == 200)
    #expect(message { _ = try openJets(path: fixture(name), maximumConstituents: 0) }.contains("1 or more expected, got 0"))
  }

  @Test func aTableWithoutLabelsSaysSo() throws {
    let jets = try openJets(path: fixture("no_label.h5"))
    #expect(!jets.hasLabels)
    #expect(try constituents(jets, 0..<10) == expected(rows: 0..<10))
    #expect(message { _ = try labels(jets, 0..<1) }.contains("has no labels; a column is_signal_new is needed"))
  }

  @Test func zeroRowsAreASetWithoutJets() throws {
    let jets = try openJets(path: fixture("zero_rows.h5"))
    #expect(jets.count == 0)
    #expect(try constituents(jets, 0..<0).isEmpty)
    #expect(message { _ = try constituents(jets, 0..<1) }.contains("rows 0 to 1 asked for, but there are 0 jets"))
  }

  @Test func badValuesAreHandedThrough() throws {
    let jets = try openJets(path: fixture("bad_values.h5"))
    let values = try constituents(jets, 0..<6)
    #expect(values[800].isNaN)
    #expect(values[2 * 800 + 5] == .infinity)
    #expect(values[3 * 800] == -5)
    #expect(try labels(jets, 0..<4) == [1, 0, 0, 1])
    #expect(message { _ = try labels(jets, 0..<6) }.contains("the label of row 4 is 300; whole numbers from 0 to 255 expected"))
  }

  @Test(arguments: [
    ("wrong_columns.h5", "holds index: int64, values_block_0: float32[2], values_block_1: int64[1]; a top-tagging table holds E_0, PX_0,"),
    ("narrow.h5", "holds index: int64, values_block_0: float32[404], values_block_1: int64[2]; a top-tagging table holds"),
    ("label_ambiguous.h5", "which whole-number column is is_signal_new cannot be told without ttv beside it"),
    ("wrong_order.h5", "20 of the first 20 jets have E < |p| for their first constituent"),
    ("fixed.h5", "no table of jets found among df; a top-tagging file holds one at /table/table"),
    ("secret.h5", "no table of jets found among data; a top-tagging file holds one at /table/table"),
    ("truncated.h5", "the file is cut short"),
    ("not_hdf5.h5", "this is no HDF5 file"),
    ("none.h5", "No such file or directory"),
    ("blosc2.h5", "filter 32026 (blosc2)"),
  ]) func whatIsNoTableOfJetsIsRefused(name: String, reason: String) {
    let text = message { _ = try openJets(path: fixture(name)) }
    #expect(text.contains(reason))
    #expect(text.contains(fixture(name)))
    #expect(!text.contains("\n"))
  }

  @Test func rowsOutsideAreRefused() throws {
    let jets = try openJets(path: fixture("plain.h5"))
    for rows in [-1..<2, 5..<7, 100..<101] {
      #expect(message { _ = try constituents(jets, rows) }.contains("but there are 6 jets"))
      #expect(message { _ = try labels(jets, rows) }.contains("but there are 6 jets"))
    }
  }

  @Test func jetsInMemoryReadLikeThoseOfAFile() throws {
    let jets = try InMemoryJets(constituents: expected(rows: 0..<5, constituents: 8), constituentsPerJet: 8, labels: [1, 0, 0, 1, 0])
    #expect(jets.count == 5)
    #expect(try constituents(jets, 1..<4) == expected(rows: 1..<4, constituents: 8))
    #expect(try labels(jets, 2..<4) == [0, 1])
    #expect(message { _ = try constituents(jets, 4..<6) }.contains("but there are 5 jets"))
    #expect(message { _ = try InMemoryJets(constituents: [1, 2, 3], constituentsPerJet: 1) }.contains("no whole number of jets"))
    #expect(message { _ = try InMemoryJets(constituents: [], constituentsPerJet: 0) }.contains("no whole number of jets"))
    #expect(message { _ = try InMemoryJets(constituents: [1, 2, 3, 4], constituentsPerJet: 1, labels: []) }.contains("0 labels for 1 jets"))
    let unlabelled = try InMemoryJets(constituents: [1, 0, 0, 1], constituentsPerJet: 1)
    #expect(!unlabelled.hasLabels)
    #expect(message { _ = try labels(unlabelled, 0..<1) }.contains("no labels"))
  }
}
