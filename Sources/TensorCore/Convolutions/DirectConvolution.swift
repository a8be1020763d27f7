import CVectorMath
import Glibc

/// Convolutions in float32 with a stride and dilation of 1: every tap of the kernel shifts a padded image, several output channels
/// at a time, and nothing is gathered into columns.
///
/// Rows of the padded images are shared: the zeros behind one row are those before the next, and the image, its result and the
/// result's gradient have rows equally far apart, so one padded gradient serves the gradients of input and weight.
struct DirectConvolution {
  let shape: ConvolutionShape
  private var layout: jvm_convolution
  // Zeros above and to the left of the gradient, for the way back.
  private let backPadding: ConvolutionShape.Pair

  // Sums of a weight's gradient, 16 lanes each, that stay in a core's cache.
  private static let largestSums = 1 << 18

  /// `nil` where the convolution is of another kind.
  init?(_ shape: ConvolutionShape) {
    let unit = ConvolutionShape.Pair(1, 1)
    guard shape.stride == unit, shape.dilation == unit, shape.inputs >= 1, shape.outputs >= 1 else { return nil }
    let below = shape.result.y + shape.kernel.y - 1 - shape.size.y - shape.padding.y
    let right = shape.result.x + shape.kernel.x - 1 - shape.size.x - shape.padding.x
    guard (0..<shape.kernel.y).contains(shape.padding.y), (0..<shape.kernel.y).contains(below), (0..<shape.kernel.x).contains(shape.padding.x),
      (0..<shape.kernel.x).contains(right)
    else { return nil }
    let stride = shape.size.x + max(shape.padding.x, right)
    let rows = max(shape.size.y, shape.result.y) + shape.kernel.y - 1
    // Whole vectors are read to the end of the last row.
    let (pixels, overflow) = rows.multipliedReportingOverflow(by: stride)
    guard !overflow, pixels <= Int(Int32.max) else { return nil }
    self.shape = shape
    layout = jvm_convolution(kernel_height: shape.kernel.y, kernel_width: shape.kernel.x, stride: stride, plane: Tensor.paddedLength(pixels + shape.kernel.x + 16))
    backPadding = ConvolutionShape.Pair(shape.kernel.y - 1 - shape.padding.y, shape.kernel.x - 1 - shape.padding.x)
  }

  /// Whether the sums of the weight's gradient are few enough for this way.
  var takesWeightGradient: Bool { shape.groupOutputs * shape.taps * 16 <= DirectConvolution.largestSums }

  private func lanes(_ blocks: Int) -> Int {
    let work = shape.images * shape.outputPixels * shape.groupOutputs
    return work < 200_000 / max(shape.taps, 1) ? 1 : Convolution.lanes(blocks)
  }

  // Scratch memory of each lane; zeros between the images stay there while images come and go.
  private func scratch(_ lanes: Int, _ channels: Int) throws -> (Tensor, UnsafeMutablePointer<Float>, each: Int) {
    let memory = try Tensor(filling: [lanes, channels, layout.plane], with: 0)
    return (memory, memory.pointer(as: Float.self), channels * layout.plane)
  }

  // The weights of all groups in the order of the loops.
  private func packed(_ weight: Tensor, transposed: Bool) throws -> Tensor {
    let result = try Tensor(uninitialized: [max(weight.count, 1)])
    let each = shape.groupOutputs * shape.taps
    let (outputs, inputs) = transposed ? (shape.groupInputs, shape.groupOutputs) : (shape.groupOutputs, shape.groupInputs)
    withUnsafePointer(to: layout) { layout in
      for group in 0..<shape.groups {
        jvm_kernels_in_use().pointee.convolution_pack(
          layout, weight.pointer(as: Float.self) + group * each, outputs, inputs, transposed, result.pointer(as: Float.self) + group * each)
      }
    }
    return result
  }

  func forward(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ out: Tensor) throws {
    let s = shape, lanes = lanes(s.images), k = jvm_kernels_in_use().pointee
    let weights = try packed(weight, transposed: false), pw = weights.pointer(as: Float.self)
    let (padded, planes, eachPadded) = try scratch(lanes, s.inputs), (results, flat, eachFlat) = try scratch(lanes, s.groupOutputs)
    let px = x.pointer(as: Float.self), po = out.pointer(as: Float.self), pb = bias?.pointer(as: Float.self)
    try withUnsafePointer(to: layout) { layout in
      try Convolution.inLanes(lanes, blocks: s.images) { n, lane in
        let mine = planes + lane * eachPadded
        k.convolution_pad(layout, px + n * s.inputs * s.inputPixels, s.inputs, s.size.y, s.size.x, s.padding.y, s.padding.x, mine, nil)
        for group in 0..<s.groups {
          let first = group * s.groupOutputs
          k.convolve(
            layout, mine + group * s.groupInputs * layout.pointee.plane, s.groupInputs, pw + first * s.taps, pb.map { $0 + first }, s.groupOutputs, s.result.y,
            s.result.x, flat + lane * eachFlat, po + (n * s.outputs + first) * s.outputPixels)
        }
      }
    }
    _ = (padded, results)
  }

