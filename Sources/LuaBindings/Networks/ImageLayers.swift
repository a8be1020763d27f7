import Autodiff
import Models
import TensorCore

/// The arguments of a layer's maker: in their order, the last ones in a table of options by name instead.
private struct LayerArguments {
  private let call: Call
  private let names: [String]
  private let given: Int
  private let options: Options

  init(_ call: Call, _ names: [String]) throws {
    self.call = call
    self.names = names
    var count = call.argumentCount
    // {5, 3} are two sizes, {padding = 2} is not.
    let last = call.argument(at: count, "options")
    let hasOptions = try count > 0 && last.kind == .table && last.length() == 0
    options = try call.options(at: hasOptions ? count : count + 1, keys: names)
    if hasOptions { count -= 1 }
    guard count <= names.count else { throw call.mistake("expected at most \(names.count) arguments and options, got \(count)") }
    given = count
  }

  /// The argument of a name, or nothing.
  func optional(_ name: String) throws -> Argument? {
    let option = options.optional(name)
    guard let place = names.firstIndex(of: name), place < given, let argument = call.optional(at: place + 1, name) else { return option }
    guard option == nil else { throw call.mistake("\(name): given twice, in place \(place + 1) and as an option") }
    return argument
  }

  func required(_ name: String) throws -> Argument {
    if let argument = try optional(name) { return argument }
    throw call.argument(at: 1 + (names.firstIndex(of: name) ?? 0), name).mistake(expected: "an integer")
  }

  func integer(_ name: String, default value: Int) throws -> Int { try optional(name)?.integer() ?? value }
  func flag(_ name: String, default value: Bool) throws -> Bool { try optional(name)?.bool() ?? value }
  func optionalPair(_ name: String) throws -> ImagePair? {
    guard let values = try optional(name)?.pair() else { return nil }
    return ImagePair(values[0], values[1])
  }
  func pair(_ name: String, default value: Int) throws -> ImagePair { try optionalPair(name) ?? ImagePair(value, value) }
  func requiredPair(_ name: String) throws -> ImagePair {
    let values = try required(name).pair()
    return ImagePair(values[0], values[1])
  }
  func choice(_ name: String, default value: String, _ choices: [String]) throws -> String { try optional(name)?.choice(choices) ?? value }

  /// The steps of a convolution's kernel.
  func convolution() throws -> ConvolutionOptions {
    var result = ConvolutionOptions()
    result.stride = try pair("stride", default: 1)
    result.dilation = try pair("dilation", default: 1)
    result.groups = try integer("groups", default: 1)
    if let padding = try optional("padding"), padding.kind == .string {
      result.samePadding = try padding.choice(["same", "valid"]) == "same"
    } else {
      result.padding = try pair("padding", default: 0)
    }
    return result
  }

  func initialization() throws -> Initialization {
    Initialization(rawValue: try choice("init", default: Initialization.standard.rawValue, Initialization.allCases.map(\.rawValue))) ?? .standard
  }
  func dtype() throws -> DType { DType(name: try choice("dtype", default: "float32", ["float32", "float64"])) ?? .float32 }
}

extension LuaHost {
  /// Makers of the layers for images; arguments in PyTorch's order.
  func openImageLayers(_ library: LuaLibrary) throws {
    try library.function("Conv2d") { call in
      let a = try LayerArguments(
        call, ["in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias", "init", "dtype"])
      let layer = try Conv2d(
        a.required("in_channels").integer(), a.required("out_channels").integer(), kernel: a.requiredPair("kernel_size"), options: a.convolution(),
        bias: a.flag("bias", default: true), initialization: a.initialization(), dtype: a.dtype())
      return try call.returns(LayerHandle(layer))
    }
    try library.function("ConvTranspose2d") { call in
      let a = try LayerArguments(
        call, ["in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding", "groups", "bias", "dilation", "init", "dtype"])
      let layer = try ConvTranspose2d(
        a.required("in_channels").integer(), a.required("out_channels").integer(), kernel: a.requiredPair("kernel_size"), options: a.convolution(),
        outputPadding: a.pair("output_padding", default: 0), bias: a.flag("bias", default: true), initialization: a.initialization(), dtype: a.dtype())
      return try call.returns(LayerHandle(layer))
    }
    try library.function("AvgPool2d") { call in
      let a = try LayerArguments(call, ["kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"])
      let layer = try AvgPool2d(
        kernel: a.requiredPair("kernel_size"), stride: a.optionalPair("stride"), padding: a.pair("padding", default: 0),
        ceilMode: a.flag("ceil_mode", default: false), countsPadding: a.flag("count_include_pad", default: true), divisor: a.integer("divisor_override", default: 0))
      return try call.returns(LayerHandle(layer))
    }
    try library.function("MaxPool2d") { call in
      let a = try LayerArguments(call, ["kernel_size", "stride", "padding", "dilation", "ceil_mode"])
      let layer = try MaxPool2d(
        kernel: a.requiredPair("kernel_size"), stride: a.optionalPair("stride"), padding: a.pair("padding", default: 0), dilation: a.pair("dilation", default: 1),
        ceilMode: a.flag("ceil_mode", default: false))
      return try call.returns(LayerHandle(layer))
    }
    try library.function("Upsample") { call in
      let a = try LayerArguments(call, ["size", "scale_factor", "mode", "align_corners"])
      let target: Upsample.Target
      switch (try a.optionalPair("size"), try a.optional("scale_factor")?.factors()) {
      case (let size?, nil): target = .size(size)
      case (nil, let factors?): target = .factors(factors[0], factors[1])
      case (nil, nil): throw call.mistake("expected size or scale_factor, got neither")
      default: throw call.mistake("expected size or scale_factor, got both")
      }
      let mode = try a.choice("mode", default: "nearest", ["nearest", "bilinear"])
      return try call.returns(LayerHandle(try Upsample(to: target, bilinear: mode == "bilinear", alignCorners: a.flag("align_corners", default: false))))
    }
  }
}
