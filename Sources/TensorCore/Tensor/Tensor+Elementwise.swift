import CVectorMath

/// An element-wise function of one number; `unary.def` holds its formula and derivative.
public typealias UnaryFunction = jvm_unary
/// An element-wise function of two numbers.
public typealias BinaryFunction = jvm_binary
/// An element-wise comparison.
public typealias Comparison = jvm_compare

// Loops shorter than this stay on one thread: handing them over costs more than they do.
let elementwiseGrain = 32_768
// The same for functions of one number, of which most cost more.
let functionGrain = 8_192

extension UnaryFunction {
  // Those that cost no more than the copy.
  fileprivate var grain: Int {
    switch self {
    case .neg, .abs, .square, .sign, .relu, .leaky_relu, .floor, .ceil, .round, .clamp: elementwiseGrain
    default: functionGrain
    }
  }
}

// The table stays where it is: copying its two dozen pointers would cost more than a small loop.
private var kernels: UnsafePointer<jvm_kernels> { jvm_kernels_in_use() }

extension Tensor {
  /// `f(x)` element by element; floating-point types only. `p`, `q` are the function's parameters.
  public func mapped(_ function: UnaryFunction, p: Double = 0, q: Double = 0) throws -> Tensor {
    let k = kernels
    // Padded rows stay padded, and one loop runs over all, where the zeros of the padding stay zeros.
    let padded = isRowPadded && Tensor.keepsZero(k, function, p, q)
    let result = try padded ? Tensor.rowPadded(shape[0], shape[1], dtype, clearsPadding: false) : Tensor(uninitialized: shape, dtype)
    switch dtype {
    case .float32: try mapRows(into: result, Float.self, function.grain) { k.pointee.unary_f32(function, $0, $1, $2, $3, p, q) }
    case .float64: try mapRows(into: result, Double.self, function.grain) { k.pointee.unary_f64(function, $0, $1, $2, $3, p, q) }
    case .int64, .bool: throw CallerError("a tensor of floating-point numbers expected, got \(dtype.name); convert it with :to(\"float32\")")
    }
    return result
  }

  /// `f(x)` of whole numbers (bools count as 0 and 1) as int64, for the functions that keep them whole; `nil` for others.
  public func mappedIntegers(_ function: UnaryFunction) throws -> Tensor? {
    let f: (Int64) -> Int64
    switch function {
    case jvm_unary_neg: f = { 0 &- $0 }
    case jvm_unary_abs: f = { $0 < 0 ? 0 &- $0 : $0 }
    case jvm_unary_square: f = { $0 &* $0 }
    case jvm_unary_sign: f = { $0.signum() }
    case jvm_unary_relu: f = { Swift.max($0, 0) }
    case jvm_unary_floor, jvm_unary_ceil, jvm_unary_round: f = { $0 }
    default: return nil
    }
    let result = try converted(to: .int64).clone()
    let numbers = result.pointer(as: Int64.self)
    try ThreadPool.parallelRanges(count, grain: elementwiseGrain) { for i in $0 { numbers[i] = f(numbers[i]) } }
    return result
  }

  /// `out = g f′(saved)` element by element, `saved` being the input or the output of `function`; shapes equal.
  public func mappedGradient(_ function: UnaryFunction, saved: Tensor, p: Double = 0, q: Double = 0) throws -> Tensor {
    let k = kernels
    // Where both have the same padded rows, the loop runs over the padding too and nothing is copied.
    let padded = isRowPadded && saved.isRowPadded && Tensor.gradientKeepsZero(k, function, p, q)
    let g = padded ? self : try contiguous(), s = padded ? saved : try saved.contiguous()
    defer { withExtendedLifetime((g, s)) {} }
    let result = try padded ? Tensor.rowPadded(shape[0], shape[1], dtype, clearsPadding: false) : Tensor(uninitialized: shape, dtype)
    let count = padded ? shape[0] * strides[0] : count
    switch dtype {
    case .float32:
      let (a, b, c) = (s.pointer(as: Float.self), g.pointer(as: Float.self), result.pointer(as: Float.self))
      try ThreadPool.parallelRanges(count, grain: elementwiseGrain) {
        k.pointee.unary_gradient_f32(function, a + $0.lowerBound, b + $0.lowerBound, c + $0.lowerBound, $0.count, p, q)
      }
    case .float64:
      let (a, b, c) = (s.pointer(as: Double.self), g.pointer(as: Double.self), result.pointer(as: Double.self))
      try ThreadPool.parallelRanges(count, grain: elementwiseGrain) {
        k.pointee.unary_gradient_f64(function, a + $0.lowerBound, b + $0.lowerBound, c + $0.lowerBound, $0.count, p, q)
      }
    case .int64, .bool: throw CallerError("gradients exist for floating-point tensors only, got \(dtype.name)")
    }
    return result
  }

