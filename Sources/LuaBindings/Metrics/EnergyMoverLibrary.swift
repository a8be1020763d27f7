import Autodiff
import Evaluation
import Jets
import TensorCore

extension LuaHost {
  /// `emd` of `jetlua.core.metrics`.
  func openEnergyMover(_ library: LuaLibrary) throws {
    try library.function("emd") { call in  // emd(jet_a, jet_b [, {R = 1, norm = false}])
      try call.expectAtMost(3)
      let options = try call.options(at: 3, keys: ["R", "norm"])
      let mover = try EnergyMover(radius: options.number("R", default: 1), isNormalised: options.bool("norm", default: false))
      let a = try call.argument(at: 1, "jet_a").energyFlows(), b = try call.argument(at: 2, "jet_b").energyFlows()
      guard a.isBatch == b.isBatch else { throw call.mistake("jet_a and jet_b: expected two jets or two batches of jets, got one of each") }
      guard a.isBatch else { return call.returns(try mover.distance(a.jets[0], b.jets[0])) }
      return try call.returns(Variable(try Tensor(mover.distances(a.jets, b.jets))))
    }
  }
}

extension Argument {
  /// A jet `[M, 3]` of (pt, y, φ) or `[M, 4]` of (E, px, py, pz), or a batch of jets with one more dimension in front.
  fileprivate func energyFlows() throws -> (jets: [EnergyFlow], isBatch: Bool) {
    let expected = "particles (pt, y, phi) or (E, px, py, pz), shape [M, 3] or [M, 4], or a batch [N, M, 3] or [N, M, 4]"
    let values: [Double], shape: [Int]
    if let variable = objectIfAny(Variable.self) {
      (values, shape) = (try variable.value.array(of: Double.self), Array(variable.value.shape))
    } else {
      guard kind == .table else { throw mistake(expected: expected) }
      var numbers = try nested()
      var filled = [Double](repeating: 0, count: numbers.count)
      try filled.withUnsafeMutableBufferPointer { try numbers.fill($0) }
      (values, shape) = (filled, numbers.shape)
    }
    guard shape.count == 2 || shape.count == 3, let width = shape.last, width == 3 || width == 4 else {
      throw CallerError("\(call.functionName): \(name): expected \(expected), got shape [\(shape.map(String.init).joined(separator: ", "))]")
    }
    let isBatch = shape.count == 3, particles = shape[shape.count - 2], count = isBatch ? shape[0] : 1
    let jets = try (0..<count).map { jet in
      let label = isBatch ? "\(name)[\(jet + 1)]" : name
      return try EnergyFlow(
        (0..<particles).map { particle in
          let at = (jet * particles + particle) * width
          if width == 3 { return (values[at], values[at + 1], values[at + 2]) }
          let momentum = FourVector(energy: values[at], px: values[at + 1], py: values[at + 2], pz: values[at + 3])
          return (momentum.pt, momentum.rapidity, momentum.phi)
        }, function: call.functionName, argument: label)
    }
    return (jets, isBatch)
  }
}
