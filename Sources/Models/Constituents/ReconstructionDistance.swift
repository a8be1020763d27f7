import Evaluation
import Glibc
import TensorCore

/// How far reconstructed jets are from their jets, both as rows of four-vectors: the energy mover's distance of normalised transverse
/// momenta with R = 1 (arXiv:2007.01850 and its code).
///
/// The scaling of the columns is undone first, value · spread + center; (pT, η, φ) come from px, py, pz alone, since a reconstructed energy
/// can be below |p|; the padding of the input is left out, all reconstructed particles are kept; both are divided by their Σ pT.
public struct ReconstructionDistance: Sendable {
  private let center: [Double]
  private let spread: [Double]
  private let mover: EnergyMover

  /// The scaling of the columns E, px, py, pz of particle 1, 2, …; empty lists where there is none. Throws `CallerError` for lists of
  /// different lengths.
  public init(center: [Double], spread: [Double]) throws {
    guard center.count == spread.count else {
      throw CallerError("emd: center and spread: expected as many numbers of each, got \(center.count) and \(spread.count)")
    }
    (self.center, self.spread) = (center, spread)
    mover = try EnergyMover(radius: 1, isNormalised: true)
  }

  /// The distances [N], float64, of rows `x` [N, 4 n] and their reconstructions `y` of the same shape, and how many jets have no
  /// transverse momentum; theirs are NaN, as those of rows that are not finite. Ctrl-C throws `Interrupted`.
  public func distances(_ x: Tensor, _ y: Tensor) throws -> (values: Tensor, withoutPT: Int) {
    guard x.rank == 2, x.shape == y.shape, x.shape[1] % 4 == 0, center.isEmpty || center.count == x.shape[1] else {
      throw CallerError("emd: expected rows of four-vectors of one shape [N, 4 n], got \(x.shape.text) and \(y.shape.text)")
    }
    let (rows, width) = (x.shape[0], x.shape[1])
    let values = try Tensor(filling: [rows], with: .nan, .float64)
    let jets = try x.array(of: Double.self), reconstructed = try y.array(of: Double.self)
    var pairs: (input: [EnergyFlow], output: [EnergyFlow], place: [Int]) = ([], [], [])
    var withoutPT = 0
    for row in 0..<rows {
      let range = (row * width)..<((row + 1) * width)
      guard jets[range].allSatisfy(\.isFinite), reconstructed[range].allSatisfy(\.isFinite) else { continue }
      let input = particles(jets[range], dropsPadding: true), output = particles(reconstructed[range], dropsPadding: false)
      guard input.contains(where: { $0.pt > 0 }), output.contains(where: { $0.pt > 0 }) else {
        withoutPT += 1
        continue
      }
      pairs.input.append(try EnergyFlow(input, argument: "jet \(row + 1)"))
      pairs.output.append(try EnergyFlow(output, argument: "the reconstruction of jet \(row + 1)"))
      pairs.place.append(row)
    }
    let out = values.pointer(as: Double.self)
    for (place, value) in zip(pairs.place, try mover.distances(pairs.input, pairs.output)) { out[place] = value }
    return (values, withoutPT)
  }

  // A slot that the scaling made of zeros is padding: told by its numbers as they are stored, before rounding on the way back.
  private func particles(_ row: ArraySlice<Double>, dropsPadding: Bool) -> [(pt: Double, y: Double, phi: Double)] {
    var found: [(pt: Double, y: Double, phi: Double)] = []
    for slot in stride(from: 0, to: row.count, by: 4) {
      func scaled(_ k: Int) -> Double { row[row.startIndex + slot + k] }
      func momentum(_ k: Int) -> Double { center.isEmpty ? scaled(k) : scaled(k) * spread[slot + k] + center[slot + k] }
      if dropsPadding, (0..<4).allSatisfy({ Float(scaled($0)) == (center.isEmpty ? 0 : Float(-center[slot + $0] / spread[slot + $0])) }) { continue }
      let (px, py, pz) = (momentum(1), momentum(2), momentum(3))
      let pt = hypot(px, py), eta = asinh(pz / pt)
      // Along the beam there is no direction in (η, φ).
      if pt > 0, eta.isFinite { found.append((pt, eta, atan2(py, px))) }
    }
    return found
  }
}
