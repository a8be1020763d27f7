import CVectorMath
import TensorCore
import Testing

extension TensorCoreTests {
  /// The loops of float32 against the products of float64, at sizes that meet every tile and edge of them.
  @Suite struct Convolutions {
    typealias Pair = ConvolutionShape.Pair

    private func uniform(_ shape: Dimensions) throws -> Tensor {
      let tensor = try Tensor(uninitialized: shape, .float64)
      try RandomStream.script.fillUniform(tensor)
      return try tensor.subtracting(Tensor(scalar: 0.5, .float64)).converted(to: .float32)
    }

    private func expectNear(_ got: Tensor?, _ expected: Tensor?, _ what: String) throws {
      let a = try #require(got).array(of: Double.self), b = try #require(expected).array(of: Double.self)
      #expect(got?.shape == expected?.shape, "\(what)")
      let scale = max(b.map(abs).max() ?? 0, 1e-3)
      let worst = zip(a, b).map { abs($0 - $1) }.max() ?? 0
      #expect(worst <= 3e-6 * scale, "\(what): off by \(worst) of \(scale)")
    }

    private func check(_ shape: ConvolutionShape) throws {
      let x = try uniform(shape.inputShape), weight = try uniform(shape.weightShape), bias = try uniform([shape.outputs]), g = try uniform(shape.outputShape)
      func wide(_ t: Tensor) throws -> Tensor { try t.converted(to: .float64) }
      let expected = try Convolution.gradients(wide(g), x: wide(x), weight: wide(weight), bias: true, shape, name: "conv2d")
      try expectNear(
        Convolution.forward(x, weight: weight, bias: bias, shape, name: "conv2d"),
        Convolution.forward(wide(x), weight: wide(weight), bias: wide(bias), shape, name: "conv2d"), "forward of \(shape)")
      let got = try Convolution.gradients(g, x: x, weight: weight, bias: true, shape, name: "conv2d")
      try expectNear(got.input, expected.input, "input gradient of \(shape)")
      try expectNear(got.weight, expected.weight, "weight gradient of \(shape)")
      try expectNear(got.bias, expected.bias, "bias gradient of \(shape)")
      // One at a time.
      try expectNear(Convolution.gradients(g, x: nil, weight: weight, shape, name: "conv2d").input, expected.input, "input gradient alone")
      try expectNear(Convolution.gradients(g, x: x, weight: nil, shape, name: "conv2d").weight, expected.weight, "weight gradient alone")
    }

    // Every number of channels around the tiles' five, on images narrower and wider than a vector.
    @Test(arguments: 1...11) func channels(outputs: Int) throws {
      RandomStream.seed(UInt64(outputs))
      for inputs in [1, 2, 5, 6, 10] {
        for side in [3, 16, 21] {
          try check(
            ConvolutionShape(
              images: 3, inputs: inputs, outputs: outputs, size: Pair(7, side), kernel: Pair(3, 3), padding: Pair(1, 1), result: Pair(7, side)))
        }
      }
    }

    @Test func kernelsAndPaddings() throws {
      RandomStream.seed(12)
      for kernel in [Pair(1, 1), Pair(1, 5), Pair(5, 1), Pair(2, 4), Pair(5, 5), Pair(7, 6), Pair(3, 11)] {
        for padding in [Pair(0, 0), Pair((kernel.y - 1) / 2, (kernel.x - 1) / 2), Pair(kernel.y - 1, kernel.x - 1), Pair(kernel.y, kernel.x)] {
          let size = Pair(12, 18)
          let result = Pair(size.y + 2 * padding.y - kernel.y + 1, size.x + 2 * padding.x - kernel.x + 1)
          try check(ConvolutionShape(images: 2, inputs: 3, outputs: 6, size: size, kernel: kernel, padding: padding, result: result))
          // One more row and column of zeros at the end than at the start.
          if padding.y < kernel.y - 1, padding.x < kernel.x - 1 {
            try check(ConvolutionShape(images: 2, inputs: 3, outputs: 2, size: size, kernel: kernel, padding: padding, result: Pair(result.y + 1, result.x + 1)))
          }
        }
      }
    }

