import Foundation
import Testing

/// What the prompt at a terminal has beyond the standalone interpreter's: local variables that stay, `_`, `;`, commands with a
/// colon, short tracebacks, completion, pasted text and colours.
@Suite(.serialized) struct AssistedPromptTests {
  private func start(_ environment: [String: String] = [:]) throws -> Terminal {
    let terminal = try Terminal(Shell.jetlua, [], environment: environment)
    #expect(terminal.read(until: "> ")?.contains("Lua 5.4.4") == true)
    return terminal
  }

  /// Whether the terminal has line editing, without which there is nothing to complete.
  static let hasReadline = ["/lib/x86_64-linux-gnu/libreadline.so.8", "/usr/lib/x86_64-linux-gnu/libreadline.so.8"]
    .contains { FileManager.default.fileExists(atPath: $0) }

  @Test(arguments: [
    (["local x = 3", "x + 1"], "4\n> "),
    (["local a <const>, b = 1, 2", "a, b"], "1\t2\n> "),
    (["local function f(n) return n < 2 and 1 or n * f(n - 1) end", "f(5)"], "120\n> "),
    (["local n = 0; function step() n = n + 1 end", "step(); step(); print(n)"], "2\n> "),
    (["local type = 'top'", "type, _G.type == type"], "top\tfalse\n> "),
    (["local type", "type"], "nil\n> "),
    (["local type", "type = 4", "type, _G.type == 4"], "4\tfalse\n> "),
    (["do local z = 1 end", "z"], "nil\n> "),
    (["local s = 'local q = 1' -- local r = 2", "q, r, s"], "nil\tnil\tlocal q = 1\n> "),
    (["local t = [[", "local u = 1]]", "u, t"], "nil\tlocal u = 1\n> "),
    (["for i = 1, 2 do", "local y = i", "end", "y"], "nil\n> "),
    (["local f = function()", "local inner = 5", "return inner end", "f(), inner"], "5\tnil\n> "),
    (["if true then local w = 1 elseif x then local v = 1 else local u = 1 end", "w"], "nil\n> "),
    (["repeat local p = 1 until p == 1", "p"], "nil\n> "),
    (["local a, b,", "c = 1, 2, 3", "a + b + c"], "6\n> "),
    (["g = 1", "local g = 2", "g, _G.g"], "2\t1\n> "),
    (["6 * 7", "_ + 1"], "43\n> "),
    (["40 + 2;"], "40 + 2;\n> "), (["40 + 2;", "print('muted', _)"], "\nmuted\t42\n> "),
    (["tensor.ones(2):sum();", "_:item()"], "2.0\n> "),
    ([":help"], "is the last result\n> "),
    ([":tim"], "no command :tim; did you mean :time?\n> "),
    ([":time now"], ":time takes nothing after it\n> "),
    ([":time"], "nothing was run yet\n> "),
    (["x = tensor.zeros(1000)", "x2 = tensor.zeros(250)", ":time"], "; tensors +1 kB, now 5 kB; Lua "),
    (["local x = tensor.ones(3)", "?x.shape"], "tensor.shape  integer[]"),
    (["error('boo')"], "\nstdin:1: boo\n> "),
    (["x = tensor.ones(3)", "x:matmul(tensor.ones(7))"], "stdin:1: matmul: inner sizes differ: [1, 3] x [7, 1]\n> "),
    (["function f() error('deep') end function g() f() return 1 end", "g()"],
      "stdin:1: deep\n\tstdin:1: in function 'f'\n\tstdin:1: in function 'g'\n\tstdin:1: in main chunk\n> "),
    (["models.DirichletVAE { alfa = {1, 1} }"], "\nstdin:1: DirichletVAE: unknown option \"alfa\"; did you mean \"alpha\"?"),
    (["math.max(1, 2) -- the larger"], "\n2\n> "), (["(1); -- muted?"], "\n1\n> "), (["select('#', print())"], "\n0\n> "),
    (["local = 3"], "stdin:1: <name> expected near '='\n> "), (["local x = = 3"], "stdin:1: unexpected symbol near '='\n> "),
    (["error({})"], "(error object is a table value)\n> "), (["nothing_here"], "nil\n> "),
    (["setmetatable(_G, {__index = function(_, n) return n == 'hello' and 'found' or nil end});", "hello"], "found\n> "),
    (["local t <close> = setmetatable({}, {__close = function() print 'closed' end})"], "closed\n> "),
  ])
  func transcript(lines: [String], expected: String) throws {
    #expect(try start().holdsTranscript(lines, expected))
  }

  @Test(.enabled(if: hasReadline, "libreadline8 is not installed"), arguments: [
    ("tensor.matm\t", "tensor.matmul"), ("local y = tensor.matm\t", "local y = tensor.matmul"), ("a.b/tensor.matm\t", "a.b/tensor.matmul"),
    ("t:logs\t", "t:logsumexp"), ("t.sha\t", "t.shape"), ("autogr\t", "autograd"), ("funct\t", "function"),
    ("require 'metr\t", "require 'metrics'"), ("io.open('onefi\t", "io.open('onefile.txt'"), ("io.open('sub\t", "io.open('subfolder/"),
    ("io.open('subfolder/in\t", "io.open('subfolder/inside.h5'"), ("optim.Adam({t}, {wei\t", "optim.Adam({t}, {weight_decay = "),
    ("models.DirichletVAE { hid\t", "models.DirichletVAE { hidden = "), ("t:sum():\t", "t:sum():"), ("mine.field.de\t", "mine.field.deep"),
    ("?tensor.cumsu\t", "?tensor.cumsum"), ("js.n_const\t", "js.n_constituents"), ("js:lund\t", "js:lund_images"),
    ("string.for\t", "string.format"), ("zzz\t", "zzz"),
  ])
  func completes(keys: String, expected: String) throws {
    let terminal = try start()
    terminal.makeFile("onefile.txt")
    terminal.makeFile("subfolder/inside.h5")
    terminal.type("t, js, mine = tensor.ones(3), jets.sample(), {field = {deep = {}}}")
    #expect(terminal.read(until: "\n> ") != nil)
    terminal.send(keys)
    #expect(terminal.read(until: expected) != nil)
    // What follows at once is what was typed next, so nothing else was added.
    terminal.send("@")
    #expect(terminal.read(until: "@")?.replacingOccurrences(of: "\u{7}", with: "") == "@")
  }

  @Test(.enabled(if: hasReadline, "libreadline8 is not installed"))
  func runsPastedTextAsOne() throws {
    let terminal = try start(["TERM": "xterm"])
    terminal.send("\u{1B}[200~local a = 1\nlocal b = 2\nprint('sum', a + b)\u{1B}[201~")
    terminal.send("\n")
    #expect(terminal.read(until: "sum\t3\n") != nil)
    terminal.type("'b is ' .. b")
    #expect(terminal.read(until: "b is 2\n") != nil)
  }

  @Test(arguments: [(["TERM": "xterm", "NO_COLOR": ""], true), (["TERM": "xterm", "NO_COLOR": "1"], false), (["TERM": "dumb", "NO_COLOR": ""], false)])
  func coloursErrors(environment: [String: String], coloured: Bool) throws {
    let terminal = try start(environment)
    terminal.type("error('e' .. 'nd of it')")
    #expect(terminal.read(until: "end of it")?.contains("\u{1B}[31m") == coloured)
  }

  @Test func quits() throws {
    let terminal = try start()
    terminal.type(":quit")
    #expect(terminal.waitForEnd() == 0)
  }
}
