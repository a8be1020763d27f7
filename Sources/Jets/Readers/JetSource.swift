import TensorCore

/// Jets that can be read in any order, row by row, from a file or from memory: one jet per row, its constituents ordered by pT.
///
/// A source hands values through as they are stored; NaN, infinite values and negative energies are for the consumer to count and
/// report. A source may be used by one thread at a time unless it says otherwise.
public protocol JetSource: AnyObject {
  /// Where the jets come from, as the user wrote it; an error about a jet names it.
  var path: String { get }
  /// Number of jets.
  var count: Int { get }
  /// Number M of constituent slots of every jet; the unused ones at the end are all zero.
  var constituentsPerJet: Int { get }
  /// Name of the layout, such as `"top tagging"`.
  var formatName: String { get }
  /// How the jets were taken from the file, where that can differ (`antikt R=1.0 jet=1`); what is kept of one reading is not used for another.
  var reading: String { get }
  /// Names of the labels that the layout defines (`0: "qcd", 1: "top"`); empty where it defines none.
  var classNames: [Int: String] { get }
  /// Whether `readLabels` has something to read.
  var hasLabels: Bool { get }

  /// Whether several threads may read it at once.
  var canBeSharedByThreads: Bool { get }
  /// Rows that are stored, and so best read, together; 1 where that does not matter.
  var rowsPerBlock: Int { get }

  /// Whether `readTruth` has something to read.
  var hasTruth: Bool { get }

  /// Reads E, px, py, pz (GeV) of the particle that each jet of `rows` (0-based, half open) comes from: shape `[rows.count, 4]`, zeros where
  /// there is none.
  ///
  /// Throws `CallerError` for rows outside the source, a source that does not know, and a file that cannot be read.
  func readTruth(rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws

  /// Columns of numbers that the source has besides: `weight`, and what its layout or the user names, such as `tau21`.
  var extraColumns: [String] { get }

  /// Reads the constituents of `rows` (0-based, half open) into `destination`: shape `[rows.count, M, 4]` with E, px, py, pz in GeV.
  ///
  /// Throws `CallerError` for rows outside the source and for a file that cannot be read.
  func readConstituents(rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws

  /// Reads the labels of `rows` (0-based, half open) into `destination`: shape `[rows.count]`.
  ///
  /// Throws `CallerError` for rows outside the source, for a source without labels and for a label outside 0…255.
  func readLabels(rows: Range<Int>, into destination: UnsafeMutablePointer<UInt8>) throws

  /// Reads the column `name` of `extraColumns` of `rows` (0-based, half open) into `destination`: shape `[rows.count]`.
  ///
  /// Throws `CallerError` for rows outside the source, an unknown column and a file that cannot be read.
  func readColumn(_ name: String, rows: Range<Int>, into destination: UnsafeMutablePointer<Double>) throws
}

extension JetSource {
  /// There is one way.
  public var reading: String { "" }

  /// It may be used by one thread at a time.
  public var canBeSharedByThreads: Bool { false }

  /// It does not matter.
  public var rowsPerBlock: Int { 1 }

  /// It does not know what the jets come from.
  public var hasTruth: Bool { false }

  /// Throws: it does not know.
  public func readTruth(rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws {
    throw CallerError("\(path): the file does not say what its jets come from")
  }

  /// None.
  public var extraColumns: [String] { [] }

  /// Throws: there is none.
  public func readColumn(_ name: String, rows: Range<Int>, into destination: UnsafeMutablePointer<Double>) throws {
    throw noColumn(name)
  }

  /// The error of `readColumn` for a column that the source lacks.
  func noColumn(_ name: String) -> CallerError {
    let known = extraColumns.isEmpty ? "none besides the jets" : extraColumns.joined(separator: ", ")
    return CallerError("\(path): there is no column \(name); the file has \(known)")
  }
}

extension JetSource {
  /// Throws unless `rows` lies inside the source.
  func check(rows: Range<Int>) throws {
    guard rows.lowerBound >= 0, rows.upperBound <= count else {
      throw CallerError(
        "\(path): rows \(rows.lowerBound) to \(rows.upperBound) asked for, but there are \(count) jets; ask for rows of the file")
    }
  }
}
