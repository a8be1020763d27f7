/// An array of numbers: a shape and strides over shared storage.
///
/// Indices of this type count from 0; the Lua surface counts from 1. Strides and the offset are in elements; a stride
/// may be 0 (an expanded dimension) and views may overlap.
public struct Tensor {
  /// The memory, which views share.
  public private(set) var storage: Storage
  /// The type of the elements.
  public let dtype: DType
  /// The sizes of the dimensions.
  public let shape: Dimensions
  /// How many elements lie between neighbours along each dimension.
  public let strides: Dimensions
  /// How many elements of the storage lie before the first one.
  public let offset: Int
  /// The number of elements.
  public let count: Int

  /// A view of existing storage; the caller answers for its bounds.
  public init(storage: Storage, dtype: DType, shape: Dimensions, strides: Dimensions, offset: Int) {
    self.storage = storage
    self.dtype = dtype
    self.shape = shape
    self.strides = strides
    self.offset = offset
    count = shape.product ?? 0
  }

  /// A contiguous tensor, contents undefined. Throws OutOfMemory, also where the size overflows.
  public init(uninitialized shape: Dimensions, _ dtype: DType = .float32) throws {
    guard let count = shape.product, count >= 0 else { throw OutOfMemory(bytes: nil) }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: dtype.size)
    guard !overflow else { throw OutOfMemory(bytes: nil) }
    self.init(
      storage: try Storage(byteCount: bytes), dtype: dtype, shape: shape, strides: shape.contiguousStrides, offset: 0)
  }

  /// A contiguous tensor filled with one number.
  public init(filling shape: Dimensions, with value: Double, _ dtype: DType = .float32) throws {
    try self.init(uninitialized: shape, dtype)
    try forEachPiece { piece, _ in piece.fillPiece(value) }
  }

  /// A contiguous copy of numbers in row-major order; their count must be the shape's product.
  public init<T: Element>(_ values: [T], shape: Dimensions? = nil) throws {
    let shape = shape ?? [values.count]
    guard shape.product == values.count else {
      throw CallerError("tensor: \(values.count) values do not fill the shape \(shape.text)")
    }
    try self.init(uninitialized: shape, T.dtype)
    values.withUnsafeBytes { source in
      if let base = source.baseAddress { storage.pointer.copyMemory(from: base, byteCount: source.count) }
    }
  }

  /// A tensor of no dimensions.
  public init(scalar value: Double, _ dtype: DType = .float32) throws {
    self.init(storage: try Storage(byteCount: dtype.size), dtype: dtype, shape: Dimensions(), strides: Dimensions(), offset: 0)
    fillPiece(value)
  }

  /// Dimensions.
  public var rank: Int { shape.count }

  /// Whether elements lie one after the other in row-major order.
  public var isContiguous: Bool {
    var expected = 1
    for i in stride(from: rank - 1, through: 0, by: -1) where shape[i] != 1 {
      if strides[i] != expected { return count == 0 }
      expected *= shape[i]
    }
    return true
  }

  /// The first element's address; `T` must be the storage type of `dtype`.
  ///
  /// Valid as long as a variable holds the tensor, or another one over the same storage: a temporary (`contiguous().pointer()`) is gone before
  /// its first use.
  public func pointer<T: Element>(as type: T.Type = T.self) -> UnsafeMutablePointer<T> {
    storage.pointer.assumingMemoryBound(to: T.self) + offset
  }

  /// The elements of a contiguous tensor of the right type, valid as long as `pointer(as:)` is.
  public func buffer<T: Element>(as type: T.Type = T.self) -> UnsafeMutableBufferPointer<T> {
    UnsafeMutableBufferPointer(start: pointer(as: T.self), count: count)
  }

  /// Bytes of its elements; of an expanded view at most `Int.max`, however many it repeats.
  public var byteCount: Int {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: dtype.size)
    return overflow ? Int.max : bytes
  }

  /// One element by its place in row-major order, as a Double (exact up to 2^53 for int64).
  public func element(at index: Int) -> Double {
    var rest = index
    var place = 0
    for i in stride(from: rank - 1, through: 0, by: -1) where shape[i] > 0 {
      place += rest % shape[i] * strides[i]
      rest /= shape[i]
    }
    switch dtype {
    case .float32: return Double(pointer(as: Float.self)[place])
    case .float64: return pointer(as: Double.self)[place]
    case .int64: return Double(pointer(as: Int64.self)[place])
    case .bool: return Double(pointer(as: UInt8.self)[place])
    }
  }

  /// Whether nothing else refers to its storage, so that it may be changed or handed on without a copy.
  public mutating func isUniquelyReferenced() -> Bool { isKnownUniquelyReferenced(&storage) }

  /// The value of a one-element tensor.
  public func item() throws -> Double {
    guard count == 1 else { throw CallerError("item: a tensor of one element expected, got shape \(shape.text)") }
    return element(at: 0)
  }

  /// All elements in row-major order, as T.
  public func array<T: Element>(of type: T.Type = T.self) throws -> [T] {
    let dense = try converted(to: T.dtype).contiguous()
    return Array(dense.buffer(as: T.self))
  }
}

/// Runs `body` with the Swift type that stores `dtype`.
@inline(__always)
func dispatch<R>(_ dtype: DType, _ body: (any Element.Type) throws -> R) rethrows -> R {
  switch dtype {
  case .bool: try body(UInt8.self)
  case .int64: try body(Int64.self)
  case .float32: try body(Float.self)
  case .float64: try body(Double.self)
  }
}
