import Foundation
import SystemServices
import Testing

@Suite struct MachineTests {
  @Test func describesTheMachine() {
    #expect(Machine.hostName == ProcessInfo.processInfo.hostName || !Machine.hostName.isEmpty)
    #expect(Machine.processID == Int(ProcessInfo.processInfo.processIdentifier))
    #expect((1...ProcessInfo.processInfo.processorCount).contains(Machine.processorCount))
    #expect(!Machine.processorName.isEmpty)
    #expect(!Machine.operatingSystem.contains("\""))
  }

  @Test func timeRuns() {
    #expect(abs(Machine.unixTime - Date().timeIntervalSince1970) < 1)
    let start = Machine.monotonicTime
    usleep(2000)
    let passed = Machine.monotonicTime - start
    #expect(passed >= 0.002 && passed < 5)
  }

  @Test func memoryGrowsWithUse() {
    let before = Machine.memory
    let size = 64 << 20
    let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
    memset(block, 1, size)
    let after = Machine.memory
    block.deallocate()
    #expect(after.anonymous - before.anonymous > size / 2)
    #expect(after.peak >= after.resident && after.resident >= after.anonymous)
  }

  @Test func findsPrograms() throws {
    let path = try #require(Environment.findProgram("sh"))
    #expect(path.hasSuffix("/sh"))
    #expect(Environment.findProgram(path) == path)
    #expect(Environment.findProgram("no-such-program-anywhere") == nil)
    #expect(Environment.findProgram("/etc/passwd") == nil)
    #expect(Environment.findProgram("/usr") == nil)
    #expect(Environment.findProgram("") == nil)
  }

  @Test func readsTheEnvironment() {
    setenv("JETLUA_TEST_VARIABLE", "a=b", 1)
    #expect(Environment.value("JETLUA_TEST_VARIABLE") == "a=b")
    #expect(Environment.variables["JETLUA_TEST_VARIABLE"] == "a=b")
    unsetenv("JETLUA_TEST_VARIABLE")
    #expect(Environment.value("JETLUA_TEST_VARIABLE") == nil)
  }

  @Test func terminalFacts() {
    let descriptor = open("/dev/null", O_RDONLY)
    defer { close(descriptor) }
    #expect(!Terminal.isTerminal(descriptor))
    #expect(!Terminal.isTerminal(-1))
    #expect(Terminal.columns >= 1)
  }
}
