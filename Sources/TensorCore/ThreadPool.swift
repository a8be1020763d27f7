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
  /// depend on the number of threads. A body must not call Lua, throw or use classes that are not thread-safe.
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
