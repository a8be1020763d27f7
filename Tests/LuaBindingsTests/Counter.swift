import LuaBindings
import TensorCore

/// The worked example of a binding: a counter with a step and a limit, that can watch itself with a Lua function.
final class Counter: LuaObject {
  var value: Int
  let step: Int
  var offHeapBytes: Int { 64 }

  init(value: Int, step: Int) {
    self.value = value
    self.step = step
  }

  func advance() throws {
    let (sum, overflow) = value.addingReportingOverflow(step)
    guard !overflow else { throw CallerError("advance: the counter is at its limit") }
    value = sum
  }
}

extension LuaHost {
  func openCounterLibrary() throws {
    let counter = try declare(Counter.self, as: "counter", userValues: 1)
    try counter.method("advance") { call in
      let counter = try call.object(at: 1, "self", Counter.self)
      try counter.advance()
      let watcher = try call.userValue(of: call.argument(at: 1, "self"), slot: 1)
      if !watcher.isNil { _ = try call.invoke(watcher, [.integer(counter.value)], results: 0) }
      return call.returns(counter.value)
    }
    try counter.method("watch") { call in
      _ = try call.object(at: 1, "self", Counter.self)
      try call.setUserValue(of: call.argument(at: 1, "self"), slot: 1, to: call.argument(at: 2, "watcher"))
      return call.returns()
    }
    try counter.property("value") { call in
      call.returns(try call.object(at: 1, "self", Counter.self).value)
    } set: { call in
      let counter = try call.object(at: 1, "self", Counter.self)
      counter.value = try call.integer(at: 3, "value")
      return call.returns()
    }
    try counter.index { call in
      let counter = try call.object(at: 1, "self", Counter.self)
      guard let steps = try? call.integer(at: 2, "key") else { return call.returnsNil() }
      return call.returns(counter.value &+ steps &* counter.step)
    }
    try counter.metamethod("__add") { call in
      let a = try call.object(at: 1, "left", Counter.self), b = try call.object(at: 2, "right", Counter.self)
      return try call.returns(Counter(value: a.value &+ b.value, step: a.step))
    }
    try counter.metamethod("__tostring") { call in
      let counter = try call.object(at: 1, "self", Counter.self)
      return try call.returns("counter(\(counter.value), step \(counter.step))")
    }

    let library = try library("counter")
    try library.function("new") { call in
      let value = try call.optional(at: 1, "value")?.integer() ?? 0
      let options = try call.options(at: 2, keys: ["step", "label"])
      let step = try options.integer("step", default: 1, in: 1...1000)
      return try call.returns(Counter(value: value, step: step))
    }
    try library.function("sum") { call in
      var nested = try call.argument(at: 1, "values").nested()
      var total = 0.0
      try withUnsafeTemporaryAllocation(of: Double.self, capacity: nested.count) { buffer in
        try nested.fill(buffer)
        total = buffer.reduce(0, +)
      }
      return try call.returns(.number(total), .integers(nested.shape))
    }
    try library.function("map") { call in
      let function = call.argument(at: 1, "function")
      let values = try call.argument(at: 2, "values").numbers()
      let mapped = try values.map { x in try call.invoke(function, [.number(x)]) { try $0.number() } }
      return try call.returns(.numbers(mapped))
    }
  }
}
