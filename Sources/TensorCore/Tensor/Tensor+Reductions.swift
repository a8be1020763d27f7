import CVectorMath
import Glibc

private var kernels: UnsafePointer<jvm_kernels> { jvm_kernels_in_use() }

// Columns that loops over the rows of a matrix take at once.
let columnStrip = 64

extension Tensor {
  /// The sum of all elements, in the tensor's type (bools count as int64).
  public func sum() throws -> Tensor {
    switch dtype {
    case .float32:
      let x = try contiguous()
      return try Tensor(scalar: blockSum(x.count) { kernels.pointee.sum_f32(x.pointer(as: Float.self) + $0.lowerBound, $0.count) }, .float32)
    case .float64:
      let x = try contiguous()
      return try Tensor(scalar: blockSum(x.count) { kernels.pointee.sum_f64(x.pointer(as: Double.self) + $0.lowerBound, $0.count) }, .float64)
    case .int64, .bool:
      let x = try converted(to: .int64).contiguous()
      let result = try Tensor(uninitialized: [], .int64)
      defer { withExtendedLifetime(x) {} }
      let p = x.pointer(as: Int64.self), blocks = (x.count + pieceGrain - 1) / pieceGrain
      // Sums that wrap around are the same in any order.
      let parts = try Tensor(uninitialized: [max(blocks, 1)], .int64), out = parts.pointer(as: Int64.self)
      defer { withExtendedLifetime(parts) {} }
      out[0] = 0
      ThreadPool.parallel(blocks) { i in
        var total: Int64 = 0
        for j in (i * pieceGrain)..<min(x.count, (i + 1) * pieceGrain) { total &+= p[j] }
        out[i] = total
      }
      result.pointer(as: Int64.self).pointee = parts.buffer(as: Int64.self).reduce(0, &+)
      return result
    }
  }

  /// Σ x² over all elements of a floating-point tensor, in its type.
  public func sumOfSquares() throws -> Tensor {
    guard dtype == .float32 else { return try multiplied(by: self).sum() }
    let x = try contiguous(), k = kernels, numbers = x.pointer(as: Float.self)
    defer { withExtendedLifetime(x) {} }
    return try Tensor(scalar: blockSum(count) { k.pointee.sum_of_squares_f32(numbers + $0.lowerBound, nil, $0.count) }, .float32)
  }

  /// Σ (x − y)² over all elements of two floating-point tensors of one shape, in the type both promote to.
  public func sumOfSquares(from other: Tensor) throws -> Tensor {
    guard dtype == .float32, other.dtype == .float32 else { return try subtracting(other).sumOfSquares() }
    let x = try contiguous(), y = try other.contiguous(), k = kernels, (a, b) = (x.pointer(as: Float.self), y.pointer(as: Float.self))
    defer { withExtendedLifetime((x, y)) {} }
    return try Tensor(scalar: blockSum(count) { k.pointee.sum_of_squares_f32(a + $0.lowerBound, b + $0.lowerBound, $0.count) }, .float32)
  }

  // Blocks of fixed size whose sums are added in order: the same bits for any number of threads.
  private func blockSum(_ count: Int, _ sum: (Range<Int>) -> Double) -> Double {
    let grain = 1 << 16
    let blocks = (count + grain - 1) / grain
    guard blocks > 1 else { return count > 0 ? sum(0..<count) : 0 }
    var parts = [Double](repeating: 0, count: blocks)
    parts.withUnsafeMutableBufferPointer { buffer in
      // Each index writes its own element.
      nonisolated(unsafe) let out = buffer
      ThreadPool.parallel(blocks) { i in out[i] = sum((i * grain)..<min(count, (i + 1) * grain)) }
    }
    return parts.reduce(0, +)
  }

