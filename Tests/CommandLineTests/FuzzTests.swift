import Foundation
import Testing

/// Junk and forged arguments for every native function that jetlua registers (promises 10 and 11), in a process of its own
/// with a limit on memory. JETLUA_FUZZ_TRACE=1 makes the script say each call, to find the one that crashed.
@Suite struct FuzzTests {
  static let slow = ProcessInfo.processInfo.environment["JETLUA_SLOW_TESTS"] == "1"

  @Test(arguments: [1, 2, 3, 4])
  func junk(seed: Int) throws {
    let shell = try Shell()
    defer { shell.remove() }
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/fuzz.lua").path
    let calls = Self.slow ? 500_000 : 25_000
    let outcome = try shell.run(
      "/bin/sh", ["-c", "ulimit -v 8000000; exec \"$0\" \"$@\"", Shell.jetlua, script, "\(seed)", "\(calls)"],
      seconds: Self.slow ? 1200 : 120)
    #expect(outcome.status == 0, "\(outcome.errors.suffix(2000))")
    #expect(outcome.output.contains("calls\t\(calls)"), "\(outcome.output.suffix(500))")
  }
}
