import TensorCore

extension OpSpec {
  static let convolutions: [OpSpec] = [conv2d, convTranspose2d]

  typealias Pair = ConvolutionShape.Pair

  // Far above any image, and small enough that no product of two of them overflows.
  private static let largest = Int(Int32.max)

  /// Throws CallerError unless both numbers are at least `least`.
  static func require(_ pair: Pair, atLeast least: Int, _ name: String, _ argument: String) throws {
    guard (least...largest).contains(pair.y), (least...largest).contains(pair.x) else {
      throw CallerError("\(name): \(argument): expected integers in \(least)...\(largest), got \(text(pair))")
    }
  }

  /// `"2"`, or `"{2, 1}"`.
  static func text(_ pair: Pair) -> String { pair.y == pair.x ? "\(pair.y)" : "{\(pair.y), \(pair.x)}" }

  /// A tensor of images [N, C, H, W]; one image [C, H, W] is a batch of one.
  static func images(_ x: Tensor, _ name: String) throws -> Tensor {
    try requireFloat(x, name)
    guard x.rank == 4 || x.rank == 3 else { throw CallerError("\(name): x: expected shape [N, C, H, W] or [C, H, W], got \(x.shape.text)") }
    let batch = x.rank == 4 ? x : x.unsqueezed(0)
    for size in batch.shape where size > largest { throw CallerError("\(name): x: sizes of at most \(largest) expected, got \(x.shape.text)") }
    return batch
  }

  /// Results for as many dimensions as the op was given.
  private static func batched(_ y: Tensor, as x: Dimensions) -> Tensor { x.count == 4 ? y : y.squeezed(0) }

  private struct Options {
    let stride: Pair
    let padding: Pair?
    let dilation: Pair
    let groups: Int
  }

  private static func options(_ call: OpContext, dilation: Int, groups: Int) throws -> Options {
    let name = call.name
    let options = Options(stride: try call.pair(3), padding: call.optionalPair(4), dilation: try call.pair(dilation), groups: try call.integer(groups))
    try require(options.stride, atLeast: 1, name, "stride")
    try require(options.dilation, atLeast: 1, name, "dilation")
    if let padding = options.padding { try require(padding, atLeast: 0, name, "padding") }
    guard (1...largest).contains(options.groups) else { throw CallerError("\(name): groups: expected an integer in 1...\(largest), got \(options.groups)") }
    return options
  }

  private static func requireWeight(_ weight: Tensor, _ signature: String, _ name: String) throws {
    try requireFloat(weight, name, "weight")
    guard weight.rank == 4, weight.shape[2] >= 1, weight.shape[3] >= 1 else {
      throw CallerError("\(name): weight: expected shape \(signature), got \(weight.shape.text)")
    }
    for size in weight.shape where size > largest { throw CallerError("\(name): weight: sizes of at most \(largest) expected, got \(weight.shape.text)") }
  }

  // The bias in the type of the result.
  private static func bias(_ call: OpContext, _ outputs: Int, _ dtype: DType) throws -> Tensor? {
    guard let bias = call.optionalTensor(2) else { return nil }
    try requireFloat(bias, call.name, "bias")
    guard bias.shape == [outputs] else { throw CallerError("\(call.name): bias: expected shape [\(outputs)], got \(bias.shape.text)") }
    return try bias.converted(to: dtype)
  }

