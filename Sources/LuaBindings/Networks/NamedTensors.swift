import Autodiff
import Models
import TensorCore

/// Tensors by name in a fixed order, as `named_parameters` gives them: read by name, walked with `for` or `pairs`.
final class NamedTensors: LuaObject {
  let entries: [(name: String, variable: Variable)]
  let places: [String: Int]

  init(_ entries: [(name: String, variable: Variable)]) {
    self.entries = entries
    places = Dictionary(entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// A tensor with several names keeps the first one.
  convenience init(distinct entries: [(name: String, variable: Variable)]) {
    var seen: Set<ObjectIdentifier> = []
    self.init(entries.filter { seen.insert(ObjectIdentifier($0.variable)).inserted })
  }
}

extension LuaHost {
  func declareNamedTensors() throws {
    let named = try declare(NamedTensors.self, as: "list of named tensors", help: """
      @class named_tensors
      @operator call: string, tensor
      @operator len: integer
      Tensors by name in a fixed order: read by name, walked with `for name, t in list do` or `pairs`; `#` counts them.
          nn.Linear(4, 2):named_parameters().bias.shape --> {2}
      """)
    func read(_ call: Call) throws -> NamedTensors { try call.object(at: 1, "self", NamedTensors.self) }

    // The loop `for name, t in list do` calls list(nil, name) for what follows a name.
    try named.metamethod("__call", called: "next") { call in
      let list = try read(call)
      var next = 0
      if let previous = call.optional(at: 3, "name") {
        guard let place = list.places[try previous.string()] else { throw previous.mistake(expected: "a name of the list") }
        next = place + 1
      }
      guard next < list.entries.count else { return call.returnsNil() }
      return try call.returns(.string(list.entries[next].name), .object(list.entries[next].variable))
    }
    try named.metamethod("__pairs") { call in
      _ = try read(call)
      return try call.returns(.stack(call.argument(at: 1, "self")), .nil, .nil)
    }
    try named.metamethod("__len") { call in call.returns(try read(call).entries.count) }
    try named.index { call in
      let list = try read(call)
      guard call.argument(at: 2, "key").kind == .string, let place = list.places[try call.string(at: 2, "key")] else {
        return call.returnsNil()
      }
      return try call.returns(list.entries[place].variable)
    }
    try named.metamethod("__tostring") { call in
      let lines = try read(call).entries.map { "\($0.name) \($0.variable.shape.text) \($0.variable.dtype.name)" }
      return try call.returns(lines.isEmpty ? "no named tensors" : lines.joined(separator: "\n"))
    }
  }
}
