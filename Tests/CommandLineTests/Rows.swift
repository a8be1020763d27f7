import Testing

/// One run of the interpreter: what it is given and what must come out. In both texts the program's own name is "lua".
struct Row: CustomTestStringConvertible, Sendable {
  let arguments: [String]
  var input = ""
  var environment: [String: String] = [:]
  var output = ""
  var errors = ""
  var status: Int32 = 0

  var testDescription: String { "lua " + arguments.joined(separator: " ") + (input.isEmpty ? "" : " < \(input.debugDescription)") }

  init(
    _ arguments: [String], input: String = "", environment: [String: String] = [:], output: String = "", errors: String = "",
    status: Int32 = 0
  ) {
    self.arguments = arguments
    self.input = input
    self.environment = environment
    self.output = output
    self.errors = errors
    self.status = status
  }

  /// An error in the main chunk with its traceback.
  static func failure(_ message: String, in frames: [String]) -> String {
    "lua: \(message)\nstack traceback:\n" + (frames + ["[C]: in ?"]).map { "\t\($0)\n" }.joined()
  }

  static let usage = """
    usage: lua [options] [script [args]]
    Available options are:
      -e stat   execute string 'stat'
      -i        enter interactive mode after executing 'script'
      -l mod    require library 'mod' into global 'mod'
      -l g=mod  require library 'mod' into global 'g'
      -v        show version information
      -E        ignore environment variables
      -W        turn warnings on
      --        stop handling options
      -         stop handling options and execute stdin

    """

  static let version = "Lua 5.4.4  Copyright (C) 1994-2022 Lua.org, PUC-Rio\n"

  static let files = [
    "arguments.lua": "io.write(#arg, ' ', arg[0], ' ', table.concat(arg, ','), ' ', select('#', ...), '\\n')",
    "negative.lua": "local i = 0 while arg[i - 1] do i = i - 1 end print(i, arg[i + 1], arg[-1])",
    "shebang.lua": "#!/usr/bin/env jetlua\nprint(debug.getinfo(1, 'l').currentline)",
    "bom.lua": "\u{FEFF}print 'bom'",
    "bomshebang.lua": "\u{FEFF}# comment\nprint 'both'",
    "fails.lua": "local function inner() error('broken') end\nlocal function outer() inner() end\nouter()\n",
    "syntax.lua": "x = = 1",
    "table.lua": "error({code = 2})",
    "tostring.lua": "error(setmetatable({}, {__tostring = function() return 'told' end}))",
    "nothing.lua": "error()",
    "exit3.lua": "print 'before' os.exit(3)",
    "exittrue.lua": "os.exit(true, true)",
    "exitfalse.lua": "os.exit(false)",
    "module.lua": "loaded = ... return {name = ...}",
    "closing.lua": "local x <close> = setmetatable({}, {__close = function() print 'closed' end}) error('late', 0)",
    "collected.lua": "keep = setmetatable({}, {__gc = function() print 'collected' end}) print 'end'",
    "badgc.lua": "setmetatable({}, {__gc = function() error('in gc', 0) end}) collectgarbage() print 'goes on'",
    "warns.lua": "warn('first ', 'part') warn('@off') warn('unseen') warn('@on') warn('last')",
    "reads.lua": "print(io.read('n', 'l', 'a'))",
    "-dash.lua": "print 'dash'",
    "init.lua": "initial = 'from file'",
  ]

  static let all: [Row] =
    options + scripts + environments + failures + input + prompts

