import CThreads

extension Interrupted {
  /// Whether the user pressed Ctrl-C and the host has not yet come back to its top level; cheap enough to ask every millisecond.
  public static var isRequested: Bool { jt_interrupt_requested() }
}
