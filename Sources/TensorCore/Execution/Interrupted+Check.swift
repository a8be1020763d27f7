import CThreads

extension Interrupted {
  /// Throws `Interrupted` once the user has pressed Ctrl-C; long loops ask about once a millisecond.
  @inline(__always)
  public static func check() throws {
    if jt_interrupt_requested() { throw Interrupted() }
  }
}
