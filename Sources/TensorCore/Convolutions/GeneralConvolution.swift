import CBLAS

/// A type that OpenBLAS multiplies matrices of.
protocol BLASElement: Element, BinaryFloatingPoint {
  /// `c = op(a) · op(b) + beta c` with [m, k] and [k, n], row by row.
  static func multiply(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int,
    _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int)
}

extension Float: BLASElement {
  static func multiply(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int,
    _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int
  ) {
    _ = jblas_sgemm(
      transposeA ? 1 : 0, transposeB ? 1 : 0, Int32(clamping: m), Int32(clamping: n), Int32(clamping: k), 1, a, Int32(clamping: lda), b, Int32(clamping: ldb), beta,
      c, Int32(clamping: ldc))
  }
}

extension Double: BLASElement {
  static func multiply(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Double>, _ lda: Int, _ b: UnsafePointer<Double>, _ ldb: Int,
    _ beta: Double, _ c: UnsafeMutablePointer<Double>, _ ldc: Int
  ) {
    _ = jblas_dgemm(
      transposeA ? 1 : 0, transposeB ? 1 : 0, Int32(clamping: m), Int32(clamping: n), Int32(clamping: k), 1, a, Int32(clamping: lda), b, Int32(clamping: ldb), beta,
      c, Int32(clamping: ldc))
  }
}

/// Convolutions of any stride, dilation and groups: each output pixel's inputs become a column of a matrix, which OpenBLAS multiplies.
///
/// A strip of a few output rows at a time, so that the matrix of columns stays in the cache however large the images are, and so that
/// threads share a large image.
struct GeneralConvolution<T: BLASElement> {
  let shape: ConvolutionShape
  private let stripRows: Int
  private let strips: Int

  init(_ shape: ConvolutionShape) {
    self.shape = shape
    let row = max(shape.taps, 1).multipliedReportingOverflow(by: max(shape.result.x, 1))
    stripRows = max(1, min(shape.result.y, (1 << 17) / (row.overflow ? Int.max : row.partialValue)))
    strips = (shape.result.y + stripRows - 1) / stripRows
  }

  private func columnMemory(lanes: Int) throws -> Tensor { try Tensor(uninitialized: [lanes, shape.taps, stripRows * shape.result.x], T.dtype) }

  private var pieces: Int { shape.images * strips }

  // The image of piece `i` and the output rows of its strip.
  private func piece(_ i: Int) -> (image: Int, first: Int, rows: Int) {
    let first = i % strips * stripRows
    return (i / strips, first, min(stripRows, shape.result.y - first))
  }

  func forward(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ out: Tensor) throws {
    let s = shape, k = s.taps, lanes = Convolution.lanes(pieces)
    let scratch = try columnMemory(lanes: lanes)
    let px = x.pointer(as: T.self), pw = weight.pointer(as: T.self), po = out.pointer(as: T.self), pb = bias?.pointer(as: T.self)
    let columns = scratch.pointer(as: T.self), each = scratch.count / lanes
    try withExtendedLifetime((scratch, x, weight, bias, out)) {
      try Convolution.inLanes(lanes, blocks: pieces) { i, lane in
        let (n, first, rows) = piece(i), width = rows * s.result.x, mine = columns + lane * each
        let image = px + n * s.inputs * s.inputPixels, target = po + n * s.outputs * s.outputPixels + first * s.result.x
        for o in 0..<s.outputs { (target + o * s.outputPixels).update(repeating: pb?[o] ?? 0, count: width) }
        guard k > 0 else { return }
        for group in 0..<s.groups {
          gather(image + group * s.groupInputs * s.inputPixels, mine, first, rows)
          let place = group * s.groupOutputs
          T.multiply(false, false, s.groupOutputs, width, k, pw + place * k, k, mine, width, 1, target + place * s.outputPixels, s.outputPixels)
        }
      }
    }
  }

  func inputGradient(_ g: Tensor, _ weight: Tensor, _ result: Tensor) throws {
    let s = shape, k = s.taps, lanes = Convolution.lanes(pieces)
    let scratch = try columnMemory(lanes: lanes)
    let pg = g.pointer(as: T.self), pw = weight.pointer(as: T.self), pr = result.pointer(as: T.self)
    let columns = scratch.pointer(as: T.self), each = scratch.count / lanes
    // Strips add to rows that others add to as well; those of one turn are too far apart for that.
    let reach = (s.kernel.y - 1) * s.dilation.y + 1, step = stripRows * s.stride.y
    let turns = max(1, min(strips, (step - s.stride.y + reach + step - 1) / step))
    try withExtendedLifetime((scratch, g, weight, result)) {
      for turn in 0..<turns {
        let own = (strips - turn + turns - 1) / turns
        try Convolution.inLanes(lanes, blocks: s.images * own) { i, lane in
          let (n, first, rows) = piece(i / own * strips + turn + i % own * turns), width = rows * s.result.x, mine = columns + lane * each
          let image = pr + n * s.inputs * s.inputPixels, source = pg + n * s.outputs * s.outputPixels + first * s.result.x
          for group in 0..<s.groups {
            let place = group * s.groupOutputs
            T.multiply(true, false, k, width, s.groupOutputs, pw + place * k, k, source + place * s.outputPixels, s.outputPixels, 0, mine, width)
            scatter(mine, image + group * s.groupInputs * s.inputPixels, first, rows)
          }
        }
      }
    }
  }

