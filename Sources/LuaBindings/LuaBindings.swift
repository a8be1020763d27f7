// LuaBindings gives Lua scripts the Swift core. It may decode arguments, keep userdata and name functions; it may not
// compute, and apart from jetlua it is the only target that sees Lua.
//
// Core/ holds the host, its decoders and userdata; each other folder one part of what scripts see.
//
// How to write a binding file (worked example: Tests/LuaBindingsTests/Counter.swift):
//
//     extension Histogram: LuaObject { public var offHeapBytes: Int { bins.count * 8 } }   // a final class
//
//     extension LuaHost {
//       func openHistogramLibrary() throws {
//         let histogram = try declare(Histogram.self, as: "histogram")
//         try histogram.method("fill") { call in                      // h:fill(x [, weight])
//           let h = try call.object(at: 1, "self", Histogram.self)
//           h.fill(try call.number(at: 2, "x"), weight: try call.optional(at: 3, "weight")?.number() ?? 1)
//           return call.returns()
//         }
//         try histogram.property("total") { call in call.returns(try call.object(at: 1, "self", Histogram.self).total) }
//
//         let library = try library("histogram")                      // require "jetlua.core.histogram"
//         try library.function("new") { call in                       // new(bins [, {low =, high =}])
//           let bins = try call.integer(at: 1, "bins", in: 1...1_000_000)
//           let options = try call.options(at: 2, keys: ["low", "high"])
//           return try call.returns(Histogram(bins, try options.number("low", default: 0), try options.number("high", default: 1)))
//         }
//       }
//     }
//
// and one line in Libraries.swift. The rules:
// - Every reader throws a CallerError worded "new: bins: expected an integer in 1...1000000, got 0". Throw CallerError
//   yourself for what only you can know; it becomes a Lua error at the script's line. OutOfMemory makes the host collect
//   garbage and call once more, so throw it before the first side effect. Interrupted ends the script.
// - Positions count from 1; in h:fill(x) the object is argument 1.
// - Hold no exclusive access (inout, withUnsafeMutable…, a mutating call) while you push values or call Lua: either may
//   run finalizers that come back into the same object.
// - To keep a Lua value beyond the call, store it in a user value of the object's userdata (`setUserValue`); a reference
//   from Swift to a Lua function would make a cycle that no collector sees.
// - A class is looked up by its static type, so userdata classes are final.
//
// For the Lua side, `require "jetlua.core.host"` gives fail(message) (raises at the line of the user's script), members(class)
// (the table of a class's methods, to add some written in Lua), kind(value) (a userdata's class or nil), live() and
// on_failure(f) (f may reword what native functions raise).
