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
    let source = try contiguous(), result = try Tensor(uninitialized: self.shape, .int64)
    defer { withExtendedLifetime(source) {} }
    let fromOne = source.pointer(as: Int64.self), places = result.pointer(as: Int64.self), limit = Int64(size)
    // Whether a place in the range is negative or lies beyond the last.
    func convert(_ range: Range<Int>) -> Bool {
      var signs: Int64 = 0
      for i in range {
        let given = fromOne[i], place = given < 0 ? given &+ limit : given &- 1
        places[i] = place
        signs |= place | (limit &- 1 &- place)
      }
      return signs < 0
    }
    var suspects = 0..<0
    if count <= elementwiseGrain {
      if convert(0..<count) { suspects = 0..<count }
    } else {
      let blocks = try Tensor(uninitialized: [(count - 1) / elementwiseGrain + 1], .bool), isBad = blocks.buffer(as: UInt8.self)
      defer { withExtendedLifetime(blocks) {} }
      try ThreadPool.parallelRanges(count, grain: elementwiseGrain) { isBad[$0.lowerBound / elementwiseGrain] = convert($0) ? 1 : 0 }
      if let block = isBad.firstIndex(of: 1) { suspects = (block * elementwiseGrain)..<Swift.min(count, (block + 1) * elementwiseGrain) }
    }
    guard let bad = suspects.first(where: { places[$0] < 0 || places[$0] >= limit }) else { return result }
    throw CallerError("\(name): position \(fromOne[bad]) is outside dimension \(d + 1) of shape \(shape.text)")
  }

  /// The entries of dimension `d` at `indices` (int64 of one dimension, contiguous, from 0, checked by the caller), in that order.
  public func indexed(_ d: Int, at indices: Tensor) throws -> Tensor {
    let (x, outer, n, inner, _) = try split(at: d, keep: true)
    defer { withExtendedLifetime(x) {} }
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
    // Along the last dimension, as one picks the scores of classes: rows of places beside whole rows.
    let isByRows =
      d == rank - 1 && indices.rank == rank && indices.count > 0 && isContiguous && indices.isContiguous
      && (0..<d).allSatisfy { shape[$0] == indices.shape[$0] }
    let rows = isByRows ? (length: shape[d], chosen: indices.shape[d]) : nil
    func copy<T: Element>(_: T.Type) throws {
      let input = pointer(as: T.self), out = result.pointer(as: T.self)
      if let (length, chosen) = rows {
        let places = indices.pointer(as: Int64.self)
        try ThreadPool.parallelRanges(indices.count / chosen, grain: max(1, elementwiseGrain / chosen)) { range in
          for row in range {
            let (from, at, to) = (input + row * length, places + row * chosen, out + row * chosen)
            for i in 0..<chosen { to[i] = from[Int(at[i])] }
          }
        }
        return
      }
      try ThreadPool.parallelRanges(indices.count, grain: elementwiseGrain) { range in
        var at = range.lowerBound
        Tensor.forEachIndexed(indices, range, along: d, own: strides, by: strides) { _, place in
          out[at] = input[place]
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

  /// Adds `values` into this contiguous tensor at `indices` (int64, from 0, checked by the caller) along dimension `d`:
  /// `self[…, indices[…, j, …], …] += values[…, j, …]`. Values and indices have one shape.
  ///
  /// Stops early once Ctrl-C was pressed: the caller asks `Interrupted.check()` before it uses the sums.
  public func scatter(_ values: Tensor, at indices: Tensor, along d: Int) {
    // Lines along d never meet, so they are shared out along the longest other dimension; the order within each stays.
    var across: Int?
    for i in 0..<indices.rank where i != d && indices.shape[i] > 1 && indices.shape[i] > across.map({ indices.shape[$0] }) ?? 0 { across = i }
    guard let across, indices.count > elementwiseGrain else { return scatterInOrder(values, at: indices, along: d) }
    let size = indices.shape[across], perLine = max(1, indices.count / size)
    let lines = max(1, elementwiseGrain / perLine)
    ThreadPool.parallel((size - 1) / lines + 1) { i in
      let first = i * lines, length = min(lines, size - first)
      narrowed(across, from: first, length: length).scatterInOrder(
        values.narrowed(across, from: first, length: length), at: indices.narrowed(across, from: first, length: length), along: d)
    }
  }

  private func scatterInOrder(_ values: Tensor, at indices: Tensor, along d: Int) {
    func add<T: Element & Numeric>(_: T.Type, _ sum: (T, T) -> T) {
      let source = values.pointer(as: T.self), out = pointer(as: T.self)
      for first in stride(from: 0, to: indices.count, by: pieceGrain) {
        if Interrupted.isRequested { return }
        Tensor.forEachIndexed(indices, first..<min(indices.count, first + pieceGrain), along: d, own: values.strides, by: strides) { from, place in
          out[place] = sum(out[place], source[from])
        }
      }
    }
    switch dtype {
    case .float32: add(Float.self, +)
    case .float64: add(Double.self, +)
    case .int64: add(Int64.self, &+)
    case .bool: add(UInt8.self, |)
    }
  }

  // Walks a range of the indices in row-major order: `body(place of the same index by the strides own, place that the index
  // names by targetStrides)`.
  @inline(__always)
  private static func forEachIndexed(
    _ indices: Tensor, _ range: Range<Int>, along d: Int, own: Dimensions, by targetStrides: Dimensions, _ body: (Int, Int) -> Void
  ) {
    let places = indices.pointer(as: Int64.self), rank = indices.rank
    guard rank > 0 else { return body(0, 0) }
    var index = Dimensions(repeating: 0, count: rank), rest = range.lowerBound
    for i in stride(from: rank - 1, through: 0, by: -1) {
      index[i] = rest % indices.shape[i]
      rest /= indices.shape[i]
    }
    let last = rank - 1
    let (ownStep, step, toStep, along) = (own[last], indices.strides[last], d == last ? 0 : targetStrides[last], targetStrides[d])
    var left = range.count
    while left > 0 {
      var from = 0, at = 0, to = 0
      for i in 0..<rank {
        from += index[i] * own[i]
        at += index[i] * indices.strides[i]
        if i != d { to += index[i] * targetStrides[i] }
      }
      let length = min(left, indices.shape[last] - index[last])
      for _ in 0..<length {
        body(from, to &+ Int(places[at]) &* along)
        from &+= ownStep
        at &+= step
        to &+= toStep
      }
      left -= length
      index[last] = 0
      var i = last - 1
      while i >= 0 {
        index[i] += 1
        if index[i] < indices.shape[i] { break }
        index[i] = 0
        i -= 1
      }
    }
  }
}