  /// The sum over dimension `d`, which stays with size 1 where `keep` is set.
  public func sum(_ d: Int, keep: Bool) throws -> Tensor {
    let k = kernels
    // The sums over the batch of rows that are padded, as the gradients of biases are: no copy first.
    if d == 0, rank == 2, dtype == .float32, strides[1] == 1, strides[0] > shape[1] {
      let result = try Tensor(uninitialized: keep ? [1, shape[1]] : [shape[1]])
      k.pointee.sum_rows_f32(pointer(as: Float.self), shape[0], shape[1], strides[0], result.pointer(as: Float.self))
      return result
    }
    let (x, outer, n, inner, shape) = try split(at: d, keep: keep)
    defer { withExtendedLifetime(x) {} }
    let result = try Tensor(uninitialized: shape, dtype == .bool ? .int64 : dtype)
    // One wide matrix: columns are shared out, and a column's sum does not depend on its neighbours.
    if outer == 1, inner > columnStrip, dtype.isFloatingPoint {
      let strips = max(1, elementwiseGrain / max(n, 1) / columnStrip) * columnStrip
      try ThreadPool.parallelRanges(inner, grain: strips) { columns in
        if dtype == .float32 {
          k.pointee.sum_rows_f32(x.pointer(as: Float.self) + columns.lowerBound, n, columns.count, inner, result.pointer(as: Float.self) + columns.lowerBound)
        } else {
          k.pointee.sum_rows_f64(x.pointer(as: Double.self) + columns.lowerBound, n, columns.count, inner, result.pointer(as: Double.self) + columns.lowerBound)
        }
      }
      return result
    }
    switch dtype {
    case .float32:
      let p = x.pointer(as: Float.self), out = result.pointer(as: Float.self)
      try ThreadPool.parallelRanges(outer, grain: max(1, elementwiseGrain / max(n * inner, 1))) { range in
        for o in range {
          if inner == 1 { out[o] = Float(k.pointee.sum_f32(p + o * n, n)) } else { k.pointee.sum_rows_f32(p + o * n * inner, n, inner, inner, out + o * inner) }
        }
      }
    case .float64:
      let p = x.pointer(as: Double.self), out = result.pointer(as: Double.self)
      try ThreadPool.parallelRanges(outer, grain: max(1, elementwiseGrain / max(n * inner, 1))) { range in
        for o in range {
          if inner == 1 { out[o] = k.pointee.sum_f64(p + o * n, n) } else { k.pointee.sum_rows_f64(p + o * n * inner, n, inner, inner, out + o * inner) }
        }
      }
    case .int64, .bool:
      let whole = try x.converted(to: .int64)
      defer { withExtendedLifetime(whole) {} }
      let p = whole.pointer(as: Int64.self), out = result.pointer(as: Int64.self)
      try ThreadPool.parallelRanges(outer * inner, grain: max(1, elementwiseGrain / max(n, 1))) { lines in
        for line in lines {
          var total: Int64 = 0
          for j in 0..<n { total &+= p[(line / inner * n + j) * inner + line % inner] }
          out[line] = total
        }
      }
    }
    return result
  }

  /// Contiguous, seen as [outer, n, inner] around dimension `d`, with the shape that a reduction over it has.
  func split(at d: Int, keep: Bool) throws -> (x: Tensor, outer: Int, n: Int, inner: Int, shape: Dimensions) {
    let x = try contiguous()
    // A number is a line of one.
    if rank == 0 { return (x, 1, 1, 1, []) }
    var outer = 1, inner = 1
    for i in 0..<d { outer *= shape[i] }
    for i in (d + 1)..<max(rank, d + 1) { inner *= shape[i] }
    var reduced = shape
    if keep { reduced[d] = 1 } else { reduced.remove(at: d) }
    return (x, outer, shape[d], inner, reduced)
  }

  /// Adds up the dimensions that broadcasting from `target` had repeated: the gradient of an expansion.
  public func summed(to target: Dimensions) throws -> Tensor {
    if shape == target { return self }
    var result = self
    while result.rank > target.count { result = try result.sum(0, keep: false) }
    for d in 0..<target.count where target[d] == 1 && result.shape[d] != 1 { result = try result.sum(d, keep: true) }
    return result
  }

