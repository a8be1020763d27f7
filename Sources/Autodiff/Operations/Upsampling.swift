import TensorCore

extension OpSpec {
  static let upsampling: [OpSpec] = [upsample]

  // More than any image has, and few enough that what each row and column is made of fits into memory.
  private static let largestSide = 1 << 20

  private static func sides(_ call: OpContext, _ x: Dimensions) throws -> Pair {
    let size = Pair(x[x.count - 2], x[x.count - 1])
    let result: Pair
    switch (call.optionalPair(1), call.optionalFactors(2)) {
    case (let given?, nil): result = given
    case (nil, let factors?):
      func scaled(_ length: Int, _ factor: Double) -> Int { Int(exactly: (Double(length) * factor).rounded(.down)) ?? -1 }
      guard factors.y > 0, factors.x > 0 else { throw CallerError("upsample: scale_factor: expected numbers above 0, got \(factors.y) and \(factors.x)") }
      result = Pair(scaled(size.y, factors.y), scaled(size.x, factors.x))
    case (nil, nil): throw CallerError("upsample: expected size or scale_factor, got neither")
    default: throw CallerError("upsample: expected size or scale_factor, got both")
    }
    guard (1...largestSide).contains(result.y), (1...largestSide).contains(result.x) else {
      throw CallerError("upsample: expected a result of 1 to \(largestSide) rows and columns, got \(result.y) x \(result.x)")
    }
    return result
  }

  private static func upsampling(_ call: OpContext, _ x: Dimensions) throws -> Upsampling {
    let result = try sides(call, x), size = Pair(x[x.count - 2], x[x.count - 1])
    let steps = call.optionalFactors(2).map { (y: 1 / $0.y, x: 1 / $0.x) }
    let isNearest = try call.text(3) == "nearest", aligns = call.flag(4)
    guard !(isNearest && aligns) else { throw CallerError("upsample: align_corners: only mode \"bilinear\" has corners to align") }
    return isNearest
      ? Upsampling.nearest(size, to: result, steps: steps) : Upsampling.bilinear(size, to: result, steps: steps, alignCorners: aligns)
  }

  private static let upsample = OpSpec(
    "upsample", "Images resized to `size` or by `scale_factor`: each pixel a copy of the nearest one, or the bilinear mixture of its four neighbours.",
    example: "nn.functional.upsample(tensor{{{1, 2}}}, {scale_factor = 2}):squeeze() --> [[1., 1., 2., 2.], [1., 1., 2., 2.]]",
    signature: "x [N?, C, H, W] -> [N?, C, OH, OW]",
    arguments: [
      .tensor("x"), .init("size", .optionalPair, "of the result, one integer or {vertical, horizontal}"),
      .init("scale_factor", .optionalFactors, "⌊factor · size⌋ rows and columns"), .init("mode", .text(choices: ["nearest", "bilinear"], default: "nearest")),
      .init("align_corners", .flag(default: false), "whether the centres of the corner pixels stay, or the outer edges; bilinear only"),
    ], placement: .functional,
    forward: { call in
      let x = try call.tensor(0)
      let batch = try images(x, "upsample")
      guard batch.shape[2] >= 1, batch.shape[3] >= 1 else { throw CallerError("upsample: x: expected images of at least 1 x 1, got shape \(x.shape.text)") }
      var shape = x.shape
      let sides = try sides(call, x.shape)
      shape[x.rank - 2] = sides.y
      shape[x.rank - 1] = sides.x
      return Outputs(try upsampling(call, x.shape).apply(batch, planes: batch.shape[0] * batch.shape[1]).reshaped(shape))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      let shape = call.shapes[0], planes = shape.count == 4 ? shape[0] * shape[1] : shape[0]
      return [try upsampling(call, shape).gradient(g, planes: planes).reshaped(shape)]
    },
    samples: [
      Sample(.uniform([2, 3, 4, 5]), .absent, .factors([2, 2])), Sample(.uniform([2, 3, 5]), .sizes([7, 4])), Sample(.uniform([1, 2, 4, 5]), .absent, .factors([1.5, 0.7])),
      Sample(.uniform([1, 2, 4, 5]), .sizes([7, 9]), .absent, .text("bilinear")), Sample(.uniform([1, 2, 4, 5]), .sizes([9, 3]), .absent, .text("bilinear"), .flag(true)),
      Sample(.uniform([2, 4, 5]), .absent, .factors([2, 2]), .text("bilinear")), Sample(.uniform([1, 1, 4, 5]), .absent, .factors([1.7, 2.3]), .text("bilinear")),
      Sample(.transposed([1, 2, 3, 4]), .sizes([6, 8])), Sample(.strided([2, 3, 4]), .sizes([1, 1]), .absent, .text("bilinear"), .flag(true)),
      Sample(.uniform([2, 3, 20]), .absent, .factors([2, 2])), Sample(.expanded([3, 4, 5]), .absent, .factors([2, 2])),
      Sample(.uniform([0, 2, 4, 4]), .sizes([2, 2])),
    ],
    failures: [
      Failure(.uniform([4, 4]), .sizes([2, 2]), says: "upsample: x: expected shape [N, C, H, W] or [C, H, W], got [4, 4]"),
      Failure(.uniform([1, 4, 4]), says: "upsample: expected size or scale_factor, got neither"),
      Failure(.uniform([1, 4, 4]), .sizes([2, 2]), .factors([2, 2]), says: "upsample: expected size or scale_factor, got both"),
      Failure(.uniform([1, 4, 4]), .absent, .factors([0, 2]), says: "upsample: scale_factor: expected numbers above 0, got 0.0 and 2.0"),
      Failure(.uniform([1, 4, 4]), .sizes([0, 2]), says: "upsample: expected a result of 1 to 1048576 rows and columns, got 0 x 2"),
      Failure(.uniform([1, 4, 4]), .sizes([2, 2]), .absent, .absent, .flag(true), says: "upsample: align_corners: only mode \"bilinear\" has corners to align"),
      Failure(.uniform([1, 4, 0]), .sizes([2, 2]), says: "upsample: x: expected images of at least 1 x 1, got shape [1, 4, 0]"),
    ])
}
