import CVectorMath

extension Tensor {
  /// `a` where `mask` is true and `b` elsewhere, all three broadcast, in the type both promote to. Throws CallerError where shapes do not.
  public static func chosen(_ mask: Tensor, _ a: Tensor, _ b: Tensor, name: String) throws -> Tensor {
    guard let values = broadcastShape(a.shape, b.shape), let shape = broadcastShape(mask.shape, values) else {
      throw CallerError("\(name): shapes \(mask.shape.text), \(a.shape.text) and \(b.shape.text) do not broadcast: sizes must be equal or 1, counted from the last dimension")
    }
    let dtype = resultType(a, b)
    // Tensors of one shape and numbers, as nearly always: one pass.
    if mask.shape == shape, let result = try chosenInOnePass(mask, a, b, dtype) { return result }
    let result = try b.converted(to: dtype).expanded(to: shape).clone()
    let source = try a.converted(to: dtype).expanded(to: shape)
    let flags = try mask.expanded(to: shape).contiguous(), chosen = flags.pointer(as: UInt8.self)
    defer { withExtendedLifetime((flags, source)) {} }
    func write<T: Element>(_: T.Type) throws {
      let out = result.pointer(as: T.self)
      try source.forEachPiece { piece, place in
        let input = piece.pointer(as: T.self)
        var done = place
        piece.forEachRow { start, stride, length in
          for i in 0..<length where chosen[done + i] != 0 { out[done + i] = input[start + i * stride] }
          done += length
        }
      }
    }
    switch dtype {
    case .bool: try write(UInt8.self)
    case .int64: try write(Int64.self)
    case .float32: try write(Float.self)
    case .float64: try write(Double.self)
    }
    return result
  }

  private static func chosenInOnePass(_ mask: Tensor, _ a: Tensor, _ b: Tensor, _ dtype: DType) throws -> Tensor? {
    func step(_ x: Tensor) -> Int? { x.count == 1 && mask.count > 0 ? 0 : x.shape == mask.shape && x.isContiguous ? 1 : nil }
    guard mask.isContiguous, let stepA = step(a), let stepB = step(b) else { return nil }
    let x = try a.converted(to: dtype), y = try b.converted(to: dtype), result = try Tensor(uninitialized: mask.shape, dtype)
    defer { withExtendedLifetime((x, y)) {} }
    let size = dtype.size, all = jvm_kernels_in_use().pointee.choose, loop = size == 4 ? all.of_4 : size == 8 ? all.of_8 : all.of_1
    let chosen = mask.pointer(as: UInt8.self), (pa, pb, out) = (x.firstByte, y.firstByte, result.firstByte)
    try ThreadPool.parallelRanges(mask.count, grain: elementwiseGrain) {
      let first = $0.lowerBound
      loop?(chosen + first, pa + first * stepA * size, stepA, pb + first * stepB * size, stepB, out + first * size, $0.count)
    }
    return result
  }

  /// The elements where `mask`, of this shape, is true, in row-major order: a tensor of one dimension.
  public func masked(_ mask: Tensor) throws -> Tensor {
    let flags = try mask.contiguous(), x = try contiguous()
    defer { withExtendedLifetime((flags, x)) {} }
    let chosen = flags.pointer(as: UInt8.self)
    var kept = 0
    for first in stride(from: 0, to: count, by: pieceGrain) {
      try Interrupted.check()
      for i in first..<min(count, first + pieceGrain) where chosen[i] != 0 { kept += 1 }
    }
    let result = try Tensor(uninitialized: [kept], dtype)
    func copy<T: Element>(_: T.Type) throws {
      let input = x.pointer(as: T.self), out = result.pointer(as: T.self)
      var at = 0
      for first in stride(from: 0, to: count, by: pieceGrain) {
        try Interrupted.check()
        for i in first..<min(count, first + pieceGrain) where chosen[i] != 0 {
          out[at] = input[i]
          at += 1
        }
      }
    }
    switch dtype {
    case .bool: try copy(UInt8.self)
    case .int64: try copy(Int64.self)
    case .float32: try copy(Float.self)
    case .float64: try copy(Double.self)
    }
    return result
  }

  /// Zeros of the mask's shape with these elements, in order, where it is true: what `masked` undoes.
  public func spread(over mask: Tensor) throws -> Tensor {
    let flags = try mask.contiguous(), x = try contiguous()
    defer { withExtendedLifetime((flags, x)) {} }
    let chosen = flags.pointer(as: UInt8.self)
    let result = try Tensor(filling: mask.shape, with: 0, dtype)
    func copy<T: Element>(_: T.Type) throws {
      let input = x.pointer(as: T.self), out = result.pointer(as: T.self)
      var at = 0
      for first in stride(from: 0, to: mask.count, by: pieceGrain) {
        try Interrupted.check()
        for i in first..<min(mask.count, first + pieceGrain) where chosen[i] != 0 && at < count {
          out[i] = input[at]
          at += 1
        }
      }
    }
    switch dtype {
    case .bool: try copy(UInt8.self)
    case .int64: try copy(Int64.self)
    case .float32: try copy(Float.self)
    case .float64: try copy(Double.self)
    }
    return result
  }
}
