import CVectorMath

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

// Elements sorted by one thread; longer lines are sorted in blocks of as many.
private let block = 1 << 15

/// What is sorted by its key: an item of 8 bytes for keys of 32 bits and places below 2^32, of 16 bytes for others.
private protocol SortItem {
  init(key: UInt64, place: Int)
  var index: Int { get }
  static var passes: Int { get }
  static func sort(_ items: UnsafeMutablePointer<Self>, _ scratch: UnsafeMutablePointer<Self>, _ n: Int)
  static func count(_ items: UnsafePointer<Self>, _ n: Int, _ pass: Int, _ counts: UnsafeMutablePointer<Int64>)
  static func place(_ items: UnsafePointer<Self>, _ n: Int, _ pass: Int, _ places: UnsafeMutablePointer<Int64>, _ to: UnsafeMutablePointer<Self>)
}

extension jvm_narrow_item: SortItem {
  init(key: UInt64, place: Int) { self = key << 32 | UInt64(truncatingIfNeeded: place) }
  var index: Int { Int(truncatingIfNeeded: self & 0xFFFF_FFFF) }
  static var passes: Int { Int(jvm_narrow_passes) }
  static func sort(_ items: UnsafeMutablePointer<Self>, _ scratch: UnsafeMutablePointer<Self>, _ n: Int) { jvm_sort_narrow(items, scratch, n) }
  static func count(_ items: UnsafePointer<Self>, _ n: Int, _ pass: Int, _ counts: UnsafeMutablePointer<Int64>) { jvm_count_narrow(items, n, Int32(pass), counts) }
  static func place(_ items: UnsafePointer<Self>, _ n: Int, _ pass: Int, _ places: UnsafeMutablePointer<Int64>, _ to: UnsafeMutablePointer<Self>) {
    jvm_place_narrow(items, n, Int32(pass), places, to)
  }
}

extension jvm_wide_item: SortItem {
  init(key: UInt64, place: Int) { self.init(key: key, place: UInt64(truncatingIfNeeded: place)) }
  var index: Int { Int(truncatingIfNeeded: place) }
  static var passes: Int { Int(jvm_wide_passes) }
  static func sort(_ items: UnsafeMutablePointer<Self>, _ scratch: UnsafeMutablePointer<Self>, _ n: Int) { jvm_sort_wide(items, scratch, n) }
  static func count(_ items: UnsafePointer<Self>, _ n: Int, _ pass: Int, _ counts: UnsafeMutablePointer<Int64>) { jvm_count_wide(items, n, Int32(pass), counts) }
  static func place(_ items: UnsafePointer<Self>, _ n: Int, _ pass: Int, _ places: UnsafeMutablePointer<Int64>, _ to: UnsafeMutablePointer<Self>) {
    jvm_place_wide(items, n, Int32(pass), places, to)
  }
}

// Whole numbers in the order of the elements: the bits of a float with the sign turned round, those of negative ones all; −0 is 0, and
// every NaN the largest.
@inline(__always)
private func key(_ x: Float) -> UInt64 {
  let bits = x == 0 ? 0 : x.bitPattern
  let rising = bits ^ (UInt32(bitPattern: Int32(bitPattern: bits) >> 31) | 1 << 31)
  return UInt64(x == x ? rising : .max)
}
@inline(__always)
private func key(_ x: Double) -> UInt64 {
  let bits = x == 0 ? 0 : x.bitPattern
  let rising = bits ^ (UInt64(bitPattern: Int64(bitPattern: bits) >> 63) | 1 << 63)
  return x == x ? rising : .max
}
@inline(__always)
private func key(_ x: Int64) -> UInt64 { UInt64(bitPattern: x) ^ 1 << 63 }

