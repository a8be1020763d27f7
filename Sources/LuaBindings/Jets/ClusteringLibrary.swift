import Jets
import TensorCore

extension LuaHost {
  func openClustering(_ library: LuaLibrary) throws {
    try library.function("cluster", help: """
      Jets of an event by sequential recombination (FastJet), the hardest first; `constituents` says which particles are in each.
      @param particles tensor|number[][] [N, 4]: E, px, py, pz in GeV
      @param options? {algorithm: "antikt"|"cambridge_aachen"|"kt", R: number, ptmin: number} default "antikt", 1, 0
      @return {pt: number, eta: number, phi: number, mass: number, rapidity: number, e: number, px: number, py: number, pz: number, constituents: integer[]}[]
          event = jets.cluster({{50, 50, 0, 0}, {20, 19.9, 2, 0}, {30, -30, 0, 0}}, {R = 0.4})
          #event, event[1].constituents --> 2 {1, 2}
      """) { call in  // cluster(particles [, {algorithm = "antikt", R = 1, ptmin = 0}])
      try call.expectAtMost(2)
      let options = try call.options(at: 2, keys: ["algorithm", "R", "ptmin"])
      let name = try options.choice("algorithm", default: "antikt", ClusteringAlgorithm.allCases.map(\.rawValue))
      let jets = try Clustering.cluster(
        call.argument(at: 1, "particles").fourVectors(), algorithm: ClusteringAlgorithm(rawValue: name) ?? .antikt,
        radius: options.number("R", default: 1), minimumPt: options.number("ptmin", default: 0))
      return try call.returns(.array(jets.map { $0.luaTable }))
    }
    try library.function("declusterings", help: """
      The steps that undo a jet's Cambridge/Aachen clustering (arXiv:1807.04758): at each the two branches' distance delta, the softer
      one's kt = pT · delta and share z of the transverse momentum, kappa = z · delta, its angle psi and the mass m of both. `plane` 1 is
      the primary one, along the harder branches.
      @param constituents tensor|number[][] [N, 4]: E, px, py, pz in GeV
      @return {plane: integer, delta: number, kt: number, z: number, kappa: number, psi: number, m: number, pt: number, pt_hard: number, pt_soft: number}[]
          steps = jets.declusterings({{50, 50, 0, 0}, {20, 19.9, 2, 0}})
          #steps, steps[1].plane --> 1 1
      """) { call in
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
