import ArrayFiles
import Glibc
import TensorCore

/// Jets of arrays whose places and meaning a `JetLayout` tells. Rows are read when they are asked for; constituents are ordered by pT.
final class DescribedJets: JetSource {
  let path: String
  let count: Int
  let constituentsPerJet: Int
  let formatName: String
  let classNames: [Int: String]
  var hasLabels: Bool { label != nil }
  var reading: String { layout.text }
  var extraColumns: [String] { extra.map(\.name) }

  private let layout: JetLayout
  private let constituents: RowArray
  private let mask: RowArray?
  private let label: RowArray?
  private let jets: RowArray?
  private let extra: [(name: String, array: RowArray, column: Int)]
  private let slots: Int
  private var buffer: [Double] = []
  private var particles: [FourVector] = []

  init(file: RowFile, layout: JetLayout, maximumConstituents: Int?) throws {
    path = file.path
    self.layout = layout
    formatName = layout.name
    classNames = layout.classNames
    func find(_ name: String, _ what: String) throws -> RowArray {
      guard let array = try file.array(name) else {
        throw CallerError("\(file.path): layout: \(what): there is no array \"\(name)\"; the file holds \(file.summary())")
      }
      return array
    }
    try DescribedJets.check(layout.order, file.path)
    constituents = try find(layout.constituents, "constituents")
    let size = layout.order.count
    let width = layout.usedWidth.map { [constituents] in min($0, constituents.width) } ?? constituents.width
    let isMatrix = constituents.shape.count == 3
    guard isMatrix ? constituents.shape[2] == size : constituents.shape.count == 2 && width % size == 0, width > 0 else {
      throw CallerError(
        "\(constituents.place): shape \(constituents.shape), where jets of constituents (\(layout.order.map(\.rawValue).joined(separator: ", "))) "
          + "have [N, M, \(size)] or [N, M x \(size)]; correct the order")
    }
    slots = width / size
    constituentsPerJet = min(maximumConstituents ?? slots, slots)
    count = constituents.rowCount
    guard count < 1 << 31 else { throw CallerError("\(constituents.place): claims \(count) rows; the file is damaged: copy or download it again") }
    mask = try layout.mask.map { try find($0, "mask") }
    label = try layout.label.map { try find($0, "label") }
    jets = try layout.relativeTo.map { try find($0, "jets") }
    var found: [(name: String, array: RowArray, column: Int)] = []
    if let weight = layout.weight { found.append(("weight", try find(weight, "weight"), 0)) }
    let known = ["pt", "eta", "phi", "mass", "n_constituents", "label", "weight", "index"]
    for column in layout.columns {
      guard !known.contains(column.name) else {
        throw CallerError("\(file.path): layout: columns: every set has a column \(column.name) of its own; choose another name")
      }
      found.append((column.name, try find(column.array, "columns.\(column.name)"), column.column))
    }
    extra = found
    for array in [mask, label, jets].compactMap({ $0 }) + found.map(\.array) where array.rowCount != count {
      throw CallerError("\(array.place): \(array.rowCount) rows, but there are \(count) jets; the arrays belong to different files")
    }
    for one in found where one.column >= one.array.width || (one.column == 0 && one.array.width == 0) {
      throw CallerError("\(one.array.place): column \(one.column) (from 0) asked for, but there are \(one.array.width)")
    }
    if let mask, mask.width != slots { throw CallerError("\(mask.place): \(mask.width) numbers a jet for \(slots) constituents; one each is needed") }
    if let label, label.width != 1 { throw CallerError("\(label.place): \(label.width) numbers a jet; a label is one whole number") }
    if let jets, jets.width < 2 { throw CallerError("\(jets.place): \(jets.width) numbers a jet; pT and eta are needed") }
  }

  private static func check(_ order: [JetLayout.Quantity], _ path: String) throws {
    let used = order.filter { $0 != .skip }
    let has = Set(used)
    guard has.count == used.count, has.isSuperset(of: [.e, .px, .py, .pz]) || has.isSuperset(of: [.pt, .eta, .phi]) || has.isSuperset(of: [.pt, .y, .phi]) else {
      throw CallerError(
        "\(path): layout: order: {\(order.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))} tells no four-momentum; "
          + "give {\"e\", \"px\", \"py\", \"pz\"} or {\"pt\", \"eta\", \"phi\", \"m\"}, each once, and \"-\" for numbers without use")
    }
  }

