import CThreads

/// The threads that share the work of array loops.
public enum ThreadPool {
  /// Threads in use, the caller's included; `JETLUA_THREADS` or the processors available unless set.
  public static var threadCount: Int {
    get { Int(jt_thread_count()) }
    set { jt_set_thread_count(Int32(clamping: newValue)) }
  }

  /// Runs `body(0) … body(count − 1)` on the pool's threads and returns when all are done.
  ///
  /// Which thread takes which index is not fixed, so a body writes only what belongs to its index, and results do not
  /// depend on the number of threads. A body must not call Lua, throw or use classes that are not thread-safe. It may use pointers into tensors that
  /// variables of the caller hold: those outlive the call, though the compiler sees no later use of them.
  public static func parallel(_ count: Int, _ body: (Int) -> Void) {
    guard count > 0 else { return }
    if count == 1 {
      body(0)
      return
    }
    withoutActuallyEscaping(body) { escapable in
      var box = escapable
      withUnsafeMutablePointer(to: &box) { pointer in
        jt_parallel(count, { context, index in
          context?.assumingMemoryBound(to: ((Int) -> Void).self).pointee(index)
        }, pointer)
      }
    }
  }

  /// Splits `0 ..< count` into one range per thread, bounds multiples of `unit`, and runs `body` on each, always the same
  /// range on the same thread.
  ///
  /// For loops over what the next loop needs again: weights, their gradients, Adam's averages. Each core then keeps its
  /// part in its own cache. In finer pieces, taken by whoever is free, some change sides in every step, and a core that
  /// wants what the other has just written waits several times as long as for its own.
  /// The body's result must not depend on where the bounds are.
  static func parallelAtHome(_ count: Int, unit: Int, _ body: (Range<Int>) -> Void) {
    let threads = threadCount, units = (count + unit - 1) / unit
    parallel(threads) { i in
      let range = min(count, units * i / threads * unit)..<min(count, units * (i + 1) / threads * unit)
      if !range.isEmpty { body(range) }
    }
  }

  /// Splits `0 ..< count` into ranges of `grain` elements (the last may be shorter) and runs `body` on each, in parallel
  /// where there are several. The ranges depend on `count` and `grain` alone.
  ///
  /// Throws Interrupted once Ctrl-C was pressed, the remaining ranges left out: so a body makes something new, which is
  /// then thrown away, and never changes what exists.
  public static func parallelRanges(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) throws {
    guard count > 0 else { return }
    let step = max(grain, 1)
    if count <= step {
      body(0..<count)
      return
    }
    parallel((count - 1) / step + 1) { i in
      if !jt_interrupt_requested() { body((i * step)..<min(count, (i + 1) * step)) }
    }
    try Interrupted.check()
  }
}
