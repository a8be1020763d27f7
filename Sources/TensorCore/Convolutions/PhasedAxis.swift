import CVectorMath

/// One axis of a convolution whose input is split into phases: pixel i of the input, counted from the start of the padding, is in place i / stride of
/// phase i mod stride, and tap k of the kernel reads phase k · dilation mod stride, shifted by k · dilation / stride.
struct PhasedAxis {
  let kernel: Int
  let stride: Int
  let dilation: Int
  // The furthest that a tap shifts a phase.
  let reach: Int
  // The end of the phase that ends last.
  let end: Int
  // Places from one row to the next, so that whatever a tap reads over the end of a row is the zeros before the next.
  let distance: Int
  // Places in which a phase or the result has pixels.
  let count: Int

  init(_ size: Int, kernel: Int, stride: Int, padding: Int, dilation: Int, result: Int) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    func roundedUp(_ pixels: Int) -> Int { (max(0, pixels) + stride - 1) / stride }
    var reaches = [Int?](repeating: nil, count: stride)
    for tap in 0..<kernel { reaches[tap * dilation % stride] = tap * dilation / stride }
    var width = 0, furthest = 0, before = 0
    for phase in 0..<stride {
      let first = roundedUp(padding - phase), last = roundedUp(size + padding - phase)
      furthest = max(furthest, last)
      guard let reach = reaches[phase] else { continue }
      width = max(width, last - first + max(0, result + reach - last))
      before = max(before, reach - first)
    }
    reach = (kernel - 1) * dilation / stride
    end = furthest
    count = max(result, furthest)
    distance = max(furthest, width, result + max(before, furthest - result))
  }

  // The phase that a tap reads, and by how much it is shifted.
  func place(_ tap: Int) -> (phase: Int, shift: Int) { (tap * dilation % stride, tap * dilation / stride) }
}

/// Where each tap of a convolution's kernel reads, and where its weight is.
struct TapTable {
  private var offsets: [Int] = []
  private var places: [Int] = []
  // The first tap of each phase, and the end of the last.
  private var starts: [Int] = []

  // Growing would fetch memory again and again, in every step of a training.
  private init(taps: Int, phases: Int) {
    offsets.reserveCapacity(taps)
    places.reserveCapacity(taps)
    starts.reserveCapacity(phases + 1)
    starts.append(0)
  }

  /// Of each output pixel: the planes of all inputs of a group, in the order of the weight.
  static func forward(_ s: ConvolutionShape, _ rows: PhasedAxis, _ columns: PhasedAxis, _ x: jvm_planes) -> TapTable {
    var table = TapTable(taps: s.taps, phases: 1)
    for input in 0..<s.groupInputs {
      for ky in 0..<rows.kernel {
        for kx in 0..<columns.kernel {
          let (py, dy) = rows.place(ky), (px, dx) = columns.place(kx)
          table.places.append(table.offsets.count)
          table.offsets.append(((input * rows.stride + py) * columns.stride + px) * x.plane + dy * x.row + dx)
        }
      }
    }
    table.starts.append(table.offsets.count)
    return table
  }

  /// Of each pixel of each phase of the input: the planes of the result's gradient in a group; places are those of the group's first input.
  static func back(_ s: ConvolutionShape, _ rows: PhasedAxis, _ columns: PhasedAxis, _ g: jvm_planes) -> TapTable {
    var table = TapTable(taps: s.groupOutputs * rows.kernel * columns.kernel, phases: rows.stride * columns.stride)
    for phaseY in 0..<rows.stride {
      for phaseX in 0..<columns.stride {
        for output in 0..<s.groupOutputs {
          for ky in 0..<rows.kernel where rows.place(ky).phase == phaseY {
            for kx in 0..<columns.kernel where columns.place(kx).phase == phaseX {
              table.places.append(output * s.taps + ky * columns.kernel + kx)
              table.offsets.append(output * g.plane + (rows.reach - rows.place(ky).shift) * g.row + columns.reach - columns.place(kx).shift)
            }
          }
        }
        table.starts.append(table.offsets.count)
      }
    }
    return table
  }

  func forEachPhase(_ body: (_ phase: Int, _ first: Int, _ taps: Int) -> Void) {
    for phase in 0..<(starts.count - 1) { body(phase, starts[phase], starts[phase + 1] - starts[phase]) }
  }

  // There is a tap, so both have addresses.
  func withPointers(_ body: (_ offsets: UnsafePointer<Int>, _ places: UnsafePointer<Int>) throws -> Void) rethrows {
    try offsets.withUnsafeBufferPointer { offsets in
      try places.withUnsafeBufferPointer { places in
        if let offsets = offsets.baseAddress, let places = places.baseAddress { try body(offsets, places) }
      }
    }
  }
}
