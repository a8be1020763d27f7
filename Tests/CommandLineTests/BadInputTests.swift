import Foundation
import Testing

/// What goes wrong around a script: as the standalone interpreter where it has an answer, else one clear line; nothing is lost and
/// nothing crashes.
@Suite struct BadInputTests {
  static let lua = "/usr/bin/lua5.4"
  static let hasLua = FileManager.default.isExecutableFile(atPath: lua)

  private static let files = [
    "folder/inside.txt": "text",
    "endless.lua": "for i = 1, 1e6 do print(i) end",
    "unfinished.lua": "local x = {\n  1, 2,\nif true then",
    "openstring.lua": "print 'never ends",
    "latin.lua": "local t = { caf\u{65}\u{301} = 1 }",
    "names.lua": "print(#arg[1], arg[1]:byte(1, -1))",
    "figure.lua": "require('plot').line({1, 4, 9}):save(arg[1])",
    "comma.lua": """
      assert(os.setlocale('', 'numeric') and ('%.1f'):format(0.5) == '0,5')
      local plot = require 'plot'
      plot.line({0.5, 1.5}, {xrange = {0.25, 2.5}}):save('l.py')
      if require('jetlua.core.system').find_program('gnuplot') then plot.hist({0.5, 1.5}, {bins = 4, range = {0.5, 8.5}}):save('h.png') end
      print((io.open('l.csv'):read('a'):gsub('\\n', ' ')))
      assert(not io.open('l.py'):read('a'):find('%d,%d'))
      print((require('json').encode{a = 0.5}), require('json').decode('0.25') == 0.25, ('%.1f'):format(0.5))
      """,
    "points.lua": "print(1.5, 0.25 + 1, tonumber('1.5'), string.format('%.2f', 0.5)) print((require('json').encode{a = 0.5}))",
  ]

  private func run(_ arguments: [String], environment: [String: String] = [:], program: String = Shell.jetlua) throws -> Outcome {
    let shell = try Shell(files: Self.files)
    defer { shell.remove() }
    var outcome = try shell.run(program, arguments, environment: environment)
    outcome.output = outcome.output.replacingOccurrences(of: program, with: "lua").replacingOccurrences(of: shell.folder + "/", with: "")
    outcome.errors = outcome.errors.replacingOccurrences(of: program, with: "lua").replacingOccurrences(of: shell.folder + "/", with: "")
    return outcome
  }

  /// Runs a line of the shell, in which $jetlua is the program.
  private func shell(_ line: String, files: [String: String] = [:], environment: [String: String] = [:], program: String = Shell.jetlua) throws -> Outcome {
    let shell = try Shell(files: Self.files.merging(files) { $1 })
    defer { shell.remove() }
    return try shell.run("/bin/bash", ["-c", line], environment: ["jetlua": program].merging(environment) { $1 })
  }

