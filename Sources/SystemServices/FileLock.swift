import Glibc

/// A lock on a file that one process and the programs that it hands it to hold together; the system releases it when the last of
/// them has ended, however it ended.
public final class FileLock {
  let descriptor: Int32
  private var isHeld = true

  /// Takes the lock at `path`, a file that is made if it is missing; `nil` where others hold it. Throws `SystemError`.
  public init?(path: String) throws {
    try checkPath("lock", path)
    let opened = try checked("lock", path) { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666) }
    let moved = opened > 3 ? opened : fcntl(opened, F_DUPFD_CLOEXEC, 4)
    if moved != opened {
      let code = errno
      close(opened)
      if moved < 0 { throw SystemError("lock", path, code: code) }
    }
    while flock(moved, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code == EINTR { continue }
      close(moved)
      if code == EWOULDBLOCK { return nil }
      throw SystemError("lock", path, code: code)
    }
    descriptor = moved
  }

  deinit { if isHeld { close(descriptor) } }

  /// Gives the lock back for all who hold it.
  public func release() {
    guard isHeld else { return }
    isHeld = false
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
