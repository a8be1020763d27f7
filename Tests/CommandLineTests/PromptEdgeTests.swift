import Foundation
import Testing

/// The prompt where the terminal, the locale, the history file or the command is unusual.
@Suite(.serialized) struct PromptEdgeTests {
  private func start(_ environment: [String: String] = [:], arguments: [String] = []) throws -> Terminal {
    let terminal = try Terminal(Shell.jetlua, arguments, environment: environment)
    #expect(terminal.read(until: "> ")?.contains("Lua 5.4.4") == true)
    return terminal
  }

  private func history(_ name: String = "history") -> String { NSTemporaryDirectory() + "/jetlua-\(name)-" + UUID().uuidString }

  @Test(.enabled(if: AssistedPromptTests.hasReadline, "libreadline8 is not installed"))
  func historyGoesFromSessionToSession() throws {
    let path = history()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let first = try start(["JETLUA_HISTORY": path]), beside = try start(["JETLUA_HISTORY": path])
    for (terminal, line) in [(first, "a = 'from the first'"), (beside, "b = 'from beside'")] {
      terminal.type(line)
      #expect(terminal.read(until: "\n> ") != nil)
    }
    // An input of several lines comes back as one.
    for line in ["function f()", "  return 'several'", "end"] { first.type(line) }
    #expect(first.read(until: "end\n> ") != nil)
    for terminal in [first, beside] {
      terminal.typeEnd()
      #expect(terminal.waitForEnd() == 0)
    }
    let later = try start(["JETLUA_HISTORY": path, "TERM": "xterm"])
    later.send("\u{1B}[A\n")
    #expect(later.read(until: "return 'several'") != nil)
    later.type("f() .. ' lines'")
    #expect(later.read(until: "several lines\n") != nil)
    // Three inputs up from here: this one, the function once more, the function.
    later.send("\u{1B}[A\u{1B}[A\u{1B}[A\u{1B}[A\n")
    later.type("b")
    #expect(later.read(until: "from beside\n") != nil)
  }

  /// 2000 inputs are kept, those of several lines as one, and lines from before there were times.
  @Test(.enabled(if: AssistedPromptTests.hasReadline, "libreadline8 is not installed"))
  func aLongHistoryIsCutBetweenInputs() throws {
    let path = history()
    defer { try? FileManager.default.removeItem(atPath: path) }
    func input(_ n: Int) -> String { "#\(1_700_000_000 + n)\n" + (n % 2 == 0 ? "n = \(n)\n" : "do\n  n = \(n)\nend\n") }
    let old = (0..<2995).map(input).joined()
    for (text, expected) in [
      (old + "-- #1 is no time\n", (995..<2995).map(input).joined() + "-- #1 is no time\n"),
      ("a = 1\nb = 2\n" + input(7), "#0\na = 1\n#0\nb = 2\n" + input(7)),
      ("a = 1\nb = 2\n" + old, (995..<2995).map(input).joined()),
      ("a = 1\nb = 2\n", "a = 1\nb = 2\n"), ("", ""), (input(1), input(1)),
    ] {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      chmod(path, 0o600)
      let terminal = try start(["JETLUA_HISTORY": path, "TERM": "xterm"])
      #expect(try String(contentsOfFile: path, encoding: .utf8) == expected)
      #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
      if expected.hasSuffix("end\n") {
        terminal.send("\u{1B}[A\n")
        terminal.type("'n is ' .. n")
        #expect(terminal.read(until: "n is \(expected.hasSuffix(input(7)) ? 7 : 1)\n") != nil)
        #expect(terminal.read(until: "> ") != nil)
      }
      terminal.typeEnd()
      #expect(terminal.waitForEnd() == 0)
    }
  }

  @Test(.enabled(if: AssistedPromptTests.hasReadline, "libreadline8 is not installed"))
  func aHistoryThatCannotBeWrittenIsSaidOnce() throws {
    for path in ["/dev/full", "/proc/version", "/nowhere/history"] {
      let terminal = try start(["JETLUA_HISTORY": path])
      terminal.type("1 + 1")
      #expect(terminal.read(until: "2\n")  != nil)
      #expect(terminal.read(until: "jetlua: history: \(path) cannot be written: ") != nil)
      #expect(terminal.read(until: "; what is typed now is not kept\n> ") != nil)
      terminal.type("20 + 2")
      #expect(terminal.read(until: "22\n> ")?.contains("cannot be written") == false)
      terminal.typeEnd()
      #expect(terminal.waitForEnd() == 0)
    }
  }

