import Foundation

/// A program at a pseudo terminal, as a person would use it.
final class Terminal {
  private let process = Process()
  private let master: Int32
  private var seen = ""
  private let shell: Shell

  init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
    shell = try Shell()
    // posix_openpt by hand: the C library's own functions for it are not visible to Swift.
    let unlock: UInt = 0x4004_5431, getNumber: UInt = 0x8004_5430
    var number: Int32 = 0, locked: Int32 = 0
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    guard master >= 0, ioctl(master, unlock, &locked) == 0, ioctl(master, getNumber, &number) == 0 else {
      throw CocoaError(.fileNoSuchFile)
    }
    let slave = FileHandle(fileDescriptor: open("/dev/pts/\(number)", O_RDWR | O_NOCTTY), closeOnDealloc: true)
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: shell.folder)
    let own = ["TERM": "dumb", "HOME": shell.folder, "SWIFT_BACKTRACE": "enable=no", "INPUTRC": "/dev/null"]
    process.environment = ProcessInfo.processInfo.environment.merging(own) { $1 }.merging(environment) { $1 }
    process.standardInput = slave
    process.standardOutput = slave
    process.standardError = slave
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    close(master)
    shell.remove()
  }

  /// Types a line.
  func type(_ line: String) { send(line + "\n") }

  /// Types keys as they are, without a newline.
  func send(_ keys: String) { send(bytes: Array(keys.utf8)) }

  /// Types bytes, which may be no text.
  func send(bytes: [UInt8]) {
    _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
  }

  /// Types lines, waits for what they should give, and sees that the prompt still answers and ends well.
  func holdsTranscript(_ lines: [String], _ expected: String) -> Bool {
    for line in lines { type(line) }
    guard read(until: expected) != nil else { return false }
    type("print('still ' .. 'here')")
    guard read(until: "still here\n") != nil, read(until: "> ") != nil else { return false }
    typeEnd()
    return waitForEnd() == 0
  }

  func typeEnd() {
    var end: UInt8 = 4
    _ = write(master, &end, 1)
  }

  /// The signal of Ctrl-C to the program and all that it started, which a terminal of one's own would send.
  func interruptFromKeyboard() {
    let own = process.processIdentifier
    let children = (try? String(contentsOfFile: "/proc/\(own)/task/\(own)/children", encoding: .utf8)) ?? ""
    for child in children.split(separator: " ") {
      let number = Int32(child) ?? 0
      let further = (try? String(contentsOfFile: "/proc/\(number)/task/\(number)/children", encoding: .utf8)) ?? ""
      for grandchild in further.split(separator: " ") { kill(Int32(grandchild) ?? 0, SIGINT) }
      if number > 0 { kill(number, SIGINT) }
    }
    kill(own, SIGINT)
  }

  func interrupt() { kill(process.processIdentifier, SIGINT) }

  /// Reads until the text has come and gives all that came up to its end; nil after ten seconds.
  func read(until text: String) -> String? {
    let deadline = Date().addingTimeInterval(10)
    while Date() < deadline {
      if let range = seen.range(of: text) {
        let part = String(seen[..<range.upperBound])
        seen = String(seen[range.upperBound...])
        return part
      }
      var input = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      guard poll(&input, 1, 200) > 0 else { continue }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = Glibc.read(master, &bytes, bytes.count)
      guard count > 0 else { return nil }
      seen += String(decoding: bytes.prefix(count), as: UTF8.self).replacingOccurrences(of: "\r", with: "")
    }
    return nil
  }

  func waitForEnd() -> Int32 {
    let deadline = Date().addingTimeInterval(10)
    while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.01) }
    return process.isRunning ? -1 : process.terminationStatus
  }

  /// Makes an empty file in the folder that the program runs in.
  func makeFile(_ name: String) {
    let path = shell.folder + "/" + name
    try? FileManager.default.createDirectory(atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    _ = FileManager.default.createFile(atPath: path, contents: nil)
  }

  func fileText(_ name: String) -> String? {
    try? String(contentsOfFile: shell.folder + "/" + name, encoding: .utf8)
  }
}