    @Test func groupsStridesAndDilations() throws {
      RandomStream.seed(13)
      try check(ConvolutionShape(images: 4, inputs: 6, outputs: 9, groups: 3, size: Pair(9, 20), kernel: Pair(3, 3), padding: Pair(1, 1), result: Pair(9, 20)))
      try check(ConvolutionShape(images: 2, inputs: 6, outputs: 6, groups: 6, size: Pair(9, 20), kernel: Pair(3, 5), result: Pair(7, 16)))
      try check(
        ConvolutionShape(images: 5, inputs: 4, outputs: 6, groups: 2, size: Pair(11, 14), kernel: Pair(3, 3), stride: Pair(2, 3), padding: Pair(1, 2), result: Pair(6, 6)))
      try check(ConvolutionShape(images: 2, inputs: 2, outputs: 3, size: Pair(11, 14), kernel: Pair(3, 2), dilation: Pair(2, 4), result: Pair(7, 10)))
    }

    // The sizes of arXiv:2104.08291, and a batch of several blocks of images.
    @Test(arguments: [(1, 10, 40), (10, 10, 40), (10, 1, 40), (10, 5, 20), (5, 10, 20)]) func jetImages(inputs: Int, outputs: Int, side: Int) throws {
      RandomStream.seed(14)
      try check(
        ConvolutionShape(
          images: 19, inputs: inputs, outputs: outputs, size: Pair(side, side), kernel: Pair(5, 5), padding: Pair(2, 2), result: Pair(side, side)))
    }

    // A gradient of a weight with too many sums for the loops.
    @Test func manyChannels() throws {
      RandomStream.seed(15)
      try check(ConvolutionShape(images: 2, inputs: 48, outputs: 50, size: Pair(6, 6), kernel: Pair(3, 3), padding: Pair(1, 1), result: Pair(6, 6)))
    }

    // The loops of every instruction set that this processor has.
    @Test(arguments: ["baseline", "x86-64-v3", "x86-64-v4"]) func instructionSets(name: String) throws {
      guard let kernels = jvm_kernels_named(name)?.pointee else { return }
      RandomStream.seed(16)
      let (inputs, outputs, rows, columns, height, width) = (3, 7, 6, 19, 3, 5)
      var layout = jvm_convolution(kernel_height: height, kernel_width: width, stride: columns + 2, plane: 0)
      layout.plane = (rows + height - 1) * layout.stride + 48
      let x = try uniform([inputs, rows, columns]), g = try uniform([outputs, rows, columns]), weight = try uniform([outputs, inputs, height, width])
      let planes = try Tensor(filling: [inputs, layout.plane], with: 0), towards = try Tensor(filling: [outputs, layout.plane], with: 0)
      let flat = try Tensor(filling: [outputs, layout.plane], with: 0), packed = try Tensor(filling: [weight.count], with: 0)
      let out = try Tensor(filling: [1, outputs, rows, columns], with: 0), totals = try Tensor(filling: [outputs], with: 0)
      let sums = try Tensor(filling: [weight.count * 16], with: 0), folded = try Tensor(filling: weight.shape, with: 0)
      func p(_ t: Tensor) -> UnsafeMutablePointer<Float> { t.pointer(as: Float.self) }
      kernels.convolution_pad(&layout, p(x), inputs, rows, columns, 1, 2, p(planes), nil)
      kernels.convolution_pad(&layout, p(g), outputs, rows, columns, 1, 2, p(towards), p(totals))
      kernels.convolution_pack(&layout, p(weight), outputs, inputs, false, p(packed))
      kernels.convolve(&layout, p(planes), inputs, p(packed), nil, outputs, rows, columns, p(flat), p(out))
      kernels.convolution_weight_sums(&layout, p(planes), inputs, p(towards) + layout.stride + 2, outputs, rows, columns, p(sums))
      kernels.convolution_fold_sums(&layout, p(sums), outputs, inputs, false, p(folded))
      let shape = ConvolutionShape(
        images: 1, inputs: inputs, outputs: outputs, size: Pair(rows, columns), kernel: Pair(height, width), padding: Pair(1, 2), result: Pair(rows, columns))
      func wide(_ t: Tensor) throws -> Tensor { try t.unsqueezed(0).converted(to: .float64) }
      let expected = try Convolution.gradients(wide(g), x: wide(x), weight: nil, bias: true, shape, name: "conv2d")
      try expectNear(out, Convolution.forward(wide(x), weight: weight.converted(to: .float64), shape, name: "conv2d"), name)
      try expectNear(folded, expected.weight, name)
      try expectNear(totals, expected.bias, name)
    }
  }
}