  /// A variable may be called as one of Lua's functions is.
  @Test(.enabled(if: AssistedPromptTests.hasReadline, "libreadline8 is not installed"))
  func thePromptKeepsItsOwnFunctions() throws {
    let terminal = try start(["TERM": "xterm"])
    for line in ["select = 5", "type, string, table, tostring, pairs = nil", "x = 3"] { terminal.type(line) }
    terminal.type("x + 39")
    #expect(terminal.read(until: "42\n") != nil)
    terminal.type(":time")
    #expect(terminal.read(until: "; Lua ") != nil)
  }

  /// readline's own way to read by single keys dies of these.
  @Test(.enabled(if: AssistedPromptTests.hasReadline, "libreadline8 is not installed"), arguments: ["\u{12}ab\u{18}\n", "\u{12}q\u{1B}[201~\n"])
  func aSearchEndedByAKeyOfSeveralBytes(keys: String) throws {
    let terminal = try start(["TERM": "xterm"])
    terminal.type("x = 'ab'")
    #expect(terminal.read(until: "\n") != nil)
    terminal.send(keys)
    usleep(300_000)
    terminal.interrupt()
    #expect(terminal.holdsTranscript(["'fine ' .. 'again'"], "fine again"))
  }

  /// The end of a pasted text that never comes, and keys that wait for more, do not hold Ctrl-C off.
  @Test(.enabled(if: AssistedPromptTests.hasReadline, "libreadline8 is not installed"))
  func interruptsEndUnfinishedKeys() throws {
    for keys in ["\u{1B}[200~print(1)\n", "x\u{12}y", "x\u{16}", "x\u{1B}[", "x\u{18}"] {
      let terminal = try start(["TERM": "xterm"])
      terminal.send(keys)
      // Until the editor has taken them.
      usleep(300_000)
      terminal.interrupt()
      #expect(terminal.read(until: "\n") != nil, "\(keys.debugDescription)")
      #expect(terminal.holdsTranscript(["'fine ' .. 'again'"], "fine again"), "\(keys.debugDescription)")
    }
  }

  /// Alt-Enter does not change to vi mode, in which Alt-B would end the insertion, and readline may go round for ever in bytes that are no text.
  @Test(.enabled(if: AssistedPromptTests.hasReadline, "libreadline8 is not installed"))
  func altEnterLeavesTheKeysAsTheyAre() throws {
    let terminal = try start(["TERM": "xterm"])
    terminal.send("\u{1B}\n\u{1B}\r6 * 7\u{1B}b1\n")
    #expect(terminal.read(until: "102\n") != nil)
  }

  @Test(.enabled(if: AssistedPromptTests.hasReadline, "libreadline8 is not installed"))
  func aReadOnlyHistoryStaysAsItIs() throws {
    let path = history()
    try "kept = 1\n".write(toFile: path, atomically: true, encoding: .utf8)
    chmod(path, 0o444)
    defer { try? FileManager.default.removeItem(atPath: path) }
    // Root may write it; as anybody else the prompt says that it cannot.
    let asNobody = getuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")
    let terminal = asNobody
      ? try Terminal("/usr/bin/setpriv", ["--reuid=65534", "--clear-groups", Shell.jetlua], environment: ["JETLUA_HISTORY": path])
      : try Terminal(Shell.jetlua, [], environment: ["JETLUA_HISTORY": path])
    #expect(terminal.read(until: "> ") != nil)
    if getuid() == 0 && !asNobody { return }
    terminal.type("'an' .. 'swer'")
    #expect(terminal.read(until: "answer\n") != nil)
    #expect(terminal.read(until: "cannot be written: Permission denied") != nil)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "kept = 1\n")
  }

  @Test(arguments: [["TERM": "dumb"], ["TERM": ""], ["TERM": "nonsense"], ["LC_ALL": "de_DE.UTF-8"], ["LC_ALL": "C.UTF-8"], ["LC_ALL": "nowhere"], ["COLUMNS": "1"]])
  func answersWhateverTheTerminal(environment: [String: String]) throws {
    let terminal = try start(environment)
    terminal.type("0.5 + 1, 'caf' .. 'é', #'é'")
    #expect(terminal.read(until: "1.5\tcafé\t2\n> ")?.contains("\u{1B}[3") == false)
    terminal.typeEnd()
    #expect(terminal.waitForEnd() == 0)
  }

