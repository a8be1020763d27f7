import ArrayFiles
import CVectorMath
import TensorCore

/// One jet of each event of a VAE-Jet test set (Zenodo 4614656, 4641460; arXiv:2007.01850): lists of varying length with five numbers
/// (E, px, py, pz, 1) per constituent at `/objects/jets/constituents`, and at `/objects/jets/obs` pT, η, φ, m, τ1 … τ5 of each jet.
final class ListedJets: JetSource {
  let path: String
  let count: Int
  let constituentsPerJet: Int
  let formatName = "VAE-Jet test set"
  let classNames: [Int: String] = [:]
  let hasLabels = false
  let canBeSharedByThreads = true
  var rowsPerBlock: Int { lists.chunkRows ?? 1 }
  var reading: String { "jet=\(jet + 1)" }
  var extraColumns: [String] { observables == nil ? [] : ListedJets.names }

  static let constituents = "/objects/jets/constituents"
  private static let names = ["tau1", "tau2", "tau3", "tau4", "tau5"]
  private static let stride = 5
  private static let mostConstituents = 200

  private let lists: HDF5Dataset
  private let observables: RowArray?
  private let jet: Int
  private let kernels = jvm_kernels_in_use()

  init(_ lists: HDF5Dataset, file: RowFile, reading: JetReading) throws {
    path = file.path
    self.lists = lists
    count = lists.shape.first ?? 0
    let jets = lists.shape.count == 2 ? lists.shape[1] : 0
    guard lists.shape.count == 2, reading.jet <= jets else {
      throw CallerError("\(file.path): \(lists.summary): jet \(reading.jet) of each event asked for, there are \(jets); give jet = 1")
    }
    guard count < 1 << 31 else { throw CallerError("\(file.path): \(lists.summary); the file is damaged: copy or download it again") }
    jet = reading.jet - 1
    constituentsPerJet = min(reading.maximumConstituents ?? ListedJets.mostConstituents, ListedJets.mostConstituents)
    let found = try file.array("objects/jets/obs")
    observables = found.flatMap { $0.shape == [lists.shape[0], jets, 9] ? $0 : nil }
  }

  func readConstituents(rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws {
    try check(rows: rows)
    var start = rows.lowerBound
    var packed = PackedJet()
    while start < rows.upperBound {
      let piece = start..<min(start + 256, rows.upperBound)
      try lists.readLists(rows: piece, column: jet) { offset, list in
        guard list.count % ListedJets.stride == 0 else {
          throw CallerError("\(path): \(lists.name): row \(start + offset) holds \(list.count) numbers, no multiple of 5 (E, px, py, pz, 1); the file may be damaged")
        }
        let jet = destination + (start - rows.lowerBound + offset) * constituentsPerJet * 4
        if copy(list, jet) { return }
        packed.clear()
        for place in Swift.stride(from: 0, to: list.count, by: ListedJets.stride) {
          let particle = FourVector(
            energy: Double(list[place]), px: Double(list[place + 1]), py: Double(list[place + 2]), pz: Double(list[place + 3]))
          if particle != .zero { packed.append(particle) }
        }
        packed.store(slots: constituentsPerJet, into: jet)
      }
      start = piece.upperBound
    }
  }

  /// Copies a list whose constituents are in order, as most are; false, with nothing promised of the jet, for another.
  private func copy(_ list: UnsafeBufferPointer<Float>, _ jet: UnsafeMutablePointer<Float>) -> Bool {
    let particles = list.count / ListedJets.stride
    guard particles <= constituentsPerJet else { return false }
    if let numbers = list.baseAddress {
      for slot in 0..<particles {
        let four = UnsafeRawPointer(numbers + slot * ListedJets.stride).loadUnaligned(as: SIMD4<Float>.self)
        UnsafeMutableRawPointer(jet + slot * 4).storeBytes(of: four, as: SIMD4<Float>.self)
      }
    }
    (jet + particles * 4).update(repeating: 0, count: (constituentsPerJet - particles) * 4)
    return kernels.pointee.packed_slots(jet, constituentsPerJet) >= 0
  }

  func readLabels(rows: Range<Int>, into destination: UnsafeMutablePointer<UInt8>) throws {
    throw CallerError("\(path): the jets have no labels; a VAE-Jet file holds one process")
  }

  func readColumn(_ name: String, rows: Range<Int>, into destination: UnsafeMutablePointer<Double>) throws {
    try check(rows: rows)
    guard let observables, let number = ListedJets.names.firstIndex(of: name) else { throw CallerError("\(path): there is no column \(name)") }
    var values = [Double](repeating: 0, count: rows.count * observables.width)
    try observables.read(rows: rows, into: &values)
    for row in 0..<rows.count { destination[row] = values[row * observables.width + jet * 9 + 4 + number] }
  }
}
