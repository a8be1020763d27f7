import Foundation
import Testing

/// The prompt at a terminal: values, continuation, Ctrl-C, recovery and history (promises 5 and 6).
@Suite(.serialized) struct PromptTests {
  private func start(_ arguments: [String] = []) throws -> Terminal {
    let terminal = try Terminal(Shell.jetlua, arguments)
    #expect(terminal.read(until: "> ")?.contains("Lua 5.4.4") == true)
    return terminal
  }

  @Test(arguments: [
    (["1 + 1"], "2\n> "), (["=7"], "7\n> "), (["x = 3", "x"], "3\n> "), (["nil, 'a'"], "nil\ta\n> "),
    (["for i = 1, 2 do", "print(i)", "end"], "1\n2\n> "), (["(1", "+ 2)"], "3\n> "), (["s = [[a", "b]]", "s"], "a\nb\n> "),
    (["local x = 1"], "> "), (["y"], "nil\n> "), (["f = function()", "return 9", "end", "f()"], "9\n> "),
    (["-- nothing"], "> "), (["goto x ::x::"], "> "),
  ])
  func transcript(lines: [String], expected: String) throws {
    #expect(try start().holdsTranscript(lines, expected))
  }

  @Test(arguments: [
    ("{1, 'a', {b = 2}}", "{1, \"a\", {b = 2}}\n> "), ("tensor.matmul", "function tensor.matmul; help(tensor.matmul) says more\n> "),
    ("tensor", "module tensor; help(tensor) says what it holds\n> "), ("tensor.zeros(2, 3).shape", "{2, 3}\n> "),
    ("?matmul", "tensor.matmul(x, y)    x:matmul(y)"), ("? nn.Linear", "nn.Linear(in_features, out_features, options)"),
    ("?nothing_such", "help: unknown name \"nothing_such\""), ("?", "jetlua's modules"), ("?tensor{1}", "help: unknown name"),
  ])
  func namesAndHelp(line: String, expected: String) throws {
    let terminal = try start()
    terminal.type(line)
    #expect(terminal.read(until: expected) != nil)
    terminal.type("x = tensor{1}")
    terminal.type("?x.shape")
    #expect(terminal.read(until: "tensor.shape  integer[]") != nil)
    #expect(terminal.read(until: "\n> ") != nil)
    terminal.typeEnd()
    #expect(terminal.waitForEnd() == 0)
  }

  @Test func recoversFromAnyError() throws {
    let terminal = try start()
    terminal.type("x = 'kept'")
    let bad = ["error('e')", "error({})", "x = = 1", "nothing()", "error()", "('x').y.z = 1", "x +", "#5", "string.rep()"]
    for number in 0..<200 {
      let line = bad[number % bad.count]
      terminal.type(line)
      if line == "x +" { terminal.type(")") }
      terminal.type("'done ' .. \(number)")
      #expect(terminal.read(until: "done \(number)\n> ") != nil, "\(line)")
    }
    terminal.type("print(x)")
    #expect(terminal.read(until: "kept\n> ") != nil)
  }

  @Test(arguments: ["while true do end", "while true do pcall(function() while true do end end) end"])
  func interruptReturnsToThePrompt(loop: String) throws {
    let terminal = try start()
    terminal.type("io.write('rea', 'dy\\n') io.flush(); " + loop)
    #expect(terminal.read(until: "ready\n") != nil)
    Thread.sleep(forTimeInterval: 0.2)
    terminal.interrupt()
    #expect(terminal.read(until: "interrupted!") != nil)
    #expect(terminal.read(until: "> ") != nil)
    terminal.type("6 * 7")
    #expect(terminal.read(until: "42\n> ") != nil)
  }

  @Test func interruptDropsTheLine() throws {
    let terminal = try start()
    terminal.type("x = (")
    #expect(terminal.read(until: ">> ") != nil)
    terminal.interrupt()
    #expect(terminal.read(until: "\n> ") != nil)
    terminal.type("5 + 5")
    #expect(terminal.read(until: "10\n> ") != nil)
  }

  @Test func remembersWhatWasTyped() throws {
    let terminal = try start()
    terminal.type("remembered = 1")
    #expect(terminal.read(until: "> ") != nil)
    terminal.typeEnd()
    #expect(terminal.waitForEnd() == 0)
    // Without readline and libedit there is no history.
    if let history = terminal.fileText(".jetlua_history") { #expect(history.contains("remembered = 1")) }
  }
}