  /// The largest (or smallest) element of each row along `d` and its index counted from `first`; a NaN wins; the first of equals.
  public func extreme(_ d: Int, keep: Bool, largest: Bool, name: String, countingFrom first: Int = 0) throws -> (values: Tensor, indices: Tensor) {
    let (x, outer, n, inner, shape) = try split(at: d, keep: keep)
    defer { withExtendedLifetime(x) {} }
    guard n > 0 || outer * inner == 0 else { throw CallerError("\(name): dimension \(d + 1) of shape \(self.shape.text) is empty: there is no \(largest ? "largest" : "smallest") element") }
    let values = try Tensor(uninitialized: shape, dtype), indices = try Tensor(uninitialized: shape, .int64)
    let places = indices.pointer(as: Int64.self), first = Int64(first)
    if dtype == .float32, n > 0, outer * inner > 0, n <= pieceGrain, inner == 1 || n < Int32.max {
      let p = x.pointer(as: Float.self), out = values.pointer(as: Float.self), k = kernels
      if inner == 1 {
        try ThreadPool.parallelRanges(outer, grain: max(1, elementwiseGrain / n)) { lines in
          for line in lines { places[line] = Int64(k.pointee.extreme_f32(p + line * n, n, largest, out + line)) + first }
        }
      } else {
        let strips = max(1, elementwiseGrain / n / columnStrip) * columnStrip, perMatrix = (inner - 1) / strips + 1
        try ThreadPool.parallelRanges(outer * perMatrix, grain: max(1, elementwiseGrain / (n * min(inner, strips)))) { parts in
          for part in parts {
            let matrix = part / perMatrix, column = part % perMatrix * strips, at = matrix * inner + column, width = min(strips, inner - column)
            k.pointee.extreme_columns_f32(p + matrix * n * inner + column, Int32(n), width, inner, largest, out + at, places + at)
            if first != 0 { for i in at..<(at + width) { places[i] += first } }
          }
        }
      }
      return (values, indices)
    }
    func search<T: Element & Comparable>(_: T.Type) throws {
      let p = x.pointer(as: T.self), out = values.pointer(as: T.self)
      func best(of range: Range<Int>, from start: Int, step: Int) -> (T, Int) {
        var best = p[start + range.lowerBound * step], place = range.lowerBound
        for j in range {
          let v = p[start + j * step]
          if !(best == best) { break }
          if (largest ? v > best : v < best) || !(v == v) { (best, place) = (v, j) }
        }
        return (best, place)
      }
      // Long lines of float32: the vector loop finds the place of each block.
      func placeOfBest(in range: Range<Int>) -> Int {
        guard let line = p as? UnsafeMutablePointer<Float> else { return best(of: range, from: 0, step: 1).1 }
        var value: Float = 0
        return range.lowerBound + kernels.pointee.extreme_f32(line + range.lowerBound, range.count, largest, &value)
      }
      if outer * inner == 1, n > pieceGrain {
        // One long line: the best of each block, and the first best of those.
        let blocks = (n - 1) / pieceGrain + 1
        let found = try Tensor(uninitialized: [blocks], .int64), at = found.pointer(as: Int64.self)
        defer { withExtendedLifetime(found) {} }
        try ThreadPool.parallelRanges(blocks, grain: 1) { range in
          for i in range { at[i] = Int64(placeOfBest(in: (i * pieceGrain)..<min(n, (i + 1) * pieceGrain))) }
        }
        var place = Int(at[0])
        for i in 1..<blocks {
          let v = p[Int(at[i])], best = p[place]
          if !(best == best) { break }
          if (largest ? v > best : v < best) || !(v == v) { place = Int(at[i]) }
        }
        (out[0], places[0]) = (p[place], Int64(place) + first)
        return
      }
      try ThreadPool.parallelRanges(outer * inner, grain: max(1, elementwiseGrain / max(n, 1))) { lines in
        for line in lines {
          let (value, place) = best(of: 0..<n, from: line / inner * n * inner + line % inner, step: inner)
          (out[line], places[line]) = (value, Int64(place) + first)
        }
      }
    }
    switch dtype {
    case .float32: try search(Float.self)
    case .float64: try search(Double.self)
    case .int64: try search(Int64.self)
    case .bool: try search(UInt8.self)
    }
    return (values, indices)
  }