  @inline(__always)
  private func mapRows<T: Element>(
    into result: Tensor, _: T.Type, _ grain: Int, _ loop: (UnsafePointer<T>, Int, UnsafeMutablePointer<T>, Int) -> Void
  ) throws {
    let x = pointer(as: T.self), y = result.pointer(as: T.self)
    if isContiguous || result.isRowPadded {
      try ThreadPool.parallelRanges(result.isRowPadded ? shape[0] * strides[0] : count, grain: grain) { loop(x + $0.lowerBound, 1, y + $0.lowerBound, $0.count) }
      return
    }
    try forEachPiece { piece, place in
      let x = piece.pointer(as: T.self)
      var done = place
      piece.forEachRow { start, stride, length in
        loop(x + start, stride, y + done, length)
        done += length
      }
    }
  }

  private static func keepsZero(_ k: UnsafePointer<jvm_kernels>, _ function: UnaryFunction, _ p: Double, _ q: Double) -> Bool {
    var zero: Float = 0, value: Float = 1
    k.pointee.unary_f32(function, &zero, 1, &value, 1, p, q)
    return value == 0
  }

  // 0 times a derivative at 0 that is not infinite.
  private static func gradientKeepsZero(_ k: UnsafePointer<jvm_kernels>, _ function: UnaryFunction, _ p: Double, _ q: Double) -> Bool {
    var zero: Float = 0, incoming: Float = 0, value: Float = 1
    k.pointee.unary_gradient_f32(function, &zero, &incoming, &value, 1, p, q)
    return value == 0
  }

  /// `f(a, b)` with broadcasting, in the type both promote to.
  public static func combined(_ function: BinaryFunction, _ a: Tensor, _ b: Tensor, name: String) throws -> Tensor {
    // Small tensors of one shape and type, or one beside a number, are the commonest call: nothing to broadcast or share out.
    if let step = flatStep(a, b) {
      let result = try Tensor(uninitialized: a.shape)
      kernels.pointee.binary_f32(function, a.pointer(as: Float.self), 1, b.pointer(as: Float.self), step, result.pointer(as: Float.self), a.count)
      return result
    }
    let dtype = resultType(a, b)
    let (x, y, shape) = try broadcast(a, b, dtype, name)
    defer { withExtendedLifetime((x, y)) {} }
    let k = kernels
    // Two matrices with the same padded rows give a third; the padding's zeros stay zeros under these three.
    if dtype == .float32, x.isRowPadded, y.isRowPadded, x.shape == y.shape, function == .add || function == .sub || function == .mul {
      let result = try Tensor.rowPadded(shape[0], shape[1], clearsPadding: false)
      let (pa, pb, out) = (x.pointer(as: Float.self), y.pointer(as: Float.self), result.pointer(as: Float.self))
      try ThreadPool.parallelRanges(shape[0] * result.strides[0], grain: elementwiseGrain) {
        k.pointee.binary_f32(function, pa + $0.lowerBound, 1, pb + $0.lowerBound, 1, out + $0.lowerBound, $0.count)
      }
      return result
    }
    switch dtype {
    case .float32: return try combineRows(x, y, shape, Float.self, Float.self) { k.pointee.binary_f32(function, $0, $1, $2, $3, $4, $5) }
    case .float64: return try combineRows(x, y, shape, Double.self, Double.self) { k.pointee.binary_f64(function, $0, $1, $2, $3, $4, $5) }
    case .int64, .bool:
      if function == .div || function == .atan2 { return try combined(function, x.converted(to: .float32), y.converted(to: .float32), name: name) }
      return try combinedIntegers(function, x, y, shape, name)
    }
  }

