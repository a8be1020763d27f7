import TensorCore

extension LuaHost {
  /// Module `jetlua.core.random`: where the random streams stand, for checkpoints.
  func openRandomStateLibrary() throws {
    let library = try library("random")
    try library.function("state") { call in try call.returns(.randomState(RandomStream.snapshot)) }
    try library.function("restore") { call in  // restore({seed =, positions =})
      let state = try call.argument(at: 1, "state").randomState()
      RandomStream.restore(seed: state.seed, positions: state.positions)
      return call.returns()
    }
  }
}

extension LuaValue {
  /// A snapshot of the random streams as a table `{seed =, positions =}`.
  static func randomState(_ state: (seed: UInt64, positions: [UInt64])) -> LuaValue {
    .record([
      ("seed", .integer(Int(Int64(bitPattern: state.seed)))), ("positions", .integers(state.positions.map { Int(Int64(bitPattern: $0)) })),
    ])
  }
}

extension Argument {
  /// A snapshot of the random streams, from `LuaValue.randomState`.
  func randomState() throws -> (seed: UInt64, positions: [UInt64]) {
    var seed: UInt64?
    var positions: [UInt64]?
    guard kind == .table else { throw mistake(expected: "a state {seed =, positions =}") }
    try forEachField { key, value in
      switch key {
      case "seed": seed = UInt64(bitPattern: Int64(try value.integer()))
      case "positions": positions = try value.integers().map { UInt64(bitPattern: Int64($0)) }
      default: throw mistake(expected: "a state {seed =, positions =}")
      }
    }
    guard let seed, let positions, positions.count <= RandomStream.allCases.count else { throw mistake(expected: "a state {seed =, positions =}") }
    return (seed, positions)
  }
}
