import CLuaBridge
import Foundation
import LuaBindings
import Testing

let slowTests = ProcessInfo.processInfo.environment["JETLUA_SLOW_TESTS"] == "1"

/// A host with the test's own classes and all of jetlua's.
func makeHost() throws -> LuaHost {
  let host = try LuaHost()
  try host.openCounterLibrary()
  try host.openBufferLibrary()
  try host.openLibraries()
  try host.run("counter, buffer = require 'jetlua.core.counter', require 'jetlua.core.buffer'")
  return host
}

extension LuaHost {
  /// The one text that a chunk returns.
  func text(_ chunk: String) throws -> String {
    switch try run(chunk, name: "@script.lua").first {
    case .string(let text)?: text
    case let other?: "\(other)"
    case nil: "nothing"
    }
  }
}

/// RELIABILITY's promises of the binding layer that need no process of their own. Serialized, because they count live buffers.
@Suite(.serialized) struct PromiseTests {
  let host: LuaHost

  init() throws {
    host = try makeHost()
    Buffer.limit = Int.max
  }

  @Test("4: error values keep their identity", arguments: [1, 5])
  func identity(depth: Int) throws {
    let values = ["{}", "setmetatable({}, {__tostring = function() return 'x' end})", "buffer.new(1)", "io.stdout", "'text'", "nil", "false", "print"]
    for value in values {
      let same = try host.text(
        """
        local E = \(value)
        local function nested(depth)
          if depth == 0 then error(E, 0) end
          return buffer.call(function() return nested(depth - 1) end)
        end
        local ok, e = pcall(nested, \(depth))
        return tostring(not ok and rawequal(e, E))
        """)
      #expect(same == "true", "\(value)")
    }
  }

  @Test("9: any allocation may fail", arguments: [false, true])
  func failingAllocations(sticky: Bool) throws {
    let task = """
      local b = buffer.new(20)
      b[3] = b[4] + #b
      local c = (b + buffer.new{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}):map(function(x) return x * 2 end)
      local d = c:describe{name = "n" .. c:sum(), deep = true}
      assert(d.twice.count == 20 and d.list[3][2] == "b" and #c:totable() == 20)
      local k = counter.new(1, {step = 2}) + counter.new(2)
      k:watch(function(v) return v .. "watched" end)
      k:advance()
      local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(buffer.new(i)) end end)
      assert(co().count + co().count == 3)
      local ok, e = pcall(buffer.call, function() error({c}) end)
      if not ok and type(e) == "string" then error(e, 0) end
      assert(not pcall(buffer.fail, "m" .. k.value) and tostring(k) == "counter(5, step 2)")
      return buffer.hold(function(h) return h.count end)
      """
    let clean = Buffer.live
    var failures = 0, successes = 0
    for countdown in 1...400 {
      jl_fail_allocations(host.state, Int64(countdown), sticky)
      do {
        try host.run(task)
        successes += 1
      } catch let error as ScriptError {
        failures += 1
        #expect(error.description.contains("not enough memory"), "at \(countdown)")
      }
      jl_fail_allocations(host.state, 0, false)
      host.collectGarbage()
      #expect(Buffer.live == clean, "at \(countdown)")
    }
    #expect(failures > 50)
    #expect(sticky || successes > 50)
    #expect(host.liveObjects == 0)
  }

