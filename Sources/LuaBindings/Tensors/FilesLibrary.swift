import ArrayFiles
import Autodiff
import SystemServices
import TensorCore

extension LuaHost {
  /// Module `jetlua.core.files`: tensors in files.
  func openFilesLibrary() throws {
    let library = try library("files")
    // save(path, tensor or table of them by name [, {compress=, metadata=, columns=, format=}])
    try library.function("save") { call in
      try call.expectAtMost(3)
      let path = try call.path(at: 1)
      let options = try call.options(at: 3, keys: ["compress", "metadata", "columns", "format"])
      var settings = ArrayFile.Options()
      settings.level = try options.optional("compress").map { $0.kind == .boolean ? try $0.bool() ? 6 : 0 : try $0.integer(in: 0...9) } ?? 0
      try options.optional("metadata")?.forEachField { settings.metadata[$0] = try $1.string() }
      settings.format = try options.optional("format").flatMap { ArrayFile.Format(rawValue: try $0.choice(ArrayFile.Format.allCases.map(\.rawValue))) }
      let columns = try options.optional("columns")?.strings()
      let value = call.argument(at: 2, "tensors")
      if let single = value.objectIfAny(Variable.self), columns == nil {
        try call.files { try ArrayFile.save(single.value, to: path, settings) }
      } else {
        let arrays = try call.namedArrays(value, columns, path)
        try call.files { try ArrayFile.save(arrays, to: path, settings) }
      }
      return call.returns()
    }
    // load(path [, name [, format]]): a tensor, or a table of tensors by name and what the file says besides.
    try library.function("load") { call in
      try call.expectAtMost(3)
      let path = try call.path(at: 1)
      let name = try call.optional(at: 2, "name")?.string()
      let format = try call.optional(at: 3, "format").flatMap { ArrayFile.Format(rawValue: try $0.choice(ArrayFile.Format.allCases.map(\.rawValue))) }
      switch try call.files({ try name.map { try ArrayFile.load(path, $0, as: format) } ?? ArrayFile.load(path, as: format) }) {
      case .single(let tensor): return try call.returns(Variable(tensor))
      case .named(let arrays, let metadata):
        return try call.returns(
          .record(arrays.map { ($0.name, .object(Variable($0.tensor))) }), .record(metadata.map { ($0.key, .string($0.value)) }))
      }
    }
  }
}

extension Call {
  /// Runs `body` and gives its errors this function's name.
  fileprivate func files<R>(_ body: () throws -> R) throws -> R {
    do { return try system(body) } catch let error as CallerError where !error.description.hasPrefix("\(functionName): ") {
      throw mistake(error.description)
    }
  }

  /// Tensors by name, sorted by name or in the order of `columns`; numbers and truth values count as tensors of no dimensions.
  fileprivate func namedArrays(_ value: Argument, _ columns: [String]?, _ path: String) throws -> [NamedArray] {
    if columns != nil, try files({ try ArrayFile.Format(path: path) }) != .csv {
      throw mistake("option columns: only .csv files have an order of columns")
    }
    if let single = value.objectIfAny(Variable.self), let columns {
      guard single.shape.count == 2, single.shape[1] == columns.count else {
        throw mistake("option columns: expected as many names as columns of a tensor [N, K], got \(columns.count) for shape \(single.shape.text)")
      }
      return columns.enumerated().map { NamedArray($1, single.value.selected(1, $0)) }
    }
    if let named = value.objectIfAny(NamedTensors.self) { return named.entries.map { NamedArray($0.name, $0.variable.value) } }
    guard value.kind == .table else { throw value.mistake(expected: "a tensor or a table of tensors by name") }
    var arrays: [NamedArray] = []
    try value.forEachField { name, item in
      // Bytes that are no UTF-8 came as U+FFFD: two such names could become one.
      guard !name.contains("\u{fffd}") else { throw mistake("\(value.name): expected names in UTF-8, got \"\(name.prefix(40))\"") }
      arrays.append(NamedArray(name, try item.storedTensor()))
    }
    guard let columns else { return arrays.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }
    let places = Dictionary(columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    guard columns.count == arrays.count, places.count == arrays.count, arrays.allSatisfy({ places[$0.name] != nil }) else {
      throw mistake("option columns: expected each of the names \(arrays.map(\.name).sorted().joined(separator: ", ")) once, got \(columns.joined(separator: ", "))")
    }
    return arrays.sorted { places[$0.name, default: 0] < places[$1.name, default: 0] }
  }
}

extension Argument {
  /// The tensor that a file keeps of a value.
  fileprivate func storedTensor() throws -> Tensor {
    if let variable = objectIfAny(Variable.self) { return variable.value }
    if objectIfAny(SparseRows.self) != nil { throw mistake(expected: "a dense tensor (:todense() makes one)") }
    switch kind {
    case .number: return isIntegerSubtype ? try Tensor([Int64(try integer())], shape: []) : try Tensor([try number()], shape: [])
    case .boolean: return try Tensor([try bool() ? UInt8(1) : 0], shape: [])
    default: throw mistake(expected: "a tensor")
    }
  }
}
