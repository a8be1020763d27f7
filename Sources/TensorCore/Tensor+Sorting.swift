extension Tensor {
  /// The elements along dimension `d` in order, and the index from 0 each had; equal ones keep their order, a NaN counts as
  /// the largest number.
  public func sorted(_ d: Int, descending: Bool) throws -> (values: Tensor, indices: Tensor) {
    let last = rank - 1
    let x = try (d == last ? self : transposed(d, last)).contiguous()
    let n = x.shape[last]
    let values = try Tensor(uninitialized: x.shape, dtype), indices = try Tensor(uninitialized: x.shape, .int64)
    let places = indices.pointer(as: Int64.self)
    func sort<T: Element & Comparable>(_: T.Type) throws {
      let input = x.pointer(as: T.self), out = values.pointer(as: T.self)
      try ThreadPool.parallelRanges(n == 0 ? 0 : x.count / n, grain: max(1, 4096 / max(n, 1))) { rows in
        var order = [(key: T, place: Int64)]()
        for row in rows {
          order.removeAll(keepingCapacity: true)
          for i in 0..<n { order.append((input[row * n + i], Int64(i))) }
          // A NaN alone differs from itself. The place decides between equals, so that the order is one.
          order.sort { a, b in
            let (aIsNaN, bIsNaN) = (!(a.key == a.key), !(b.key == b.key))
            if aIsNaN || bIsNaN { return aIsNaN == bIsNaN ? a.place < b.place : aIsNaN == descending }
            if a.key == b.key { return a.place < b.place }
            return descending ? a.key > b.key : a.key < b.key
          }
          for (i, element) in order.enumerated() {
            out[row * n + i] = element.key
            places[row * n + i] = element.place
          }
        }
      }
    }
    switch dtype {
    case .float32: try sort(Float.self)
    case .float64: try sort(Double.self)
    case .int64: try sort(Int64.self)
    case .bool: try sort(UInt8.self)
    }
    return d == last ? (values, indices) : (values.transposed(d, last), indices.transposed(d, last))
  }

  /// How many elements fall into each of `bins` equal intervals of `[low, high]`, the last one closed; others and NaN are left out.
  public func histogram(bins: Int, from low: Double, to high: Double) throws -> Tensor {
    let x = try converted(to: .float64).contiguous()
    let result = try Tensor(filling: [bins], with: 0, .float64)
    let counts = result.pointer(as: Double.self)
    let width = high - low
    for value in x.buffer(as: Double.self) where value >= low && value <= high {
      let place = (value - low) / width * Double(bins)
      counts[min(bins - 1, max(0, place < Double(bins) ? Int(place) : bins - 1))] += 1
    }
    return try result.converted(to: dtype)
  }
}
