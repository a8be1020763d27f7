/// Numbers of every jet of a source, one entry per row.
struct JetColumns {
  var pt: [Double] = []
  var eta: [Double] = []
  var phi: [Double] = []
  var mass: [Double] = []
  var constituentCount: [UInt16] = []
  var label: [UInt8] = []

  /// Where the columns are in memory, the labels of a source that has them.
  struct Places: @unchecked Sendable {
    let pt: UnsafeMutablePointer<Double>, eta: UnsafeMutablePointer<Double>, phi: UnsafeMutablePointer<Double>, mass: UnsafeMutablePointer<Double>
    let constituentCount: UnsafeMutablePointer<UInt16>
    let labels: UnsafeMutablePointer<UInt8>?
  }

  init() {}

  /// Columns of `rowCount` rows for `withPlaces` to fill: undefined, so that each thread touches first what it writes.
  init(rowCount: Int, labels: Bool) {
    func undefined<T: BitwiseCopyable>(_ count: Int) -> [T] { Array(unsafeUninitializedCapacity: count) { $1 = count } }
    pt = undefined(rowCount)
    eta = undefined(rowCount)
    phi = undefined(rowCount)
    mass = undefined(rowCount)
    constituentCount = undefined(rowCount)
    label = undefined(labels ? rowCount : 0)
  }

  mutating func withPlaces(_ body: (Places) throws -> Void) rethrows {
    try pt.withUnsafeMutableBufferPointer { pt in try eta.withUnsafeMutableBufferPointer { eta in try phi.withUnsafeMutableBufferPointer { phi in
      try mass.withUnsafeMutableBufferPointer { mass in try constituentCount.withUnsafeMutableBufferPointer { counts in
        try label.withUnsafeMutableBufferPointer { label in
          guard let pt = pt.baseAddress, let eta = eta.baseAddress, let phi = phi.baseAddress, let mass = mass.baseAddress,
            let counts = counts.baseAddress
          else { return }
          try body(Places(pt: pt, eta: eta, phi: phi, mass: mass, constituentCount: counts, labels: label.isEmpty ? nil : label.baseAddress))
        }
      } }
    } } }
  }

  mutating func reserve(_ count: Int, labels: Bool) {
    pt.reserveCapacity(count)
    eta.reserveCapacity(count)
    phi.reserveCapacity(count)
    mass.reserveCapacity(count)
    constituentCount.reserveCapacity(count)
    if labels { label.reserveCapacity(count) }
  }

  mutating func append(_ block: JetSweep.Block) {
    for jet in block.kinematics {
      pt.append(jet.pt)
      eta.append(jet.eta)
      phi.append(jet.phi)
      mass.append(jet.mass)
      constituentCount.append(UInt16(clamping: jet.constituentCount))
    }
    label.append(contentsOf: block.labels)
  }
}
