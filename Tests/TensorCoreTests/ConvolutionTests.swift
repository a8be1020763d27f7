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
      let row = columns + 2, plane = (rows + height - 1) * row + 48
      var image = jvm_planes(height: rows, width: columns, step_y: 1, step_x: 1, top: 1, left: 2, row: row, plane: plane)
      var plain = image
      (plain.top, plain.left) = (0, 0)
      let x = try uniform([inputs, rows, columns]), g = try uniform([outputs, rows, columns]), weight = try uniform([outputs, inputs, height, width])
      let planes = try Tensor(filling: [inputs, plane], with: 0), towards = try Tensor(filling: [outputs, plane], with: 0)
      let flat = try Tensor(filling: [outputs, plane], with: 0), packed = try Tensor(filling: [weight.count], with: 0)
      let out = try Tensor(filling: [1, outputs, rows, columns], with: 0)
      let sums = try Tensor(filling: [weight.count * 16], with: 0), folded = try Tensor(filling: weight.shape, with: 0)
      func p(_ t: Tensor) -> UnsafeMutablePointer<Float> { t.pointer(as: Float.self) }
      let taps = inputs * height * width, places = Array(0..<taps), pixels = (rows - 1) * row + columns
      let offsets = places.map { $0 / (height * width) * plane + $0 / width % height * row + $0 % width }
      kernels.convolution_split(&image, p(x), inputs, 0, rows + height - 1, Int.max, p(planes))
      kernels.convolution_split(&plain, p(g), outputs, 0, rows, Int.max, p(towards))
      kernels.convolution_pack(p(weight), outputs, taps, places, taps, p(packed))
      kernels.convolve(p(planes), offsets, taps, p(packed), nil, outputs, pixels, p(flat), plane)
      kernels.convolution_join(&plain, p(flat), outputs, 0, rows, p(out))
      kernels.convolution_weight_sums(p(planes), offsets, taps, p(towards), plane, outputs, pixels, p(sums))
      kernels.convolution_fold_sums(p(sums), outputs, taps, places, taps, p(folded))
      let shape = ConvolutionShape(
        images: 1, inputs: inputs, outputs: outputs, size: Pair(rows, columns), kernel: Pair(height, width), padding: Pair(1, 2), result: Pair(rows, columns))
      func wide(_ t: Tensor) throws -> Tensor { try t.unsqueezed(0).converted(to: .float64) }
      let expected = try Convolution.gradients(wide(g), x: wide(x), weight: nil, bias: true, shape, name: "conv2d")
      try expectNear(out, Convolution.forward(wide(x), weight: weight.converted(to: .float64), shape, name: "conv2d"), name)
      try expectNear(folded, expected.weight, name)
    }

    // Rows of every length, taken apart into phases and put together again.
    @Test(arguments: ["baseline", "x86-64-v3", "x86-64-v4"]) func phases(name: String) throws {
      guard let kernels = jvm_kernels_named(name)?.pointee else { return }
      RandomStream.seed(17)
      for (step, left) in [(1, 0), (1, 3), (2, 0), (2, 1), (2, 4), (3, 2), (5, 1)] {
        for width in 1...70 {
          let columns = (width + left) / step + 1, height = 5, rows = (height + 1) / step + 1
          var layout = jvm_planes(height: height, width: width, step_y: step, step_x: step, top: 1, left: left, row: columns, plane: rows * columns + 3)
          let image = try uniform([2, height, width]), planes = try Tensor(filling: [2 * step * step, layout.plane], with: 7)
          kernels.convolution_split(&layout, image.pointer(as: Float.self), 2, 0, rows, rows, planes.pointer(as: Float.self))
          var wrong = 0
          for (channel, y, x) in (0..<2).flatMap({ c in (0..<height).flatMap { y in (0..<width).map { (c, y, $0) } } }) {
            let place = ((channel * step + (y + 1) % step) * step + (x + left) % step) * layout.plane + (y + 1) / step * columns + (x + left) / step
            if planes.element(at: place) != image.element(at: (channel * height + y) * width + x) { wrong += 1 }
          }
          let again = try Tensor(filling: image.shape, with: 0)
          kernels.convolution_join(&layout, planes.pointer(as: Float.self), 2, 0, rows, again.pointer(as: Float.self))
          let same = try again.array(of: Float.self) == image.array(of: Float.self)
          #expect(wrong == 0 && same, "step \(step), \(left) zeros, width \(width)")
        }
      }
    }

    // Strides and dilations against each other, with sizes that leave pixels over, on images narrower and wider than two vectors.
    @Test(arguments: [Pair(2, 2), Pair(1, 2), Pair(3, 1), Pair(4, 5), Pair(8, 8), Pair(9, 2)]) func strides(stride: Pair) throws {
      RandomStream.seed(18)
      for kernel in [Pair(1, 1), Pair(3, 3), Pair(5, 5), Pair(2, 4)] {
        for (side, dilation) in [(9, Pair(1, 1)), (40, Pair(1, 1)), (21, Pair(2, 1)), (17, Pair(3, 2))] {
          for padding in [Pair(0, 0), Pair(kernel.y / 2, kernel.x / 2), Pair(kernel.y + 1, 1)] {
            let reach = Pair((kernel.y - 1) * dilation.y, (kernel.x - 1) * dilation.x), size = Pair(side, side + 3)
            let room = Pair(size.y + 2 * padding.y - reach.y - 1, size.x + 2 * padding.x - reach.x - 1)
            guard room.y >= 0, room.x >= 0 else { continue }
            let result = Pair(room.y / stride.y + 1, room.x / stride.x + 1)
            for (inputs, outputs) in [(2, 6), (6, 2)] {
              try check(
                ConvolutionShape(
                  images: 2, inputs: inputs, outputs: outputs, size: size, kernel: kernel, stride: stride, padding: padding, dilation: dilation, result: result))
            }
          }
        }
      }
    }

    // One image, which is shared out in bands of rows, and one so large that bands keep to the cache.
    @Test(arguments: [(1, Pair(97, 60), 1), (2, Pair(97, 60), 2), (1, Pair(700, 65), 1), (1, Pair(301, 200), 3)]) func bands(images: Int, size: Pair, stride: Int) throws {
      RandomStream.seed(19)
      for (inputs, outputs) in [(7, 6), (6, 3)] {
        let result = Pair((size.y + 4 - 5) / stride + 1, (size.x + 2 - 3) / stride + 1)
        try check(
          ConvolutionShape(
            images: images, inputs: inputs, outputs: outputs, size: size, kernel: Pair(5, 3), stride: Pair(stride, stride), padding: Pair(2, 1), result: result))
      }
    }
  }
}