  // For small contiguous float32 tensors of one shape, or one beside a number: the step from one element of `b` to the next.
  @inline(__always)
  private static func flatStep(_ a: Tensor, _ b: Tensor) -> Int? {
    guard a.dtype == .float32, b.dtype == .float32, a.count <= elementwiseGrain, a.isContiguous else { return nil }
    return b.rank == 0 ? 0 : a.shape == b.shape && b.isContiguous ? 1 : nil
  }

  /// `min(max(x, low), high)`, either bound left out where it is `nil`; floating-point types only, and a NaN stays.
  public func clamped(low: Double?, high: Double?) throws -> Tensor {
    let (lowest, highest) = (low ?? -.infinity, high ?? .infinity)
    // Against no number nothing is larger or smaller.
    if lowest.isNaN || highest.isNaN { return try Tensor(filling: shape, with: .nan, dtype) }
    return try mapped(.clamp, p: lowest, q: highest)
  }

  /// `(self − other) · factor`, all floating-point, `factor` of one element: the difference is multiplied while it is in the cache.
  public func difference(from other: Tensor, times factor: Tensor) throws -> Tensor {
    guard dtype == .float32, other.dtype == .float32, factor.dtype == .float32, shape == other.shape else {
      return try subtracting(other).multiplied(by: factor.reshaped([]))
    }
    let x = try contiguous(), y = try other.contiguous(), result = try Tensor(uninitialized: shape), k = kernels
    defer { withExtendedLifetime((x, y, factor)) {} }
    let (a, b, c, out) = (x.pointer(as: Float.self), y.pointer(as: Float.self), factor.pointer(as: Float.self), result.pointer(as: Float.self))
    try ThreadPool.parallelRanges(count, grain: elementwiseGrain) { range in
      for first in stride(from: range.lowerBound, to: range.upperBound, by: functionGrain) {
        let n = Swift.min(functionGrain, range.upperBound - first)
        k.pointee.binary_f32(.sub, a + first, 1, b + first, 1, out + first, n)
        k.pointee.binary_f32(.mul, out + first, 1, c, 0, out + first, n)
      }
    }
    return result
  }

  /// Changes this tensor to `f(self, other)` where one loop does it: both float32 and contiguous, of one shape or `other` a number,
  /// not two overlapping parts of one storage. False, and nothing changed, for all else.
  public func combineInPlace(_ function: BinaryFunction, with other: Tensor) -> Bool {
    guard dtype == .float32, other.dtype == .float32, isContiguous else { return false }
    let isNumber = other.rank == 0
    guard isNumber || (other.shape == shape && other.isContiguous), storage !== other.storage || (!isNumber && offset == other.offset) else { return false }
    let k = kernels, out = pointer(as: Float.self), with = other.pointer(as: Float.self), step = isNumber ? 0 : 1
    // What exists is changed to its end, whatever is pressed meanwhile.
    ThreadPool.parallel((count + elementwiseGrain - 1) / elementwiseGrain) { i in
      let first = i * elementwiseGrain
      k.pointee.binary_f32(function, out + first, 1, with + first * step, step, out + first, Swift.min(elementwiseGrain, count - first))
    }
    storage.markChanged()
    return true
  }

