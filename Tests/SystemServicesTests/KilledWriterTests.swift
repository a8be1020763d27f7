import Foundation
import SystemServices
import Testing

/// Runs this test bundle again as a child process with one test, which a variable switches on.
private func child(_ test: String, _ environment: [String: String], before shell: String? = nil, timeout: Double? = nil) throws
  -> ChildProcess.Result
{
  let program = CommandLine.arguments[0]
  let call = [program, "--filter", test, "--testing-library", "swift-testing"]
  let command = shell.map { ["unshare", "-rm", "sh", "-c", "\($0) && exec \"$@\"", "sh"] + call } ?? call
  return try ChildProcess.run(command, environment: environment, timeout: timeout)
}

/// Whether this machine lets a process mount something for itself alone.
private let canMount = (try? ChildProcess.run(["unshare", "-rm", "true"]).ending) == .exited(0)
private let isSlow = ProcessInfo.processInfo.environment["JETLUA_SLOW_TESTS"] == "1"
private let variable = "JETLUA_TEST_WRITER"
private let size = 3_000_000

@Suite(.serialized) struct KilledWriterTests {
  /// The child: replaces one file by whole files of one letter until it is killed.
  @Test(.enabled(if: ProcessInfo.processInfo.environment[variable] != nil, "runs as a child of the tests beside it"))
  func writerUntilKilled() throws {
    let path = try #require(ProcessInfo.processInfo.environment[variable])
    for turn in 0... {
      let file = try AtomicFile(path: path)
      let part = [UInt8](repeating: UInt8(ascii: "a") + UInt8(turn % 26), count: size / 10)
      for _ in 0..<10 { try file.write(part) }
      try file.commit()
    }
  }

  @Test func aKilledWriterLeavesTheOldOrTheNewFile() throws { try killRepeatedly(10) }

  @Test(.enabled(if: isSlow, "slow: kills 200 writers")) func twoHundredKilledWritersLeaveTheOldOrTheNewFile() throws {
    try killRepeatedly(200)
  }

  private func killRepeatedly(_ count: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder("state")
    try AtomicFile.write([UInt8](repeating: UInt8(ascii: "a"), count: size), to: path)
    var inTheMiddle = 0
    for _ in 0..<count {
      let child = Process()
      child.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
      child.arguments = ["--filter", "writerUntilKilled", "--testing-library", "swift-testing"]
      child.environment = ProcessInfo.processInfo.environment.merging([variable: path]) { $1 }
      child.standardOutput = FileHandle.nullDevice
      child.standardError = FileHandle.nullDevice
      try child.run()
      let before = Set(folder.names)
      let patience = Machine.monotonicTime + 30
      while Set(folder.names).subtracting(before).isEmpty, Machine.monotonicTime < patience { usleep(500) }
      usleep(.random(in: 0...20_000))
      kill(child.processIdentifier, SIGKILL)
      child.waitUntilExit()
      let bytes = try FileSystem.read(path)
      #expect(bytes.count == size)
      #expect(Set(bytes).count == 1)
      if folder.names.count > 1 { inTheMiddle += 1 }
      #expect(folder.names.count <= 2)
    }
    // Otherwise nothing was proved.
    #expect(inTheMiddle > 0)
    try AtomicFile.write("done", to: path)
    #expect(folder.names == ["state"])
  }

  /// The child: fills a small disk.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["JETLUA_TEST_DISK"] != nil, "runs as a child of the tests beside it"))
  func writerOnASmallDisk() throws {
    let folder = try #require(ProcessInfo.processInfo.environment["JETLUA_TEST_DISK"])
    try AtomicFile.write("old", to: folder + "/state")
    do {
      try AtomicFile.write([UInt8](repeating: 1, count: 2_000_000), to: folder + "/state")
      print("RESULT written")
    } catch { print("RESULT \(error)") }
    print("RESULT \(try FileSystem.readText(folder + "/state")) \(try FileSystem.list(folder))")
  }

  @Test(.enabled(if: canMount, "needs unshare to mount a small disk")) func aFullDiskLeavesTheOldFileAndNoOther() throws {
    let folder = try TemporaryFolder()
    let result = try child("writerOnASmallDisk", ["JETLUA_TEST_DISK": folder.path], before: "mount -t tmpfs -o size=1m none \(folder.path)")
    let text = String(decoding: result.output + result.errors, as: UTF8.self)
    #expect(text.contains("RESULT cannot write \(folder.path)/state: No space left on device; free some space or choose another disk"))
    #expect(text.contains("RESULT old [\"state\"]"))
  }

  @Test(.enabled(if: Environment.findProgram("strace") != nil, "needs strace")) func theFileIsSyncedBeforeItIsRenamed() throws {
    let folder = try TemporaryFolder()
    let trace = folder("trace")
    let program = CommandLine.arguments[0]
    _ = try ChildProcess.run(
      ["strace", "-f", "-o", trace, "-e", "trace=fsync,rename,renameat,renameat2", program, "--filter", "writesAWholeFileAndLeavesNoOther",
        "--testing-library", "swift-testing"])
    let calls = try FileSystem.readText(trace).split(separator: "\n").compactMap { line in
      ["fsync", "rename"].first { line.contains($0 + "(") }
    }
    #expect(Array(calls.prefix(6)) == ["fsync", "rename", "fsync", "fsync", "rename", "fsync"])
  }
}