  private static func convolutionShape(_ call: OpContext, x: Dimensions, weight: Dimensions) throws -> ConvolutionShape {
    let o = try options(call, dilation: 5, groups: 6), name = call.name
    let channels = weight[1].multipliedReportingOverflow(by: o.groups)
    guard !channels.overflow, x[1] == channels.partialValue else {
      let groups = o.groups == 1 ? "" : " in \(o.groups) groups"
      throw CallerError("\(name): x: expected \(channels.partialValue) channels for a weight of shape \(weight.text)\(groups), got shape \(x.text)")
    }
    guard weight[0] % o.groups == 0 else { throw CallerError("\(name): weight: \(weight[0]) outputs cannot be divided among \(o.groups) groups") }
    let size = Pair(x[2], x[3]), kernel = Pair(weight[2], weight[3])
    let reach = Pair((kernel.y - 1) * o.dilation.y + 1, (kernel.x - 1) * o.dilation.x + 1)
    if o.padding == nil, call.optionalText(4) == "same" {
      guard o.stride == Pair(1, 1) else { throw CallerError("\(name): padding: \"same\" needs a stride of 1, got \(text(o.stride))") }
      // Of an odd number of zeros the extra one comes last, as in PyTorch.
      return ConvolutionShape(
        images: x[0], inputs: x[1], outputs: weight[0], groups: o.groups, size: size, kernel: kernel, padding: Pair((reach.y - 1) / 2, (reach.x - 1) / 2),
        dilation: o.dilation, result: size)
    }
    let padding = o.padding ?? Pair(0, 0)
    let room = Pair(size.y + 2 * padding.y - reach.y, size.x + 2 * padding.x - reach.x)
    guard room.y >= 0, room.x >= 0 else {
      throw CallerError(
        "\(name): x: images of \(size.y) x \(size.x) with padding \(text(padding)) are smaller than the kernel's reach of \(reach.y) x \(reach.x)")
    }
    return ConvolutionShape(
      images: x[0], inputs: x[1], outputs: weight[0], groups: o.groups, size: size, kernel: kernel, stride: o.stride, padding: padding,
      dilation: o.dilation, result: Pair(room.y / o.stride.y + 1, room.x / o.stride.x + 1))
  }

  private static let strideArgument = ArgumentSpec("stride", .pair(default: 1), "step of the kernel, one integer or {vertical, horizontal}")
  private static let dilationArgument = ArgumentSpec("dilation", .pair(default: 1), "distance between the kernel's taps")
  private static let groupsArgument = ArgumentSpec("groups", .integer(default: 1), "channels are split into so many independent groups")

