import CVectorMath
import Glibc

extension Tensor {
  /// Itself where its elements already lie in row-major order, else a copy that does.
  public func contiguous() throws -> Tensor { isContiguous ? self : try clone() }

  /// A contiguous copy.
  public func clone() throws -> Tensor {
    let copy = try Tensor(uninitialized: shape, dtype)
    try copy.takeElements(from: self)
    return copy
  }

  /// Writes a number into every element. NaN and fractions become 0 and truncated in integer types.
  public func fill(_ value: Double) {
    guard count > pieceGrain, !repeatsElements else { return fillPiece(value) }
    let all = pieces()
    ThreadPool.parallel(all.count) { i in all[i].view.fillPiece(value) }
  }

  func fillPiece(_ value: Double) {
    switch dtype {
    case .float32: fillElements(Float(value))
    case .float64: fillElements(value)
    case .int64: fillElements(Int64(exactly: value.rounded(.towardZero)) ?? 0)
    case .bool: fillElements(value != 0 ? UInt8(1) : 0)
    }
  }

  private func fillElements<T: Element>(_ value: T) {
    if isContiguous {
      pointer(as: T.self).update(repeating: value, count: count)
    } else {
      let base = pointer(as: T.self)
      forEachRow { start, stride, length in
        for i in 0..<length { base[start + i * stride] = value }
      }
    }
  }

  /// Copies the elements of a tensor of the same shape, converting where the types differ.
  ///
  /// Conversions are those of C: fractions are cut off, NaN and infinities become 0 in int64, non-zero is true.
  public func copyElements(from source: Tensor) {
    guard count > pieceGrain, !repeatsElements else { return copyPiece(from: source) }
    let all = pieces()
    ThreadPool.parallel(all.count) { i in all[i].view.copyPiece(from: source.part(like: all[i], of: self)) }
  }

  // The same into new storage: Ctrl-C ends it, and what is half written is thrown away.
  private func takeElements(from source: Tensor) throws {
    try forEachPiece { piece, place in piece.copyPiece(from: source.part(like: (piece, place), of: self)) }
  }

  private func copyPiece(from source: Tensor) {
    if dtype == source.dtype {
      if isContiguous && source.isContiguous {
        if count > 0 { memcpy(pointer(as: UInt8.self, bytes: true), source.pointer(as: UInt8.self, bytes: true), byteCount) }
        return
      }
      if copyTransposed(from: source) { return }
      switch dtype {
      case .bool: copyPairs(source, UInt8.self, UInt8.self) { $0 }
      case .int64: copyPairs(source, Int64.self, Int64.self) { $0 }
      case .float32: copyPairs(source, Float.self, Float.self) { $0 }
      case .float64: copyPairs(source, Double.self, Double.self) { $0 }
      }
      return
    }
    switch (source.dtype, dtype) {
    case (.float32, .float64): copyPairs(source, Float.self, Double.self) { Double($0) }
    case (.float64, .float32): copyPairs(source, Double.self, Float.self) { Float($0) }
    case (.int64, .float32): copyPairs(source, Int64.self, Float.self) { Float($0) }
    case (.int64, .float64): copyPairs(source, Int64.self, Double.self) { Double($0) }
    case (.bool, .float32): copyPairs(source, UInt8.self, Float.self) { Float($0) }
    case (.bool, .float64): copyPairs(source, UInt8.self, Double.self) { Double($0) }
    case (.bool, .int64): copyPairs(source, UInt8.self, Int64.self) { Int64($0) }
    case (.float32, .int64): copyPairs(source, Float.self, Int64.self) { Int64(exactly: $0.rounded(.towardZero)) ?? 0 }
    case (.float64, .int64): copyPairs(source, Double.self, Int64.self) { Int64(exactly: $0.rounded(.towardZero)) ?? 0 }
    case (.float32, .bool): copyPairs(source, Float.self, UInt8.self) { $0 != 0 ? 1 : 0 }
    case (.float64, .bool): copyPairs(source, Double.self, UInt8.self) { $0 != 0 ? 1 : 0 }
    case (.int64, .bool): copyPairs(source, Int64.self, UInt8.self) { $0 != 0 ? 1 : 0 }
    default: break
    }
  }

