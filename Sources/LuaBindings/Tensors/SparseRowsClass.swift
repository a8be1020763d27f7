import Autodiff
import Jets
import TensorCore

extension LuaHost {
  /// The userdata class "sparse rows": a matrix of which few elements are not zero.
  func openSparseRows(_ library: LuaLibrary) throws {
    let sparse = try declare(SparseRows.self, as: "sparse rows", help: """
      @class sparse_rows
      @operator len: integer
      A matrix [N, D] of which few elements are not zero, as images are: what `nn.Linear`, the models and the losses take wherever they
      take a dense one, at the cost of the filled elements only. Made by `tensor.sparse_rows` and by the image sets of `jets`.
          tensor.sparse_rows(tensor{{0, 1, 0}, {0, 0, 2}}) --> sparse rows [2, 3] float32 2 entries (33.33 %)
      """)
    func read(_ call: Call) throws -> SparseRows { try call.object(at: 1, "self", SparseRows.self) }
    try library.function("sparse_rows", help: """
      The elements of a matrix that are not zero, row by row.
      @param dense tensor [N, D]
      @return sparse_rows
          tensor.sparse_rows(tensor{{0, 1, 0}, {0, 0, 2}}):nnz() --> 2
      """) { call in
      if let already = call.argument(at: 1, "dense").objectIfAny(SparseRows.self) { return try call.returns(already) }
      return try call.returns(try SparseRows(try call.object(at: 1, "dense", Variable.self).value))
    }
    try sparse.property("shape", help: """
      @type integer[]
      Rows and columns.
      """) { call in
      let x = try read(call)
      return try call.returns(.integers([x.rows, x.columns]))
    }
    try sparse.property("recipe", help: """
      @type table?
      The options that images of jets were made with; nil for other rows.
      """) { call in
      guard let recipe = try read(call).origin?.base as? ImageRecipe else { return call.returnsNil() }
      return try call.returns(recipe.optionTable)
    }
    try sparse.property("dtype", help: """
      @type "float32"
      The type of the elements.
      """) { call in try call.returns("float32") }
    try sparse.method("size", help: """
      The size of dimension d, or both sizes.
      @param d? integer 1 or 2, or -2 or -1
      @return integer|integer[]
          tensor.sparse_rows(tensor.eye(3)):size(1) --> 3
      """) { call in
      let x = try read(call)
      guard call.optional(at: 2, "d") != nil else { return try call.returns(.integers([x.rows, x.columns])) }
      let d = try call.integer(at: 2, "d", in: -2...2)
      guard d != 0 else { throw call.mistake("d: expected a dimension in 1...2 or -2...-1, got 0") }
      return call.returns(d == 1 || d == -2 ? x.rows : x.columns)
    }
    try sparse.method("dim", help: """
      2, the number of dimensions.
      @return integer
          tensor.sparse_rows(tensor.eye(3)):dim() --> 2
      """) { call in
      _ = try read(call)
      return call.returns(2)
    }
    try sparse.method("numel", help: """
      Rows times columns.
      @return integer
          tensor.sparse_rows(tensor.eye(3)):numel() --> 9
      """) { call in
      let x = try read(call)
      return call.returns(x.rows * x.columns)
    }
    try sparse.metamethod("__len") { call in call.returns(try read(call).rows) }
    try sparse.method("nnz", help: """
      How many elements are stored.
      @return integer
          tensor.sparse_rows(tensor.eye(3)):nnz() --> 3
      """) { call in call.returns(try read(call).entryCount) }
    try sparse.method("todense", help: """
      The matrix as a tensor.
      @return tensor
          tensor.sparse_rows(tensor.eye(2)):todense() --> [[1., 0.], [0., 1.]]
      """) { call in try call.returns(Variable(try read(call).dense())) }
    try sparse.method("totable", help: """
      The elements, zeros too, as a table of rows.
      @return number[][]
          tensor.sparse_rows(tensor.eye(2)):totable() --> {{1, 0}, {0, 1}}
      """) { call in
      let x = try read(call)
      return try call.returns(.nested(try x.dense().array(of: Double.self), shape: [x.rows, x.columns]))
    }
    try sparse.method("narrow", help: """
      `length` rows from row `start` on.
      @param d integer 1: sparse rows are cut along their rows only
      @param start integer from 1
      @param length integer
      @return sparse_rows
          tensor.sparse_rows(tensor.eye(3)):narrow(1, 2, 2):todense() --> [[0., 1., 0.], [0., 0., 1.]]
      """) { call in
      let x = try read(call)
      guard try call.integer(at: 2, "d") == 1 else { throw call.mistake("d: sparse rows are cut along dimension 1 only; make them dense with :todense()") }
      let start = try call.integer(at: 3, "start", in: 1...max(x.rows, 1)), length = try call.integer(at: 4, "length", in: 0...x.rows)
      guard length <= x.rows - start + 1 else { throw call.mistake("length: rows \(start) to \(start + length - 1) reach beyond \(x.rows)") }
      return try call.returns(x.view((start - 1)..<(start - 1 + length)))
    }
    try sparse.method("index_select", help: """
      The rows at the given positions, in their order.
      @param d integer 1: sparse rows are chosen along their rows only
      @param positions tensor int64, from 1
      @return sparse_rows
          tensor.sparse_rows(tensor.eye(3)):index_select(1, tensor({3}, {dtype = "int64"})):totable() --> {{0, 0, 1}}
      """) { call in
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