  @Test(arguments: [
    (["folder"], "lua: cannot read folder: Is a directory\n"), (["folder/"], "lua: cannot read folder/: Is a directory\n"),
    (["unfinished.lua"], "lua: unfinished.lua:3: unexpected symbol near 'if'\n"),
    (["openstring.lua"], "lua: openstring.lua:1: unfinished string near <eof>\n"),
    (["latin.lua"], "lua: latin.lua:1: '}' expected near '<\\204>'\n"),
    (["-e", "x = "], "lua: (command line):1: unexpected symbol near <eof>\n"),
    (["folder/nothing.lua"], "lua: cannot open folder/nothing.lua: No such file or directory\n"),
  ])
  func failsAsLua(arguments: [String], errors: String) throws {
    let outcome = try run(arguments)
    #expect(outcome.output.isEmpty)
    #expect(outcome.status == 1)
    #expect(outcome.errors == errors)
    if Self.hasLua { #expect(try run(arguments, program: Self.lua) == outcome) }
  }

  @Test func runsBinaryChunksAsLua() throws {
    let made = "$jetlua -e 'local f = io.open(\"chunk\", \"wb\") f:write(string.dump(load(\"print(7)\"))) f:close()'; "
    #expect(try shell(made + "$jetlua chunk").output == "7\n")
    // A chunk that was cut short is an error.
    let cut = try shell(made + "head -c 20 chunk > cut; $jetlua cut")
    #expect(cut.status == 1)
    #expect(cut.errors.hasSuffix(": cut: bad binary format (truncated chunk)\n"))
  }

  @Test func endsQuietlyWhenNobodyReads() throws {
    let outcome = try shell("$jetlua endless.lua | head -n 1; echo ${PIPESTATUS[0]}")
    #expect(outcome.output == "1\n141\n", "the signal that ends any program there")
    #expect(outcome.errors.isEmpty)
    // Where the signal is ignored, as some parents leave it, the script goes on or fails, as lua does.
    let ignoring = "trap '' PIPE; $jetlua endless.lua 2>/dev/null | head -n 1; echo ${PIPESTATUS[0]}"
    let ours = try shell(ignoring)
    if Self.hasLua { #expect(try shell(ignoring, program: Self.lua).output == ours.output) }
    #expect(try shell("$jetlua -e 'print(1)' >&-").status == (Self.hasLua ? try shell("$jetlua -e 'print(1)' >&-", program: Self.lua).status : 0))
    #expect(try shell("$jetlua -e 'print(1)' > /dev/full").status == (Self.hasLua ? try shell("$jetlua -e 'print(1)' > /dev/full", program: Self.lua).status : 0))
  }

  @Test func takesAnyBytesAsArguments() throws {
    let outcome = try shell("$jetlua names.lua $'\\xff\\xfe'; $jetlua $'no\\xffsuch.lua'")
    #expect(outcome.output == "2\t255\t254\n")
    #expect(outcome.errors.contains("cannot open no"))
    #expect(outcome.status == 1)
    #expect(try shell("printf 'print(\"\\xff\") x = \\xff' | $jetlua").errors.contains("unexpected symbol near '<\\255>'"))
    #expect(try shell("$jetlua $'--thr\\xffeads'").status == 1)
  }

  @Test func optionsThatAreWrongSayWhatIsExpected() throws {
    for (arguments, errors) in [
      (["--threads", "0"], "--threads: expected an integer in 1...256, got 0"), (["--threads"], "--threads: expected an integer in 1...256, got nothing"),
      (["--seed=x"], "--seed: expected an integer from 0 on, got x"),
    ] {
      let outcome = try run(arguments)
      #expect(outcome.errors == "lua: \(errors)\n")
      #expect(outcome.status == 1)
    }
    #expect(try run(["--quite"]).errors.hasPrefix("lua: unrecognized option '--quite'\nusage: "))
  }

  static let hasGnuplot = FileManager.default.isExecutableFile(atPath: "/usr/bin/gnuplot")

  /// A file may not grow beyond one block: the error that a full disk gives, without the need of one.
  @Test(.enabled(if: hasGnuplot, "gnuplot-nox is not installed"), arguments: ["png", "pdf", "svg"])
  func aFullDiskLosesNoFigure(format: String) throws {
    let outcome = try shell(
      "echo old > x.\(format); (trap '' XFSZ; ulimit -f 1; $jetlua figure.lua x.\(format)); echo $?; cat x.\(format); ls -A | grep -v -e '[.]lua$' -e folder -e '^.input' | sort")
    #expect(outcome.output == "1\nold\nx.\(format)\n", "the old one stays and nothing is left beside it")
    #expect(outcome.errors.contains("x.\(format)"))
    #expect(outcome.errors.contains("File too large"))
  }

  @Test func plotsWithoutGnuplotNameThePackage() throws {
    let outcome = try run(["figure.lua", "x.pdf"], environment: ["PATH": "/nowhere"])
    #expect(outcome.errors.contains("figure:save: gnuplot: expected the program, found none; install the Debian package gnuplot-nox"))
    #expect(outcome.status == 1)
  }

  /// A locale with a decimal comma, made for the test where localedef can.
  @Test func aDecimalCommaChangesNoNumber() throws {
    let line = "localedef -c -i de_DE -f UTF-8 ./de_DE.utf8 2>/dev/null || exit 7; env LOCPATH=$PWD LC_ALL=de_DE.utf8 "
    let outcome = try shell(line + "$jetlua points.lua")
    if outcome.status == 7 { return }
    #expect(outcome.output == "1.5\t1.25\t1.5\t0.50\n{\"a\": 0.5}\n")
    #expect(outcome.errors.isEmpty)
    // A script that asks for the comma gets it, but not in files for other programs.
    let asked = try shell(line + "$jetlua comma.lua")
    #expect(asked.output.contains("0.5"))
    #expect(asked.output.hasSuffix("{\"a\": 0.5}\ttrue\t0,5\n"))
    #expect(asked.errors.isEmpty)
  }

  @Test func doctorNamesThePackageOfWhatIsMissing() throws {
    let outcome = try run(["doctor"], environment: ["PATH": "/nowhere"])
    #expect(outcome.output.contains("missing  gnuplot (figures): install gnuplot-nox\n"))
    #expect(outcome.output.hasSuffix("1 check failed; as root: apt-get install the packages named above\n"))
    #expect(outcome.status == 1)
  }

  static let modules = ["lpeg": "lua-lpeg", "cjson": "lua-cjson", "socket": "lua-socket", "lfs": "lua-filesystem", "argparse": "lua-argparse", "pl.List": "lua-penlight"]
  static func isInstalled(_ module: String) -> Bool {
    let file = module.replacingOccurrences(of: ".", with: "/")
    return ["/usr/lib/x86_64-linux-gnu/lua/5.4/\(file).so", "/usr/share/lua/5.4/\(file).lua"].contains { FileManager.default.fileExists(atPath: $0) }
  }

  /// Debian's modules find what they want and work.
  @Test(.enabled(if: modules.keys.contains { isInstalled($0) }, "none of lua-lpeg lua-cjson lua-socket lua-filesystem lua-argparse lua-penlight is installed"), arguments: [
    ("lpeg", "print((lpeg.C(lpeg.R'az'^1) * lpeg.P'=' * lpeg.C(lpeg.R'09'^1)):match 'mass=125')", "mass\t125\n"),
    ("cjson", "print(cjson.decode(cjson.encode{mass = {172.5}}).mass[1])", "172.5\n"),
    ("socket", "local s = assert(socket.bind('127.0.0.1', 0)) local _, p = s:getsockname() local c = socket.connect('127.0.0.1', p) "
      + "c:send 'jet\\n' print((s:accept():receive()))", "jet\n"),
    ("lfs", "print(lfs.attributes('folder', 'mode'), lfs.attributes('nothing'))", "directory\tnil\tcannot obtain information from file 'nothing': No such file or directory\t2\n"),
    ("argparse", "local p = argparse('x') p:option('--epochs'):convert(tonumber) print(p:parse{'--epochs', '5'}.epochs)", "5\n"),
    ("pl.List", "local List = require 'pl.List' print(List{3, 1, 2}:sort(), require('pl.stringx').split('a,b', ',')[2], require('pl.tablex').size{1, 2})", "{1,2,3}\tb\t2\n"),
  ])
  func loadsDebiansModules(module: String, text: String, expected: String) throws {
    guard Self.isInstalled(module) else { return }
    let name = module.replacingOccurrences(of: "pl.List", with: "pl")
    let load = module == "pl.List" ? "" : "local \(name) = require '\(module)' "
    for prefix in ["", "require 'tensor' "] {
      let outcome = try run(["-e", prefix + load + text])
      #expect(outcome.output == expected)
      #expect(outcome.errors.isEmpty)
    }
  }
}
