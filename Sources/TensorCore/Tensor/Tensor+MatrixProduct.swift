import CBLAS
import CVectorMath

extension Tensor {
  /// The matrix product of `a` [M, K] and `b` [K, N], both of one floating-point type; transposed views cost no copy.
  ///
  /// Work is cut into tiles that depend on the shape alone, so the result's bits do not depend on the number of threads.
  ///
  /// The result takes the padded rows of `layout` where that has them, so that loops over both need no copy.
  public static func matrixProduct(_ a: Tensor, _ b: Tensor, name: String = "matmul", layout: Tensor? = nil) throws -> Tensor {
    guard a.rank == 2, b.rank == 2, a.shape[1] == b.shape[0] else {
      throw CallerError("\(name): inner sizes differ: \(a.shape.text) x \(b.shape.text)")
    }
    let dtype = DType.promoted(a.dtype, b.dtype)
    guard dtype.isFloatingPoint else {
      throw CallerError("\(name): tensors of floating-point numbers expected, got \(a.dtype.name) and \(b.dtype.name); convert one with :to(\"float32\")")
    }
    let (x, y) = (try a.converted(to: dtype), try b.converted(to: dtype))
    let shape: Dimensions = [a.shape[0], b.shape[1]]
    let padded = layout.map { $0.isRowPadded && $0.shape == shape && $0.dtype == dtype } ?? false
    let result = try padded ? Tensor.rowPadded(shape[0], shape[1], dtype) : Tensor(uninitialized: shape, dtype)
    try x.multiply(y, into: result)
    return result
  }

  /// `out = self · b`; `out` [M, N] has rows that are contiguous. Of float32: with `bias` [N], contiguous, added to each row, and with `relu` 0 in
  /// place of what is then negative.
  func multiply(_ b: Tensor, into out: Tensor, bias: Tensor? = nil, relu: Bool = false) throws {
    let m = shape[0], k = shape[1], n = b.shape[1]
    guard m > 0, n > 0 else { return }
    if k > 0, dtype == .float32, SmallProduct.fits(m, k, n) { return try SmallProduct.multiply(self, b, into: out, bias: bias, relu: relu) }
    let addBias = jvm_kernels_in_use().pointee.add_bias
    func finish(_ row: Int, _ column: Int, _ rows: Int, _ columns: Int) {
      guard let bias else { return }
      addBias?(out.pointer(as: Float.self) + row * out.strides[0] + column, bias.pointer(as: Float.self) + column, rows, columns, out.strides[0], relu)
    }
    guard k > 0 else {
      out.fill(0)
      return finish(0, 0, m, n)
    }
    guard m <= Int32.max, n <= Int32.max, k <= Int32.max else { throw CallerError("matmul: a size above 2^31 − 1") }
    guard jblas_available() != 0 else { throw CallerError("matmul: OpenBLAS cannot be opened; install Debian's package libopenblas0") }
    let x = try blasReady(), y = try b.blasReady()
    defer { withExtendedLifetime((x, y)) {} }
    let (ta, lda) = x.blasLayout, (tb, ldb) = y.blasLayout
    let ldc = Int32(out.strides[0] == 0 ? n : max(out.strides[0], n))
    let (tile, piece) = Tensor.tile(of: max(m, n), by: min(m, n), terms: k)
    let pieces = (min(m, n) - 1) / piece + 1, tiles = ((max(m, n) - 1) / tile + 1) * pieces
    func run<T: Element & BinaryFloatingPoint>(
      _: T.Type, _ gemm: (Int32, Int32, Int32, Int32, Int32, T, UnsafePointer<T>, Int32, UnsafePointer<T>, Int32, T, UnsafeMutablePointer<T>, Int32) -> Int32
    ) {
      let pa = x.pointer(as: T.self), pb = y.pointer(as: T.self), pc = out.pointer(as: T.self)
      ThreadPool.parallel(tiles) { i in
        if Interrupted.isRequested { return }
        let row = m >= n ? i / pieces * tile : i % pieces * piece, column = m >= n ? i % pieces * piece : i / pieces * tile
        let rows = min(m >= n ? tile : piece, m - row), columns = min(m >= n ? piece : tile, n - column)
        _ = gemm(
          ta, tb, Int32(rows), Int32(columns), Int32(k), 1, pa + row * x.strides[0], lda, pb + column * y.strides[1], ldb, 0,
          pc + row * Int(ldc) + column, ldc)
        finish(row, column, rows, columns)
      }
    }
    if dtype == .float32 { run(Float.self, jblas_sgemm) } else { run(Double.self, jblas_dgemm) }
    try Interrupted.check()
  }

  // How much of the longer and of the shorter side of a result one call of BLAS makes: what depends on the shape alone.
  //
  // Of about 4 million multiplications along the longer side, but of 128 rows at least: OpenBLAS packs the other matrix anew for each. A
  // long product gets no more than sixteen tiles: of 20,000 rows in tiles of 208 a fifth of the time went into packing. Of a product that
  // is too small for that two halves are made. A huge one is cut into squares of two billion multiplications, which pack least, since
  // Ctrl-C waits for the tile under way.
  private static func tile(of long: Int, by short: Int, terms k: Int) -> (long: Int, short: Int) {
    let work = short * k, half = (long + 31) / 32 * 16
    if Double(work) * Double(long) < 8_000_000 { return (work < 1_000_000 / long ? long : half, short) }
    let tile = max(min(128, half), (long + 255) / 256 * 16, min(long, (4_000_000 / max(work, 1) + 15) / 16 * 16))
    guard Double(work) * Double(tile) > 2e9 else { return (tile, short) }
    let side = max(64, Int((2e9 / Double(k)).squareRoot()) / 16 * 16)
    return (min(long, side), min(short, side))
  }

  // A matrix that BLAS takes as it is: one of its strides is 1 and the other at least the row's length.
  private func blasReady() throws -> Tensor {
    let byRow = strides[1] == 1 && strides[0] >= shape[1] && strides[0] <= Int32.max
    let byColumn = strides[0] == 1 && strides[1] >= shape[0] && strides[1] <= Int32.max
    return byRow || byColumn ? self : try clone()
  }

  private var blasLayout: (transposed: Int32, leading: Int32) {
    strides[1] == 1 && strides[0] >= shape[1] ? (0, Int32(max(strides[0], 1))) : (1, Int32(max(strides[1], 1)))
  }
}
