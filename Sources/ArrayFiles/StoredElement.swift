import TensorCore

/// What one element of an array is in a file, and the type it has as a tensor.
///
/// Types without a counterpart become the smallest that holds each of their values: float16 and bfloat16 float32, whole numbers
/// int64. A uint64 of 2⁶³ or more is refused.
enum StoredElement: Sendable, CaseIterable {
  case bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, bfloat16, float32, float64

  /// Bytes of one element.
  var size: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// The type of the tensor that it is read into.
  var dtype: DType {
    switch self {
    case .bool: .bool
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64: .int64
    case .float16, .bfloat16, .float32: .float32
    case .float64: .float64
    }
  }

  /// The type that holds a tensor's elements as they are.
  init(_ dtype: DType) {
    self =
      switch dtype {
      case .bool: .bool
      case .int64: .int64
      case .float32: .float32
      case .float64: .float64
      }
  }
}

/// A shape that a file claims: the sizes, and what they come to.
struct StoredShape {
  let dimensions: Dimensions
  /// Number of elements.
  let count: Int

  /// `place` is what messages call the array. Throws `CallerError` for more than 8 dimensions and for a product beyond 64 bits.
  init(_ sizes: [Int], place: String) throws {
    guard sizes.count <= Dimensions.maximumCount else {
      throw CallerError("\(place) has \(sizes.count) dimensions; a tensor has at most \(Dimensions.maximumCount): reshape it before it is saved")
    }
    dimensions = Dimensions(sizes)
    guard sizes.allSatisfy({ $0 >= 0 }), let count = dimensions.product else {
      throw CallerError("\(place): the shape \(dimensions.text) is too large; the file may be damaged")
    }
    self.count = count
  }

  /// Bytes of elements of `size` bytes each; `nil` beyond 64 bits.
  func byteCount(_ size: Int) -> Int? {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
    return overflow ? nil : bytes
  }
}

/// Fills a buffer with the bytes that come next in a file.
typealias NextBytes = (UnsafeMutableRawBufferPointer) throws -> Void

extension StoredElement {
  /// Reads a tensor in row-major order. The caller has made sure that the file holds so many bytes.
  func tensor(_ shape: StoredShape, isBigEndian: Bool = false, place: String, _ next: NextBytes) throws -> Tensor {
    let tensor = try Tensor(uninitialized: shape.dimensions, dtype)
    let bytes = UnsafeMutableRawBufferPointer(start: tensor.storage.pointer, count: shape.count * dtype.size)
    switch self {
    case .int64, .float32, .float64:
      try StoredElement.inPieces(shape.count, size: size) { start, count in
        let piece = UnsafeMutableRawBufferPointer(rebasing: bytes[(start * size)..<((start + count) * size)])
        try next(piece)
        guard isBigEndian else { return }
        if size == 4 {
          for i in 0..<count { swap(piece, i, UInt32.self) }
        } else {
          for i in 0..<count { swap(piece, i, UInt64.self) }
        }
      }
    case .bool: try convert(shape.count, next, tensor, UInt8.self, UInt8.self, isBigEndian) { $0 == 0 ? 0 : 1 }
    case .int8: try convert(shape.count, next, tensor, Int8.self, Int64.self, isBigEndian) { Int64($0) }
    case .int16: try convert(shape.count, next, tensor, Int16.self, Int64.self, isBigEndian) { Int64($0) }
    case .int32: try convert(shape.count, next, tensor, Int32.self, Int64.self, isBigEndian) { Int64($0) }
    case .uint8: try convert(shape.count, next, tensor, UInt8.self, Int64.self, isBigEndian) { Int64($0) }
    case .uint16: try convert(shape.count, next, tensor, UInt16.self, Int64.self, isBigEndian) { Int64($0) }
    case .uint32: try convert(shape.count, next, tensor, UInt32.self, Int64.self, isBigEndian) { Int64($0) }
    case .uint64:
      try convert(shape.count, next, tensor, UInt64.self, Int64.self, isBigEndian) { value in
        guard let number = Int64(exactly: value) else {
          throw CallerError("\(place) holds \(value), which int64 does not; save it as float64")
        }
        return number
      }
    case .float16: try convert(shape.count, next, tensor, UInt16.self, Float.self, isBigEndian) { Float(Float16(bitPattern: $0)) }
    case .bfloat16: try convert(shape.count, next, tensor, UInt16.self, Float.self, isBigEndian) { Float(bitPattern: UInt32($0) << 16) }
    }
    return tensor
  }

  private func swap<T: FixedWidthInteger & BitwiseCopyable>(_ piece: UnsafeMutableRawBufferPointer, _ i: Int, _: T.Type) {
    let value = piece.loadUnaligned(fromByteOffset: i * MemoryLayout<T>.size, as: T.self)
    piece.storeBytes(of: value.byteSwapped, toByteOffset: i * MemoryLayout<T>.size, as: T.self)
  }

  private func convert<A: FixedWidthInteger & BitwiseCopyable, B: Element>(
    _ count: Int, _ next: NextBytes, _ tensor: Tensor, _: A.Type, _: B.Type, _ isBigEndian: Bool, _ change: (A) throws -> B
  ) throws {
    let out = tensor.pointer(as: B.self), width = MemoryLayout<A>.size
    try withUnsafeTemporaryAllocation(byteCount: min(max(count, 1), 8192) * width, alignment: 8) { room in
      var start = 0
      while start < count {
        let part = min(8192, count - start)
        try next(UnsafeMutableRawBufferPointer(rebasing: room[..<(part * width)]))
        for i in 0..<part {
          let value = room.load(fromByteOffset: i * width, as: A.self)
          out[start + i] = try change(isBigEndian ? value.byteSwapped : value)
        }
        start += part
        if start & 0xf_ffff == 0 { try Interrupted.check() }
      }
    }
  }

  /// Calls `body(start, count)` for pieces of a few megabytes, between which Ctrl-C is heard.
  static func inPieces(_ count: Int, size: Int, _ body: (Int, Int) throws -> Void) throws {
    var start = 0
    while start < count {
      try Interrupted.check()
      let part = min(count - start, max(1, (8 << 20) / size))
      try body(start, part)
      start += part
    }
  }
}

extension Tensor {
  /// Calls `body` with the elements in row-major order, as little-endian bytes.
  func withStoredBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    let dense = try contiguous()
    let start = UnsafeRawPointer(dense.storage.pointer) + dense.offset * dtype.size
    return try withExtendedLifetime(dense.storage) { try body(UnsafeRawBufferPointer(start: start, count: dense.count * dtype.size)) }
  }
}
