import CVectorMath

private var kernels: UnsafePointer<jvm_kernels> { jvm_kernels_in_use() }

// Columns whose running totals stay in the nearest cache, and elements of a long line that one thread adds up.
private let totalsStrip = 256, lineBlock = 1 << 16

extension Tensor {
  /// What `scanned` computes along a dimension.
  public enum Scan: Sendable {
    /// Σ of all elements up to each place.
    case sum
    /// Σ of all elements from each place on.
    case sumFromEnd
    /// Π of all other elements: the derivative of the product.
    case productOfOthers
  }

  /// Running sums and products along dimension `d`, in double precision within; bools count as int64.
  public func scanned(_ scan: Scan, _ d: Int) throws -> Tensor {
    let (x, outer, n, inner, _) = try (dtype == .bool ? converted(to: .int64) : self).split(at: d, keep: true)
    defer { withExtendedLifetime(x) {} }
    let result = try Tensor(uninitialized: shape, x.dtype)
    // Lines are shared out; a long one asks for Ctrl-C on its way.
    func stops(_ step: Int) -> Bool { step & (pieceGrain - 1) == 0 && Interrupted.isRequested }
    func forEachLine(_ body: (Range<Int>) -> Void) throws {
      try ThreadPool.parallelRanges(outer * inner, grain: max(1, elementwiseGrain / max(n, 1)), body)
      try Interrupted.check()
    }
    // Whole numbers along another dimension than the last: a strip of columns at a time, row after row as they lie in memory.
    // Inlined, so that its closures become part of a vector loop: called, they took ten times as long.
    @inline(__always)
    func runColumns<T: Element>(_: T.Type, _ zero: T, _ add: (T, T) -> T) throws {
      let input = x.pointer(as: T.self), out = result.pointer(as: T.self)
      let strips = (inner - 1) / columnStrip + 1
      try ThreadPool.parallelRanges(outer * strips, grain: max(1, elementwiseGrain / max(n * min(inner, columnStrip), 1))) { parts in
        withUnsafeTemporaryAllocation(of: T.self, capacity: columnStrip) { totals in
          guard let total = totals.baseAddress else { return }
          for part in parts {
            let column = part % strips * columnStrip, first = part / strips * n * inner + column, width = min(columnStrip, inner - column)
            total.initialize(repeating: zero, count: width)
            for step in 0..<n {
              if stops(step &* columnStrip) { return }
              let at = first + (scan == .sumFromEnd ? n - 1 - step : step) * inner
              let (from, to) = (input + at, out + at)
              for j in 0..<width {
                total[j] = add(total[j], from[j])
                to[j] = total[j]
              }
            }
          }
        }
      }
      try Interrupted.check()
    }
    if scan != .productOfOthers, x.dtype.isFloatingPoint, result.count > 0 {
      let k = kernels, fromEnd = scan == .sumFromEnd
      if x.dtype == .float32 {
        try Tensor.runningSums(x, into: result, Float.self, (outer, n, inner), fromEnd, rows: k.pointee.running_rows_f32, line: k.pointee.running_line_f32)
      } else {
        try Tensor.runningSums(x, into: result, Double.self, (outer, n, inner), fromEnd, rows: k.pointee.running_rows_f64, line: k.pointee.running_line_f64)
      }
      return result
    }
    if inner > 1, result.count > 0, scan != .productOfOthers {
      try runColumns(Int64.self, Int64(0)) { $0 &+ $1 }
      return result
    }
    @inline(__always)
    func runProducts<T: Element>(_: T.Type, _ wide: (T) -> Double, _ narrow: (Double) -> T) throws {
      let input = x.pointer(as: T.self), out = result.pointer(as: T.self)
      try forEachLine { lines in
        var before = [Double](repeating: 1, count: n)
        for line in lines {
          let start = line / inner * n * inner + line % inner
          for step in 1..<max(n, 1) { before[step] = before[step - 1] * wide(input[start + (step - 1) * inner]) }
          var after = 1.0
          for step in stride(from: n - 1, through: 0, by: -1) {
            if stops(step) { return }
            out[start + step * inner] = narrow(before[step] * after)
            after *= wide(input[start + step * inner])
          }
        }
      }
    }
    switch x.dtype {
    case .float32: try runProducts(Float.self, { Double($0) }, { Float($0) })
    case .float64: try runProducts(Double.self, { $0 }, { $0 })
    case .int64, .bool:
      // Whole numbers stay exact and wrap around.
      let input = x.pointer(as: Int64.self), out = result.pointer(as: Int64.self)
      try forEachLine { lines in
        for line in lines {
          let start = line / inner * n * inner + line % inner
          var total: Int64 = 0
          for step in 0..<n {
            if stops(step) { return }
            let at = start + (scan == .sumFromEnd ? n - 1 - step : step) * inner
            total &+= input[at]
            out[at] = total
          }
        }
      }
    }
    return result
  }