  private static let conv2d = OpSpec(
    "conv2d",
    "Two-dimensional cross-correlation: out[n, o, y, x] = bias[o] + Σ weight[o, c, i, j] · x[n, c, y·stride + i·dilation − padding, the same in x], zeros outside the image.",
    example: "nn.functional.conv2d(tensor.ones(1, 1, 3, 3), tensor.ones(1, 1, 2, 2), nil, {padding = \"same\"}):squeeze() --> [[4., 4., 2.], [4., 4., 2.], [2., 2., 1.]]",
    signature: "x [N?, C, H, W], weight [O, I, KH, KW], bias [O] or nil -> [N?, O, OH, OW]",
    arguments: [
      .tensor("x"), .tensor("weight", "I = C/groups"), .init("bias", .optionalTensor), strideArgument,
      .init("padding", .pair(default: 0, words: ["same", "valid"]), "zeros around the image on each side; \"same\" keeps the image's size, \"valid\" is 0"),
      dilationArgument, groupsArgument,
    ], placement: .functional,
    forward: { call in
      let given = try call.tensor(0)
      let x = try images(given, "conv2d"), weight = try call.tensor(1)
      try requireWeight(weight, "[O, C/groups, KH, KW]", "conv2d")
      let shape = try convolutionShape(call, x: x.shape, weight: weight.shape)
      let dtype = DType.promoted(x.dtype, weight.dtype)
      let input = try x.converted(to: dtype), kernel = try weight.converted(to: dtype)
      call.save(input, kernel)
      return Outputs(batched(try Convolution.forward(input, weight: kernel, bias: bias(call, weight.shape[0], dtype), shape, name: "conv2d"), as: given.shape))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      let x = call.saved[0], weight = call.saved[1]
      let shape = try convolutionShape(call, x: x.shape, weight: weight.shape)
      let result = try Convolution.gradients(
        g.reshaped(shape.outputShape), x: call.needs[1] ? x : nil, weight: call.needs[0] ? weight : nil, bias: call.needs[2], shape, name: "conv2d")
      return [try result.input?.reshaped(call.shapes[0]), result.weight, result.bias]
    },
    samples: [
      Sample(.uniform([2, 3, 6, 7]), .uniform([4, 3, 3, 2]), .uniform([4])), Sample(.uniform([2, 5, 6]), .uniform([3, 2, 5, 5]), .absent, .absent, .sizes([2, 2])),
      Sample(.uniform([1, 2, 7, 6]), .uniform([2, 2, 3, 3]), .uniform([2]), .sizes([2, 1]), .sizes([1, 2]), .sizes([1, 2])),
      Sample(.uniform([2, 4, 5, 5]), .uniform([6, 2, 2, 3]), .uniform([6]), .sizes([1, 1]), .sizes([0, 1]), .sizes([2, 1]), .integer(2)),
      Sample(.uniform([2, 3, 5, 4]), .uniform([3, 1, 4, 2]), .absent, .sizes([1, 1]), .text("same"), .absent, .integer(3)),
      Sample(.transposed([1, 2, 4, 5]), .strided([2, 2, 1, 1]), .strided([2]), .sizes([3, 2]), .text("valid")),
      Sample(.expanded([3, 1, 4, 4]), .transposed([7, 1, 3, 3]), .uniform([7]), .absent, .sizes([1, 1])),
      Sample(.uniform([1, 6, 4, 18]), .uniform([6, 6, 3, 5]), .uniform([6]), .absent, .text("same")),
      Sample(.uniform([1, 1, 2, 2]), .uniform([1, 1, 2, 2]), .absent, .absent, .sizes([3, 3])),
      Sample(.uniform([0, 2, 4, 4]), .uniform([3, 2, 2, 2]), .uniform([3])),
    ],
    failures: [
      Failure(.uniform([4, 4]), .uniform([2, 1, 3, 3]), .absent, says: "conv2d: x: expected shape [N, C, H, W] or [C, H, W], got [4, 4]"),
      Failure(.integers([1, 1, 3, 3], 0...3), .uniform([2, 1, 3, 3]), .absent, says: "conv2d: x: expected a floating-point tensor, got int64; convert it with :to(\"float32\")"),
      Failure(.uniform([1, 1, 4, 4]), .uniform([2, 3, 3]), .absent, says: "conv2d: weight: expected shape [O, C/groups, KH, KW], got [2, 3, 3]"),
      Failure(.uniform([1, 3, 4, 4]), .uniform([2, 1, 3, 3]), .absent, says: "conv2d: x: expected 1 channels for a weight of shape [2, 1, 3, 3], got shape [1, 3, 4, 4]"),
      Failure(.uniform([1, 3, 4, 4]), .uniform([4, 1, 3, 3]), .absent, .absent, .absent, .absent, .integer(3), says: "conv2d: weight: 4 outputs cannot be divided among 3 groups"),
      Failure(.uniform([1, 1, 4, 4]), .uniform([2, 1, 3, 3]), .uniform([3]), says: "conv2d: bias: expected shape [2], got [3]"),
      Failure(
        .uniform([1, 1, 4, 3]), .uniform([2, 1, 3, 5]), .absent, .absent, .sizes([1, 0]),
        says: "conv2d: x: images of 4 x 3 with padding {1, 0} are smaller than the kernel's reach of 3 x 5"),
      Failure(.uniform([1, 1, 4, 4]), .uniform([2, 1, 3, 3]), .absent, .sizes([0, 1]), says: "conv2d: stride: expected integers in 1...2147483647, got {0, 1}"),
      Failure(.uniform([1, 1, 4, 4]), .uniform([2, 1, 3, 3]), .absent, .absent, .sizes([-1, -1]), says: "conv2d: padding: expected integers in 0...2147483647, got -1"),
      Failure(.uniform([1, 1, 4, 4]), .uniform([2, 1, 3, 3]), .absent, .sizes([2, 2]), .text("same"), says: "conv2d: padding: \"same\" needs a stride of 1, got 2"),
      Failure(.uniform([1, 1, 4, 4]), .uniform([2, 1, 3, 3]), .absent, .absent, .absent, .absent, .integer(0), says: "conv2d: groups: expected an integer in 1...2147483647, got 0"),
    ])

