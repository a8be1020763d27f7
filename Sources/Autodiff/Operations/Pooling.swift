import TensorCore

extension OpSpec {
  static let pooling: [OpSpec] = [avgPool2d, maxPool2d]

  // Planes one after the other, [N C, H, W].
  private static func planes(_ x: Tensor, _ name: String) throws -> (x: Tensor, count: Int) {
    let batch = try images(x, name)
    guard batch.shape[2] >= 1, batch.shape[3] >= 1 else { throw CallerError("\(name): x: expected images of at least 1 x 1, got shape \(x.shape.text)") }
    return (batch, batch.shape[0] * batch.shape[1])
  }

  // The shape of x with other heights and widths.
  private static func resized(_ x: Dimensions, _ size: Pair) -> Dimensions {
    var shape = x
    shape[x.count - 2] = size.y
    shape[x.count - 1] = size.x
    return shape
  }

  private static func poolingShape(_ call: OpContext, _ x: Dimensions, dilation: Int?, ceil: Int) throws -> PoolingShape {
    let name = call.name, kernel = try call.pair(1), stride = call.optionalPair(2) ?? kernel, padding = try call.pair(3)
    let dilation = try dilation.map { try call.pair($0) } ?? Pair(1, 1)
    try require(kernel, atLeast: 1, name, "kernel_size")
    try require(stride, atLeast: 1, name, "stride")
    try require(padding, atLeast: 0, name, "padding")
    try require(dilation, atLeast: 1, name, "dilation")
    guard padding.y <= kernel.y / 2, padding.x <= kernel.x / 2 else {
      throw CallerError("\(name): padding: expected at most half of the kernel_size \(text(kernel)), got \(text(padding))")
    }
    let size = Pair(x[x.count - 2], x[x.count - 1])
    func windows(_ size: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int) -> Int {
      let room = size + 2 * padding - (kernel - 1) * dilation - 1
      guard room >= 0 || call.flag(ceil) && room + stride - 1 >= 0 else { return 0 }
      guard call.flag(ceil) else { return room / stride + 1 }
      let count = (room + stride - 1) / stride + 1
      // The last window must start inside the image or the padding before it.
      return (count - 1) * stride >= size + padding ? count - 1 : count
    }
    let result = Pair(windows(size.y, kernel.y, stride.y, padding.y, dilation.y), windows(size.x, kernel.x, stride.x, padding.x, dilation.x))
    guard result.y >= 1, result.x >= 1 else {
      throw CallerError("\(name): x: images of \(size.y) x \(size.x) with padding \(text(padding)) are smaller than the kernel_size \(text(kernel))")
    }
    let planes = x.count == 4 ? x[0] * x[1] : x[0]
    return PoolingShape(planes: planes, size: size, kernel: kernel, stride: stride, padding: padding, dilation: dilation, result: result)
  }

  private static let kernelArgument = ArgumentSpec("kernel_size", .pair(default: nil), "of the window, one integer or {vertical, horizontal}")
  private static let strideArgument = ArgumentSpec("stride", .optionalPair, "step of the window; the kernel_size where left out")
  private static let paddingArgument = ArgumentSpec("padding", .pair(default: 0), "around the image, at most half of the window")
  private static let ceilArgument = ArgumentSpec("ceil_mode", .flag(default: false), "whether windows may reach over the end")

  private static func divisor(_ call: OpContext) throws -> PoolingDivisor {
    let number = try call.integer(6)
    return number != 0 ? .fixed(number) : call.flag(5) ? .window : .image
  }