  static let options: [Row] = [
    Row(["-e", "print(1)"], output: "1\n"),
    Row(["-eprint(2)"], output: "2\n"),
    Row(["-e", "a=1", "-e", "print(a)"], output: "1\n"),
    Row(["-e", ""], output: ""),
    Row(["-e"], errors: "lua: '-e' needs argument\n" + usage, status: 1),
    Row(["-e", "-x"], errors: "lua: '-e' needs argument\n" + usage, status: 1),
    Row(["-l"], errors: "lua: '-l' needs argument\n" + usage, status: 1),
    Row(["-l", "-v"], errors: "lua: '-l' needs argument\n" + usage, status: 1),
    Row(["-v"], output: version),
    Row(["-v", "-e", "print(1)"], output: version + "1\n"),
    Row(["-v", "arguments.lua"], output: version + "0 arguments.lua  0\n"),
    Row(["-vv"], errors: "lua: unrecognized option '-vv'\n" + usage, status: 1),
    Row(["-x"], errors: "lua: unrecognized option '-x'\n" + usage, status: 1),
    Row(["-Wx"], errors: "lua: unrecognized option '-Wx'\n" + usage, status: 1),
    Row(["-Ex"], errors: "lua: unrecognized option '-Ex'\n" + usage, status: 1),
    Row(["-ix"], errors: "lua: unrecognized option '-ix'\n" + usage, status: 1),
    Row(["---"], errors: "lua: unrecognized option '---'\n" + usage, status: 1),
    Row(["-e", "print(1)", "-x"], errors: "lua: unrecognized option '-x'\n" + usage, status: 1),
    Row(["-l", "module", "-e", "print(module.name, loaded)"], output: "module\tmodule\n"),
    Row(["-lmodule", "-e", "print(module.name)"], output: "module\n"),
    Row(["-l", "other=module", "-e", "print(other.name, module)"], output: "module\tnil\n"),
    Row(["-lstring", "-e", "print(string.rep('a', 3))"], output: "aaa\n"),
    Row(["-W", "-e", "warn('seen')"], errors: "Lua warning: seen\n"),
    Row(["-e", "warn('unseen')"]),
    Row(["-W", "warns.lua"], errors: "Lua warning: first part\nLua warning: last\n"),
    Row(["-e", "warn('@on')", "-e", "warn('seen')"], errors: "Lua warning: seen\n"),
    Row(["-e", "x=1", "--", "-dash.lua"], output: "dash\n"),
    Row(["--", "arguments.lua", "-v"], output: "1 arguments.lua -v 1\n"),
    Row(["-e", "print(arg[0] ~= nil, arg[1], arg[2])"], output: "true\t-e\tprint(arg[0] ~= nil, arg[1], arg[2])\n"),
  ]

  static let scripts: [Row] = [
    Row(["arguments.lua"], output: "0 arguments.lua  0\n"),
    Row(["arguments.lua", "a", "b c", ""], output: "3 arguments.lua a,b c, 3\n"),
    Row(["arguments.lua", "-e", "--", "-"], output: "3 arguments.lua -e,--,- 3\n"),
    Row(["-e", "x=1", "negative.lua"], output: "-3\t-e\tx=1\n"),
    Row(["negative.lua", "ignored"], output: "-1\tnegative.lua\tlua\n"),
    Row(["shebang.lua"], output: "2\n"),
    Row(["bom.lua"], output: "bom\n"),
    Row(["bomshebang.lua"], output: "both\n"),
    Row(["exit3.lua"], output: "before\n", status: 3),
    Row(["exittrue.lua"]),
    Row(["exitfalse.lua"], status: 1),
    Row(["collected.lua"], output: "end\ncollected\n"),
    Row(["badgc.lua"], output: "goes on\n"),
    Row(["-W", "badgc.lua"], output: "goes on\n", errors: "Lua warning: error in __gc (in gc)\n"),
    Row(["-e", "arg[1] = 'changed' arg[3] = nil", "arguments.lua", "a", "b"], output: "2 arguments.lua changed,b 2\n"),
    Row(["-e", "dofile 'arguments.lua'"], output: "2 lua -e,dofile 'arguments.lua' 0\n"),
  ]

