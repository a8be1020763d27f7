import Foundation
import SystemServices
import Testing

@Suite(.serialized) struct StartedProgramsTests {
  private func finish(_ programs: StartedPrograms, _ process: Int) throws -> StartedPrograms.End {
    let start = Machine.monotonicTime
    while Machine.monotonicTime - start < 60 {
      if let end = try programs.end(of: process) { return end }
      programs.wait(seconds: 0.5)
    }
    throw SystemError("the program did not end within a minute")
  }

  @Test func outputIsAppendedAndTheStatusTold() throws {
    let folder = try TemporaryFolder()
    let programs = StartedPrograms()
    for _ in 1...2 {
      let process = try programs.start(["sh", "-c", "echo $A; pwd >&2; exit 3"], output: folder("out"), directory: "/usr", environment: ["A": "b"])
      #expect(try finish(programs, process).ending == .exited(3))
    }
    #expect(try FileSystem.readText(folder("out")) == "b\n/usr\nb\n/usr\n")
  }

  @Test func waitingEndsWithTheProgram() throws {
    let programs = StartedPrograms()
    let process = try programs.start(["sleep", "0.1"], output: "/dev/null")
    let start = Machine.monotonicTime
    programs.wait(seconds: 50)
    #expect(Machine.monotonicTime - start < 40)
    #expect(try programs.end(of: process)?.ending == .exited(0))
  }

  @Test func aSignalReachesAllOfTheGroup() throws {
    let folder = try TemporaryFolder()
    let programs = StartedPrograms()
    let process = try programs.start(["sh", "-c", "sleep 1000 & echo $!; wait"], output: folder("out"))
    var child = ""
    while child.isEmpty { child = (try? FileSystem.readText(folder("out")).trimmingCharacters(in: .whitespacesAndNewlines)) ?? "" }
    try programs.signal(SIGTERM, process)
    #expect(try finish(programs, process).ending == .signalled(SIGTERM))
    let pid = try #require(pid_t(child))
    let start = Machine.monotonicTime
    while kill(pid, 0) == 0, !isZombie(pid), Machine.monotonicTime - start < 60 { usleep(10_000) }
    #expect(kill(pid, 0) != 0 || isZombie(pid))
  }

  private func isZombie(_ pid: pid_t) -> Bool { (try? FileSystem.readText("/proc/\(pid)/stat").contains(") Z ")) ?? true }

  @Test func onlyWhatWasStartedHereIsSignalled() throws {
    let programs = StartedPrograms()
    for process in [1, -1, 0, Int(getpid()), Int.max] {
      #expect(throws: SystemError.self) { try programs.signal(SIGTERM, process) }
      #expect(throws: SystemError.self) { try programs.end(of: process) }
    }
    let process = try programs.start(["true"], output: "/dev/null")
    _ = try finish(programs, process)
    #expect(throws: SystemError.self) { try programs.signal(SIGTERM, process) }
  }

  @Test func whatCannotBeStartedIsSaid() {
    let programs = StartedPrograms()
    for arguments in [[], [""], ["no-such-program-anywhere"], ["true", "a\0b"]] {
      #expect(throws: SystemError.self) { try programs.start(arguments, output: "/dev/null") }
    }
    #expect(throws: SystemError.self) { try programs.start(["true"], output: "/no/such/folder/out") }
    #expect(throws: SystemError.self) { try programs.start(["true"], output: "/dev/null", directory: "/no/such/folder") }
  }

  @Test func memoryIsLimited() throws {
    let programs = StartedPrograms()
    let script = "sleep 0.3; exec dd if=/dev/zero of=/dev/null bs=400M count=1"
    let limited = try programs.start(["sh", "-c", script], output: "/dev/null", memory: 100_000_000)
    #expect(try finish(programs, limited).ending != .exited(0))
    let free = try programs.start(["sh", "-c", script], output: "/dev/null")
    #expect(try finish(programs, free).ending == .exited(0))
  }

  @Test func aLockIsHeldByTheProgramItIsHandedTo() throws {
    let folder = try TemporaryFolder()
    let programs = StartedPrograms()
    var lock = try FileLock(path: folder("lock"))
    #expect(lock != nil)
    #expect(try FileLock(path: folder("lock")) == nil)
    let process = try programs.start(["sleep", "1000"], output: "/dev/null", lock: lock)
    lock = nil
    #expect(try FileLock(path: folder("lock")) == nil, "the program still holds it")
    try programs.signal(SIGKILL, process)
    _ = try finish(programs, process)
    #expect(try FileLock(path: folder("lock")) != nil, "it fell with the program")
  }

  @Test func aLockIsGivenBack() throws {
    let folder = try TemporaryFolder()
    let lock = try #require(try FileLock(path: folder("lock")))
    lock.release()
    lock.release()
    #expect(try FileLock(path: folder("lock")) != nil)
    #expect(throws: SystemError.self) { try FileLock(path: folder("none/lock")) }
    #expect(throws: SystemError.self) { try FileLock(path: "") }
  }
}