  /// Fills what is given; `byBias` is [O].
  func gradients(_ g: Tensor, x: Tensor?, weight: Tensor?, byInput: Tensor?, byWeight: Tensor?, byBias: Tensor?) throws {
    let s = shape, k = jvm_kernels_in_use().pointee, blocks = Convolution.blockCount(s.images), lanes = lanes(blocks)
    let back = try weight.map { try packed($0, transposed: true) }, pw = back?.pointer(as: Float.self)
    let (gradients, paddedGradients, eachGradient) = try scratch(lanes, s.outputs)
    let (images, paddedImages, eachImage) = try scratch(lanes, x == nil ? 0 : s.inputs), (results, flat, eachFlat) = try scratch(lanes, weight == nil ? 0 : s.groupInputs)
    let perGroup = s.groupOutputs * s.taps, count = s.groups * perGroup
    let sums = try Tensor(uninitialized: [lanes, x == nil ? 0 : count * 16]), parts = try Tensor(uninitialized: [blocks, x == nil ? 0 : count])
    let biases = try Tensor(filling: [blocks, byBias == nil ? 0 : s.outputs], with: 0)
    let pg = g.pointer(as: Float.self), px = x?.pointer(as: Float.self), pi = byInput?.pointer(as: Float.self)
    let ps = sums.pointer(as: Float.self), pp = parts.pointer(as: Float.self), pb = byBias == nil ? nil : biases.pointer(as: Float.self)
    // Five channels of the side that is not shifted are read at once: the side with more of them.
    let turned = s.groupOutputs < min(5, s.groupInputs)
    try withUnsafePointer(to: layout) { layout in
      let plane = layout.pointee.plane, stride = layout.pointee.stride
      try Convolution.inLanes(lanes, blocks: blocks) { block, lane in
        let towards = paddedGradients + lane * eachGradient, image = paddedImages + lane * eachImage, mine = ps + lane * count * 16
        if x != nil { memset(mine, 0, count * 16 * MemoryLayout<Float>.size) }
        for n in Convolution.block(block, of: blocks, s.images) where !Interrupted.isRequested {
          k.convolution_pad(
            layout, pg + n * s.outputs * s.outputPixels, s.outputs, s.result.y, s.result.x, backPadding.y, backPadding.x, towards, pb.map { $0 + block * s.outputs })
          if let pw, let pi {
            for group in 0..<s.groups {
              k.convolve(
                layout, towards + group * s.groupOutputs * plane, s.groupOutputs, pw + group * perGroup, nil, s.groupInputs, s.size.y, s.size.x,
                flat + lane * eachFlat, pi + (n * s.inputs + group * s.groupInputs) * s.inputPixels)
            }
          }
          guard let px else { continue }
          k.convolution_pad(layout, px + n * s.inputs * s.inputPixels, s.inputs, s.size.y, s.size.x, s.padding.y, s.padding.x, image, nil)
          for group in 0..<s.groups {
            let from = image + group * s.groupInputs * plane, to = towards + group * s.groupOutputs * plane
            if turned {
              k.convolution_weight_sums(
                layout, to, s.groupOutputs, from + s.padding.y * stride + s.padding.x, s.groupInputs, s.size.y, s.size.x, mine + group * perGroup * 16)
            } else {
              k.convolution_weight_sums(
                layout, from, s.groupInputs, to + backPadding.y * stride + backPadding.x, s.groupOutputs, s.result.y, s.result.x, mine + group * perGroup * 16)
            }
          }
        }
        if x == nil { return }
        for group in 0..<s.groups {
          let part = pp + block * count + group * perGroup, own = mine + group * perGroup * 16
          k.convolution_fold_sums(layout, own, turned ? s.groupInputs : s.groupOutputs, turned ? s.groupOutputs : s.groupInputs, turned, part)
        }
      }
    }
    _ = (gradients, images, results)
    // In the order of the blocks, whichever thread made them.
    if let byWeight { byWeight.copyElements(from: try parts.sum(0, keep: false).reshaped(s.weightShape)) }
    if let byBias { byBias.copyElements(from: try biases.sum(0, keep: false)) }
  }
}
