import Foundation
import Testing

/// jetlua's own modules: found from JETLUA_HOME, loaded when required, under their short and their long names.
@Suite struct ModuleTests {
  private static let files = [
    "home/stdlib/alpha.lua": "loads = (loads or 0) + 1 return {name = ..., twice = function(x) return 2 * x end}",
    "home/stdlib/beta/init.lua": "return {name = ..., part = require 'jetlua.beta.part'}",
    "home/stdlib/beta/part.lua": "return {name = ...}",
    "home/stdlib/broken.lua": "return = 1",
    "home/stdlib/ring.lua": "return require 'jetlua.ring'",
    "work/alpha.lua": "return {name = 'the user\\'s'}",
    "work/script.lua": "print(require('alpha').twice(4))",
    "free/script.lua": "print(require('alpha').twice(4))",
  ]

  private func run(_ arguments: [String], input: String = "") throws -> Outcome {
    let shell = try Shell(files: Self.files)
    defer { shell.remove() }
    return try shell.run(Shell.jetlua, arguments, input: input, environment: ["JETLUA_HOME": shell.folder + "/home"])
  }

  @Test(arguments: [
    ("print(require('alpha').name, require('alpha') == require('jetlua.alpha'), loads)", "alpha\ttrue\t1\n"),
    ("print(require('jetlua.alpha') == require('alpha'), loads)", "true\t1\n"),
    ("print(require('beta').part == require('beta.part'))", "true\n"),
    ("print(loads, package.loaded.alpha)", "nil\tnil\n"),
    ("print(alpha)", "nil\n"),
    ("print(#package.searchers)", "4\n"),
    ("print(select(2, pcall(require, 'ring')))", "module 'ring' requires itself\n"),
  ])
  func requires(text: String, expected: String) throws {
    let outcome = try run(["-e", text])
    #expect(outcome.output.hasSuffix(expected))
    #expect(outcome.errors.isEmpty)
  }

  @Test func syntaxErrorsNameTheFile() throws {
    let outcome = try run(["-e", "require 'broken'"])
    #expect(outcome.errors.contains("stdlib/broken.lua:1: unexpected symbol near '='"))
    #expect(outcome.status == 1)
  }

  @Test func aFileOfTheSameNameIsWarnedOf() throws {
    let shadowed = try run(["work/script.lua"])
    #expect(shadowed.output == "8\n")
    #expect(shadowed.errors == "jetlua: warning: \"alpha\" is a module of jetlua, work/alpha.lua is not loaded; give it another name\n")
    #expect(try run(["free/script.lua"]).errors.isEmpty)
  }

  @Test func modulesAreGlobalsAtThePrompt() throws {
    let outcome = try run(["-i"], input: "alpha.twice(21)\nloads\nunknown\n")
    #expect(outcome.output.contains("> alpha.twice(21)\n42\n"))
    #expect(outcome.output.contains("> loads\n1\n"))
    #expect(outcome.output.contains("> unknown\nnil\n"))
  }

  @Test func aWrongHomeIsWarnedOf() throws {
    let shell = try Shell()
    defer { shell.remove() }
    let outcome = try shell.run(Shell.jetlua, ["-e", "print 'runs'"], environment: ["JETLUA_HOME": "/nowhere"])
    #expect(outcome.output == "runs\n")
    #expect(outcome.errors == "jetlua: warning: JETLUA_HOME has no folder stdlib: /nowhere\n")
  }
}
