import CVectorMath

/// Convolutions in float32 that read shifted images where they lie: several output channels at a time, and nothing is gathered into columns.
///
/// The input is split into phases, rows and columns that are the stride apart, so that each tap of the kernel is a shift of one of
/// them. Rows share their padding: the zeros behind one row are those before the next. Phases, result and the result's gradient
/// have rows equally far apart, so one padded gradient serves the gradients of input and weight.
///
/// Work is done in bands of rows: a whole image, or, of few or large images, a part of one that stays in a core's cache and is over
/// within milliseconds.
struct DirectConvolution {
  let shape: ConvolutionShape
  private let x: jvm_planes
  private let g: jvm_planes
  private let result: jvm_planes
  private let rows: PhasedAxis
  private let columns: PhasedAxis
  private let bandRows: Int
  private let bands: Int

  // Sums of a weight's gradient, 16 lanes each, that stay in a core's cache.
  private static let largestSums = 1 << 18
  // A kernel rarely steps further, and a phase of a few pixels is mostly padding.
  private static let largestStride = 8

  /// `nil` where the convolution is of another kind.
  init?(_ shape: ConvolutionShape) {
    guard max(shape.stride.y, shape.stride.x) <= DirectConvolution.largestStride, shape.inputs >= 1, shape.outputs >= 1 else { return nil }
    let rows = PhasedAxis(shape.size.y, kernel: shape.kernel.y, stride: shape.stride.y, padding: shape.padding.y, dilation: shape.dilation.y, result: shape.result.y)
    let columns = PhasedAxis(shape.size.x, kernel: shape.kernel.x, stride: shape.stride.x, padding: shape.padding.x, dilation: shape.dilation.x, result: shape.result.x)
    let phases = shape.stride.y * shape.stride.x
    let (floats, overflow) = (shape.inputs * phases + shape.outputs).multipliedReportingOverflow(by: columns.distance + 1)
    guard !overflow, floats <= Int(Int32.max), rows.count + rows.reach <= Int(Int32.max) else { return nil }
    bandRows = DirectConvolution.bandRows(shape, rows, floatsOfRow: floats)
    bands = (rows.count + bandRows - 1) / bandRows
    // Whole vectors are read to the end of the last row.
    let (pixels, tooLarge) = (bandRows + rows.reach).multipliedReportingOverflow(by: columns.distance)
    guard !tooLarge, pixels <= Int(Int32.max), columns.reach <= Int(Int32.max) else { return nil }
    let plane = Tensor.paddedLength(pixels + columns.reach + 16)
    self.shape = shape
    self.rows = rows
    self.columns = columns
    x = jvm_planes(
      height: shape.size.y, width: shape.size.x, step_y: shape.stride.y, step_x: shape.stride.x, top: shape.padding.y, left: shape.padding.x,
      row: columns.distance, plane: plane)
    g = jvm_planes(height: shape.result.y, width: shape.result.x, step_y: 1, step_x: 1, top: rows.reach, left: columns.reach, row: columns.distance, plane: plane)
    result = jvm_planes(height: shape.result.y, width: shape.result.x, step_y: 1, step_x: 1, top: 0, left: 0, row: columns.distance, plane: plane)
  }

  // Rows of a band, by the shape alone: results must not depend on the number of threads.
  private static func bandRows(_ shape: ConvolutionShape, _ rows: PhasedAxis, floatsOfRow: Int) -> Int {
    let products = Double(shape.result.x) * Double(shape.outputs) * Double(max(shape.taps, 1))
    var most = rows.count
    func limit(_ count: Double) { most = min(most, max(1, Int(min(count, Double(Int32.max))))) }
    limit(Double(1 << 25) / products)
    // As many as an image of 100 × 100 and 24 channels each way has: beyond, the planes do not stay in a second-level cache.
    limit(Double(1 << 19) / Double(floatsOfRow))
    // A part for each of 16 threads, of at least some ten microseconds.
    if shape.images < 16 { limit(max(Double(rows.count * max(shape.images, 1)) / 16, Double(1 << 18) / products)) }
    // The rows that a band shares with its neighbours are laid out twice.
    most = min(rows.count, max(most, rows.reach, 2))
    let bands = (rows.count + most - 1) / max(most, 1)
    return max(1, (rows.count + bands - 1) / max(bands, 1))
  }

  /// Whether the sums of the weight's gradient are few enough for this way.
  var takesWeightGradient: Bool { shape.groupOutputs * shape.taps * 16 <= DirectConvolution.largestSums }