  @Test("10, 11: junk and forged arguments", arguments: [1, 2, 3, 4])
  func junk(seed: Int) throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Fixtures/fuzz.lua"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let host = try LuaHost()
    try host.openCounterLibrary()
    try host.openBufferLibrary()
    try host.run("print = function() end")
    // Buffers stay small: junk sizes are small or impossible.
    Buffer.limit = 1 << 26
    defer { Buffer.limit = Int.max }
    let calls = slowTests ? 500_000 : 25_000
    try host.run("return (function(...) \(text) end)(\(seed), \(calls))", name: "=fuzz.lua")
    host.collectGarbage()
  }

  @Test("12: freed once, whatever the order", arguments: [
    "b:free() b:free()", "b:free() gc(b)", "gc(b) gc(b) b:free()", "gc(b) collectgarbage()", "close(b) b:free()",
    "do local c <close> = b end b:free()", "do local c <close> = b b:free() end", "gc() gc(nil) gc(1) gc(io.stdout) gc({}) b:free()",
    "setmetatable({}, {__gc = function() b:free() end}) collectgarbage() b:free()",
    "debug.setmetatable(b, nil) gc(b) debug.setmetatable(b, mt) b:free()",
    "pcall(function() local c <close> = b error('x') end) b:free()",
    "local co = coroutine.wrap(function() local c <close> = b coroutine.yield() end) co() collectgarbage() b:free()",
  ])
  func freeing(order: String) throws {
    let clean = Buffer.live
    let message = try host.text(
      """
      local b = buffer.new(4)
      local mt = debug.getmetatable(b)
      local gc, close = mt.__gc, mt.__close
      \(order)
      local ok, message = pcall(b.sum, b)
      assert(not ok)
      resurrected = setmetatable({b}, {__gc = function(t) alive = t[1] end})
      resurrected, b = nil, nil
      collectgarbage() collectgarbage()
      local again = not pcall(alive and alive.sum or error, alive)
      alive = nil
      return again and message
      """)
    #expect(message.hasSuffix("sum: self: buffer is closed"))
    host.collectGarbage()
    #expect(Buffer.live == clean)
  }

  @Test("13: nested errors release what they pass")
  func nestedErrors() throws {
    let clean = Buffer.live
    for depth in 1...150 {
      let result = try host.text(
        """
        local function down(depth)
          if depth == 0 then error("bottom", 0) end
          return buffer.hold(function(b) local c = b + b return down(depth - 1) end)
        end
        local ok, message = pcall(down, \(depth))
        return tostring(message)
        """)
      #expect(result == "bottom" || result.hasSuffix("C stack overflow"), "at \(depth)")
      host.collectGarbage()
      #expect(Buffer.live == clean, "at \(depth)")
    }
  }

  @Test("14: deep recursion is an error, on a stack of 512 KB")
  func deepRecursion() throws {
    let thread = Thread {
      let message = try? makeHost().text(
        "local function f() return buffer.call(f) end local ok, m = pcall(f) return tostring(m)")
      Self.deepMessage = message ?? "nothing"
      Self.deepDone.signal()
    }
    thread.stackSize = 512 * 1024
    thread.start()
    Self.deepDone.wait()
    #expect(Self.deepMessage.hasSuffix("C stack overflow"))
  }
  nonisolated(unsafe) private static var deepMessage = ""
  private static let deepDone = DispatchSemaphore(value: 0)

  @Test("15: yields and coroutines")
  func yields() throws {
    let message = try host.text(
      "local co = coroutine.create(function() buffer.call(coroutine.yield) end) return select(2, coroutine.resume(co))")
    #expect(message.contains("attempt to yield across a C-call boundary"))
    #expect(message.contains("docs/lua.md#coroutines"))
    let sum = try host.text(
      """
      local function each(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(buffer.new(i)) end end) end
      local sum = 0
      for b in each(10) do sum = sum + b:sum() end
      local inner = buffer.call(function() local s = 0 for b in each(4) do s = s + #b end return s end)
      return sum .. " " .. inner
      """)
    #expect(sum == "55.0 10")
  }

  @Test("16: Lua's stack and heap do not grow")
  func steadyStack() throws {
    let calls = slowTests ? 1_000_000 : 100_000
    try host.run("b, k = buffer.new(4), counter.new(1) k.value = 0")
    let bodies = [
      "b:sum()", "local _ = b.count", "local _ = b[1]", "b[1] = 2", "local _ = #b", "local _ = b + b", "buffer.new(2)", "buffer.call(print_nothing)",
      "b:totable()", "b:describe{name = 'x'}", "pcall(buffer.fail, 'x')", "pcall(b.sum, 1)", "local _ = k[1]", "pcall(buffer.call, error)",
      "buffer.new{{1, 2}, {3, 4}}", "b:map(math.abs)",
    ]
    try host.run("function print_nothing() end")
    for body in bodies {
      let top = lua_gettop(host.state)
      // Memory of an object with a finalizer is free after the second collection.
      let run = "for i = 1, \(calls / bodies.count) do \(body) end"
      try host.run(run)
      host.collectGarbage()
      host.collectGarbage()
      let before = host.heapBytes
      try host.run(run)
      host.collectGarbage()
      host.collectGarbage()
      #expect(host.heapBytes <= before + 100_000, "\(body)")
      #expect(lua_gettop(host.state) == top)
    }
  }

  @Test("18: temporaries do not pile up")
  func temporaries() throws {
    let rounds = slowTests ? 100_000 : 2_000
    let loop = "for i = 1, \(rounds) do local t = buffer.new(500000) end"
    Buffer.resetPeak()
    let live = Buffer.liveBytes
    try host.run(loop)
    #expect(Buffer.peakBytes <= live + 64 << 20)
    #expect(host.liveBytes == Buffer.liveBytes - live)

    try host.run("keep = {} for i = 1, 1000000 do keep[i] = {i} end")
    host.collectGarbage()
    Buffer.resetPeak()
    try host.run(slowTests ? loop : "for i = 1, 500 do local t = buffer.new(500000) end")
    #expect(Buffer.peakBytes <= live + 5 * host.heapBytes)
  }

  @Test("19: running out of memory is an error that names the size")
  func outOfMemory() throws {
    for (size, words) in [
      ("2^40", "\(8 << 40) bytes"), ("-1", "expected an integer of at least 0, got -1"),
      ("math.maxinteger", "overflows"), ("math.maxinteger * 2.0", "expected an integer"),
    ] {
      let message = try host.text("return select(2, pcall(buffer.new, \(size)))")
      #expect(message.hasPrefix("script.lua:1: new: "), "\(size)")
      #expect(message.contains(words), "\(size): \(message)")
      #expect(try host.text("return tostring(buffer.new(3):sum())") == "3.0")
    }
    // What garbage holds is collected before the error.
    host.collectGarbage()
    Buffer.limit = Buffer.liveBytes + 10 << 20
    let result = try host.text(
      """
      collectgarbage("stop")
      local n = 0
      for i = 1, 100 do buffer.new(125000) n = n + 1 end
      collectgarbage("restart")
      return tostring(n)
      """)
    #expect(result == "100")
    let kept = try host.text("local k = {} local ok, m = pcall(function() for i = 1, 100 do k[i] = buffer.new(125000) end end) return m")
    #expect(kept.contains("new: not enough memory: 1000000 bytes asked for"))
  }

  @Test("20: what is counted is what is there")
  func accounting() throws {
    let live = Buffer.live, bytes = Buffer.liveBytes
    try host.run(
      "math.randomseed(3) local t = {} for i = 1, 10000 do local p = math.random(100) if t[p] and math.random(2) == 1 then t[p]:free() end t[p] = buffer.new(math.random(50)) end keep = t")
    #expect(host.liveBytes == Buffer.liveBytes - bytes)
    #expect(host.liveObjects == Buffer.live - live)
    host.collectGarbage()
    #expect(host.liveObjects == 100)
  }

  @Test("21: a long native operation notices Ctrl-C", arguments: ["spin", "ignore"])
  func interruptedOperation(name: String) throws {
    // Threads of libdispatch block signals.
    var interrupts = sigset_t()
    sigemptyset(&interrupts)
    sigaddset(&interrupts, SIGINT)
    jl_interrupts_begin(host.state)
    pthread_sigmask(SIG_UNBLOCK, &interrupts, nil)
    defer {
      pthread_sigmask(SIG_BLOCK, &interrupts, nil)
      jl_interrupts_end(host.state)
    }
    let error = #expect(throws: ScriptError.self) { try host.run("local b = buffer.new(3) buffer.\(name)()") }
    #expect(error?.description.contains("interrupted!") == true)
  }
}
