import Foundation
import Jets

/// The test vectors under Tests/Fixtures, read once per call.
enum Vectors {
  static func group(_ name: String) throws -> [[String: Any]] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/vectors.json")
    let all = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
    guard let group = all[name] as? [[String: Any]] else { throw MissingGroup(name: name) }
    return group
  }
}

struct MissingGroup: Error { let name: String }

extension [String: Any] {
  func number(_ key: String) -> Double { (self[key] as? NSNumber)?.doubleValue ?? .nan }
  func numbers(_ key: String) -> [Double] { (self[key] as? [NSNumber])?.map(\.doubleValue) ?? [] }
  func rows(_ key: String) -> [[Double]] { (self[key] as? [[NSNumber]])?.map { $0.map(\.doubleValue) } ?? [] }
}

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

/// A reproducible stream of numbers for tests (splitmix64).
struct TestRandom: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
