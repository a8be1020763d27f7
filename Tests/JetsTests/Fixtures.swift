import Foundation
import Jets
import TestSupport

/// Whether two numbers agree to `tolerance`, relative to the larger or absolute below 1.
func agree(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
  abs(a - b) <= tolerance * max(1, abs(a), abs(b))
}

/// Four-vectors packed as a source stores them, each jet padded to `slots`.
func packed(_ jets: [[FourVector]], slots: Int) -> [Float] {
  var values: [Float] = []
  for jet in jets {
    for particle in jet {
      values += [Float(particle.energy), Float(particle.px), Float(particle.py), Float(particle.pz)]
    }
    values += [Float](repeating: 0, count: (slots - jet.count) * 4)
  }
  return values
}

/// `count` random jets of up to `slots` constituents; label 1 (wide) for every third jet, 0 (narrow) else.
func randomJets(_ count: Int, slots: Int = 12, seed: UInt64 = 1) throws -> InMemoryJets {
  var random = SeededNumbers(state: seed)
  var jets: [[FourVector]] = []
  for i in 0..<count {
    let width = i % 3 == 0 ? 0.5 : 0.2
    let axis = (eta: Double.random(in: -2...2, using: &random), phi: Double.random(in: -3.14...3.14, using: &random))
    jets.append(
      (0..<Int.random(in: 1...slots, using: &random)).map { _ in
        FourVector(
          pt: Double.random(in: 1...200, using: &random), eta: axis.eta + Double.random(in: -width...width, using: &random),
          phi: axis.phi + Double.random(in: -width...width, using: &random))
      })
  }
  return try InMemoryJets(
    constituents: packed(jets, slots: slots), constituentsPerJet: slots, labels: (0..<count).map { $0 % 3 == 0 ? 1 : 0 })
}

/// A source that counts how often it is read.
final class CountingSource: JetSource {
  let inner: InMemoryJets
  private(set) var rowsRead = 0

  init(_ inner: InMemoryJets) { self.inner = inner }

  var path: String { inner.path }
  var count: Int { inner.count }
  var constituentsPerJet: Int { inner.constituentsPerJet }
  var formatName: String { inner.formatName }
  var classNames: [Int: String] { inner.classNames }
  var hasLabels: Bool { inner.hasLabels }

  func readConstituents(rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws {
    rowsRead += rows.count
    try inner.readConstituents(rows: rows, into: destination)
  }

  func readLabels(rows: Range<Int>, into destination: UnsafeMutablePointer<UInt8>) throws {
    try inner.readLabels(rows: rows, into: destination)
  }
}

/// Permutations from a seeded test stream; each call gives another one.
func testPermutation(seed: UInt64) -> RowPermutation {
  var random = SeededNumbers(state: seed)
  return { count in Array(0..<count).shuffled(using: &random) }
}

extension JetSet {
  func numbers(_ name: String) throws -> [Double] {
    switch try column(name) {
    case .numbers(let values): values
    case .integers(let values): values.map(Double.init)
    case nil: []
    }
  }
}

/// An empty folder that goes with the object.
final class NewFolder {
  let path = NSTemporaryDirectory() + "jetlua-jets-\(UUID().uuidString)"

  init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
