import Foundation
import Testing

/// Ctrl-C ends whatever a script does (promises 21 and 22).
@Suite(.serialized) struct InterruptTests {
  private static let loops: [(name: String, text: String)] = [
    ("loop", "while true do end"),
    ("coroutine loop", "coroutine.wrap(function() while true do end end)()"),
    ("resumed loop", "while true do coroutine.resume(coroutine.create(function() while true do end end)) end"),
    ("pcall loop", "while true do pcall(function() while true do end end) end"),
    ("coroutine and pcall loop", "local co = coroutine.wrap(function() while true do pcall(function() while true do end end) end end) while true do pcall(co) end"),
    ("yielding loop", "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end"),
    ("closing loop", "local c = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() while true do end end}) coroutine.yield() end) coroutine.resume(c) while true do pcall(coroutine.close, c) end"),
    ("metamethod loop", "local t = setmetatable({}, {__index = function(t, k) return pcall(function() while true do end end) end}) while true do local _ = t.x end"),
    ("matrix products", "local x = require('tensor').rand(3000, 3000) while true do local y = x:matmul(x) end"),
    ("convolutions", "local x, nn = require('tensor').rand(64, 16, 200, 200), require('nn') local c = nn.Conv2d(16, 16, 9) while true do local y = c(x):sum():backward() end"),
    ("large tensors", "local tensor = require 'tensor' while true do local y = tensor.rand(20000, 3000):exp() end"),
  ]

  /// Starts a script that says "ready", and interrupts it half a second later.
  private func interrupt(_ text: String, times: Int = 1) throws -> (outcome: Outcome, seconds: Double) {
    let shell = try Shell(files: ["loop.lua": "io.write('ready\\n') io.flush(); " + text])
    defer { shell.remove() }
    let running = try shell.start(Shell.jetlua, ["loop.lua"])
    running.waitForOutput("ready")
    Thread.sleep(forTimeInterval: 0.5)
    for time in 1...times {
      if time > 1 { Thread.sleep(forTimeInterval: 0.1) }
      running.interrupt()
    }
    let start = Date()
    let outcome = running.finish()
    return (outcome, Date().timeIntervalSince(start))
  }

  @Test(arguments: 0..<loops.count)
  func firstSignalEnds(loop: Int) throws {
    var fastest = Double.infinity
    for _ in 1...3 where fastest > 0.2 {
      let (outcome, seconds) = try interrupt(Self.loops[loop].text)
      #expect(outcome.status == 1, "\(Self.loops[loop].name)")
      #expect(outcome.errors.contains("interrupted!"))
      #expect(outcome.errors.contains("stack traceback:"))
      fastest = min(fastest, seconds)
    }
    #expect(fastest <= 0.2)
  }

  @Test func secondSignalEndsWhatLuaCannotInterrupt() throws {
    let (outcome, seconds) = try interrupt("('a'):rep(40):find(('a-'):rep(40) .. 'b')", times: 2)
    #expect(outcome.status == 130)
    #expect(seconds <= 0.5)
  }

  @Test func aScriptMayCatchTheFirstOne() throws {
    let (outcome, _) = try interrupt("print(pcall(function() while true do end end)) print(42)")
    #expect(outcome.output.hasSuffix("false\tinterrupted!\n42\n") || outcome.output.hasSuffix("loop.lua:1: interrupted!\n42\n"))
    #expect(outcome.status == 0)
  }
}