  static let environments: [Row] = [
    Row(["-e", "print(initial)"], environment: ["LUA_INIT": "initial = 7"], output: "7\n"),
    Row(["-e", "print(initial)"], environment: ["LUA_INIT": "initial = 7", "LUA_INIT_5_4": "initial = 8"], output: "8\n"),
    Row(["-e", "print(initial)"], environment: ["LUA_INIT": "@init.lua"], output: "from file\n"),
    Row(["-E", "-e", "print(initial)"], environment: ["LUA_INIT": "initial = 7"], output: "nil\n"),
    Row(
      ["-e", "print(1)"], environment: ["LUA_INIT": "error('start', 0)"],
      errors: failure("start", in: ["[C]: in function 'error'", "LUA_INIT:1: in main chunk"]), status: 1),
    Row(["-v"], environment: ["LUA_INIT": "x ="], output: version, errors: "lua: LUA_INIT:1: unexpected symbol near <eof>\n", status: 1),
    Row(["-e", "print(1)"], environment: ["LUA_INIT": "@missing.lua"], errors: "lua: cannot open missing.lua: No such file or directory\n", status: 1),
    Row(["-e", "print(package.path, package.cpath)"], environment: ["LUA_PATH": "a;b", "LUA_CPATH": "c"], output: "a;b\tc\n"),
    Row(["-e", "print(package.path:sub(1, 4))"], environment: ["LUA_PATH_5_4": "x/?;;", "LUA_PATH": "y"], output: "x/?;\n"),
    Row(["-E", "-e", "print(package.path == '\(path)')"], environment: ["LUA_PATH": "a"], output: "true\n"),
    Row(["-e", "print(package.cpath == '\(cpath)')"], output: "true\n"),
  ]

  static let failures: [Row] = [
    Row(["missing.lua"], errors: "lua: cannot open missing.lua: No such file or directory\n", status: 1),
    Row(["syntax.lua"], errors: "lua: syntax.lua:1: unexpected symbol near '='\n", status: 1),
    Row(
      ["fails.lua"],
      errors: failure(
        "fails.lua:1: broken",
        in: [
          "[C]: in function 'error'", "fails.lua:1: in upvalue 'inner'", "fails.lua:2: in local 'outer'",
          "fails.lua:3: in main chunk",
        ]), status: 1),
    Row(
      ["table.lua"],
      errors: failure("(error object is a table value)", in: ["[C]: in function 'error'", "table.lua:1: in main chunk"])
        , status: 1),
    Row(["tostring.lua"], errors: "lua: told\n", status: 1),
    Row(
      ["nothing.lua"],
      errors: failure("(error object is a nil value)", in: ["[C]: in function 'error'", "nothing.lua:1: in main chunk"]),
      status: 1),
    Row(
      ["closing.lua"], output: "closed\n",
      errors: failure("late", in: ["[C]: in function 'error'", "closing.lua:1: in main chunk"]), status: 1),
    Row(
      ["-e", "error('x')"],
      errors: failure("(command line):1: x", in: ["[C]: in function 'error'", "(command line):1: in main chunk"]), status: 1),
    Row(["-e", "x ="], errors: "lua: (command line):1: unexpected symbol near <eof>\n", status: 1),
    Row(["-e", "arg = nil", "arguments.lua"], errors: "lua: 'arg' is not a table\n", status: 1),
    Row(["-e", "error('first', 0)", "-e", "print 'never'"],
      errors: failure("first", in: ["[C]: in function 'error'", "(command line):1: in main chunk"]), status: 1),
    Row(
      ["-e", "local t = nil; t.x = 1"],
      errors: failure("(command line):1: attempt to index a nil value (local 't')", in: ["(command line):1: in main chunk"])
        , status: 1),
  ]

  static let input: [Row] = [
    Row([], input: "print 'from stdin'", output: "from stdin\n"),
    Row([], input: "print(..., arg[0] ~= nil)", output: "nil\ttrue\n"),
    Row(["-"], input: "print(arg[0], ...)", output: "-\n"),
    Row(["-", "a"], input: "print(arg[0], ...)", output: "-\ta\n"),
    Row([], input: "# not a statement\nprint 'comment'", output: "comment\n"),
    Row(["-e", "print(1)"], input: "print 'never read'", output: "1\n"),
    Row(["-e", "print(1)", "-"], input: "print(2)", output: "1\n2\n"),
    Row(["reads.lua"], input: "42 rest\nmore\nlines", output: "42\t rest\tmore\nlines\n"),
    Row(
      [], input: "error('x')", errors: failure("stdin:1: x", in: ["[C]: in function 'error'", "stdin:1: in main chunk"])),
    Row(
      ["-"], input: "error('x')", errors: failure("stdin:1: x", in: ["[C]: in function 'error'", "stdin:1: in main chunk"]),
      status: 1),
    Row(["--", "-"], errors: "lua: cannot open -: No such file or directory\n", status: 1),
  ]

