/// An element on its way to its place among others.
private struct Keyed<T: Element & Comparable> {
  var key: T
  var place: Int64

  // A NaN alone differs from itself. The place decides between equals, so that there is one order.
  @inline(__always)
  static func isBefore(_ a: Keyed, _ b: Keyed, _ descending: Bool) -> Bool {
    let (aIsNaN, bIsNaN) = (!(a.key == a.key), !(b.key == b.key))
    if aIsNaN || bIsNaN { return aIsNaN == bIsNaN ? a.place < b.place : aIsNaN == descending }
    if a.key == b.key { return a.place < b.place }
    return descending ? a.key > b.key : a.key < b.key
  }
}

// Elements sorted at once; longer lines are merged from blocks of as many.
private let block = 1 << 15

extension Tensor {
  /// The elements along dimension `d` in order, and the index from 0 each had; equal ones keep their order, a NaN counts as
  /// the largest number.
  public func sorted(_ d: Int, descending: Bool) throws -> (values: Tensor, indices: Tensor) {
    let last = rank - 1
    let x = try (d == last ? self : transposed(d, last)).contiguous()
    defer { withExtendedLifetime(x) {} }
    let values = try Tensor(uninitialized: x.shape, dtype), indices = try Tensor(uninitialized: x.shape, .int64)
    switch dtype {
    case .float32: try Tensor.sort(Float.self, x, into: values, indices, descending)
    case .float64: try Tensor.sort(Double.self, x, into: values, indices, descending)
    case .int64: try Tensor.sort(Int64.self, x, into: values, indices, descending)
    case .bool: try Tensor.sort(UInt8.self, x, into: values, indices, descending)
    }
    return d == last ? (values, indices) : (values.transposed(d, last), indices.transposed(d, last))
  }

  /// The first `k` elements of what `sorted` gives along the last dimension, with their indices counted from `first`; `k` at most its size and
  /// small: each element is held against the k best so far.
  public func leading(_ k: Int, descending: Bool, countingFrom first: Int = 0) throws -> (values: Tensor, indices: Tensor) {
    let x = try contiguous()
    defer { withExtendedLifetime(x) {} }
    var shape = x.shape
    shape[rank - 1] = k
    let values = try Tensor(uninitialized: shape, dtype), indices = try Tensor(uninitialized: shape, .int64)
    func choose<T: Element & Comparable>(_: T.Type) throws {
      let n = x.shape[rank - 1], input = x.pointer(as: T.self), out = values.pointer(as: T.self), places = indices.pointer(as: Int64.self)
      guard k > 0, n > 0 else { return }
      try ThreadPool.parallelRanges(x.count / n, grain: max(1, elementwiseGrain / n)) { rows in
        withUnsafeTemporaryAllocation(of: Keyed<T>.self, capacity: k) { best in
          for row in rows {
            var held = 0
            for i in 0..<n {
              if i & (pieceGrain - 1) == 0, Interrupted.isRequested { return }
              let next = Keyed(key: input[row * n + i], place: Int64(i))
              if held == k, !Keyed.isBefore(next, best[k - 1], descending) { continue }
              var at = held < k ? held : k - 1
              while at > 0, Keyed.isBefore(next, best[at - 1], descending) {
                best[at] = best[at - 1]
                at -= 1
              }
              best[at] = next
              if held < k { held += 1 }
            }
            for i in 0..<k { (out[row * k + i], places[row * k + i]) = (best[i].key, best[i].place + Int64(first)) }
          }
        }
      }
      try Interrupted.check()
    }
    switch dtype {
    case .float32: try choose(Float.self)
    case .float64: try choose(Double.self)
    case .int64: try choose(Int64.self)
    case .bool: try choose(UInt8.self)
    }
    return (values, indices)
  }

  private static func sort<T: Element & Comparable>(_: T.Type, _ x: Tensor, into values: Tensor, _ indices: Tensor, _ descending: Bool) throws {
    let n = x.shape[x.rank - 1]
    guard x.count > 0 else { return }
    let input = x.pointer(as: T.self), out = values.pointer(as: T.self), places = indices.pointer(as: Int64.self)
    if n > block {
      for row in 0..<(x.count / n) { try sortLong(input + row * n, n, out + row * n, places + row * n, descending) }
      return
    }
    try ThreadPool.parallelRanges(x.count / n, grain: max(1, 4096 / n)) { rows in
      var order = [Keyed<T>]()
      for row in rows {
        order.removeAll(keepingCapacity: true)
        for i in 0..<n { order.append(Keyed(key: input[row * n + i], place: Int64(i))) }
        order.sort { Keyed.isBefore($0, $1, descending) }
        for (i, element) in order.enumerated() {
          out[row * n + i] = element.key
          places[row * n + i] = element.place
        }
      }
    }
  }

  // Blocks are sorted in parallel, then merged in pairs; there is one order, whoever finds it.
  private static func sortLong<T: Element & Comparable>(
    _ input: UnsafePointer<T>, _ n: Int, _ out: UnsafeMutablePointer<T>, _ places: UnsafeMutablePointer<Int64>, _ descending: Bool
  ) throws {
    let width = MemoryLayout<Keyed<T>>.stride
    let first = try Storage(byteCount: n * width), second = try Storage(byteCount: n * width)
    var from = first.pointer.bindMemory(to: Keyed<T>.self, capacity: n), to = second.pointer.bindMemory(to: Keyed<T>.self, capacity: n)
    let start = from
    try ThreadPool.parallelRanges(n, grain: block) { range in
      for i in range { start[i] = Keyed(key: input[i], place: Int64(i)) }
      var part = UnsafeMutableBufferPointer(start: start + range.lowerBound, count: range.count)
      part.sort { Keyed.isBefore($0, $1, descending) }
    }
    var length = block
    while length < n {
      let (a, b) = (from, to)
      ThreadPool.parallel((n - 1) / (2 * length) + 1) { pair in
        let low = pair * 2 * length, middle = min(low + length, n), high = min(low + 2 * length, n)
        var i = low, j = middle
        for k in low..<high {
          if k & (pieceGrain - 1) == 0, Interrupted.isRequested { return }
          if i < middle && (j >= high || !Keyed.isBefore(a[j], a[i], descending)) {
            b[k] = a[i]
            i += 1
          } else {
            b[k] = a[j]
            j += 1
          }
        }
      }
      try Interrupted.check()
      swap(&from, &to)
      length *= 2
    }
    let order = from
    try ThreadPool.parallelRanges(n, grain: pieceGrain) { range in
      for i in range {
        out[i] = order[i].key
        places[i] = order[i].place
      }
    }
    // The elements lie in these two until here.
    withExtendedLifetime((first, second)) {}
  }

  /// How many elements fall into each of `bins` equal intervals of `[low, high]`, the last one closed; others and NaN are left out.
  public func histogram(bins: Int, from low: Double, to high: Double) throws -> Tensor {
    let x = try converted(to: .float64).contiguous()
    defer { withExtendedLifetime(x) {} }
    let result = try Tensor(filling: [bins], with: 0, .float64)
    let counts = result.pointer(as: Double.self), numbers = x.pointer(as: Double.self)
    let width = high - low
    for first in stride(from: 0, to: x.count, by: pieceGrain) {
      try Interrupted.check()
      for i in first..<Swift.min(x.count, first + pieceGrain) where numbers[i] >= low && numbers[i] <= high {
        let place = (numbers[i] - low) / width * Double(bins)
        counts[Swift.min(bins - 1, Swift.max(0, place < Double(bins) ? Int(place) : bins - 1))] += 1
      }
    }
    return try result.converted(to: dtype)
  }
}
