import TensorCore

/// Jets held in memory, in the same form as those of a file: what a program makes itself can go wherever a file can.
public final class InMemoryJets: JetSource {
  /// What stands for the file in messages.
  public let path: String
  /// How many jets there are.
  public let count: Int
  /// Slots for constituents in each jet; unused ones hold zeros.
  public let constituentsPerJet: Int
  /// What the labels are called.
  public let classNames: [Int: String]
  /// Always.
  public let canBeSharedByThreads = true
  /// "memory".
  public var formatName: String { "memory" }
  /// Whether labels were given.
  public var hasLabels: Bool { labels != nil }

  private let constituents: [Float]
  private let labels: [UInt8]?

  /// Holds `constituents` of shape `[N, constituentsPerJet, 4]` (E, px, py, pz in GeV, zero padded) and one label per jet.
  ///
  /// `path` stands for the file's name in messages. Throws `CallerError` where the number of values is no whole number of jets or the
  /// number of labels differs from N.
  public init(
    constituents: [Float], constituentsPerJet: Int, labels: [UInt8]? = nil, classNames: [Int: String] = [0: "qcd", 1: "top"],
    path: String = "memory"
  ) throws {
    let (width, overflow) = constituentsPerJet.multipliedReportingOverflow(by: 4)
    guard constituentsPerJet > 0, !overflow, constituents.count % width == 0 else {
      throw CallerError(
        "jets: \(constituents.count) values are no whole number of jets of \(constituentsPerJet) constituents (E, px, py, pz); "
          + "give N x \(constituentsPerJet) x 4 values")
    }
    count = constituents.count / width
    if let labels, labels.count != count {
      throw CallerError("jets: \(labels.count) labels for \(count) jets; give one label per jet")
    }
    self.constituents = constituents
    self.constituentsPerJet = constituentsPerJet
    self.labels = labels
    self.classNames = classNames
    self.path = path
  }

  /// Copies E, px, py, pz of every slot of these jets; throws where rows are not there.
  public func readConstituents(rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws {
    try check(rows: rows)
    let width = constituentsPerJet * 4
    constituents.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      destination.update(from: base + rows.lowerBound * width, count: rows.count * width)
    }
  }

  /// Copies the labels of these jets; throws where there are none or rows are not there.
  public func readLabels(rows: Range<Int>, into destination: UnsafeMutablePointer<UInt8>) throws {
    try check(rows: rows)
    guard let labels else { throw CallerError("\(path): the jets have no labels; give them when the set is made") }
    labels.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      destination.update(from: base + rows.lowerBound, count: rows.count)
    }
  }
}
