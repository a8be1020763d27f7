import Foundation
import Testing

/// jetlua's command line is that of the standalone interpreter (promises 2 and 3).
@Suite struct CommandLineTests {
  static let lua = "/usr/bin/lua5.4"

  /// Runs a row and puts "lua" for the program's name.
  private func outcome(of row: Row, _ program: String) throws -> Outcome {
    let shell = try Shell(files: Row.files)
    defer { shell.remove() }
    var outcome = try shell.run(program, row.arguments, input: row.input, environment: row.environment)
    outcome.output = outcome.output.replacingOccurrences(of: program, with: "lua")
    outcome.errors = outcome.errors.replacingOccurrences(of: program, with: "lua")
    return outcome
  }

  @Test(arguments: Row.all + Row.extensions)
  func behavesLikeLua(row: Row) throws {
    let expected = Outcome(output: row.output, errors: row.errors, status: row.status)
    #expect(try outcome(of: row, Shell.jetlua) == expected)
  }

  /// The table above is true of Debian's own interpreter too, so that it cannot drift.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: lua), "lua5.4 is not installed"), arguments: Row.all)
  func luaItselfDoes(row: Row) throws {
    let expected = Outcome(output: row.output, errors: row.errors, status: row.status)
    #expect(try outcome(of: row, Self.lua) == expected)
  }

  @Test func hasEnoughRows() { #expect(Row.all.count >= 60) }

  @Test(arguments: ["--version", "--help"])
  func answersForItself(option: String) throws {
    let shell = try Shell()
    defer { shell.remove() }
    let outcome = try shell.run(Shell.jetlua, [option])
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.hasPrefix(option == "--version" ? "jetlua " : "usage: "))
  }
}
