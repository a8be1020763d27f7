import TensorCore

/// One step of a compiled cut: a stack machine, so that no depth of a script's text can exhaust the thread's stack when it runs.
enum CutInstruction: Equatable {
  case constant(Double)
  case column(Int)
  case unary(CutUnary)
  case binary(CutBinary)
}

enum CutUnary: String { case negate, not, abs, sqrt, log, exp }

enum CutBinary: String {
  case add = "+", subtract = "-", multiply = "*", divide = "/", power = "^"
  case less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">=", equal = "==", notEqual = "~="
  case and, or, min, max
}

/// Turns the text of a cut into instructions: comparisons bind weaker than arithmetic and stronger than `not`, `and`, `or`.
struct CutParser {
  private enum Sort { case number, truth }

  private static let comparisons: Set<String> = ["<", "<=", ">", ">=", "==", "~="]
  private static let functions: [String: CutUnary] = ["abs": .abs, "sqrt": .sqrt, "log": .log, "exp": .exp]
  private static let reserved: Set<String> = ["and", "or", "not"]
  private static let deepest = 60

  private let text: String
  private let columns: [String]
  private let tokens: [CutToken]
  private var next = 0
  private var depth = 0
  private var instructions: [CutInstruction] = []

  /// The instructions of `text` over `columns`; throws `CallerError` that names the place and what was expected there.
  static func parse(_ text: String, columns: [String]) throws -> [CutInstruction] {
    var parser = CutParser(text: text, columns: columns, tokens: try CutToken.tokens(of: text))
    let start = parser.token
    guard start.kind != .end else { throw CallerError("where: the cut is empty; write one such as \"550 < pt and pt < 650\"") }
    let sort = try parser.disjunction()
    guard parser.token.kind == .end else { throw parser.unexpected("\"and\", \"or\" or the end") }
    try parser.require(.truth, sort, at: start)
    return parser.instructions
  }

  private init(text: String, columns: [String], tokens: [CutToken]) {
    self.text = text
    self.columns = columns
    self.tokens = tokens
  }

  private var token: CutToken { next < tokens.count ? tokens[next] : CutToken(kind: .end, position: text.utf8.count + 1) }

  private func unexpected(_ expected: String) -> CallerError {
    CutError.make(text, at: token.position, "expected \(expected), got \(token.shown)")
  }

  private func require(_ wanted: Sort, _ got: Sort, at token: CutToken) throws {
    guard wanted != got else { return }
    throw CutError.make(
      text, at: token.position,
      wanted == .truth ? "expected a comparison such as pt > 550, got a number" : "expected a number, got a comparison; join comparisons by and")
  }

  private mutating func accept(_ kind: CutToken.Kind) -> Bool {
    guard token.kind == kind else { return false }
    next += 1
    return true
  }

