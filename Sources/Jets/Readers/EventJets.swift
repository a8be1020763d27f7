import ArrayFiles
import TensorCore

/// One jet of each event of an LHC Olympics file (R&D data set, Zenodo 6466204): rows of 700 × (pT, η, φ), zero padded, and a label;
/// the particles, taken as massless, are clustered as the rows are read. An event with fewer jets gives one without constituents.
final class EventJets: JetSource {
  let path: String
  let count: Int
  let constituentsPerJet: Int
  let formatName = "LHC Olympics"
  let classNames = [0: "background", 1: "signal"]
  let hasLabels: Bool
  var reading: String { "\(events.place) \(options.algorithm.rawValue) R=\(options.radius) jet=\(options.jet)" }

  private let events: RowArray
  private let particlesPerEvent: Int
  private let options: JetReading
  private var buffer: [Double] = []

  init(_ events: RowArray, path: String, reading options: JetReading) throws {
    self.path = path
    self.events = events
    self.options = options
    count = events.rowCount
    guard count < 1 << 31 else { throw CallerError("\(events.place): claims \(count) rows; the file is damaged: copy or download it again") }
    hasLabels = events.width % 3 == 1
    particlesPerEvent = events.width / 3
    constituentsPerJet = min(options.maximumConstituents ?? particlesPerEvent, particlesPerEvent)
  }

  func readConstituents(rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws {
    try check(rows: rows)
    for row in rows {
      // An event takes about a millisecond.
      try Interrupted.check()
      try read(row)
      var particles: [FourVector] = []
      for i in 0..<particlesPerEvent where buffer[i * 3] != 0 {
        let vector = FourVector(pt: buffer[i * 3], eta: buffer[i * 3 + 1], phi: buffer[i * 3 + 2])
        particles.append(buffer[i * 3] < 0 ? FourVector(energy: -vector.energy, px: vector.px, py: vector.py, pz: vector.pz) : vector)
      }
      let jet: [FourVector]
      let isSound = particles.allSatisfy { $0.energy.isFinite && $0.px.isFinite && $0.py.isFinite && $0.pz.isFinite && $0.energy >= 0 }
      if isSound {
        let jets = try Clustering.cluster(particles, algorithm: options.algorithm, radius: options.radius)
        jet = jets.count >= options.jet ? jets[options.jet - 1].constituents.map { particles[$0] } : []
      } else {
        // Not clustered: the event is counted among the broken ones.
        jet = particles
      }
      PackedJet.store(jet, slots: constituentsPerJet, into: destination + (row - rows.lowerBound) * constituentsPerJet * 4)
    }
  }

  func readLabels(rows: Range<Int>, into destination: UnsafeMutablePointer<UInt8>) throws {
    try check(rows: rows)
    guard hasLabels else { throw CallerError("\(path): the events have no labels") }
    for row in rows {
      try read(row)
      guard let label = UInt8(exactly: buffer[events.width - 1]) else {
        throw CallerError("\(events.place): the label of row \(row) is \(buffer[events.width - 1]); whole numbers from 0 to 255 expected: correct the file")
      }
      destination[row - rows.lowerBound] = label
    }
  }

  // The rows lie in the library's cache of blocks, or one behind the other.
  private func read(_ row: Int) throws {
    if buffer.count != events.width { buffer = [Double](repeating: 0, count: events.width) }
    try buffer.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      try events.read(rows: row..<row + 1, into: base)
    }
  }
}
