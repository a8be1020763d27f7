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
    // Along another dimension than the last: a strip of columns at a time, row after row as they lie in memory.
    // Inlined, so that its closures become part of a vector loop: called, they took ten times as long.
    @inline(__always)
    func runColumns<T: Element, Total>(_: T.Type, _ zero: Total, _ add: (Total, T) -> Total, _ narrow: (Total) -> T) throws {
      let input = x.pointer(as: T.self), out = result.pointer(as: T.self)
      let strips = (inner - 1) / columnStrip + 1
      try ThreadPool.parallelRanges(outer * strips, grain: max(1, elementwiseGrain / max(n * min(inner, columnStrip), 1))) { parts in
        withUnsafeTemporaryAllocation(of: Total.self, capacity: columnStrip) { totals in
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
                to[j] = narrow(total[j])
              }
            }
          }
        }
      }
      try Interrupted.check()
    }
    if inner > 1, result.count > 0, scan != .productOfOthers {
      switch x.dtype {
      case .float32: try runColumns(Float.self, 0.0, { $0 + Double($1) }, { Float($0) })
      case .float64: try runColumns(Double.self, 0.0, { $0 + $1 }, { $0 })
      case .int64, .bool: try runColumns(Int64.self, Int64(0), { $0 &+ $1 }, { $0 })
      }
      return result
    }
    @inline(__always)
    func run<T: Element>(_: T.Type, _ wide: (T) -> Double, _ narrow: (Double) -> T) throws {
      let input = x.pointer(as: T.self), out = result.pointer(as: T.self)
      try forEachLine { lines in
        var before = [Double](repeating: 1, count: scan == .productOfOthers ? n : 0)
        for line in lines {
          let start = line / inner * n * inner + line % inner
          if scan == .productOfOthers {
            for step in 1..<max(n, 1) { before[step] = before[step - 1] * wide(input[start + (step - 1) * inner]) }
            var after = 1.0
            for step in stride(from: n - 1, through: 0, by: -1) {
              out[start + step * inner] = narrow(before[step] * after)
              after *= wide(input[start + step * inner])
            }
          } else {
            var total = 0.0
            for step in 0..<n {
              if stops(step) { return }
              let at = start + (scan == .sumFromEnd ? n - 1 - step : step) * inner
              total += wide(input[at])
              out[at] = narrow(total)
            }
          }
        }
      }
    }
    switch x.dtype {
    case .float32: try run(Float.self, { Double($0) }, { Float($0) })
    case .float64: try run(Double.self, { $0 }, { $0 })
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
