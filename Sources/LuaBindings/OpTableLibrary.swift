import Autodiff

extension LuaHost {
  /// Module `jetlua.core.ops`: what the op table says of itself, for the commands that count and compare.
  func openOpTableLibrary() throws {
    let library = try library("ops")
    // list(): for each op its name, where scripts find it, whether it has a gradient, how many calls its contract has, and with how
    // many of them gradients are tested.
    try library.function("list") { call in
      try call.returns(.array(OpTable.all.map { spec in
        let place: String
        switch spec.placement {
        case .tensorAndMethod: place = "tensor and method"
        case .tensor: place = "tensor"
        case .functional: place = "functional"
        case .loss: place = "loss"
        case .method: place = "method"
        }
        let isDifferentiable = if case .rule = spec.gradient { true } else { false }
        return .record([
          ("name", .string(spec.name)), ("placement", .string(place)), ("differentiable", .boolean(isDifferentiable)),
          ("samples", .integer(spec.samples.count)), ("smooth_samples", .integer(isDifferentiable ? spec.samples.filter(\.isFinite).count : 0)), ("failures", .integer(spec.failures.count)),
        ])
      }))
    }
  }
}

extension Sample {
  // Whether central differences of it exist.
  fileprivate var isFinite: Bool {
    arguments.allSatisfy { if case .values(let numbers, _) = $0 { numbers.allSatisfy(\.isFinite) } else { true } }
  }
}