  private static let avgPool2d = OpSpec(
    "avg_pool2d", "Average over each window of an image: Σ x/(KH · KW).", example: "nn.functional.avg_pool2d(tensor{{{1, 2}, {3, 6}}}, 2):item() --> 3.0",
    signature: "x [N?, C, H, W] -> [N?, C, OH, OW]",
    arguments: [
      .tensor("x"), kernelArgument, strideArgument, paddingArgument, ceilArgument,
      .init("count_include_pad", .flag(default: true), "whether zeros of the padding count as elements"),
      .init("divisor_override", .integer(default: 0), "divides the sums instead of the number of elements, unless 0"),
    ], placement: .functional,
    forward: { call in
      let x = try call.tensor(0)
      let (batch, _) = try planes(x, "avg_pool2d")
      let shape = try poolingShape(call, x.shape, dilation: nil, ceil: 4)
      return Outputs(try batch.averagePooled(shape, divisor(call)).reshaped(resized(x.shape, shape.result)))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      let shape = try poolingShape(call, call.shapes[0], dilation: nil, ceil: 4)
      return [try g.averagePoolingGradient(shape, divisor(call)).reshaped(call.shapes[0])]
    },
    samples: [
      Sample(.uniform([2, 3, 4, 6]), .sizes([2, 2])), Sample(.uniform([3, 5, 5]), .sizes([3, 2])), Sample(.uniform([1, 2, 7, 6]), .sizes([3, 3]), .sizes([2, 1]), .sizes([1, 1])),
      Sample(.uniform([1, 2, 7, 6]), .sizes([3, 2]), .sizes([2, 2]), .sizes([1, 1]), .flag(true), .flag(false)),
      Sample(.uniform([1, 2, 7, 6]), .sizes([3, 2]), .sizes([3, 3]), .sizes([1, 1]), .flag(true), .flag(true)),
      Sample(.uniform([1, 1, 5, 5]), .sizes([2, 2]), .absent, .absent, .absent, .absent, .integer(-3)),
      Sample(.transposed([1, 2, 4, 4]), .sizes([4, 1]), .sizes([1, 1])), Sample(.strided([2, 4, 4]), .sizes([2, 2])), Sample(.expanded([3, 4, 4]), .sizes([2, 2])),
      Sample(.uniform([2, 2, 4, 36]), .sizes([2, 2])),
      Sample(.uniform([0, 2, 4, 4]), .sizes([2, 2])),
    ],
    failures: [
      Failure(.uniform([4, 4]), .sizes([2, 2]), says: "avg_pool2d: x: expected shape [N, C, H, W] or [C, H, W], got [4, 4]"),
      Failure(.uniform([1, 4, 4]), .sizes([0, 2]), says: "avg_pool2d: kernel_size: expected integers in 1...2147483647, got {0, 2}"),
      Failure(.uniform([1, 4, 4]), .sizes([2, 2]), .absent, .sizes([2, 2]), says: "avg_pool2d: padding: expected at most half of the kernel_size 2, got 2"),
      Failure(.uniform([1, 4, 4]), .sizes([5, 5]), says: "avg_pool2d: x: images of 4 x 4 with padding 0 are smaller than the kernel_size 5"),
      Failure(.uniform([1, 0, 4]), .sizes([2, 2]), says: "avg_pool2d: x: expected images of at least 1 x 1, got shape [1, 0, 4]"),
    ])

  private static let maxPool2d = OpSpec(
    "max_pool2d", "The largest element of each window of an image; its gradient goes to the first of equals, a NaN wins.",
    example: "nn.functional.max_pool2d(tensor{{{1, 2, 5}, {3, 6, 4}}}, 2, {stride = 1}):flatten() --> [6., 6.]",
    signature: "x [N?, C, H, W] -> [N?, C, OH, OW]",
    arguments: [
      .tensor("x"), kernelArgument, strideArgument, paddingArgument, .init("dilation", .pair(default: 1), "distance between a window's elements"), ceilArgument,
    ], placement: .functional,
    forward: { call in
      let x = try call.tensor(0)
      let (batch, _) = try planes(x, "max_pool2d")
      let shape = try poolingShape(call, x.shape, dilation: 4, ceil: 5)
      let result = try batch.maximumPooled(shape)
      call.save(result.places)
      return Outputs(try result.values.reshaped(resized(x.shape, shape.result)))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      let shape = try poolingShape(call, call.shapes[0], dilation: 4, ceil: 5)
      return [try g.maximumPoolingGradient(shape, places: call.saved[0]).reshaped(call.shapes[0])]
    },
    samples: [
      Sample(.uniform([2, 3, 4, 6]), .sizes([2, 2])), Sample(.uniform([3, 5, 5]), .sizes([3, 2])), Sample(.uniform([1, 2, 7, 6]), .sizes([3, 3]), .sizes([2, 1]), .sizes([1, 1])),
      Sample(.uniform([1, 2, 7, 6]), .sizes([3, 2]), .sizes([2, 2]), .sizes([1, 1]), .absent, .flag(true)),
      Sample(.uniform([1, 2, 7, 8]), .sizes([2, 3]), .sizes([1, 2]), .sizes([1, 0]), .sizes([3, 2])), Sample(.transposed([1, 2, 4, 4]), .sizes([4, 1]), .sizes([1, 1])),
      Sample(.strided([2, 4, 4]), .sizes([2, 2])), Sample(.expanded([3, 4, 4]), .sizes([2, 2])),
      Sample(.values([1, .nan, 2, 3, 4, 4, 4, 0], [1, 2, 4]), .sizes([1, 2])), Sample(.uniform([0, 2, 4, 4]), .sizes([2, 2])),
    ],
    failures: [
      Failure(.uniform([4, 4]), .sizes([2, 2]), says: "max_pool2d: x: expected shape [N, C, H, W] or [C, H, W], got [4, 4]"),
      Failure(.uniform([1, 4, 4]), .sizes([2, 2]), .sizes([0, 0]), says: "max_pool2d: stride: expected integers in 1...2147483647, got 0"),
      Failure(.uniform([1, 4, 4]), .sizes([3, 3]), .absent, .sizes([2, 0]), says: "max_pool2d: padding: expected at most half of the kernel_size 3, got {2, 0}"),
      Failure(.uniform([1, 4, 4]), .sizes([2, 2]), .absent, .absent, .sizes([0, 1]), says: "max_pool2d: dilation: expected integers in 1...2147483647, got {0, 1}"),
      Failure(.uniform([1, 4, 4]), .sizes([4, 5]), says: "max_pool2d: x: images of 4 x 4 with padding 0 are smaller than the kernel_size {4, 5}"),
    ])
}
