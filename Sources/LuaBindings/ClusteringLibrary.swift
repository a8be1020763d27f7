import Jets
import TensorCore

extension LuaHost {
  func openClustering(_ library: LuaLibrary) throws {
    try library.function("cluster") { call in  // cluster(particles [, {algorithm = "antikt", R = 1, ptmin = 0}])
      try call.expectAtMost(2)
      let options = try call.options(at: 2, keys: ["algorithm", "R", "ptmin"])
      let name = try options.choice("algorithm", default: "antikt", ClusteringAlgorithm.allCases.map(\.rawValue))
      let jets = try Clustering.cluster(
        call.argument(at: 1, "particles").fourVectors(), algorithm: ClusteringAlgorithm(rawValue: name) ?? .antikt,
        radius: options.number("R", default: 1), minimumPt: options.number("ptmin", default: 0))
      return try call.returns(.array(jets.map { $0.luaTable }))
    }
    try library.function("declusterings") { call in
      try call.expectAtMost(1)
      let steps = try Clustering.declusterings(call.argument(at: 1, "constituents").fourVectors())
      return try call.returns(.array(steps.map { $0.luaTable }))
    }
  }
}

extension ClusteredJet {
  /// Momentum, kinematics, and the places (from 1) of the jet's particles.
  fileprivate var luaTable: LuaValue {
    .record([
      ("pt", .number(momentum.pt)), ("eta", .number(momentum.eta)), ("phi", .number(momentum.phi)), ("mass", .number(momentum.mass)),
      ("rapidity", .number(momentum.rapidity)), ("e", .number(momentum.energy)), ("px", .number(momentum.px)), ("py", .number(momentum.py)),
      ("pz", .number(momentum.pz)), ("constituents", .integers(constituents.map { $0 + 1 })),
    ])
  }
}

extension Declustering {
  /// The step with its plane counted from 1, the primary.
  fileprivate var luaTable: LuaValue {
    .record([
      ("plane", .integer(plane + 1)), ("delta", .number(delta)), ("kt", .number(kt)), ("z", .number(z)), ("kappa", .number(kappa)),
      ("psi", .number(psi)), ("m", .number(mass)), ("pt", .number(pt)), ("pt_hard", .number(hardPt)), ("pt_soft", .number(softPt)),
    ])
  }
}