  /// `softmax`, `log softmax` or `log Σ exp` along the last dimension of a contiguous floating-point tensor.
  public enum RowFunction: Sendable { case softmax, logSoftmax, logSumExp }

  /// A row function along dimension `d`.
  public func rowFunction(_ function: RowFunction, _ d: Int, keep: Bool = false) throws -> Tensor {
    // A number is a row of one.
    if rank == 0 { return try unsqueezed(0).rowFunction(function, 0).reshaped([]) }
    // Rows must lie one after the other: bring the dimension to the end, compute, and put it back.
    let last = rank - 1
    let x = try (d == last ? self : transposed(d, last)).contiguous()
    defer { withExtendedLifetime(x) {} }
    let n = x.shape[last]
    let rows = n == 0 ? 0 : x.count / n
    var outShape = x.shape
    if function == .logSumExp { outShape[last] = 1 }
    let out = try Tensor(uninitialized: outShape, dtype)
    if n == 0 { out.fill(-.infinity) }
    switch dtype {
    case .float32:
      let k = kernels
      let p = x.pointer(as: Float.self), q = out.pointer(as: Float.self)
      try ThreadPool.parallelRanges(rows, grain: max(1, 4096 / max(n, 1))) { r in
        switch function {
        case .softmax: k.pointee.softmax_f32(p + r.lowerBound * n, q + r.lowerBound * n, r.count, n)
        case .logSoftmax: k.pointee.log_softmax_f32(p + r.lowerBound * n, q + r.lowerBound * n, r.count, n)
        case .logSumExp: k.pointee.logsumexp_f32(p + r.lowerBound * n, q + r.lowerBound, r.count, n)
        }
      }
    case .float64:
      let p = x.pointer(as: Double.self), q = out.pointer(as: Double.self)
      try ThreadPool.parallelRanges(rows, grain: max(1, 4096 / max(n, 1))) { range in
        for r in range {
          let row = p + r * n
          var largest = row[0]
          for i in 1..<max(n, 1) where !(row[i] <= largest) { largest = row[i] }
          let shift = function == .logSumExp && largest.isInfinite ? (largest < 0 ? 0 : largest) : largest
          if function == .logSumExp, shift == .infinity { q[r] = .infinity; continue }
          var total = 0.0
          for i in 0..<n {
            if i & (pieceGrain - 1) == 0, Interrupted.isRequested { return }
            total += Glibc.exp(row[i] - shift)
          }
          switch function {
          case .softmax: for i in 0..<n { q[r * n + i] = Glibc.exp(row[i] - shift) / total }
          case .logSoftmax: for i in 0..<n { q[r * n + i] = row[i] - shift - Glibc.log(total) }
          case .logSumExp: q[r] = shift + Glibc.log(total)
          }
        }
      }
      try Interrupted.check()
    case .int64, .bool:
      throw CallerError("a tensor of floating-point numbers expected, got \(dtype.name); convert it with :to(\"float32\")")
    }
    let placed = d == last ? out : out.transposed(d, last)
    return function == .logSumExp && !keep ? placed.squeezed(d) : placed
  }

  /// y (g − Σ g y) along dimension `d`, where `self` is y = softmax x and g the gradient by it: the gradient by x.
  public func softmaxGradient(_ g: Tensor, _ d: Int) throws -> Tensor {
    guard dtype == .float32, g.dtype == .float32, rank > 0, d == rank - 1 else {
      return try multiplied(by: g.subtracting(g.multiplied(by: self).sum(d, keep: true)))
    }
    let y = try contiguous(), dense = try g.contiguous(), result = try Tensor(uninitialized: shape), k = kernels, n = shape[d]
    defer { withExtendedLifetime((y, dense)) {} }
    guard count > 0 else { return result }
    let (a, b, out) = (y.pointer(as: Float.self), dense.pointer(as: Float.self), result.pointer(as: Float.self))
    try ThreadPool.parallelRanges(count / n, grain: max(1, functionGrain / n)) { rows in
      let first = rows.lowerBound * n
      k.pointee.softmax_gradient_f32(a + first, b + first, out + first, rows.count, n)
    }
    return result
  }
}
