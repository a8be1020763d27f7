import Autodiff
import Jets
import TensorCore

extension JetColumnValues {
  /// The column as a tensor: float64, or int64 for labels and counts.
  func variable() throws -> Variable {
    switch self {
    case .numbers(let values): Variable(try Tensor(values))
    case .integers(let values): Variable(try Tensor(values))
    }
  }
}

extension Argument {
  /// The numbers of a tensor of any shape, or of a list.
  func manyNumbers() throws -> [Double] {
    if let variable = objectIfAny(Variable.self) { return try variable.value.array(of: Double.self) }
    guard kind == .table else { throw mistake(expected: "a tensor or a list of numbers") }
    return try numbers()
  }

  /// Four-vectors (E, px, py, pz): a tensor `[N, 4]` or a list of lists of four.
  func fourVectors() throws -> [FourVector] {
    let values: [Double]
    let shape: [Int]
    if let variable = objectIfAny(Variable.self) {
      values = try variable.value.array(of: Double.self)
      shape = Array(variable.value.shape)
    } else {
      guard kind == .table else { throw mistake(expected: "a tensor [N, 4] or a list of {E, px, py, pz}") }
      if try length() == 0 { return [] }
      var numbers = try nested()
      var filled = [Double](repeating: 0, count: numbers.count)
      try filled.withUnsafeMutableBufferPointer { try numbers.fill($0) }
      (values, shape) = (filled, numbers.shape)
    }
    guard shape.count == 2, shape[1] == 4 else {
      throw mistake(expected: "four numbers (E, px, py, pz) per particle, shape [N, 4]")
    }
    return stride(from: 0, to: values.count, by: 4).map {
      FourVector(energy: values[$0], px: values[$0 + 1], py: values[$0 + 2], pz: values[$0 + 3])
    }
  }
}

extension Call {
  /// The order in which jets are drawn: a seeded permutation, or none where the option `shuffle` is false.
  func selectionOrder(_ options: Options) throws -> RowPermutation? {
    try options.bool("shuffle", default: true) ? { RandomStream.selection.permutation($0) } : nil
  }
}
