import Autodiff
import Jets
import TensorCore

extension LuaHost {
  /// The userdata class "sparse rows": a matrix of which few elements are not zero.
  func openSparseRows(_ library: LuaLibrary) throws {
    let sparse = try declare(SparseRows.self, as: "sparse rows")
    func read(_ call: Call) throws -> SparseRows { try call.object(at: 1, "self", SparseRows.self) }
    try library.function("sparse_rows") { call in
      if let already = call.argument(at: 1, "dense").objectIfAny(SparseRows.self) { return try call.returns(already) }
      return try call.returns(try SparseRows(try call.object(at: 1, "dense", Variable.self).value))
    }
    try sparse.property("shape") { call in
      let x = try read(call)
      return try call.returns(.integers([x.rows, x.columns]))
    }
    // The options that images of jets were made with; nil for other rows.
    try sparse.property("recipe") { call in
      guard let recipe = try read(call).origin?.base as? JetImageRecipe else { return call.returnsNil() }
      return try call.returns(recipe.optionTable)
    }
    try sparse.property("dtype") { call in try call.returns("float32") }
    try sparse.method("size") { call in
      let x = try read(call)
      guard call.optional(at: 2, "d") != nil else { return try call.returns(.integers([x.rows, x.columns])) }
      let d = try call.integer(at: 2, "d", in: -2...2)
      guard d != 0 else { throw call.mistake("d: expected a dimension in 1...2 or -2...-1, got 0") }
      return call.returns(d == 1 || d == -2 ? x.rows : x.columns)
    }
    try sparse.method("dim") { call in
      _ = try read(call)
      return call.returns(2)
    }
    try sparse.method("numel") { call in
      let x = try read(call)
      return call.returns(x.rows * x.columns)
    }
    try sparse.metamethod("__len") { call in call.returns(try read(call).rows) }
    try sparse.method("nnz") { call in call.returns(try read(call).entryCount) }
    try sparse.method("todense") { call in try call.returns(Variable(try read(call).dense())) }
    try sparse.method("totable") { call in
      let x = try read(call)
      return try call.returns(.nested(try x.dense().array(of: Double.self), shape: [x.rows, x.columns]))
    }
    try sparse.method("narrow") { call in
      let x = try read(call)
      guard try call.integer(at: 2, "d") == 1 else { throw call.mistake("d: sparse rows are cut along dimension 1 only; make them dense with :todense()") }
      let start = try call.integer(at: 3, "start", in: 1...max(x.rows, 1)), length = try call.integer(at: 4, "length", in: 0...x.rows)
      guard length <= x.rows - start + 1 else { throw call.mistake("length: rows \(start) to \(start + length - 1) reach beyond \(x.rows)") }
      return try call.returns(x.view((start - 1)..<(start - 1 + length)))
    }
    try sparse.method("index_select") { call in
      let x = try read(call)
      guard try call.integer(at: 2, "d") == 1 else { throw call.mistake("d: sparse rows are chosen along dimension 1 only; make them dense with :todense()") }
      let chosen = try call.object(at: 3, "positions", Variable.self).value.array(of: Int64.self)
      let rows = try chosen.map { i -> Int in
        guard i >= 1, i <= x.rows else { throw call.mistake("positions: expected 1...\(x.rows), got \(i)") }
        return Int(i) - 1
      }
      return try call.returns(try x.gathered(rows))
    }
    try sparse.metamethod("__tostring") { call in
      let x = try read(call)
      let share = x.rows * x.columns == 0 ? 0 : Double(x.entryCount) / Double(x.rows) / Double(x.columns) * 100
      return try call.returns("sparse rows [\(x.rows), \(x.columns)] float32  \(x.entryCount) entries (\((share * 100).rounded() / 100) %)")
    }
    for (event, name) in [("__add", "+"), ("__sub", "-"), ("__mul", "*"), ("__div", "/"), ("__pow", "^"), ("__unm", "-")] {
      try sparse.metamethod(event, called: name) { call in
        throw call.mistake("sparse rows have no arithmetic; make them dense with :todense()")
      }
    }
    try sparse.index { call in
      if case .number = call.argument(at: 2, "key").kind {
        throw call.mistake("sparse rows have no elements to read; use :narrow, :index_select or :todense()")
      }
      return call.returnsNil()
    }
  }
}
