import Autodiff
import TensorCore

/// What help, editor stubs and the reference say of a native function, method or property.
struct MemberDocumentation {
  /// Name of the module or class.
  let owner: String
  let kind: Kind
  let name: String
  /// In the form of the comments above Lua functions: sentences, `@param NAME TYPE TEXT`, `@return TYPE TEXT`, and examples
  /// indented by four blanks, each line a statement or an expression followed by ` --> ` and what it prints.
  let text: String

  enum Kind: String { case function, `class`, method, property }
}

extension LuaHost {
  /// Module `jetlua.core.documentation`: what the op table and the registrations say, for `help` and what is generated from it.
  func openDocumentationLibrary() throws {
    let library = try library("documentation")
    try library.function("ops") { call in try call.returns(.array(OpTable.all.map(\.luaTable))) }
    try library.function("members") { [unowned self] call in
      try call.returns(
        .array(documentation.map {
          .record([("owner", .string($0.owner)), ("kind", .string($0.kind.rawValue)), ("name", .string($0.name)), ("text", .string($0.text))])
        }))
    }
  }
}

extension OpSpec {
  fileprivate var luaTable: LuaValue {
    let reason: LuaValue = if case .none(let reason) = gradient { .string(reason) } else { .nil }
    return .record([
      ("name", .string(name)), ("summary", .string(summary)), ("example", .string(example)), ("signature", .string(signature)),
      ("placement", .string("\(placement)")), ("results", .string("\(results)")), ("no_gradient", reason),
      ("arguments", .array(arguments.map(\.luaTable))), ("errors", .strings(failures.map(\.message))),
      ("samples", .integer(samples.count)), ("smooth_samples", .integer(samples.filter(\.isFinite).count)),
    ])
  }
}

extension ArgumentSpec {
  fileprivate var luaTable: LuaValue {
    let (kind, fallback, choices): (String, LuaValue, LuaValue) =
      switch self.kind {
      case .tensor: ("tensor", .nil, .nil)
      case .tensorOrNumber: ("tensor|number", .nil, .nil)
      case .optionalTensor: ("tensor?", .nil, .nil)
      case .rows: ("tensor|sparse_rows", .nil, .nil)
      case .tensors: ("tensor[]", .nil, .nil)
      case .number(let value): (value == nil ? "number" : "number?", value.map { .number($0) } ?? .nil, .nil)
      case .integer(let value): (value == nil ? "integer" : "integer?", value.map { .integer($0) } ?? .nil, .nil)
      case .dimension, .position: ("integer", .nil, .nil)
      case .optionalDimension: ("integer?", .nil, .nil)
      case .flag(let value): ("boolean?", .boolean(value), .nil)
      case .text(let choices, let value): ("string?", .string(value), .strings(choices))
      case .shape, .dimensions: ("integer...", .nil, .nil)
      case .pair(let value, let words):
        (
          "integer|integer[]" + (words.isEmpty ? "" : "|string") + (value == nil ? "" : "?"), value.map { .number(Double($0)) } ?? .nil,
          words.isEmpty ? .nil : .strings(words)
        )
      case .optionalPair: ("integer|integer[]?", .nil, .nil)
      case .optionalFactors: ("number|number[]?", .nil, .nil)
      case .sizes: ("integer|integer[]", .nil, .nil)
      }
    return .record([
      ("name", .string(name)), ("type", .string(kind)), ("help", .string(help)), ("default", fallback), ("choices", choices),
      ("option", .boolean(isOption)),
    ])
  }
}

extension Sample {
  // Whether central differences of it exist.
  fileprivate var isFinite: Bool {
    arguments.allSatisfy { if case .values(let numbers, _) = $0 { numbers.allSatisfy(\.isFinite) } else { true } }
  }
}
