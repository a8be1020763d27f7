import ArrayFiles
import TensorCore

/// One jet of each event of an LHC Olympics file (R&D data set, Zenodo 6466204): rows of 700 × (pT, η, φ), zero padded, and a label;
/// the particles, taken as massless, are clustered when a row is first read, and kept. An event with fewer jets gives one without constituents.
final class EventJets: JetSource {
  let path: String
  let count: Int
  let constituentsPerJet: Int
  let formatName = "LHC Olympics"
  let classNames = [0: "background", 1: "signal"]
  let hasLabels: Bool
  var rowsPerBlock: Int { Self.pieceLength }
  var reading: String { "\(settings.algorithm.rawValue) R=\(settings.radius) jet=\(settings.jet)" }

  private let events: RowArray
  private let settings: JetReading
  private let store: ClusteredJets
  private let clusterers: [EventClusterer]
  private var buffer: [Double]

  // Rows that are read at once, and those of them that a thread clusters with the same buffers.
  private static let pieceLength = 64
  private static let rowsPerClusterer = 8

  init(_ events: RowArray, path: String, reading: JetReading) throws {
    self.path = path
    self.events = events
    settings = reading
    count = events.rowCount
    guard count < 1 << 31 else { throw CallerError("\(events.place): claims \(count) rows; the file is damaged: copy or download it again") }
    hasLabels = events.width % 3 == 1
    let particles = events.width / 3
    constituentsPerJet = min(reading.maximumConstituents ?? particles, particles)
    clusterers = (0..<Self.pieceLength / Self.rowsPerClusterer).map { _ in EventClusterer(particles: particles, reading: reading) }
    buffer = [Double](repeating: 0, count: Self.pieceLength * events.width)
    let text = "LHC Olympics \(reading.algorithm.rawValue) R=\(reading.radius) jet=\(reading.jet) slots=\(constituentsPerJet)"
    store = ClusteredJets(count: count, slots: constituentsPerJet, path: path, reading: text, cache: reading.cache)
  }

  func readConstituents(rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws {
    try check(rows: rows)
    let width = constituentsPerJet * 4
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.pieceLength) {
      // A piece of events takes some ten milliseconds.
      try Interrupted.check()
      let piece = start..<min(start + Self.pieceLength, rows.upperBound)
      let place = destination + (start - rows.lowerBound) * width
      if try store.read(piece, into: place) { continue }
      try cluster(piece, into: place)
    }
  }

  private func cluster(_ rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws {
    let width = events.width, slots = constituentsPerJet
    var used = [Int](repeating: 0, count: rows.count)
    try buffer.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      try events.read(rows: rows, into: base)
      used.withUnsafeMutableBufferPointer { used in
        nonisolated(unsafe) let used = used
        let length = Self.rowsPerClusterer
        ThreadPool.parallel((rows.count - 1) / length + 1) { [clusterers] number in
          for row in number * length..<min((number + 1) * length, rows.count) {
            used[row] = clusterers[number].storeJet(base + row * width, into: destination + row * slots * 4, slots: slots)
          }
        }
      }
    }
    for row in 0..<rows.count {
      let label = hasLabels ? UInt8(exactly: buffer[(row + 1) * width - 1]) : nil
      store.keep(rows.lowerBound + row, destination + row * slots * 4, constituents: used[row], label: label)
    }
  }

  func readLabels(rows: Range<Int>, into destination: UnsafeMutablePointer<UInt8>) throws {
    try check(rows: rows)
    guard hasLabels else { throw CallerError("\(path): the events have no labels") }
    for row in rows {
      destination[row - rows.lowerBound] = try store.label(row) ?? readLabel(row)
    }
  }

  private func readLabel(_ row: Int) throws -> UInt8 {
    try buffer.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      try events.read(rows: row..<row + 1, into: base)
    }
    let value = buffer[events.width - 1]
    guard let label = UInt8(exactly: value) else {
      throw CallerError("\(events.place): the label of row \(row) is \(value); whole numbers from 0 to 255 expected: correct the file")
    }
    return label
  }
}