  // The convolution whose gradient by its input this is: it leads from the result's pixels back to those of x.
  private static func transposedShape(_ call: OpContext, x: Dimensions, weight: Dimensions) throws -> ConvolutionShape {
    let o = try options(call, dilation: 7, groups: 6), name = call.name
    guard x[1] == weight[0] else { throw CallerError("\(name): x: expected \(weight[0]) channels for a weight of shape \(weight.text), got shape \(x.text)") }
    guard x[1] % o.groups == 0 else { throw CallerError("\(name): x: \(x[1]) channels cannot be divided among \(o.groups) groups") }
    let extra = try call.pair(5), padding = o.padding ?? Pair(0, 0)
    guard (0..<max(o.stride.y, o.dilation.y)).contains(extra.y), (0..<max(o.stride.x, o.dilation.x)).contains(extra.x) else {
      throw CallerError("\(name): output_padding: expected integers from 0 to below the stride or the dilation, got \(text(extra))")
    }
    func length(_ size: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int, _ extra: Int) -> Int {
      size == 0 ? 0 : (size - 1) * stride - 2 * padding + (kernel - 1) * dilation + extra + 1
    }
    let result = Pair(
      length(x[2], weight[2], o.stride.y, padding.y, o.dilation.y, extra.y), length(x[3], weight[3], o.stride.x, padding.x, o.dilation.x, extra.x))
    let outputs = weight[1].multipliedReportingOverflow(by: o.groups)
    guard !outputs.overflow, result.y >= 1, result.x >= 1, result.y <= largest, result.x <= largest else {
      throw CallerError("\(name): x: images of \(x[2]) x \(x[3]) with padding \(text(padding)) give a result of \(result.y) x \(result.x)")
    }
    return ConvolutionShape(
      images: x[0], inputs: outputs.partialValue, outputs: x[1], groups: o.groups, size: result, kernel: Pair(weight[2], weight[3]), stride: o.stride,
      padding: padding, dilation: o.dilation, result: Pair(x[2], x[3]))
  }