  /// `a < b` and the like with broadcasting; a tensor of bools.
  public static func compared(_ function: Comparison, _ a: Tensor, _ b: Tensor, name: String) throws -> Tensor {
    let k = kernels
    // The commonest call, as in `combined`.
    if let step = flatStep(a, b) {
      let result = try Tensor(uninitialized: a.shape, .bool)
      k.pointee.compare_f32(function, a.pointer(as: Float.self), 1, b.pointer(as: Float.self), step, result.pointer(as: UInt8.self), a.count)
      return result
    }
    let dtype = resultType(a, b)
    let type = dtype == .bool ? .int64 : dtype
    let (x, y, shape) = try broadcast(a, b, type, name)
    defer { withExtendedLifetime((x, y)) {} }
    switch type {
    case .float32: return try combineRows(x, y, shape, Float.self, UInt8.self) { k.pointee.compare_f32(function, $0, $1, $2, $3, $4, $5) }
    case .float64: return try combineRows(x, y, shape, Double.self, UInt8.self) { k.pointee.compare_f64(function, $0, $1, $2, $3, $4, $5) }
    case .int64, .bool: return try combineRows(x, y, shape, Int64.self, UInt8.self) { k.pointee.compare_i64(function, $0, $1, $2, $3, $4, $5) }
    }
  }

  /// The type of `a ∘ b`: the larger of bool < int64 < float32 < float64, where a tensor of no dimensions counts only
  /// if its kind (bool, integer, floating-point) is higher than the other's, as in PyTorch.
  public static func resultType(_ a: Tensor, _ b: Tensor) -> DType {
    if a.dtype == b.dtype { return a.dtype }
    func kind(_ t: DType) -> Int { t == .bool ? 0 : t == .int64 ? 1 : 2 }
    if a.rank == 0, b.rank > 0, kind(a.dtype) <= kind(b.dtype) { return b.dtype }
    if b.rank == 0, a.rank > 0, kind(b.dtype) <= kind(a.dtype) { return a.dtype }
    return DType.promoted(a.dtype, b.dtype)
  }

  private static func broadcast(_ a: Tensor, _ b: Tensor, _ dtype: DType, _ name: String) throws -> (Tensor, Tensor, Dimensions) {
    guard let shape = broadcastShape(a.shape, b.shape) else {
      throw CallerError("\(name): shapes \(a.shape.text) and \(b.shape.text) do not broadcast: sizes must be equal or 1, counted from the last dimension")
    }
    let x = try a.converted(to: dtype), y = try b.converted(to: dtype)
    return (x.shape == shape ? x : try x.expanded(to: shape), y.shape == shape ? y : try y.expanded(to: shape), shape)
  }

  @inline(__always)
  private static func combineRows<T: Element, R: Element>(
    _ a: Tensor, _ b: Tensor, _ shape: Dimensions, _: T.Type, _: R.Type,
    _ loop: (UnsafePointer<T>, Int, UnsafePointer<T>, Int, UnsafeMutablePointer<R>, Int) -> Void
  ) throws -> Tensor {
    let result = try Tensor(uninitialized: shape, R.dtype)
    let pa = a.pointer(as: T.self), pb = b.pointer(as: T.self), out = result.pointer(as: R.self)
    // A tensor that is one long row, or one number repeated, needs no walk over its dimensions.
    func flatStride(_ t: Tensor) -> Int? { t.isContiguous ? 1 : t.strides.allSatisfy { $0 == 0 } ? 0 : nil }
    if let sa = flatStride(a), let sb = flatStride(b) {
      try ThreadPool.parallelRanges(result.count, grain: elementwiseGrain) {
        loop(pa + $0.lowerBound * sa, sa, pb + $0.lowerBound * sb, sb, out + $0.lowerBound, $0.count)
      }
      return result
    }
    try a.forEachPiece { piece, place in
      let other = b.part(like: (piece, place), of: a)
      let pa = piece.pointer(as: T.self), pb = other.pointer(as: T.self)
      var done = place
      piece.forEachRowPair(other) { startA, strideA, startB, strideB, length in
        loop(pa + startA, strideA, pb + startB, strideB, out + done, length)
        done += length
      }
    }
    return result
  }

  private func contains<T: Element>(where isSought: (T) -> Bool) throws -> Bool {
    let dense = try contiguous()
    return withExtendedLifetime(dense) { dense.buffer(as: T.self).contains(where: isSought) }
  }