  func weightGradient(_ g: Tensor, _ x: Tensor, _ result: Tensor) throws {
    let s = shape, k = s.taps, blocks = Convolution.blockCount(pieces), lanes = Convolution.lanes(blocks)
    let scratch = try columnMemory(lanes: lanes)
    let parts = try Tensor(uninitialized: [blocks, s.outputs * k], T.dtype)
    let pg = g.pointer(as: T.self), px = x.pointer(as: T.self), pp = parts.pointer(as: T.self)
    let columns = scratch.pointer(as: T.self), each = scratch.count / lanes
    try withExtendedLifetime((scratch, parts, g, x)) {
      try Convolution.inLanes(lanes, blocks: blocks) { block, lane in
        let mine = columns + lane * each, part = pp + block * s.outputs * k
        part.update(repeating: 0, count: s.outputs * k)
        for i in Convolution.block(block, of: blocks, pieces) where !Interrupted.isRequested {
          let (n, first, rows) = piece(i), width = rows * s.result.x
          let image = px + n * s.inputs * s.inputPixels, source = pg + n * s.outputs * s.outputPixels + first * s.result.x
          for group in 0..<s.groups {
            let place = group * s.groupOutputs
            gather(image + group * s.groupInputs * s.inputPixels, mine, first, rows)
            T.multiply(false, true, s.groupOutputs, k, width, source + place * s.outputPixels, s.outputPixels, mine, width, 1, part + place * k, k)
          }
        }
      }
    }
    result.copyElements(from: try parts.sum(0, keep: false).reshaped(s.weightShape))
  }

  // Rows (c, ky, kx) of the matrix: what each output pixel of the strip reads through that tap.
  private func gather(_ image: UnsafeMutablePointer<T>, _ columns: UnsafeMutablePointer<T>, _ first: Int, _ rows: Int) {
    let width = shape.result.x
    forEachTap { row, channel, dy, dx, valid in
      for y in 0..<rows {
        let target = columns + (row * rows + y) * width
        let from = (first + y) * shape.stride.y + dy
        guard from >= 0, from < shape.size.y, !valid.isEmpty else {
          target.update(repeating: 0, count: width)
          continue
        }
        let source = image + (channel * shape.size.y + from) * shape.size.x
        for x in 0..<valid.lowerBound { target[x] = 0 }
        if shape.stride.x == 1 {
          (target + valid.lowerBound).update(from: source + (valid.lowerBound + dx), count: valid.count)
        } else {
          // The range was checked to lie inside the row; checking each sum again would cost as much as the copy.
          let step = shape.stride.x
          var from = valid.lowerBound &* step &+ dx
          for x in valid {
            target[x] = source[from]
            from &+= step
          }
        }
        for x in valid.upperBound..<width { target[x] = 0 }
      }
    }
  }

  // The transpose of `gather`: adds each column's numbers to the pixels they were read from.
  private func scatter(_ columns: UnsafeMutablePointer<T>, _ image: UnsafeMutablePointer<T>, _ first: Int, _ rows: Int) {
    let width = shape.result.x
    forEachTap { row, channel, dy, dx, valid in
      for y in 0..<rows {
        let from = (first + y) * shape.stride.y + dy
        guard from >= 0, from < shape.size.y else { continue }
        let source = columns + (row * rows + y) * width
        let target = image + (channel * shape.size.y + from) * shape.size.x
        let step = shape.stride.x
        var to = valid.lowerBound &* step &+ dx
        for x in valid {
          target[to] += source[x]
          to &+= step
        }
      }
    }
  }

  // Each tap's row, channel and shifts, with the output columns whose pixel lies inside the image.
  private func forEachTap(_ body: (_ row: Int, _ channel: Int, _ dy: Int, _ dx: Int, _ valid: Range<Int>) -> Void) {
    let s = shape
    var row = 0
    for channel in 0..<s.groupInputs {
      for ky in 0..<s.kernel.y {
        for kx in 0..<s.kernel.x {
          let dx = kx * s.dilation.x - s.padding.x
          let low = dx >= 0 ? 0 : min(s.result.x, (-dx + s.stride.x - 1) / s.stride.x)
          let high = dx >= s.size.x ? low : max(low, min(s.result.x, (s.size.x - 1 - dx) / s.stride.x + 1))
          body(row, channel, ky * s.dilation.y - s.padding.y, dx, low..<high)
          row += 1
        }
      }
    }
  }
}