  func readConstituents(rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws {
    try check(rows: rows)
    var start = rows.lowerBound
    // Pieces, so that a wide row in double precision does not multiply the memory of the caller's window.
    while start < rows.upperBound {
      let piece = start..<min(start + 256, rows.upperBound)
      try convert(piece, destination + (start - rows.lowerBound) * constituentsPerJet * 4)
      start = piece.upperBound
    }
  }

  private func convert(_ rows: Range<Int>, _ destination: UnsafeMutablePointer<Float>) throws {
    let width = constituents.width
    try fill(&buffer, constituents, rows)
    var masks: [Double] = []
    if let mask { try fill(&masks, mask, rows) }
    var axes: [Double] = []
    if let jets { try fill(&axes, jets, rows) }
    let size = layout.order.count
    for row in 0..<rows.count {
      particles.removeAll(keepingCapacity: true)
      let axis = jets.map { (pt: axes[row * $0.width], eta: axes[row * $0.width + 1]) }
      for slot in 0..<slots where mask == nil || masks[row * slots + slot] > 0.5 {
        let particle = particle(row * width + slot * size, axis)
        if particle != .zero { particles.append(particle) }
      }
      PackedJet.store(&particles, slots: constituentsPerJet, into: destination + row * constituentsPerJet * 4)
    }
  }

  /// The constituent whose numbers begin at `place` of the buffer.
  private func particle(_ place: Int, _ axis: (pt: Double, eta: Double)?) -> FourVector {
    var (e, px, py, pz, pt, eta, phi, m) = (Double.nan, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    var isRapidity = false
    for (offset, quantity) in layout.order.enumerated() {
      let value = buffer[place + offset]
      switch quantity {
      case .e: e = value * layout.unit
      case .px: px = value * layout.unit
      case .py: py = value * layout.unit
      case .pz: pz = value * layout.unit
      case .pt: pt = value * layout.unit
      case .eta: eta = value
      case .y: (eta, isRapidity) = (value, true)
      case .phi: phi = value
      case .m: m = value * layout.unit
      case .mask: if !(value > 0.5) { return .zero }
      case .pdgid: m = ParticleMass.of(value)
      case .skip: break
      }
    }
    if layout.order.contains(.px) { return FourVector(energy: e, px: px, py: py, pz: pz) }
    if let axis { (pt, eta) = (pt * axis.pt, eta + axis.eta) }
    if pt == 0 { return .zero }
    guard isRapidity else {
      // A negative pT would give a sound four-vector; as a negative energy it is counted among the broken ones.
      let vector = FourVector(pt: pt, eta: eta, phi: phi, mass: m)
      return pt < 0 ? FourVector(energy: -vector.energy, px: vector.px, py: vector.py, pz: vector.pz) : vector
    }
    let transverse = (pt * pt + m * m).squareRoot()
    return FourVector(energy: pt < 0 ? -transverse : transverse * cosh(eta), px: pt * cos(phi), py: pt * sin(phi), pz: transverse * sinh(eta))
  }

  func readLabels(rows: Range<Int>, into destination: UnsafeMutablePointer<UInt8>) throws {
    try check(rows: rows)
    guard let label else { throw CallerError("\(path): the jets have no labels; name them in the layout") }
    var values: [Double] = []
    try fill(&values, label, rows)
    for (i, value) in values.enumerated() {
      guard let byte = UInt8(exactly: value) else {
        throw CallerError("\(label.place): the label of row \(rows.lowerBound + i) is \(value); whole numbers from 0 to 255 expected: correct the file")
      }
      destination[i] = byte
    }
  }

  func readColumn(_ name: String, rows: Range<Int>, into destination: UnsafeMutablePointer<Double>) throws {
    try check(rows: rows)
    guard let found = extra.first(where: { $0.name == name }) else { throw CallerError("\(path): there is no column \(name)") }
    var values: [Double] = []
    try fill(&values, found.array, rows)
    for row in 0..<rows.count { destination[row] = values[row * found.array.width + found.column] }
  }

  private func fill(_ values: inout [Double], _ array: RowArray, _ rows: Range<Int>) throws {
    let needed = rows.count * array.width
    if values.count < needed || values.count > 4 * needed { values = [Double](repeating: 0, count: needed) }
    try values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      try array.read(rows: rows, into: base)
    }
  }
}

/// A jet as sources hand it on: constituents by descending pT, then zeros.
enum PackedJet {
  /// Sorts `particles` and stores the first `slots` of them. One that is not finite goes first, so that it is met and counted.
  static func store(_ particles: inout [FourVector], slots: Int, into destination: UnsafeMutablePointer<Float>) {
    func key(_ p: FourVector) -> Double {
      let pt = p.pt
      return pt.isFinite && p.energy.isFinite && p.pz.isFinite && p.energy >= 0 ? pt : .infinity
    }
    let keys = particles.map(key)
    if zip(keys, keys.dropFirst()).contains(where: { $0 < $1 }) {
      // Stable: constituents of one pT keep the file's order.
      let order = keys.indices.sorted { keys[$0] != keys[$1] ? keys[$0] > keys[$1] : $0 < $1 }
      particles = order.map { particles[$0] }
    }
    for slot in 0..<slots {
      let p = slot < particles.count ? particles[slot] : .zero
      destination[slot * 4] = Float(p.energy)
      destination[slot * 4 + 1] = Float(p.px)
      destination[slot * 4 + 2] = Float(p.py)
      destination[slot * 4 + 3] = Float(p.pz)
    }
  }
}

/// Masses of the particles that live long enough to be constituents, in GeV (PDG 2024).
enum ParticleMass {
  private static let known: [Int: Double] = [
    11: 0.000511, 13: 0.105658, 22: 0, 130: 0.497611, 211: 0.139570, 310: 0.497611, 321: 0.493677, 2112: 0.939565, 2212: 0.938272,
  ]

  /// The mass of a particle or antiparticle by its PDG number; 0 for others.
  static func of(_ number: Double) -> Double { Int(exactly: abs(number)).flatMap { known[$0] } ?? 0 }
}