  private static func power(_ base: Int64, _ exponent: Int64) -> Int64 {
    var result: Int64 = 1, factor = base, rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result = result &* factor }
      factor = factor &* factor
      rest >>= 1
    }
    return result
  }

  private static func combinedIntegers(_ function: BinaryFunction, _ a: Tensor, _ b: Tensor, _ shape: Dimensions, _ name: String) throws -> Tensor {
    if a.dtype == .bool, b.dtype == .bool {
      // The sum of bools is "or", their product "and", as in PyTorch.
      switch function {
      case jvm_binary_add, jvm_binary_maximum: return try combineRows(a, b, shape, UInt8.self, UInt8.self) { pa, sa, pb, sb, out, n in for i in 0..<n { out[i] = pa[i * sa] | pb[i * sb] } }
      case jvm_binary_mul, jvm_binary_minimum: return try combineRows(a, b, shape, UInt8.self, UInt8.self) { pa, sa, pb, sb, out, n in for i in 0..<n { out[i] = pa[i * sa] & pb[i * sb] } }
      default: throw CallerError("\(name): bools have no such result; use :ne for where two differ, or convert one tensor with :to(\"int64\")")
      }
    }
    let x = try a.converted(to: .int64), y = try b.converted(to: .int64)
    defer { withExtendedLifetime((x, y)) {} }
    if function == .pow, try y.contains(where: { (exponent: Int64) in exponent < 0 }) {
      throw CallerError("\(name): whole numbers to negative powers are no whole numbers; convert one tensor with :to(\"float32\")")
    }
    // Integers wrap around, as in Lua and PyTorch.
    switch function {
    case jvm_binary_add: return try combineIntegers(x, y, shape) { $0 &+ $1 }
    case jvm_binary_sub: return try combineIntegers(x, y, shape) { $0 &- $1 }
    case jvm_binary_mul: return try combineIntegers(x, y, shape) { $0 &* $1 }
    case jvm_binary_maximum: return try combineIntegers(x, y, shape) { Swift.max($0, $1) }
    case jvm_binary_minimum: return try combineIntegers(x, y, shape) { Swift.min($0, $1) }
    case jvm_binary_pow: return try combineIntegers(x, y, shape, power)
    default: throw CallerError("\(name): the result of \(a.dtype.name) tensors would not be whole numbers; convert one with :to(\"float32\")")
    }
  }

  // One loop for each function and each of the usual strides, so that they become vectors.
  @inline(__always)
  private static func combineIntegers(_ x: Tensor, _ y: Tensor, _ shape: Dimensions, _ f: (Int64, Int64) -> Int64) throws -> Tensor {
    try combineRows(x, y, shape, Int64.self, Int64.self) { pa, sa, pb, sb, out, n in
      if sa == 1, sb == 1 {
        for i in 0..<n { out[i] = f(pa[i], pb[i]) }
      } else if sa == 1, sb == 0, n > 0 {
        let b = pb[0]
        for i in 0..<n { out[i] = f(pa[i], b) }
      } else {
        for i in 0..<n { out[i] = f(pa[i * sa], pb[i * sb]) }
      }
    }
  }
}

/// Arithmetic between tensors, for gradient rules.
extension Tensor {
  /// x + y with broadcasting; throws where the shapes do not broadcast.
  public func adding(_ other: Tensor) throws -> Tensor { try Tensor.combined(.add, self, other, name: "add") }
  /// x − y with broadcasting; throws where the shapes do not broadcast.
  public func subtracting(_ other: Tensor) throws -> Tensor { try Tensor.combined(.sub, self, other, name: "sub") }
  /// x · y with broadcasting; throws where the shapes do not broadcast.
  public func multiplied(by other: Tensor) throws -> Tensor { try Tensor.combined(.mul, self, other, name: "mul") }
  /// x / y with broadcasting, float32 for whole numbers; throws where the shapes do not broadcast.
  public func divided(by other: Tensor) throws -> Tensor { try Tensor.combined(.div, self, other, name: "div") }
  /// Every element times a number, in the tensor's type.
  public func multiplied(by number: Double) throws -> Tensor {
    number == 1 ? self : try multiplied(by: Tensor(scalar: number, dtype))
  }
  /// −x.
  public func negated() throws -> Tensor { try mapped(jvm_unary_neg) }
}