  // Sums of lines [outer, n, inner] along n. Columns are shared out, whole lines where inner is 1, and of one long line blocks of fixed size,
  // whose totals are added up first.
  private static func runningSums<T: Element>(
    _ x: Tensor, into result: Tensor, _: T.Type, _ sizes: (outer: Int, n: Int, inner: Int), _ fromEnd: Bool,
    rows: (UnsafePointer<T>, UnsafeMutablePointer<T>, UnsafeMutablePointer<Double>, Int, Int, Int) -> Void,
    line: (UnsafePointer<T>, UnsafeMutablePointer<T>?, Int, Bool, Double) -> Double
  ) throws {
    let (outer, n, inner) = sizes, input = UnsafePointer(x.pointer(as: T.self)), out = result.pointer(as: T.self)
    defer { withExtendedLifetime(x) {} }
    if inner > 1 {
      let strips = (inner - 1) / totalsStrip + 1, width = ((inner - 1) / strips / 16 + 1) * 16
      try ThreadPool.parallelRanges(outer * strips, grain: max(1, elementwiseGrain / max(n * min(inner, width), 1))) { parts in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { totals in
          guard let total = totals.baseAddress else { return }
          for part in parts {
            let column = part % strips * width, columns = min(width, inner - column)
            if columns <= 0 { continue }
            let first = part / strips * n * inner + column
            total.initialize(repeating: 0, count: columns)
            let chunk = max(1, pieceGrain / columns)
            for start in stride(from: 0, to: n, by: chunk) {
              if Interrupted.isRequested { return }
              let at = first + (fromEnd ? n - 1 - start : start) * inner
              rows(input + at, out + at, total, min(chunk, n - start), columns, fromEnd ? -inner : inner)
            }
          }
        }
      }
    } else if n <= 2 * lineBlock {
      try ThreadPool.parallelRanges(outer, grain: max(1, elementwiseGrain / n)) { lines in
        for i in lines { _ = line(input + i * n, out + i * n, n, fromEnd, 0) }
      }
    } else {
      let blocks = (n - 1) / lineBlock + 1
      let carries = try Tensor(uninitialized: [blocks], .float64), carry = carries.pointer(as: Double.self)
      defer { withExtendedLifetime(carries) {} }
      for i in 0..<outer {
        let (from, to) = (input + i * n, out + i * n)
        try ThreadPool.parallelRanges(n, grain: lineBlock) { carry[$0.lowerBound / lineBlock] = line(from + $0.lowerBound, nil, $0.count, fromEnd, 0) }
        var total = 0.0
        for step in 0..<blocks {
          let block = fromEnd ? blocks - 1 - step : step
          (carry[block], total) = (total, total + carry[block])
        }
        try ThreadPool.parallelRanges(n, grain: lineBlock) {
          _ = line(from + $0.lowerBound, to + $0.lowerBound, $0.count, fromEnd, carry[$0.lowerBound / lineBlock])
        }
      }
    }
    try Interrupted.check()
  }

  /// The product over dimension `d`, which stays with size 1 where `keep` is set; bools count as int64.
  public func product(_ d: Int, keep: Bool) throws -> Tensor {
    let (x, outer, n, inner, shape) = try (dtype == .bool ? converted(to: .int64) : self).split(at: d, keep: keep)
    defer { withExtendedLifetime(x) {} }
    let result = try Tensor(uninitialized: shape, x.dtype)
    @inline(__always)
    func run<T: Element, Wide>(_: T.Type, _ one: Wide, _ multiply: (Wide, T) -> Wide, _ narrow: (Wide) -> T) throws {
      let input = x.pointer(as: T.self), out = result.pointer(as: T.self)
      try ThreadPool.parallelRanges(outer * inner, grain: max(1, elementwiseGrain / max(n, 1))) { lines in
        for line in lines {
          var total = one
          for j in 0..<n {
            if j & (pieceGrain - 1) == 0, Interrupted.isRequested { return }
            total = multiply(total, input[(line / inner * n + j) * inner + line % inner])
          }
          out[line] = narrow(total)
        }
      }
      try Interrupted.check()
    }
    switch x.dtype {
    case .float32: try run(Float.self, 1.0, { $0 * Double($1) }, { Float($0) })
    case .float64: try run(Double.self, 1.0, { $0 * $1 }, { $0 })
    case .int64, .bool: try run(Int64.self, Int64(1), { $0 &* $1 }, { $0 })
    }
    return result
  }
}