  // Matrices of float32 whose columns become rows: tile by tile, where rows would read one number of each line of the cache.
  private func copyTransposed(from source: Tensor) -> Bool {
    guard dtype == .float32, rank >= 2, count >= 64, storage !== source.storage else { return false }
    let (row, column) = (rank - 2, rank - 1)
    guard strides[column] == 1, strides[row] >= shape[column], source.strides[row] == 1, source.strides[column] > 1 else { return false }
    func matrices(_ x: Tensor) -> Tensor {
      Tensor(storage: x.storage, dtype: x.dtype, shape: Dimensions(x.shape.dropLast(2)), strides: Dimensions(x.strides.dropLast(2)), offset: x.offset)
    }
    let (out, input, k) = (pointer(as: Float.self), source.pointer(as: Float.self), jvm_kernels_in_use())
    matrices(self).forEachRowPair(matrices(source)) { a, stepA, b, stepB, length in
      for i in 0..<length {
        k.pointee.transpose_4(input + b + i * stepB, source.strides[column], out + a + i * stepA, strides[row], shape[row], shape[column])
      }
    }
    return true
  }

  private func pointer(as: UInt8.Type, bytes: Bool) -> UnsafeMutableRawPointer { storage.pointer + offset * dtype.size }

  @inline(__always)
  private func copyPairs<A: Element, B: Element>(_ source: Tensor, _: A.Type, _: B.Type, _ convert: (A) -> B) {
    let input = source.pointer(as: A.self), output = pointer(as: B.self)
    forEachRowPair(source) { a, strideA, b, strideB, length in
      // Loops of their own for what lies one after the other, or is one number repeated: these become vectors.
      if strideA == 1, strideB == 1 {
        let (to, from) = (output + a, input + b)
        for i in 0..<length { to[i] = convert(from[i]) }
      } else if strideA == 1, strideB == 0 {
        (output + a).update(repeating: convert(input[b]), count: length)
      } else {
        for i in 0..<length { output[a + i * strideA] = convert(input[b + i * strideB]) }
      }
    }
  }

  /// A tensor of another type with the same values; itself where the type is already that.
  public func converted(to type: DType) throws -> Tensor {
    if type == dtype { return self }
    let result = try Tensor(uninitialized: shape, type)
    try result.takeElements(from: self)
    return result
  }

  /// Runs `body(start, stride, length)` over the innermost rows, in row-major order; places are relative to `offset`.
  @inline(__always)
  func forEachRow(_ body: (Int, Int, Int) -> Void) {
    forEachRowPair(self) { start, stride, _, _, length in body(start, stride, length) }
  }

  /// Walks two tensors of one shape together, in row-major order: `body(start, stride, otherStart, otherStride, length)`.
  @inline(__always)
  func forEachRowPair(_ other: Tensor, _ body: (Int, Int, Int, Int, Int) -> Void) {
    guard count > 0 else { return }
    guard rank > 0 else {
      body(0, 1, 0, 1, 1)
      return
    }
    let inner = rank - 1
    let length = shape[inner]
    var index = Dimensions(repeating: 0, count: rank)
    var place = 0, otherPlace = 0
    while true {
      body(place, strides[inner], otherPlace, other.strides[inner], length)
      var d = inner - 1
      while d >= 0 {
        index[d] += 1
        place += strides[d]
        otherPlace += other.strides[d]
        if index[d] < shape[d] { break }
        place -= strides[d] * shape[d]
        otherPlace -= other.strides[d] * shape[d]
        index[d] = 0
        d -= 1
      }
      if d < 0 { return }
    }
  }
}
