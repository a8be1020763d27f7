import CSystem
import Glibc

/// A pipe whose ends are never one of the three standard descriptors, which a child's own would overwrite.
final class Pipe {
  private(set) var reading: Int32 = -1
  private(set) var writing: Int32 = -1

  init() throws {
    var ends: [Int32] = [-1, -1]
    let code = system_pipe(&ends)
    if code != 0 { throw SystemError("make", "a pipe", code: code) }
    reading = ends[0]
    writing = ends[1]
    do {
      reading = try Pipe.aboveStandard(reading)
      writing = try Pipe.aboveStandard(writing)
    } catch {
      close()
      throw error
    }
  }

  private init(reading: Int32) { self.reading = reading }

  /// An end to read from that has nothing in it.
  static func nothing() throws -> Pipe {
    let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
    if descriptor >= 0 { return Pipe(reading: try aboveStandard(descriptor)) }
    // A chroot may lack the device.
    let pipe = try Pipe()
    pipe.closeWriting()
    return pipe
  }

  private static func aboveStandard(_ descriptor: Int32) throws -> Int32 {
    if descriptor > 2 { return descriptor }
    let moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    let code = errno
    Glibc.close(descriptor)
    if moved < 0 { throw SystemError("make", "a pipe", code: code) }
    return moved
  }

  func closeReading() {
    if reading >= 0 { Glibc.close(reading) }
    reading = -1
  }

  func closeWriting() {
    if writing >= 0 { Glibc.close(writing) }
    writing = -1
  }

  func close() {
    closeReading()
    closeWriting()
  }
}
