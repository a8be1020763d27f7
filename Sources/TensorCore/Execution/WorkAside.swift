import CThreads

/// Work that another thread does, one piece after the other, while this one goes on: between its array loops (see `jt_aside_start`).
///
/// There is one such work at a time: beginning another finishes the one before. It belongs to the thread that runs Lua. A body must not
/// call Lua, throw or use what this thread uses meanwhile.
public final class WorkAside {
  // Whose work is under way; who begins another has finished this one.
  nonisolated(unsafe) private static var current: UnsafeMutablePointer<(Int) -> Void>?

  private let body: UnsafeMutablePointer<(Int) -> Void>

  /// Begins `body(0)`, `body(1)` … `body(pieces − 1)`; nil with one thread, when there is nobody to do it. A piece should take some
  /// microseconds, since a loop that begins meanwhile starts without that thread.
  public init?(pieces: Int, _ body: @escaping (Int) -> Void) {
    guard ThreadPool.threadCount > 1, pieces > 0 else { return nil }
    self.body = .allocate(capacity: 1)
    self.body.initialize(to: body)
    WorkAside.current = self.body
    jt_aside_start(UInt32(clamping: pieces), { context, index in
      context?.assumingMemoryBound(to: ((Int) -> Void).self).pointee(index)
    }, self.body)
  }

  deinit {
    finish()
    body.deinitialize(count: 1)
    body.deallocate()
  }

  /// Waits until all pieces are done, and helps.
  public func finish() {
    guard WorkAside.current == body else { return }
    jt_aside_finish()
    WorkAside.current = nil
  }
}