  private var phases: Int { shape.stride.y * shape.stride.x }
  private var area: Int { shape.kernel.y * shape.kernel.x }
  private var pieces: Int { shape.images * bands }

  // The image and the first row of piece `i`.
  private func piece(_ i: Int) -> (image: Int, row: Int) { (i / bands, i % bands * bandRows) }

  private func lanes(_ blocks: Int) -> Int {
    let work = shape.images * shape.outputPixels * shape.groupOutputs
    return work < 200_000 / max(shape.taps, 1) ? 1 : Convolution.lanes(blocks)
  }

  // Planes of each lane; the zeros between the rows stay there while images come and go.
  private func planes(_ lanes: Int, _ channels: Int) throws -> Tensor { try Tensor(filling: [lanes, channels, x.plane], with: 0) }

  // Fills `out` [N, O, OH, OW].
  func forward(_ input: Tensor, _ weight: Tensor, _ bias: Tensor?, _ out: Tensor) throws {
    let s = shape, lanes = lanes(pieces), k = jvm_kernels_in_use().pointee
    let packed = try Tensor(uninitialized: [max(weight.count, 1)]), images = try planes(lanes, s.inputs * phases), results = try planes(lanes, s.outputs)
    let pw = packed.pointer(as: Float.self), pi = images.pointer(as: Float.self), pr = results.pointer(as: Float.self)
    let px = input.pointer(as: Float.self), po = out.pointer(as: Float.self), pb = bias?.pointer(as: Float.self)
    let taps = TapTable.forward(s, rows, columns, x)
    try withExtendedLifetime((packed, images, results, input, weight, bias, out)) {
      try taps.withPointers { offsets, places in
        for group in 0..<s.groups {
          let first = group * s.groupOutputs * s.taps
          k.convolution_pack(weight.pointer(as: Float.self) + first, s.groupOutputs, s.taps, places, s.taps, pw + first)
        }
        try withPlanes { x, _, result in
          let plane = x.pointee.plane
          try Convolution.inLanes(lanes, blocks: pieces) { i, lane in
            let (n, row) = piece(i), end = min(row + bandRows, s.result.y)
            guard row < end else { return }
            let image = pi + lane * s.inputs * phases * plane, flat = pr + lane * s.outputs * plane
            k.convolution_split(x, px + n * s.inputs * s.inputPixels, s.inputs, row, bandRows + rows.reach, Int.max, image)
            for group in 0..<s.groups {
              let first = group * s.groupOutputs
              k.convolve(
                image + group * s.groupInputs * phases * plane, offsets, s.taps, pw + first * s.taps, pb.map { $0 + first }, s.groupOutputs,
                (end - row - 1) * columns.distance + s.result.x, flat + first * plane, plane)
            }
            k.convolution_join(result, flat, s.outputs, row, end - row, po + n * s.outputs * s.outputPixels)
          }
        }
      }
    }
  }

