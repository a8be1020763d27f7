import Foundation
import Testing

/// Promise 8: Swift code imports only those functions of Lua that cannot raise, so that no longjmp crosses a Swift frame.
@Suite struct SymbolTests {
  /// None of these raises or allocates on Lua's heap when used as LuaBindings does: readers after a check of the type,
  /// pushes of plain values after lua_checkstack, moves on the stack, user values.
  private static let allowed: Set<String> = [
    "lua_checkstack", "lua_copy", "lua_getiuservalue", "lua_gettop", "lua_isinteger", "lua_pushboolean", "lua_pushinteger",
    "lua_pushnil", "lua_pushnumber", "lua_pushvalue", "lua_rawgeti", "lua_rawlen", "lua_setiuservalue", "lua_settop",
    "lua_toboolean", "lua_tointegerx", "lua_tolstring", "lua_tonumberx", "lua_touserdata", "lua_type", "lua_typename",
  ]

  private func undefinedSymbols(in folder: URL) throws -> Set<String> {
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
      .compactMap { $0 as? URL }.filter { $0.pathExtension == "o" } ?? []
    guard !files.isEmpty else { return [] }
    let nm = Process()
    nm.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    nm.arguments = ["nm", "-u"] + files.map(\.path)
    let output = Pipe()
    nm.standardOutput = output
    try nm.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    nm.waitUntilExit()
    return Set(text.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) })
  }

  @Test func onlyHarmlessFunctions() throws {
    let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let bindings = try undefinedSymbols(in: products.appendingPathComponent("LuaBindings.build"))
    #expect(bindings.contains("lua_type"), "the objects of LuaBindings were not found")
    let others = try ["jetlua", "TensorCore", "Autodiff", "Models", "Jets", "ArrayFiles", "Evaluation", "SystemServices"]
      .map { try undefinedSymbols(in: products.appendingPathComponent("\($0).build")) }
      .reduce(Set<String>()) { $0.union($1) }
    let forbidden = bindings.union(others).filter { $0.hasPrefix("lua") && !Self.allowed.contains($0) }
    #expect(forbidden.isEmpty)
    #expect(others.filter { $0.hasPrefix("lua_") || $0.hasPrefix("jl_") }.isEmpty)
  }
}
