import Models
import TensorCore

extension LuaHost {
  /// Adds `BatchNorm1d`, `BatchNorm2d` and `LayerNorm` to the makers of layers.
  func openNormLayers(_ library: LuaLibrary) throws {
    func dtype(_ options: Options) throws -> DType {
      DType(name: try options.choice("dtype", default: "float32", ["float32", "float64"])) ?? .float32
    }
    for form in BatchNorm.Form.allCases {
      // BatchNorm1d(num_features [, {eps=, momentum=, affine=, track_running_stats=, dtype=}])
      try library.function(form.rawValue) { call in
        try call.expectAtMost(2)
        let channels = try call.integer(at: 1, "num_features")
        let options = try call.options(at: 2, keys: ["eps", "momentum", "affine", "track_running_stats", "dtype"])
        var settings = BatchNorm.Settings()
        settings.epsilon = try options.number("eps", default: settings.epsilon)
        if let momentum = options.optional("momentum") {
          // A key that is nil is none at all, so what is None in Python is false here.
          if momentum.kind == .boolean, try !momentum.bool() { settings.momentum = nil } else { settings.momentum = try momentum.number() }
        }
        settings.affine = try options.bool("affine", default: settings.affine)
        settings.tracksRunningStatistics = try options.bool("track_running_stats", default: settings.tracksRunningStatistics)
        settings.dtype = try dtype(options)
        return try call.returns(LayerHandle(try BatchNorm(form, channels, settings)))
      }
    }
    // LayerNorm(normalized_shape [, {eps=, elementwise_affine=, bias=, dtype=}])
    try library.function("LayerNorm") { call in
      try call.expectAtMost(2)
      let shape = call.argument(at: 1, "normalized_shape")
      let sizes = shape.kind == .table ? try shape.integers() : [try shape.integer()]
      let options = try call.options(at: 2, keys: ["eps", "elementwise_affine", "bias", "dtype"])
      return try call.returns(
        LayerHandle(
          try LayerNorm(
            sizes, epsilon: try options.number("eps", default: 1e-5), affine: try options.bool("elementwise_affine", default: true),
            bias: try options.bool("bias", default: true), dtype: try dtype(options))))
    }
  }
}
