import Autodiff
import CLuaBridge
import TensorCore

/// Gradient rules written in Lua: `autograd.Function`.
///
/// The rule and its context stay in Lua, reachable from the userdata of what the function gave and from everything
/// computed from that (CLuaBridge's links.c); Swift keeps a number by which the module `autograd` finds them.
enum ScriptRules {
  // The call of backward, grad or check under way; on the one thread that runs Lua.
  nonisolated(unsafe) private static var current: Call?

  /// Runs `body`, in which gradients may be computed, for a call.
  static func during<R>(_ call: Call, _ body: () throws -> R) rethrows -> R {
    let before = current
    current = call
    defer { current = before }
    return try body()
  }

  // What the entry's forward rule takes once, on the thread that made it: the entry lives on and must not keep tensors.
  private final class Handover: @unchecked Sendable {
    var tensors: (outputs: [Tensor], saved: [Tensor])?
    init(_ outputs: [Tensor], _ saved: [Tensor]) { tensors = (outputs, saved) }
  }

  /// What a script's function gave, recorded with the rule it brings along.
  static func record(_ name: String, id: Int, inputs: [Variable?], outputs: [Tensor], saved: [Tensor]) throws -> [Variable] {
    let shapes = outputs.map(\.shape), types = outputs.map(\.dtype)
    let handover = Handover(outputs, saved)
    defer { handover.tensors = nil }
    let spec = OpSpec(
      name, "A function written in Lua.", signature: "", arguments: [],
      forward: { call in
        guard let (outputs, saved) = handover.tensors else { throw CallerError("\(name): recorded twice") }
        for tensor in saved { call.save(tensor) }
        call.isScripted = true
        return OpSpec.Outputs(outputs[0], Array(outputs.dropFirst()))
      },
      gradient: .rule { gradients, context in
        try GradientMode.disabled { try run(name, id, gradients, shapes, types, context) }
      },
      samples: [])
    return try Engine.apply(spec, inputs.map { $0.map { .tensor($0) } ?? .absent })
  }

  private static func run(_ name: String, _ id: Int, _ gradients: [Tensor?], _ shapes: [Dimensions], _ types: [DType], _ context: OpContext) throws -> [Tensor?] {
    guard let call = current else { throw CallerError("\(name): backward: only a script can run a rule written in Lua") }
    let top = lua_gettop(call.state)
    var arguments: [LuaValue] = [.integer(id), .array(context.saved.map { .object(Variable($0)) })]
    for (i, gradient) in gradients.enumerated() {
      guard types[i].isFloatingPoint else {
        arguments.append(.nil)
        continue
      }
      arguments.append(.object(Variable(try gradient ?? Tensor(filling: shapes[i], with: 0, types[i]))))
    }
    let count = context.shapes.count
    let results = try call.invoke(try call.member("run", of: "jetlua.core.autograd"), arguments, results: count + 1)
    func wrong(_ i: Int, _ what: String) -> CallerError { CallerError("\(name): backward: gradient \(i + 1): \(what)") }
    guard results[count].isNil else { throw wrong(count, "expected at most \(count) gradients, one for each argument of forward, got more") }
    let found = try (0..<count).map { i -> Tensor? in
      if results[i].isNil { return nil }
      guard let given = results[i].objectIfAny(Variable.self)?.value else { throw wrong(i, "expected a tensor or nil, got \(results[i].shown)") }
      guard context.isTensor(i) else { throw wrong(i, "argument \(i + 1) of forward is no tensor; return nil for it") }
      guard given.shape == context.shapes[i] else { throw wrong(i, "expected the shape \(context.shapes[i].text) of argument \(i + 1), got \(given.shape.text)") }
      guard given.dtype.isFloatingPoint else { throw wrong(i, "expected a floating-point tensor, got \(given.dtype.name)") }
      return given
    }
    lua_settop(call.state, top)
    return found
  }
}

extension LuaHost {
  /// What the module `autograd` makes Function of.
  func openScriptRules(_ library: LuaLibrary) throws {
    // needs(…): for each argument whether a gradient is wanted, and whether any is.
    try library.function("needs", help: "@private") { call in
      let needs = (0..<call.argumentCount).map { i in
        GradientMode.isEnabled && call.argument(at: i + 1, "x").objectIfAny(Variable.self)?.requiresGradient ?? false
      }
      return try call.returns(.array(needs.map { .boolean($0) }), .boolean(needs.contains(true)))
    }
    // record(name, id, entry, outputs, saved, …): the outputs with a history that leads to the arguments after it.
    try library.function("record", help: "@private") { call in
      let name = try call.string(at: 1, "name"), id = try call.integer(at: 2, "id"), entry = call.argument(at: 3, "entry")
      guard entry.kind == .table else { throw entry.mistake(expected: "a table") }
      let outputs = try call.argument(at: 4, "outputs").objects(Variable.self).map(\.value)
      let saved = try call.argument(at: 5, "saved").objects(Variable.self).map(\.value)
      guard !outputs.isEmpty else { throw call.mistake("outputs: expected at least one tensor, got none") }
      guard call.argumentCount < 95 else { throw call.mistake("expected at most 90 arguments, got \(call.argumentCount - 5)") }
      let inputs = (5..<max(call.argumentCount, 5)).map { call.argument(at: $0 + 1, "x").objectIfAny(Variable.self) }
      // What is an argument seen anew gets storage of its own: an in-place change of one would go unseen by the other.
      let own = try outputs.map { output in
        inputs.contains { $0?.value.storage === output.storage } ? try output.clone() : output
      }
      let results = try ScriptRules.record(name, id: id, inputs: inputs, outputs: own, saved: saved)
      var pushed: [LuaValue] = []
      for result in results {
        let object = try call.pushed(result)
        if result.dependsOnScript { try call.setUserValue(of: object, slot: 1, to: entry) }
        pushed.append(.stack(object))
      }
      return try call.returns(list: pushed)
    }
  }
}
