import ArrayFiles
import CVectorMath
import Synchronization
import TensorCore

/// Jets of arrays whose places and meaning a `JetLayout` tells. Rows are read when they are asked for; constituents are ordered by pT.
final class DescribedJets: JetSource {
  let path: String
  let count: Int
  let constituentsPerJet: Int
  let formatName: String
  let classNames: [Int: String]
  var hasLabels: Bool { label != nil }
  var canBeSharedByThreads: Bool {
    ([constituents, mask, label, jets] + extra.map(\.array)).allSatisfy { $0?.canBeSharedByThreads ?? true }
  }
  var rowsPerBlock: Int { constituents.chunkRows ?? 1 }
  var reading: String { layout.text }
  var extraColumns: [String] { extra.map(\.name) }

  private let layout: JetLayout
  private let constituents: RowArray
  private let mask: RowArray?
  private let label: RowArray?
  private let jets: RowArray?
  private let extra: [(name: String, array: RowArray, column: Int)]
  private let slots: Int
  private let form: ConstituentForm
  private let kernels = jvm_kernels_in_use()
  // Those that no thread uses now.
  private let idle = Mutex<[Piece]>([])

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
    form = ConstituentForm(layout)
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
    let pieces = parts(of: rows), width = constituentsPerJet * 4
    func place(_ row: Int) -> UnsafeMutablePointer<Float> { destination + (row - rows.lowerBound) * width }
    if [constituents, mask, jets].allSatisfy({ $0?.canBeSharedByThreads ?? true }) {
      let problem = Mutex<(any Error)?>(nil)
      try ThreadPool.parallelRanges(pieces.count, grain: 1) { numbers in
        do {
          try withPiece { piece in
            for rows in pieces[numbers] {
              if try copy(rows, place(rows.lowerBound)) { continue }
              try read(rows, into: piece)
              convert(rows, of: piece, place(rows.lowerBound))
            }
          }
        } catch { problem.withLock { if $0 == nil { $0 = error } } }
      }
      if let problem = problem.withLock({ $0 }) { throw problem }
      return
    }
    // Read one after the other, converted on all threads.
    try withPiece { piece in
      for rows in pieces {
        try read(rows, into: piece)
        try ThreadPool.parallelRanges(rows.count, grain: 16) { part in
          let some = rows.lowerBound + part.lowerBound..<rows.lowerBound + part.upperBound
          convert(some, of: piece, place(some.lowerBound))
        }
      }
    }
  }

  /// Parts of `rows` of a few hundred kilobytes, so that a wide row in double precision does not multiply the memory of the caller's
  /// window, each in stored blocks of its own where there are blocks.
  private func parts(of rows: Range<Int>) -> [Range<Int>] {
    let block = constituents.chunkRows ?? 1
    let length = max(1, max(16, 40_000 / max(1, constituents.width)) / block) * block
    var pieces: [Range<Int>] = []
    var start = rows.lowerBound
    while start < rows.upperBound {
      let end = min((start / length + 1) * length, rows.upperBound)
      pieces.append(start..<end)
      start = end
    }
    return pieces
  }

  /// Reads rows that are stored as they are handed on, and orders those that have to be; false for others.
  private func copy(_ rows: Range<Int>, _ destination: UnsafeMutablePointer<Float>) throws -> Bool {
    guard form.isPlain, mask == nil, constituents.isSinglePrecision, constituents.width == slots * 4, constituentsPerJet == slots else { return false }
    try constituents.read(rows: rows, into: destination)
    for row in 0..<rows.count {
      let jet = destination + row * slots * 4
      if kernels.pointee.packed_slots(jet, slots) >= 0 { continue }
      var packed = PackedJet()
      for slot in 0..<slots {
        let particle = form.vector(UnsafePointer(jet + slot * 4))
        if particle != .zero { packed.append(particle) }
      }
      packed.store(slots: slots, into: jet)
    }
    return true
  }

  /// The numbers of some rows, in the precision in which they are stored where that is single, and room for the vectors of one jet.
  private final class Piece: @unchecked Sendable {
    var firstRow = 0
    let singles = NumberRoom<Float>(), values = NumberRoom<Double>(), masks = NumberRoom<Double>(), axes = NumberRoom<Double>()
  }

  private func read(_ rows: Range<Int>, into piece: Piece) throws {
    piece.firstRow = rows.lowerBound
    if constituents.isSinglePrecision {
      try constituents.read(rows: rows, into: piece.singles.room(rows.count * constituents.width))
    } else {
      try constituents.read(rows: rows, into: piece.values.room(rows.count * constituents.width))
    }
    if let mask { try mask.read(rows: rows, into: piece.masks.room(rows.count * mask.width)) }
    if let jets { try jets.read(rows: rows, into: piece.axes.room(rows.count * jets.width)) }
  }

  /// Converts `rows` of a piece that was read.
  private func convert(_ rows: Range<Int>, of piece: Piece, _ destination: UnsafeMutablePointer<Float>) {
    if constituents.isSinglePrecision {
      convert(rows, of: piece, UnsafePointer(piece.singles.base), destination)
    } else {
      convert(rows, of: piece, UnsafePointer(piece.values.base), destination)
    }
  }

  private func convert<T: BinaryFloatingPoint>(
    _ rows: Range<Int>, of piece: Piece, _ numbers: UnsafePointer<T>, _ destination: UnsafeMutablePointer<Float>
  ) {
    // pT, angle, azimuth and mass of a jet's constituents, and what the loop makes of them.
    let columns = form.isCartesian ? 0 : slots
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 8 * columns) { room in
      for row in rows {
        let values = numbers + (row - piece.firstRow) * constituents.width
        let masks = mask.map { _ in piece.masks.base + (row - piece.firstRow) * slots }
        let axis = jets.map { (pt: piece.axes.base[(row - piece.firstRow) * $0.width], eta: piece.axes.base[(row - piece.firstRow) * $0.width + 1]) }
        let jet = destination + (row - rows.lowerBound) * constituentsPerJet * 4
        if masks == nil, form.store(values, slots: slots, axis: axis, into: jet, kept: constituentsPerJet, kernels) { continue }
        if let base = room.baseAddress, columns > 0 {
          let count = gather(values, masks, axis, base)
          let vectors = base + 4 * columns
          store(jet, count) {
            FourVector(energy: vectors[$0], px: vectors[columns + $0], py: vectors[2 * columns + $0], pz: vectors[3 * columns + $0])
          }
        } else {
          store(jet, slots) { slot in masks.map { $0[slot] > 0.5 } ?? true ? form.vector(values + slot * form.size) : .zero }
        }
      }
    }
  }

  /// The constituents of a jet that are no padding, at `room` + 4 · slots: E, px, py and pz, `slots` numbers apart; tells how many.
  private func gather<T: BinaryFloatingPoint>(
    _ values: UnsafePointer<T>, _ masks: UnsafeMutablePointer<Double>?, _ axis: (pt: Double, eta: Double)?, _ room: UnsafeMutablePointer<Double>
  ) -> Int {
    var count = 0
    for slot in 0..<slots {
      if let masks, !(masks[slot] > 0.5) { continue }
      guard let particle = form.polar(values + slot * form.size, axis) else { continue }
      room[count] = particle.pt
      room[slots + count] = particle.angle
      room[2 * slots + count] = particle.phi
      room[3 * slots + count] = particle.mass
      count += 1
    }
    let vectors = room + 4 * slots
    var components: (UnsafeMutablePointer<Double>?, UnsafeMutablePointer<Double>?, UnsafeMutablePointer<Double>?, UnsafeMutablePointer<Double>?) =
      (vectors, vectors + slots, vectors + 2 * slots, vectors + 3 * slots)
    withUnsafeBytes(of: &components) { components in
      guard let components = components.assumingMemoryBound(to: UnsafeMutablePointer<Double>?.self).baseAddress else { return }
      kernels.pointee.four_vectors(room, room + slots, room + 2 * slots, room + 3 * slots, form.isRapidity, components, count)
    }
    return count
  }

  /// Stores the particles that are not zero, by descending pT.
  @inline(__always)
  private func store(_ jet: UnsafeMutablePointer<Float>, _ count: Int, _ particle: (Int) -> FourVector) {
    var ordered = OrderedJet(slots: constituentsPerJet, jet)
    for number in 0..<count {
      let one = particle(number)
      if one == .zero || ordered.append(one) { continue }
      var packed = PackedJet()
      for number in 0..<count where particle(number) != .zero { packed.append(particle(number)) }
      return packed.store(slots: constituentsPerJet, into: jet)
    }
    ordered.finish()
  }

  private func withPiece<R>(_ body: (Piece) throws -> R) rethrows -> R {
    let piece = idle.withLock { $0.popLast() } ?? Piece()
    defer { idle.withLock { $0.append(piece) } }
    return try body(piece)
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
