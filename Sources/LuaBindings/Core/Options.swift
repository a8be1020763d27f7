import CLuaBridge
import TensorCore

/// The options table of a call, its keys already checked.
public struct Options {
  private let call: Call
  private let keys: [String]
  private let base: Int32

  init(_ table: Argument, keys: [String]) throws {
    call = table.call
    self.keys = keys
    let state = call.state
    guard lua_checkstack(state, Int32(clamping: keys.count + 6)) != 0 else { throw LuaHeapExhausted() }
    base = lua_gettop(state)
    for _ in keys { lua_pushnil(state) }
    if table.isNil { return }
    guard table.type == LUA_TTABLE else { throw table.mistake(expected: "a table of options") }
    lua_pushnil(state)
    let keySlot = base + Int32(keys.count) + 1
    while jl_next(state, table.slot) != 0 {
      let key = lua_type(state, keySlot) == LUA_TSTRING ? luaString(state, keySlot) : nil
      guard let key else {
        throw call.mistake("options: expected names as keys, got \(Argument(call: call, slot: keySlot, name: "").shown)")
      }
      guard let position = keys.firstIndex(of: key) else {
        let hint = nearest(to: key, in: keys).map { "; did you mean \"\($0)\"?" } ?? ""
        let known = keys.isEmpty ? "there are none" : "known: \(keys.joined(separator: ", "))"
        throw call.mistake("unknown option \"\(key.prefix(40))\"\(hint) (\(known))")
      }
      lua_copy(state, keySlot + 1, base + 1 + Int32(position))
      lua_settop(state, keySlot)
    }
  }

  /// The option's value, or nothing where it was not given.
  public func optional(_ key: String) -> Argument? {
    guard let position = keys.firstIndex(of: key) else { return nil }
    let argument = Argument(call: call, slot: base + 1 + Int32(position), name: key)
    return argument.isNil ? nil : argument
  }

  /// An option that must be given.
  public func required(_ key: String) throws -> Argument {
    guard let argument = optional(key) else { throw call.mistake("option \(key) is missing") }
    return argument
  }

  /// The number of a key, or its default; throws where it is something else.
  public func number(_ key: String, default value: Double) throws -> Double {
    try optional(key)?.number() ?? value
  }

  /// The number of a key, or its default; throws where it is something else or outside the range.
  public func number(_ key: String, default value: Double, in range: ClosedRange<Double>) throws -> Double {
    try optional(key)?.number(in: range) ?? value
  }

  /// The integer of a key, or its default; throws where it is something else or outside the range.
  public func integer(_ key: String, default value: Int, in range: ClosedRange<Int> = Int.min...Int.max) throws -> Int {
    try optional(key)?.integer(in: range) ?? value
  }

  /// The boolean of a key, or its default; throws where it is something else.
  public func bool(_ key: String, default value: Bool) throws -> Bool {
    try optional(key)?.bool() ?? value
  }

  /// The string of a key, or its default; throws where it is something else.
  public func string(_ key: String, default value: String) throws -> String {
    try optional(key)?.string() ?? value
  }

  /// The word of a key, or its default; throws where it is none of the choices.
  public func choice(_ key: String, default value: String, _ choices: [String]) throws -> String {
    try optional(key)?.choice(choices) ?? value
  }
}

/// The candidate with the fewest edits to the word, if it is near enough to be meant.
public func nearest(to word: String, in candidates: [String]) -> String? {
  let word = String(word.prefix(60))
  var best: (distance: Int, word: String)?
  for candidate in candidates {
    let distance = editDistance(Array(word.utf8), Array(candidate.utf8))
    if best.map({ distance < $0.distance }) ?? true { best = (distance, candidate) }
  }
  guard let best, best.distance <= max(2, best.word.utf8.count / 2) else { return nil }
  return best.word
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var older: [Int] = []
  var previous = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var row = [i + 1]
    for (j, y) in b.enumerated() {
      var cost = min(previous[j + 1] + 1, row[j] + 1, previous[j] + (x == y ? 0 : 1))
      if i > 0, j > 0, x == b[j - 1], a[i - 1] == y { cost = min(cost, older[j - 1] + 1) }
      row.append(cost)
    }
    older = previous
    previous = row
  }
  return previous[b.count]
}
