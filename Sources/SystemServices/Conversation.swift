import CSystem
import Glibc

/// Feeds a running program and reads from it, all under one poll so that neither side can wait for the other for ever.
struct Conversation {
  let pid: pid_t
  let program: String
  let input: [UInt8]
  let source: Pipe
  let output: Pipe
  let errors: Pipe

  private var sent = 0
  private var read: (output: [UInt8], errors: [UInt8]) = ([], [])
  private var status: Int32?
  private var early: ChildProcess.Ending?
  private var killAt: Double?
  private var idle: Int32 = 1

  init(pid: pid_t, program: String, input: [UInt8], source: Pipe, output: Pipe, errors: Pipe) {
    self.pid = pid
    self.program = program
    self.input = input
    self.source = source
    self.output = output
    self.errors = errors
  }

  mutating func run(timeout: Double?, outputLimit: Int, interrupted: () -> Bool) throws -> ChildProcess.Result {
    for descriptor in [source.writing, output.reading, errors.reading] where descriptor >= 0 {
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }
    let deadline = timeout.map { Machine.monotonicTime + max($0, 0) } ?? .infinity
    while status == nil {
      try exchange(outputLimit)
      try reap()
      if early == nil {
        if interrupted() { end(.interrupted) } else if Machine.monotonicTime > deadline { end(.timedOut) }
      } else if let killAt, Machine.monotonicTime > killAt {
        kill(pid, SIGKILL)
      }
    }
    try drain(outputLimit)
    return ChildProcess.Result(ending: early ?? ending, output: read.output, errors: read.errors)
  }

  private mutating func end(_ reason: ChildProcess.Ending) {
    early = reason
    killAt = Machine.monotonicTime + 2
    kill(pid, SIGTERM)
  }

  private var ending: ChildProcess.Ending {
    let status = self.status ?? 0
    let signal = status & 0x7f
    return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
  }

  private mutating func reap() throws {
    var status: Int32 = 0
    let result = waitpid(pid, &status, WNOHANG)
    if result == pid {
      self.status = status
    } else if result < 0, errno != EINTR {
      // Somebody set SIGCHLD to be ignored: the program has ended and its status is lost.
      throw SystemError("wait for", program, code: errno)
    }
  }

  /// Waits until a pipe is ready, 20 ms at most, and serves it. With both outputs closed it waits a growing moment instead.
  private mutating func exchange(_ limit: Int) throws {
    var polled: [pollfd] = []
    if source.writing >= 0 { polled.append(pollfd(fd: source.writing, events: Int16(POLLOUT), revents: 0)) }
    for pipe in [output, errors] where pipe.reading >= 0 {
      polled.append(pollfd(fd: pipe.reading, events: Int16(POLLIN), revents: 0))
    }
    let closed = output.reading < 0 && errors.reading < 0
    let ready = poll(&polled, nfds_t(polled.count), closed ? idle : 20)
    if closed { idle = min(idle * 2, 20) }
    guard ready > 0 else { return }
    try send()
    try drain(limit)
  }

  private mutating func send() throws {
    guard source.writing >= 0 else { return }
    while sent < input.count {
      let written = input.withUnsafeBytes { bytes in
        system_write_no_signal(source.writing, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
      }
      if written < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN { return }
        break  // The program reads no further: that is its right.
      }
      sent += written
    }
    source.closeWriting()
  }

  private mutating func drain(_ limit: Int) throws {
    try Conversation.drain(output, into: &read.output)
    try Conversation.drain(errors, into: &read.errors)
    if read.output.count + read.errors.count > limit {
      if status == nil {
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
      }
      throw SystemError("cannot run \(program): it wrote more than \(limit) bytes; send its output to a file")
    }
  }

  private static func drain(_ pipe: Pipe, into bytes: inout [UInt8]) throws {
    guard pipe.reading >= 0 else { return }
    let got = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
      // Sixteen parts at most, so that the other pipe, the clock and the interrupt get their turn.
      for _ in 0..<16 {
        let got = Glibc.read(pipe.reading, buffer.baseAddress, buffer.count)
        if got < 0, errno == EINTR { continue }
        if got <= 0 { return got }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<got]))
      }
      return 1
    }
    if got == 0 { pipe.closeReading() }
  }
}