  static let prompts: [Row] = [
    Row(["-i"], input: "1+1\n", output: version + "> 1+1\n2\n> \n"),
    Row(["-i"], input: "=1, nil\n", output: version + "> =1, nil\n1\tnil\n> \n"),
    Row(["-i"], input: "x = 3\nx\n", output: version + "> x = 3\n> x\n3\n> \n"),
    Row(["-i"], input: "for i = 1, 2 do\nprint(i)\nend\n", output: version + "> for i = 1, 2 do\n>> print(i)\n>> end\n1\n2\n> \n"),
    Row(["-i"], input: "s = [[a\nb]]\ns\n", output: version + "> s = [[a\n>> b]]\n> s\na\nb\n> \n"),
    Row(["-i", "-e", "_PROMPT = '' _PROMPT2 = ''"], input: "print(1\n, 2)\n", output: version + "print(1\n, 2)\n1\t2\n\n"),
    Row(["-i"], input: "x = (1\n+\n2)\nx\n", output: version + "> x = (1\n>> +\n>> 2)\n> x\n3\n> \n"),
    Row(["-i"], input: "select(\n1, 2)\n", output: version + "> select(\n>> 1, 2)\n> \n"),
    Row(
      ["-i"], input: "error('x', 0)\nprint 'on'\n", output: version + "> error('x', 0)\n> print 'on'\non\n> \n",
      errors: "x\nstack traceback:\n\t[C]: in function 'error'\n\tstdin:1: in main chunk\n\t[C]: in ?\n"),
    Row(["-i"], input: "x = = 1\n1\n", output: version + "> x = = 1\n> 1\n1\n> \n", errors: "stdin:1: unexpected symbol near '='\n"),
    Row(["-i", "-e", "print = nil"], input: "1\n", output: version + "> 1\n> \n", errors: "error calling 'print' (attempt to call a nil value)\n"),
    Row(["-i", "exit3.lua"], input: "1\n", output: version + "before\n", status: 3),
    Row(["-i", "bom.lua"], input: "arg[0]\n", output: version + "bom\n> arg[0]\nbom.lua\n> \n"),
    Row(["-i"], input: "os.exit(4)\n", output: version + "> os.exit(4)\n", status: 4),
    Row(
      ["-i", "-e", "_PROMPT = setmetatable({}, {__tostring = function() return 'p' end})"], input: "1\n",
      output: version + "p1\n1\np\n"),
  ]

  /// What goes beyond the standalone interpreter.
  static let extensions: [Row] = [
    Row(["-i"], input: "(1\n+ 2)\n", output: version + "> (1\n>> + 2)\n3\n> \n"),
    Row(["-i"], input: "x = (\n", output: version + "> x = (\n>> \n", errors: "stdin:1: unexpected symbol near <eof>\n"),
  ]

  private static let path =
    "/usr/local/share/lua/5.4/?.lua;/usr/local/share/lua/5.4/?/init.lua;/usr/local/lib/lua/5.4/?.lua;"
    + "/usr/local/lib/lua/5.4/?/init.lua;/usr/share/lua/5.4/?.lua;/usr/share/lua/5.4/?/init.lua;./?.lua;./?/init.lua"
  private static let cpath =
    "/usr/local/lib/lua/5.4/?.so;/usr/lib/x86_64-linux-gnu/lua/5.4/?.so;/usr/lib/lua/5.4/?.so;"
    + "/usr/local/lib/lua/5.4/loadall.so;./?.so"
}
