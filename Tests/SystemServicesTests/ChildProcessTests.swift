import Foundation
import SystemServices
import Testing

@Suite(.serialized) struct ChildProcessTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func catchesBothOutputsAndTheStatus() throws {
    let result = try ChildProcess.run(["sh", "-c", "echo out; echo err >&2; exit 3"])
    #expect(result.ending == .exited(3))
    #expect(text(result.output) == "out\n")
    #expect(text(result.errors) == "err\n")
  }

  @Test func argumentsAreNotSplit() throws {
    let result = try ChildProcess.run(["printf", "%s|", "a b", "$HOME", "", "é\n"])
    #expect(text(result.output) == "a b|$HOME||é\n|")
  }

  @Test func megabytesBothWaysDoNotLock() throws {
    let input = [UInt8](repeating: UInt8(ascii: "x"), count: 3_000_000)
    let result = try ChildProcess.run(["sh", "-c", "tee /dev/stderr"], input: input)
    #expect(result.ending == .exited(0))
    #expect(result.output == input)
    #expect(result.errors == input)
  }

  @Test func aProgramThatDoesNotReadIsNoError() throws {
    let result = try ChildProcess.run(["true"], input: [UInt8](repeating: 1, count: 2_000_000))
    #expect(result.ending == .exited(0))
  }

  @Test func signalsAreReported() throws {
    #expect(try ChildProcess.run(["sh", "-c", "kill -9 $$"]).ending == .signalled(9))
  }

  @Test func aTimeoutEndsIt() throws {
    let start = Machine.monotonicTime
    let result = try ChildProcess.run(["sleep", "30"], timeout: 0.2)
    #expect(result.ending == .timedOut)
    #expect(Machine.monotonicTime - start < 2)
  }

  @Test func aTimeoutEndsAProgramThatIgnoresIt() throws {
    let start = Machine.monotonicTime
    let result = try ChildProcess.run(["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"], timeout: 0.2)
    #expect(result.ending == .timedOut)
    #expect(Machine.monotonicTime - start < 6)
  }

  @Test func anInterruptEndsIt() throws {
    let start = Machine.monotonicTime
    let result = try ChildProcess.run(["sleep", "30"]) { Machine.monotonicTime - start > 0.1 }
    #expect(result.ending == .interrupted)
    #expect(Machine.monotonicTime - start < 2)
  }

  @Test func aBackgroundChildDoesNotHoldTheEnd() throws {
    let start = Machine.monotonicTime
    let result = try ChildProcess.run(["sh", "-c", "sleep 4 & echo done"])
    #expect(text(result.output) == "done\n")
    #expect(Machine.monotonicTime - start < 3)
  }

  @Test func directoryAndEnvironment() throws {
    let result = try ChildProcess.run(
      ["sh", "-c", "pwd; echo $JETLUA_A; echo ${PATH:+path}"], directory: "/usr", environment: ["JETLUA_A": "1 2"])
    #expect(text(result.output) == "/usr\n1 2\npath\n")
  }

  @Test func noOtherDescriptorIsHandedDown() throws {
    let leaked = open("/dev/null", O_RDONLY)
    defer { close(leaked) }
    let result = try ChildProcess.run(["ls", "/proc/self/fd"])
    #expect(text(result.output) == "0\n1\n2\n3\n")
  }

  @Test func aHundredRunsLeaveNoDescriptorOpen() throws {
    func count() throws -> Int { try FileSystem.list("/proc/self/fd").count }
    _ = try ChildProcess.run(["true"])
    let before = try count()
    for _ in 0..<100 {
      _ = try ChildProcess.run(["true"], input: [1])
      #expect(throws: SystemError.self) { try ChildProcess.run(["no-such-program-anywhere"]) }
    }
    #expect(abs(try count() - before) < 20)
  }

  @Test func tooMuchOutputIsAnError() throws {
    do {
      _ = try ChildProcess.run(["yes"], outputLimit: 100_000)
      Issue.record("it went on")
    } catch { #expect("\(error)" == "cannot run yes: it wrote more than 100000 bytes; send its output to a file") }
  }

  @Test func whatCannotBeStartedIsAnError() throws {
    func message(_ arguments: [String], directory: String? = nil, environment: [String: String] = [:]) -> String {
      do {
        _ = try ChildProcess.run(arguments, directory: directory, environment: environment)
        return "started"
      } catch { return "\(error)" }
    }
    #expect(message(["nonesuch"]) == "cannot run nonesuch: there is no such program; install it or check PATH")
    #expect(message([]) == "cannot run a program without a name; give it first")
    #expect(message(["/etc/passwd"]) == "cannot run /etc/passwd: Permission denied; check who may read and write it")
    #expect(message(["true"], directory: "/none") == "cannot run true: there is no folder /none; make it first")
    #expect(message(["true", "a\0b"]) == "cannot run true: an argument holds a zero byte; pass it as input")
    #expect(message(["true"], environment: ["a=b": "c"]) == "cannot run true: \"a=b\" is no name of a variable; give one without =")
  }
}
