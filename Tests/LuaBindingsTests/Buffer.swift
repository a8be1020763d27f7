import CThreads
import Glibc
import LuaBindings
import TensorCore

/// Memory outside Lua's heap, for the tests of what holds for every such class: it counts what is alive, and can be given
/// a limit to run out of.
final class Buffer: LuaObject {
  nonisolated(unsafe) private(set) static var live = 0
  nonisolated(unsafe) private(set) static var liveBytes = 0
  nonisolated(unsafe) private(set) static var peakBytes = 0
  /// Bytes that all buffers together may take.
  nonisolated(unsafe) static var limit = Int.max

  static func resetPeak() { peakBytes = liveBytes }

  let count: Int
  private let memory: UnsafeMutablePointer<Double>
  var offHeapBytes: Int { count * 8 }

  init(count: Int) throws {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 8)
    guard !overflow else { throw OutOfMemory(bytes: nil) }
    guard bytes <= Self.limit - Self.liveBytes, let memory = malloc(max(bytes, 8)) else { throw OutOfMemory(bytes: bytes) }
    self.count = count
    self.memory = memory.bindMemory(to: Double.self, capacity: count)
    self.memory.initialize(repeating: 1, count: count)
    Self.live += 1
    Self.liveBytes += bytes
    Self.peakBytes = max(Self.peakBytes, Self.liveBytes)
  }

  deinit {
    free(memory)
    Self.live -= 1
    Self.liveBytes -= count * 8
  }

  subscript(index: Int) -> Double? {
    get { index >= 1 && index <= count ? memory[index - 1] : nil }
    set { if let newValue, index >= 1, index <= count { memory[index - 1] = newValue } }
  }

  var values: UnsafeMutableBufferPointer<Double> { UnsafeMutableBufferPointer(start: memory, count: count) }

  func adding(_ other: Buffer) throws -> Buffer {
    guard count == other.count else { throw CallerError("add: sizes differ: \(count) and \(other.count)") }
    let sum = try Buffer(count: count)
    for index in 0..<count { sum.memory[index] = memory[index] + other.memory[index] }
    return sum
  }
}

extension LuaHost {
  /// One function of every kind of binding.
  func openBufferLibrary() throws {
    let buffer = try declare(Buffer.self, as: "buffer")
    try buffer.property("count") { call in call.returns(try call.object(at: 1, "self", Buffer.self).count) }
    try buffer.method("sum") { call in
      call.returns(try call.object(at: 1, "self", Buffer.self).values.reduce(0, +))
    }
    try buffer.method("totable") { call in
      let buffer = try call.object(at: 1, "self", Buffer.self)
      return try call.returns(.nested(Array(buffer.values), shape: [buffer.count]))
    }
    try buffer.method("describe") { call in
      let buffer = try call.object(at: 1, "self", Buffer.self)
      let options = try call.options(at: 2, keys: ["name", "note", "deep"])
      let name = try options.string("name", default: "buffer")
      return try call.returns(
        .record([
          ("name", .string(name)), ("count", .integer(buffer.count)), ("twice", .object(try buffer.adding(buffer))),
          ("list", .array([.integer(1), .number(2.5), .strings(["a", "b"])])), ("deep", .boolean(try options.bool("deep", default: false))),
        ]))
    }
    try buffer.method("map") { call in
      let buffer = try call.object(at: 1, "self", Buffer.self)
      let function = call.argument(at: 2, "function")
      let result = try Buffer(count: buffer.count)
      for index in 1...max(1, buffer.count) {
        result[index] = try call.invoke(function, [.number(buffer[index] ?? 0)]) { try $0.number() }
      }
      return try call.returns(result)
    }
    try buffer.index { call in
      let buffer = try call.object(at: 1, "self", Buffer.self)
      guard call.argument(at: 2, "index").kind == .number else { return call.returnsNil() }
      let index = try call.integer(at: 2, "index", in: 1...max(1, buffer.count))
      return buffer[index].map { call.returns($0) } ?? call.returnsNil()
    }
    try buffer.newIndex { call in
      let buffer = try call.object(at: 1, "self", Buffer.self)
      buffer[try call.integer(at: 2, "index", in: 1...max(1, buffer.count))] = try call.number(at: 3, "value")
      return call.returns()
    }
    try buffer.metamethod("__len") { call in call.returns(try call.object(at: 1, "self", Buffer.self).count) }
    try buffer.metamethod("__add") { call in
      let left = try call.object(at: 1, "left", Buffer.self)
      return try call.returns(try left.adding(try call.object(at: 2, "right", Buffer.self)))
    }

    let library = try library("buffer")
    try library.function("new") { call in
      let size = call.argument(at: 1, "size")
      if size.kind == .table {
        var nested = try size.nested()
        let buffer = try Buffer(count: nested.count)
        try nested.fill(buffer.values)
        return try call.returns(buffer)
      }
      return try call.returns(try Buffer(count: try size.integer(in: 0...Int.max)))
    }
    try library.function("call") { call in
      let results = try call.invoke(call.argument(at: 1, "function"), [], results: 3)
      return try call.returns(list: results.map(LuaValue.stack))
    }
    /// Holds a new buffer while it calls a function.
    try library.function("hold") { call in
      let buffer = try Buffer(count: 10)
      let result = try call.invoke(call.argument(at: 1, "function"), [.object(buffer)])[0]
      return try call.returns(result)
    }
    try library.function("fail") { call in throw CallerError("fail: \(try call.string(at: 1, "message"))") }
    /// Presses Ctrl-C and computes until that is noticed.
    try library.function("spin") { call in
      raise(SIGINT)
      while !jt_interrupt_requested() {}
      throw Interrupted()
    }
    /// Presses Ctrl-C and goes on to return values.
    try library.function("ignore") { call in
      raise(SIGINT)
      return try call.returns(.strings(["a", "b"]), .object(try Buffer(count: 1)), .object(try Buffer(count: 2)))
    }
  }
}
