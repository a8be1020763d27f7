/// A signature such as `"x [*S], y [*T] or nil -> [*broadcast(S, T)]; bool [] where d is given"`, read.
///
/// Inputs are named as the op's arguments: `NAME [sizes]`, `NAME [sizes] or nil`, `NAME of [sizes]` for a list. Results are
/// `[sizes]` or `list of [sizes]` with the type in front where it is not that of the inputs; alternatives follow after semicolons, with `where
/// NAME is given` or `where NAME = VALUE`. A size is a name (the same number everywhere), `*NAME` (any sizes),
/// `*broadcast(A, B, …)` or `*reduced(S, d)`; a name that no input binds stands for anything. A size `M?` may be missing from
/// an input, as a vector lacks one, and is then missing from the results.
struct Signature {
  struct Input {
    let name: String
    let sizes: [String]
    let isOptional: Bool
    let isList: Bool
  }
  struct Results {
    let list: [(type: String?, sizes: [String])]
    let condition: String?
  }

  let inputs: [Input]
  let alternatives: [Results]

  struct Unreadable: Error { let text: String }

  init(_ text: String) throws {
    let sides = text.components(around: "->")
    guard sides.count == 2 else { throw Unreadable(text: text) }
    inputs = try Signature.split(sides[0], at: ",").map { part in
      guard let open = part.firstIndex(of: "["), let close = part.lastIndex(of: "]") else { throw Unreadable(text: part) }
      var words = part[..<open].split(separator: " ").map(String.init)
      let isList = words.last == "of"
      if isList { words.removeLast() }
      let rest = part[part.index(after: close)...].trimmed
      guard words.count == 1, rest.isEmpty || rest == "or nil" else { throw Unreadable(text: part) }
      return Input(name: words[0], sizes: try Signature.sizes(part[open...close]), isOptional: !rest.isEmpty, isList: isList)
    }
    alternatives = try Signature.split(sides[1], at: ";").map { alternative in
      let parts = alternative.components(around: " where ")
      guard parts.count <= 2 else { throw Unreadable(text: alternative) }
      let list = try Signature.split(parts[0], at: ",").map { result -> (type: String?, sizes: [String]) in
        guard let open = result.firstIndex(of: "["), result.last == "]" else { throw Unreadable(text: result) }
        var type = result[..<open].trimmed
        if type == "list of" { type = "" }
        guard ["", "bool", "int64", "float32", "float64"].contains(type) else { throw Unreadable(text: result) }
        return (type.isEmpty ? nil : type, try Signature.sizes(result[open...]))
      }
      return Results(list: list, condition: parts.count == 2 ? parts[1].trimmed : nil)
    }
  }

  private static func sizes(_ bracketed: Substring) throws -> [String] {
    try split(String(bracketed.dropFirst().dropLast()), at: ",")
  }

  // At the separators outside brackets.
  private static func split(_ text: String, at separator: Character) throws -> [String] {
    var parts = [""], depth = 0
    for character in text {
      if "[(".contains(character) { depth += 1 }
      if "])".contains(character) { depth -= 1 }
      if character == separator, depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    guard depth == 0 else { throw Unreadable(text: text) }
    return parts.map(\.trimmed).filter { !$0.isEmpty }
  }
}

/// What the names of a signature stand for in one call.
struct Bindings {
  private var numbers: [String: Int] = [:]
  private var lists: [String: [Int]] = [:]
  private var missing: Set<String> = []
  /// Numbers and flags among the arguments, for `reduced`.
  var dimension: [String: Int] = [:]
  var keepsDimension = false

  /// Whether sizes and a shape agree, binding names met for the first time.
  mutating func match(_ declared: [String], _ shape: [Int]) -> Bool {
    let required = declared.filter { !$0.hasPrefix("*") && !$0.hasSuffix("?") }.count
    if shape.count == required {
      for size in declared where size.hasSuffix("?") && numbers[String(size.dropLast())] == nil { missing.insert(String(size.dropLast())) }
    }
    let sizes = declared.compactMap { size -> String? in
      guard size.hasSuffix("?") else { return size }
      let name = String(size.dropLast())
      return missing.contains(name) ? nil : name
    }
    guard let star = sizes.firstIndex(where: { $0.hasPrefix("*") }) else {
      return sizes.count == shape.count && zip(sizes, shape).allSatisfy { bind($0, $1) }
    }
    let after = sizes.count - star - 1
    guard shape.count >= star + after else { return false }
    for i in 0..<star { guard bind(sizes[i], shape[i]) else { return false } }
    for i in 0..<after { guard bind(sizes[star + 1 + i], shape[shape.count - after + i]) else { return false } }
    let middle = Array(shape[star..<(shape.count - after)])
    let name = String(sizes[star].dropFirst())
    if name.hasPrefix("broadcast(") {
      return middle == parameters(name).reduce([]) { NumberArray.broadcast($0, lists[$1] ?? []) }
    }
    if name.hasPrefix("reduced("), let from = lists[parameters(name)[0]] {
      guard let d = dimension[parameters(name)[1]] else { return middle == [] }
      var expected = from
      if keepsDimension { expected[d] = 1 } else { expected.remove(at: d) }
      return middle == expected
    }
    if let known = lists[name] { return known == middle }
    lists[name] = middle
    return true
  }

  private func parameters(_ text: String) -> [String] {
    guard let open = text.firstIndex(of: "(") else { return [] }
    return text[text.index(after: open)...].dropLast().split(separator: ",").map(\.trimmed)
  }

  private mutating func bind(_ size: String, _ value: Int) -> Bool {
    if size == "_" { return true }
    if let number = Int(size) { return number == value }
    if let known = numbers[size] { return known == value }
    numbers[size] = value
    return true
  }
}

extension StringProtocol {
  var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  func components(around separator: String) -> [String] {
    var parts: [String] = []
    var rest = String(self)
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = String(rest[range.upperBound...])
    }
    return parts + [rest]
  }
}