extension Tensor {
  /// The elements along dimension `d` in order, and the index from 0 each had; equal ones keep their order, a NaN counts as
  /// the largest number.
  public func sorted(_ d: Int, descending: Bool) throws -> (values: Tensor, indices: Tensor) {
    let last = rank - 1
    let x = try (d == last ? self : transposed(d, last)).contiguous()
    defer { withExtendedLifetime(x) {} }
    let values = try Tensor(uninitialized: x.shape, dtype), indices = try Tensor(uninitialized: x.shape, .int64)
    switch dtype {
    case .float32:
      if x.shape[last] <= UInt32.max {
        try Tensor.sort(x, into: values, indices, jvm_narrow_item.self) { (x: Float) in key(x) ^ (descending ? 0xFFFF_FFFF : 0) }
      } else {
        try Tensor.sort(x, into: values, indices, jvm_wide_item.self) { (x: Float) in key(x) ^ (descending ? 0xFFFF_FFFF : 0) }
      }
    case .float64: try Tensor.sort(x, into: values, indices, jvm_wide_item.self) { (x: Double) in key(x) ^ (descending ? .max : 0) }
    case .int64: try Tensor.sort(x, into: values, indices, jvm_wide_item.self) { (x: Int64) in key(x) ^ (descending ? .max : 0) }
    case .bool: try Tensor.sort(x, into: values, indices, jvm_wide_item.self) { (x: UInt8) in UInt64(x) ^ (descending ? 0xFF : 0) }
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
      if dtype == .float32, n <= pieceGrain {
        let (numbers, chosen, loop) = (x.pointer(as: Float.self), values.pointer(as: Float.self), jvm_kernels_in_use().pointee.leading_f32)
        try ThreadPool.parallelRanges(x.count / n, grain: max(1, elementwiseGrain / n)) { rows in
          for row in rows {
            loop?(numbers + row * n, n, k, descending, chosen + row * k, places + row * k)
            if first != 0 { for i in 0..<k { places[row * k + i] += Int64(first) } }
          }
        }
        return
      }
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

  @inline(__always)
  private static func sort<T: Element, Item: SortItem>(_ x: Tensor, into values: Tensor, _ indices: Tensor, _: Item.Type, _ key: (T) -> UInt64) throws {
    let n = x.shape[x.rank - 1]
    guard x.count > 0 else { return }
    let input = x.pointer(as: T.self), out = values.pointer(as: T.self), places = indices.pointer(as: Int64.self)
    func write(_ items: UnsafePointer<Item>, _ range: Range<Int>, line: Int) {
      for i in range {
        let place = items[i].index
        out[line + i] = input[line + place]
        places[line + i] = Int64(truncatingIfNeeded: place)
      }
    }
    guard n > block else {
      return try ThreadPool.parallelRanges(x.count / n, grain: max(1, 4096 / n)) { rows in
        withUnsafeTemporaryAllocation(of: Item.self, capacity: 2 * n) { buffer in
          guard let items = buffer.baseAddress else { return }
          for row in rows {
            for i in 0..<n { items[i] = Item(key: key(input[row * n + i]), place: i) }
            Item.sort(items, items + n, n)
            write(items, 0..<n, line: row * n)
          }
        }
      }
    }
    // A long line: in each pass the blocks count their digits, learn where theirs go, and place them.
    let width = MemoryLayout<Item>.stride, blocks = (n - 1) / block + 1, digits = Int(jvm_digits)
    let first = try Storage(byteCount: n * width), second = try Storage(byteCount: n * width), counts = try Tensor(uninitialized: [blocks, digits], .int64)
    defer { withExtendedLifetime((first, second, counts)) {} }
    let table = counts.pointer(as: Int64.self)
    for line in stride(from: 0, to: x.count, by: n) {
      var from = first.pointer.bindMemory(to: Item.self, capacity: n), to = second.pointer.bindMemory(to: Item.self, capacity: n)
      let start = from
      try ThreadPool.parallelRanges(n, grain: block) { for i in $0 { start[i] = Item(key: key(input[line + i]), place: i) } }
      for pass in 0..<Item.passes {
        let (a, b) = (from, to)
        try ThreadPool.parallelRanges(n, grain: block) { Item.count(a + $0.lowerBound, $0.count, pass, table + $0.lowerBound / block * digits) }
        var place: Int64 = 0, isSorted = false
        for digit in 0..<digits {
          let before = place
          for i in 0..<blocks { (table[i * digits + digit], place) = (place, place + table[i * digits + digit]) }
          isSorted = isSorted || place - before == n
        }
        if isSorted { continue }
        try ThreadPool.parallelRanges(n, grain: block) { Item.place(a + $0.lowerBound, $0.count, pass, table + $0.lowerBound / block * digits, b) }
        swap(&from, &to)
      }
      let order = from
      try ThreadPool.parallelRanges(n, grain: block) { write(order, $0, line: line) }
    }
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
