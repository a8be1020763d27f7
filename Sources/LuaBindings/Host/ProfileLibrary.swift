import CLuaBridge
import SystemServices
import TensorCore

extension LuaHost {
  /// Makes `jetlua.core.profile`: what ran, how long and with how much memory, while it is on.
  func openProfileLibrary() throws {
    let library = try library("profile")
    try library.function("start", called: "profile") { call in  // forgets what was taken down before
      Profile.start()
      return call.returns()
    }
    try library.function("stop", called: "profile") { call in
      Profile.stop()
      return call.returns()
    }
    // Its own call is open when a layer begins or ends: the layer's interval goes around it.
    try library.function("enter", called: "profile") { call in  // enter(name): a module written in Lua begins
      guard Profile.isOn else { return call.returns() }
      let name = try call.argument(at: 1, "name").string()
      Profile.leave()
      Profile.enter(.layer, name)
      Profile.enter(.call, "profile")
      return call.returns()
    }
    try library.function("leave", called: "profile") { call in
      guard Profile.isOn else { return call.returns() }
      Profile.leave()
      Profile.leave()
      Profile.enter(.call, "profile")
      return call.returns()
    }
    try library.function("totals", called: "profile") { call in  // a list of {kind, name, line, layer, count, seconds, own, bytes}, and the seconds in all
      let (list, nanoseconds) = Profile.totals
      let rows = list.map { total in
        LuaValue.record([
          ("kind", .string(total.kind.rawValue)), ("name", .string(total.name)), ("line", .string(total.line)), ("layer", .string(total.layer)),
          ("count", .integer(total.count)), ("seconds", .number(Double(total.nanoseconds) * 1e-9)),
          ("own", .number(Double(total.ownNanoseconds) * 1e-9)), ("bytes", .integer(total.ownBytes)),
        ])
      }
      return try call.returns(.array(rows), .number(Double(nanoseconds) * 1e-9))
    }
    try library.function("write_trace", called: "profile") { call in  // write_trace(path): how many intervals were too many for it
      let path = try call.path(at: 1)
      let (json, leftOut) = Profile.trace()
      try call.system { try AtomicFile.write(json, to: path) }
      return call.returns(leftOut)
    }
  }
}

/// Takes down that a script calls a native function, with the script's line.
func enterProfile(_ call: Call) {
  let line = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 160) { buffer in
    let length = jl_script_line(call.state, buffer.baseAddress, buffer.count)
    return String(decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<length]), as: UTF8.self)
  }
  Profile.enter(.call, call.functionName, line: line)
}