  @Test func takesBytesThatAreNoText() throws {
    let terminal = try start(["LC_ALL": "C.UTF-8"])
    terminal.send(bytes: Array("x = '".utf8) + [0xFF, 0xFE] + Array("'\n#x .. ' bytes'\n".utf8))
    #expect(terminal.read(until: "2 bytes\n") != nil)
    terminal.send(bytes: [0xC3] + Array("\n".utf8))
    #expect(terminal.read(until: "> ") != nil)
    terminal.type("'still ' .. 'here'")
    #expect(terminal.read(until: "still here\n") != nil)
  }

  private static let busy: [(name: String, text: String)] = [
    ("loop", "while true do end"),
    ("coroutines", "local co = coroutine.wrap(function() while true do pcall(function() while true do end end) end end) while true do pcall(co) end"),
    ("products", "local x = tensor.rand(3000, 3000) while true do local y = x:matmul(x) end"),
    ("one large product", "local x = tensor.rand(12000, 12000) x:matmul(x)"),
    ("convolutions", "local x, c = tensor.rand(64, 16, 200, 200), nn.Conv2d(16, 16, 9) while true do local y = c(x):sum():backward() end"),
    ("sorting", "local x = tensor.rand(20000000) while true do x:sort() end"),
    ("random numbers", "while true do tensor.randn(20000, 3000) end"),
    ("training", "local im = jets.sample():images() local m = models.DirichletVAE{} models.fit(m, im, {epochs = 100000})"),
    ("sleep", "os.execute('sleep 100')"),
  ]

  /// The best of six, for the machine may be busy with other things.
  @Test(arguments: 0..<busy.count)
  func interruptReturnsToThePromptAtOnce(number: Int) throws {
    let (name, text) = Self.busy[number]
    var fastest = Double.infinity
    for _ in 1...6 where fastest > 0.2 {
      let terminal = try start()
      terminal.type("io.write('rea', 'dy\\n') io.flush(); " + text)
      #expect(terminal.read(until: "ready\n") != nil)
      Thread.sleep(forTimeInterval: 0.5)
      terminal.interruptFromKeyboard()
      let began = Date()
      #expect(terminal.read(until: "> ") != nil, "\(name)")
      fastest = min(fastest, Date().timeIntervalSince(began))
      terminal.type("6 * 7")
      #expect(terminal.read(until: "42\n> ") != nil, "\(name)")
    }
    #expect(fastest <= 0.2, "\(name)")
  }

  @Test func theSecondInterruptEnds() throws {
    let terminal = try start()
    terminal.type("io.write('rea', 'dy\\n') io.flush(); ('a'):rep(40):find(('a-'):rep(40) .. 'b')")
    #expect(terminal.read(until: "ready\n") != nil)
    Thread.sleep(forTimeInterval: 0.3)
    terminal.interrupt()
    Thread.sleep(forTimeInterval: 0.2)
    terminal.interrupt()
    #expect(terminal.waitForEnd() == 130)
  }

  /// One line on a terminal, drawn again and again, with how fast, how long still and the losses.
  @Test func progressIsOneLineOnATerminal() throws {
    let script = "local p = require 'progress' for i in p(30, {desc = 'fit'}) do p.note{loss = 1 / i} os.execute 'sleep 0.1' end"
    let terminal = try Terminal(Shell.jetlua, ["-e", script], environment: ["TERM": "xterm"])
    #expect(terminal.read(until: "100% 30/30")?.firstMatch(of: /fit +\d+% \d+\/30 \[0:\d\d, 0:\d\d left, [\d.]+(\/s| s each), loss 0\.\d+\]/) != nil)
    #expect(terminal.waitForEnd() == 0)
    let quiet = try Terminal(Shell.jetlua, ["--quiet", "-e", script + " print 'end'"])
    #expect(quiet.read(until: "end\n") == "end\n")
  }

  @Test func progressIsPlainLinesInAFile() throws {
    let shell = try Shell()
    defer { shell.remove() }
    let script = "local p = require 'progress' for i in p(13) do p.note{loss = 1} os.execute 'sleep 0.5' end print 'out'"
    let outcome = try shell.run(Shell.jetlua, ["-e", script])
    #expect(outcome.output == "out\n")
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count >= 2)
    for line in lines { #expect(line.firstMatch(of: /^ *\d+% \d+\/13 \[0:[\d.:]+(, 0:\d\d left)?, [\d.]+(\/s| s each), loss 1\]$/) != nil, "\(line)") }
    #expect(try shell.run(Shell.jetlua, ["--quiet", "-e", script.replacingOccurrences(of: "0.5", with: "0.4")]).errors.isEmpty)
  }
}