  // Fills what is given; `byBias` is [O].
  func gradients(_ towards: Tensor, x input: Tensor?, weight: Tensor?, byInput: Tensor?, byWeight: Tensor?, byBias: Tensor?) throws {
    let s = shape, k = jvm_kernels_in_use().pointee, blocks = Convolution.blockCount(pieces), lanes = lanes(blocks)
    let perGroup = s.groupOutputs * s.taps, count = s.groups * perGroup
    let packed = try Tensor(uninitialized: [weight == nil ? 0 : count]), gradients = try planes(lanes, s.outputs)
    let images = try planes(lanes, input == nil ? 0 : s.inputs * phases), results = try planes(lanes, weight == nil ? 0 : s.inputs * phases)
    let sums = try Tensor(uninitialized: [lanes, input == nil ? 0 : count * 16]), parts = try Tensor(uninitialized: [blocks, input == nil ? 0 : count])
    let biases = try Tensor(filling: [blocks, byBias == nil ? 0 : s.outputs], with: 0)
    let pg = towards.pointer(as: Float.self), px = input?.pointer(as: Float.self), pi = byInput?.pointer(as: Float.self)
    let planesOfG = gradients.pointer(as: Float.self), planesOfX = images.pointer(as: Float.self), planesOfResult = results.pointer(as: Float.self)
    let ps = sums.pointer(as: Float.self), pp = parts.pointer(as: Float.self), pb = biases.pointer(as: Float.self), pw = packed.pointer(as: Float.self)
    // Five channels of the side that is not shifted are read at once: the side with more of them.
    let turned = s.groupOutputs < min(5, s.groupInputs)
    let taps = TapTable.forward(s, rows, columns, x), back = TapTable.back(s, rows, columns, g)
    try withExtendedLifetime((packed, gradients, images, results, sums, parts, biases, towards, input, weight, byInput)) {
      try taps.withPointers { offsets, places in try back.withPointers { backOffsets, backPlaces in try withPlanes { x, g, _ in
        let plane = x.pointee.plane, distance = columns.distance, phases = phases
        if let weight {
          for group in 0..<s.groups {
            back.forEachPhase { _, first, taps in
              let from = group * perGroup
              k.convolution_pack(
                weight.pointer(as: Float.self) + from, s.groupInputs, area, backPlaces + first, taps, pw + from + first * s.groupInputs)
            }
          }
        }
        try Convolution.inLanes(lanes, blocks: blocks) { block, lane in
          let gradient = planesOfG + lane * s.outputs * plane, image = planesOfX + lane * (input == nil ? 0 : s.inputs * phases) * plane
          let flat = planesOfResult + lane * (weight == nil ? 0 : s.inputs * phases) * plane
          let mine = ps + lane * (input == nil ? 0 : count * 16)
          if input != nil { mine.update(repeating: 0, count: count * 16) }
          for i in Convolution.block(block, of: blocks, pieces) where !Interrupted.isRequested {
            let (n, row) = piece(i), end = min(row + bandRows, rows.count), last = min(end, s.result.y)
            let source = pg + n * s.outputs * s.outputPixels
            k.convolution_split(g, source, s.outputs, row, bandRows + rows.reach, end + rows.reach, gradient)
            if byBias != nil, row < last {
              for o in 0..<s.outputs { pb[block * s.outputs + o] += Float(k.sum_f32(source + (o * s.result.y + row) * s.result.x, (last - row) * s.result.x)) }
            }
            if let pi {
              for group in 0..<s.groups {
                back.forEachPhase { phase, first, taps in
                  k.convolve(
                    gradient + group * s.groupOutputs * plane, backOffsets + first, taps, pw + group * perGroup + first * s.groupInputs, nil, s.groupInputs,
                    (end - row - 1) * distance + columns.end, flat + (group * s.groupInputs * phases + phase) * plane, phases * plane)
                }
              }
              k.convolution_join(x, flat, s.inputs, row, end - row, pi + n * s.inputs * s.inputPixels)
            }
            guard let px else { continue }
            k.convolution_split(x, px + n * s.inputs * s.inputPixels, s.inputs, row, bandRows + rows.reach, turned ? end : Int.max, image)
            for group in 0..<s.groups {
              let from = image + group * s.groupInputs * phases * plane, to = gradient + group * s.groupOutputs * plane, own = mine + group * perGroup * 16
              if turned {
                back.forEachPhase { phase, first, taps in
                  k.convolution_weight_sums(
                    to, backOffsets + first, taps, from + phase * plane, phases * plane, s.groupInputs, (end - row - 1) * distance + columns.end,
                    own + first * s.groupInputs * 16)
                }
              } else if row < last {
                k.convolution_weight_sums(
                  from, offsets, s.taps, to + rows.reach * distance + columns.reach, plane, s.groupOutputs, (last - row - 1) * distance + s.result.x, own)
              }
            }
          }
          if input == nil { return }
          for group in 0..<s.groups {
            let part = pp + block * count + group * perGroup, own = mine + group * perGroup * 16
            if turned {
              back.forEachPhase { _, first, taps in k.convolution_fold_sums(own + first * s.groupInputs * 16, s.groupInputs, area, backPlaces + first, taps, part) }
            } else {
              k.convolution_fold_sums(own, s.groupOutputs, s.taps, places, s.taps, part)
            }
          }
        }
      } } }
    }
    // In the order of the blocks, whichever thread made them.
    if let byWeight { byWeight.copyElements(from: try parts.sum(0, keep: false).reshaped(s.weightShape)) }
    if let byBias { byBias.copyElements(from: try biases.sum(0, keep: false)) }
  }

  private func withPlanes(
    _ body: (_ x: UnsafePointer<jvm_planes>, _ g: UnsafePointer<jvm_planes>, _ result: UnsafePointer<jvm_planes>) throws -> Void
  ) throws {
    try withUnsafePointer(to: x) { x in try withUnsafePointer(to: g) { g in try withUnsafePointer(to: result) { try body(x, g, $0) } } }
  }
}