  private mutating func nested<Result>(_ body: (inout CutParser) throws -> Result) throws -> Result {
    guard depth < Self.deepest else { throw CutError.make(text, at: token.position, "more than \(Self.deepest) levels of nesting") }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  private mutating func disjunction() throws -> Sort { try joined("or", .or) { try $0.conjunction() } }
  private mutating func conjunction() throws -> Sort { try joined("and", .and) { try $0.negation() } }

  private mutating func joined(_ word: String, _ operation: CutBinary, _ operand: (inout CutParser) throws -> Sort) throws -> Sort {
    let start = token
    let sort = try operand(&self)
    while token.kind == .name(word) {
      try require(.truth, sort, at: start)
      next += 1
      let second = token
      try require(.truth, try operand(&self), at: second)
      instructions.append(.binary(operation))
    }
    return sort
  }

  private mutating func negation() throws -> Sort {
    guard accept(.name("not")) else { return try comparison() }
    let start = token
    try require(.truth, try nested { try $0.negation() }, at: start)
    instructions.append(.unary(.not))
    return .truth
  }

  /// `a < b < c` means `a < b and b < c`; the instructions of the middle are written twice.
  private mutating func comparison() throws -> Sort {
    let start = token
    var operand = instructions.count
    let sort = try sum()
    var links = 0
    while case .symbol(let symbol) = token.kind, Self.comparisons.contains(symbol), let operation = CutBinary(rawValue: symbol) {
      if links == 0 {
        try require(.number, sort, at: start)
      } else {
        instructions.append(contentsOf: Array(instructions[operand..<instructions.count - 1 - (links > 1 ? 1 : 0)]))
      }
      next += 1
      operand = instructions.count
      let second = token
      try require(.number, try sum(), at: second)
      instructions.append(.binary(operation))
      links += 1
      if links > 1 { instructions.append(.binary(.and)) }
    }
    return links == 0 ? sort : .truth
  }

  private mutating func sum() throws -> Sort { try arithmetic(["+": .add, "-": .subtract]) { try $0.product() } }
  private mutating func product() throws -> Sort { try arithmetic(["*": .multiply, "/": .divide]) { try $0.signed() } }

  private mutating func arithmetic(_ operations: [String: CutBinary], _ operand: (inout CutParser) throws -> Sort) throws -> Sort {
    let start = token
    let sort = try operand(&self)
    while case .symbol(let symbol) = token.kind, let operation = operations[symbol] {
      try require(.number, sort, at: start)
      next += 1
      let second = token
      try require(.number, try operand(&self), at: second)
      instructions.append(.binary(operation))
    }
    return sort
  }

  private mutating func signed() throws -> Sort {
    guard accept(.symbol("-")) else { return try power() }
    let start = token
    try require(.number, try nested { try $0.signed() }, at: start)
    instructions.append(.unary(.negate))
    return .number
  }

  private mutating func power() throws -> Sort {
    let start = token
    let sort = try atom()
    guard token.kind == .symbol("^") else { return sort }
    try require(.number, sort, at: start)
    next += 1
    let second = token
    try require(.number, try nested { try $0.signed() }, at: second)
    instructions.append(.binary(.power))
    return .number
  }

  private mutating func atom() throws -> Sort {
    switch token.kind {
    case .number(let value):
      next += 1
      instructions.append(.constant(value))
      return .number
    case .name(let name) where !Self.reserved.contains(name):
      return try named(name)
    case .symbol("("):
      next += 1
      let sort = try nested { try $0.disjunction() }
      guard accept(.symbol(")")) else { throw unexpected("\")\"") }
      return sort
    default:
      throw unexpected("a column, a number or \"(\"")
    }
  }

  private mutating func named(_ name: String) throws -> Sort {
    let start = token
    next += 1
    if token.kind == .symbol("(") { return try call(name, at: start) }
    if let column = columns.firstIndex(of: name) {
      instructions.append(.column(column))
    } else if name == "pi" {
      instructions.append(.constant(.pi))
    } else {
      let near = nearestName(to: name, among: columns).map { "; did you mean \"\($0)\"?" } ?? "."
      throw CutError.make(text, at: start.position, "no column \"\(name)\"\(near) The columns are \(columns.joined(separator: ", "))")
    }
    return .number
  }

  private mutating func call(_ name: String, at start: CutToken) throws -> Sort {
    next += 1
    let joining: CutBinary? = name == "min" ? .min : name == "max" ? .max : nil
    guard joining != nil || Self.functions[name] != nil else {
      throw CutError.make(text, at: start.position, "no function \"\(name)\"; there are abs, sqrt, log, exp, min and max")
    }
    var count = 0
    repeat {
      let argument = token
      try require(.number, try nested { try $0.disjunction() }, at: argument)
      count += 1
      if let joining, count > 1 { instructions.append(.binary(joining)) }
    } while accept(.symbol(","))
    guard accept(.symbol(")")) else { throw unexpected("\",\" or \")\"") }
    if let function = Self.functions[name] {
      guard count == 1 else { throw CutError.make(text, at: start.position, "\(name) takes one number, got \(count)") }
      instructions.append(.unary(function))
    } else if count < 2 {
      throw CutError.make(text, at: start.position, "\(name) takes at least two numbers, got \(count)")
    }
    return .number
  }
}
