import CVectorMath

/// Products of float32 matrices that fit into a core's own cache, with loops of our own: BLAS takes a third longer, since it packs both matrices
/// whatever their size.
///
/// Each number of the result is one sum by ascending terms, however rows and columns are shared out: bits do not depend on the number of threads.
enum SmallProduct {
  // Terms of which a strip of columns, 256 bytes each, stays in the cache; and multiplications from which BLAS is as fast.
  private static let mostTerms = 1024, mostWork = 1 << 26
  // Multiplications that are worth a second thread: 3 µs.
  private static let smallestShare = 400_000

  static func fits(_ m: Int, _ k: Int, _ n: Int) -> Bool {
    k <= mostTerms && m <= mostWork && n <= mostWork && m * n <= mostWork && m * n * k <= mostWork
  }

  /// `out = x · y`, then plus `bias` and with what is negative replaced by 0, as `Tensor.multiply` says; shapes that `fits` allows, none empty.
  static func multiply(_ x: Tensor, _ y: Tensor, into out: Tensor, bias: Tensor?, relu: Bool) throws {
    let m = x.shape[0], k = x.shape[1], n = y.shape[1], y = y.strides[0] == 1 || y.strides[1] == 1 || n == 1 ? y : try y.clone()
    // A matrix of one column may have any stride along its rows.
    let columnStep = n == 1 ? 1 : y.strides[1]
    var product = jvm_product(
      a: x.pointer(as: Float.self), b: y.pointer(as: Float.self), bias: bias?.pointer(as: Float.self), out: out.pointer(as: Float.self),
      row_step: x.strides[0], term_step: x.strides[1], terms: k, b_step: y.strides[0], column_step: columnStep, out_step: m == 1 ? n : out.strides[0], relu: relu)
    let kernel = jvm_kernels_in_use().pointee.product, strip = Int(jvm_product_strip)
    let threads = m * n * k < smallestShare ? 1 : ThreadPool.threadCount
    // A right matrix that lies the wrong way round is turned strip by strip, each by one thread; otherwise rows are shared out, as the optimizer does.
    let byColumns = columnStep != 1 || m < 8 * threads, unit = byColumns ? 16 : 1
    let pieces = min(threads, ((byColumns ? n : m) - 1) / unit + 1)
    let scratch = try Tensor(uninitialized: [pieces, strip * k]), room = scratch.pointer(as: Float.self)
    withUnsafePointer(to: &product) { product in
      ThreadPool.parallel(pieces) { i in
        let units = ((byColumns ? n : m) - 1) / unit + 1, first = units * i / pieces * unit, last = min(byColumns ? n : m, units * (i + 1) / pieces * unit)
        kernel?(product, byColumns ? 0 : first, byColumns ? m : last - first, byColumns ? first : 0, byColumns ? last - first : n, room + i * strip * k, nil, 0)
      }
    }
    withExtendedLifetime((x, y, out, bias, scratch)) {}
  }
}
