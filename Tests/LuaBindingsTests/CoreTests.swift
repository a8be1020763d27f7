import LuaBindings
import Testing

@Suite struct CoreTests {
  let host: LuaHost

  init() throws {
    host = try LuaHost()
    try host.openCounterLibrary()
    try host.run("counter = require 'jetlua.core.counter'")
  }

  /// The one text that the expression gives.
  private func text(_ expression: String) throws -> String {
    guard case .string(let text)? = try host.run("return tostring(\(expression))", name: "@script.lua").first else { return "?" }
    return text
  }

  @Test(arguments: [
    ("counter.new(3, {step = 2}):advance()", "5"),
    ("counter.new(3).value", "3"),
    ("counter.new(3, {step = 5})[2]", "13"),
    ("counter.new(3).nothing", "nil"),
    ("counter.new(3.0) + counter.new(4)", "counter(7, step 1)"),
    ("(function() local c = counter.new(); c.value = 9; return c.value end)()", "9"),
    ("counter.sum{{1, 2}, {3, 4.5}}", "10.5"),
    ("table.concat(select(2, counter.sum{{1, 2}, {3, 4.5}}), 'x')", "2x2"),
    ("counter.sum(7)", "7.0"),
    ("table.concat(counter.map(math.abs, {-1.5, 2}), ',')", "1.5,2.0"),
    ("getmetatable(counter.new())", "false"),
    ("(function() local s; local c = counter.new(1); c:watch(function(v) s = v end); c:advance(); return s end)()", "2"),
  ])
  func gives(expression: String, expected: String) throws {
    #expect(try text(expression) == expected)
  }

  @Test(arguments: [
    ("counter.new('3')", "script.lua:1: new: value: expected an integer, got \"3\""),
    ("counter.new(0/0)", "script.lua:1: new: value: expected an integer, got NaN"),
    ("counter.new(2^53)", "script.lua:1: new: value: expected an integer, got 9007199254740992.0"),
    ("counter.new(1, {step = 0})", "script.lua:1: new: step: expected an integer in 1...1000, got 0"),
    ("counter.new(1, {stpe = 1})", "script.lua:1: new: unknown option \"stpe\"; did you mean \"step\"? (known: step, label)"),
    ("counter.new(1, {2})", "script.lua:1: new: options: expected names as keys, got 1"),
    ("counter.new(1, 2)", "script.lua:1: new: options: expected a table of options, got 2"),
    ("counter.new() + 1", "script.lua:1: add: right: expected a counter, got 1"),
    ("counter.new().advance()", "script.lua:1: advance: self: expected a counter, got nothing"),
    ("counter.new().advance(io.stdout)", "script.lua:1: advance: self: expected a counter, got a userdata"),
    ("(function() local c = counter.new(); c:free(); c:free(); return c:advance() end)()",
     "script.lua:1: advance: self: counter is closed"),
    ("(function() counter.new().other = 1 end)()", "script.lua:1: counter: other cannot be set"),
    ("counter.sum{{1, 2}, {3}}", "script.lua:1: sum: values[2]: expected 2 elements as in the first row, got 1"),
    ("counter.sum{{1, 2}, 3}", "script.lua:1: sum: values[2]: rows of different depth: got a number"),
    ("counter.sum{1, 'x'}", "script.lua:1: sum: values[2]: expected a number, got a string"),
    ("(function() local t = {}; t[1] = t; counter.sum(t) end)()",
     "script.lua:1: sum: values: nested deeper than 16 levels, or a table that holds itself"),
    ("counter.map(nil, {1})", "script.lua:1: map: function: expected a function, got nil"),
  ])
  func refuses(expression: String, expected: String) throws {
    let caught = try host.run("return select(2, pcall(function() return \(expression) end))", name: "@script.lua").first
    guard case .string(let message)? = caught else {
      Issue.record("no error")
      return
    }
    #expect(message.hasPrefix(expected) || message == expected)
  }

  @Test func luaFilesAddMethodsAndFailAtTheScriptsLine() throws {
    host.setLibraryFolder("/library/")
    try host.run(
      """
      local bridge = require "jetlua.core.host"
      bridge.members("counter").twice = function(c)
        if c.value < 0 then
          bridge.fail("twice: value: expected at least 0, got " .. c.value)
        end
        return 2 * c.value
      end
      """, name: "@/library/counter.lua")
    #expect(try text("counter.new(4):twice()") == "8")
    #expect(try text("select(2, pcall(function() local _ = counter.new(-1):twice() end))")
      == "script.lua:1: twice: value: expected at least 0, got -1")
    #expect(try text("require('jetlua.core.host').kind(counter.new())") == "counter")
    #expect(try text("require('jetlua.core.host').kind(io.stdout)") == "nil")
  }

  @Test func uncaughtErrorsCarryATraceback() throws {
    let error = #expect(throws: ScriptError.self) { try host.run("\n counter.new('x')", name: "@script.lua") }
    let lines = error?.description.split(separator: "\n").map(String.init) ?? []
    #expect(lines.first == "script.lua:2: new: value: expected an integer, got \"x\"")
    #expect(lines.dropFirst().first == "stack traceback:")
  }

  @Test func objectsAreReleased() throws {
    let before = host.liveObjects
    try host.run("for i = 1, 1000 do local c = counter.new(i) + counter.new(1) end")
    host.collectGarbage()
    #expect(host.liveObjects == before)
    #expect(host.liveBytes == before * 64)
  }
}