  private static let convTranspose2d = OpSpec(
    "conv_transpose2d",
    "Transposed convolution: each pixel x[n, c, y, x] adds weight[c, o, i, j] · x to out[n, o, y·stride + i·dilation − padding, the same in x]; then the bias.",
    example: "nn.functional.conv_transpose2d(tensor{{{1, 2}}}, tensor.ones(1, 1, 1, 2), nil, {stride = 2}):flatten() --> [1., 1., 2., 2.]",
    signature: "x [N?, C, H, W], weight [C, O, KH, KW], bias [B] or nil -> [N?, B, OH, OW]",
    arguments: [
      .tensor("x"), .tensor("weight", "O per group"), .init("bias", .optionalTensor), strideArgument,
      .init("padding", .pair(default: 0), "rows and columns cut off the result on each side"),
      .init("output_padding", .pair(default: 0), "rows and columns added to the result's end"), groupsArgument, dilationArgument,
    ], placement: .functional,
    forward: { call in
      let given = try call.tensor(0)
      let x = try images(given, "conv_transpose2d"), weight = try call.tensor(1)
      try requireWeight(weight, "[C, O/groups, KH, KW]", "conv_transpose2d")
      let shape = try transposedShape(call, x: x.shape, weight: weight.shape)
      let dtype = DType.promoted(x.dtype, weight.dtype)
      let input = try x.converted(to: dtype), kernel = try weight.converted(to: dtype), bias = try bias(call, shape.inputs, dtype)
      call.save(input, kernel)
      let result = try Convolution.gradients(input, x: nil, weight: kernel, shape, name: "conv_transpose2d")
      guard let sums = result.input else { return Outputs(input) }
      return Outputs(batched(try bias.map { try sums.adding($0.reshaped([shape.inputs, 1, 1])) } ?? sums, as: given.shape))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      let x = call.saved[0], weight = call.saved[1]
      let shape = try transposedShape(call, x: x.shape, weight: weight.shape)
      let towards = try g.reshaped(shape.inputShape)
      return [
        call.needs[0] ? try Convolution.forward(towards, weight: weight, shape, name: "conv_transpose2d").reshaped(call.shapes[0]) : nil,
        call.needs[1] ? try Convolution.gradients(x, x: towards, weight: nil, shape, name: "conv_transpose2d").weight : nil,
        call.needs[2] ? try Convolution.channelSums(towards) : nil,
      ]
    },
    samples: [
      Sample(.uniform([2, 3, 4, 5]), .uniform([3, 4, 3, 2]), .uniform([4])), Sample(.uniform([2, 4, 5]), .uniform([2, 3, 5, 5]), .uniform([3]), .absent, .sizes([2, 2])),
      Sample(.uniform([1, 2, 3, 4]), .uniform([2, 2, 3, 3]), .uniform([2]), .sizes([2, 3]), .sizes([1, 0]), .sizes([1, 2])),
      Sample(.uniform([2, 4, 3, 3]), .uniform([4, 3, 2, 3]), .uniform([6]), .sizes([1, 2]), .sizes([0, 1]), .sizes([1, 0]), .integer(2), .sizes([2, 1])),
      Sample(.transposed([1, 2, 4, 3]), .strided([2, 2, 1, 1]), .strided([2]), .sizes([2, 2])),
      Sample(.expanded([3, 1, 3, 3]), .transposed([1, 7, 3, 3]), .uniform([7]), .absent, .sizes([1, 1])),
      Sample(.uniform([1, 6, 4, 18]), .uniform([6, 6, 3, 5]), .uniform([6]), .absent, .sizes([1, 2])),
      Sample(.uniform([0, 2, 4, 4]), .uniform([2, 3, 2, 2]), .uniform([3])),
    ],
    failures: [
      Failure(.uniform([4, 4]), .uniform([2, 1, 3, 3]), .absent, says: "conv_transpose2d: x: expected shape [N, C, H, W] or [C, H, W], got [4, 4]"),
      Failure(.uniform([1, 1, 4, 4]), .uniform([2, 3, 3]), .absent, says: "conv_transpose2d: weight: expected shape [C, O/groups, KH, KW], got [2, 3, 3]"),
      Failure(.uniform([1, 3, 4, 4]), .uniform([2, 1, 3, 3]), .absent, says: "conv_transpose2d: x: expected 2 channels for a weight of shape [2, 1, 3, 3], got shape [1, 3, 4, 4]"),
      Failure(
        .uniform([1, 3, 4, 4]), .uniform([3, 1, 3, 3]), .absent, .absent, .absent, .absent, .integer(2),
        says: "conv_transpose2d: x: 3 channels cannot be divided among 2 groups"),
      Failure(.uniform([1, 1, 4, 4]), .uniform([1, 2, 3, 3]), .uniform([3]), says: "conv_transpose2d: bias: expected shape [2], got [3]"),
      Failure(
        .uniform([1, 1, 4, 4]), .uniform([1, 2, 3, 3]), .absent, .sizes([2, 2]), .absent, .sizes([2, 0]),
        says: "conv_transpose2d: output_padding: expected integers from 0 to below the stride or the dilation, got {2, 0}"),
      Failure(
        .uniform([1, 1, 1, 1]), .uniform([1, 2, 3, 3]), .absent, .absent, .sizes([2, 2]),
        says: "conv_transpose2d: x: images of 1 x 1 with padding 2 give a result of -1 x -1"),
    ])
}
