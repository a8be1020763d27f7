import Foundation
import Testing

/// Lua's own test files of version 5.4.4, from a folder named by JETLUA_OFFICIAL_TESTS (promise 1). They are not part of
/// this repository: www.lua.org/tests.
@Suite struct OfficialSuiteTests {
  static let folder = ProcessInfo.processInfo.environment["JETLUA_OFFICIAL_TESTS"]

  private func run(_ arguments: [String]) throws -> Outcome {
    let shell = try Shell()
    defer { shell.remove() }
    let copy = shell.folder + "/testes"
    try FileManager.default.copyItem(atPath: Self.folder ?? "", toPath: copy)
    return try shell.run("/bin/sh", ["-c", "cd testes && exec \"$0\" \"$@\"", Shell.jetlua] + arguments)
  }

  @Test(.enabled(if: folder != nil, "JETLUA_OFFICIAL_TESTS names no folder"))
  func allInUserMode() throws {
    let outcome = try run(["-e", "_U=true", "all.lua"])
    #expect(outcome.output.contains("final OK !!!"))
    #expect(outcome.status == 0)
  }

  @Test(.enabled(if: folder != nil, "JETLUA_OFFICIAL_TESTS names no folder"))
  func standaloneInterpreter() throws {
    let outcome = try run(["main.lua"])
    #expect(outcome.output.hasSuffix("OK\n"))
    #expect(outcome.status == 0)
  }
}
