extension Tensor {
  /// Seen as one row; only for tensors that are contiguous or have one element.
  public func reshapedToRow() -> Tensor {
    Tensor(storage: storage, dtype: dtype, shape: [count], strides: [1], offset: offset)
  }

  /// These positions, from 1 or from −1 backwards, counted from 0 instead.
  ///
  /// - Parameters:
  ///   - size: of the dimension `d` of the tensor of `shape` that they point into, for the error.
  /// Throws CallerError for a type other than int64 and for positions outside `1 ... size`.
  public func positionsFromZero(size: Int, dimension d: Int, of shape: Dimensions, name: String) throws -> Tensor {
    guard dtype == .int64 else { throw CallerError("\(name): expected positions of int64, got \(dtype.name); convert them with :to(\"int64\")") }
    let result = try clone()
    let places = result.pointer(as: Int64.self), limit = Int64(size)
    for i in 0..<count {
      let given = places[i]
      let place = given < 0 ? given &+ limit : given &- 1
      guard given != 0, place >= 0, place < limit else {
        throw CallerError("\(name): position \(given) is outside dimension \(d + 1) of shape \(shape.text)")
      }
      places[i] = place
    }
    return result
  }

  /// The entries of dimension `d` at `indices` (int64 of one dimension, contiguous, from 0, checked by the caller), in that order.
  public func indexed(_ d: Int, at indices: Tensor) throws -> Tensor {
    let (x, outer, n, inner, _) = try split(at: d, keep: true)
    var shape = self.shape
    shape[d] = indices.count
    let result = try Tensor(uninitialized: shape, dtype)
    guard result.count > 0 else { return result }
    let places = indices.pointer(as: Int64.self), m = indices.count
    func copy<T: Element>(_: T.Type) throws {
      let input = x.pointer(as: T.self), out = result.pointer(as: T.self)
      try ThreadPool.parallelRanges(outer * m, grain: max(1, elementwiseGrain / max(inner, 1))) { range in
        for row in range {
          let from = input + ((row / m) * n + Int(places[row % m])) * inner
          if inner == 1 { out[row] = from.pointee } else { (out + row * inner).update(from: from, count: inner) }
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

  /// `out[…, j, …] = self[…, indices[…, j, …], …]` along dimension `d`; the indices count from 0 and are checked by the caller.
  public func gathered(_ d: Int, at indices: Tensor) throws -> Tensor {
    let result = try Tensor(uninitialized: indices.shape, dtype)
    func copy<T: Element>(_: T.Type) {
      let input = pointer(as: T.self), out = result.pointer(as: T.self)
      var at = 0
      forEachIndexed(indices, along: d, by: strides) { _, place in
        out[at] = input[place]
        at += 1
      }
    }
    switch dtype {
    case .bool: copy(UInt8.self)
    case .int64: copy(Int64.self)
    case .float32: copy(Float.self)
    case .float64: copy(Double.self)
    }
    return result
  }

  /// Adds `values` into this contiguous tensor at `indices` (int64, from 0, checked by the caller) along dimension `d`:
  /// `self[…, indices[…, j, …], …] += values[…, j, …]`. Values and indices have one shape.
  public func scatter(_ values: Tensor, at indices: Tensor, along d: Int) {
    func add<T: Element & Numeric>(_: T.Type, _ sum: (T, T) -> T) {
      let source = values.pointer(as: T.self), out = pointer(as: T.self)
      values.forEachIndexed(indices, along: d, by: strides) { from, place in out[place] = sum(out[place], source[from]) }
    }
    switch dtype {
    case .float32: add(Float.self, +)
    case .float64: add(Double.self, +)
    case .int64: add(Int64.self, &+)
    case .bool: add(UInt8.self, |)
    }
  }

  // Walks the indices in row-major order: `body(place of the same index in self, place that the index names)`, the second
  // by `targetStrides`.
  @inline(__always)
  private func forEachIndexed(_ indices: Tensor, along d: Int, by targetStrides: Dimensions, _ body: (Int, Int) -> Void) {
    let places = indices.pointer(as: Int64.self)
    var index = Dimensions(repeating: 0, count: indices.rank)
    for _ in 0..<indices.count {
      var own = 0, at = 0, to = 0
      for i in 0..<indices.rank {
        own += index[i] * strides[i]
        at += index[i] * indices.strides[i]
        if i != d { to += index[i] * targetStrides[i] }
      }
      body(own, to + Int(places[at]) * targetStrides[d])
      var i = indices.rank - 1
      while i >= 0 {
        index[i] += 1
        if index[i] < indices.shape[i] { break }
        index[i] = 0
        i -= 1
      }
    }
  }
}
