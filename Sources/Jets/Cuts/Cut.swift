import Glibc
import TensorCore

/// A cut on jet columns, such as `"550 < pt and pt < 650 and abs(eta) < 2"`.
///
/// Columns, numbers and `pi`; `+ - * / ^`; `abs sqrt log exp min max`; `< <= > >= == ~= !=`, which may be chained (`550 < pt < 650`);
/// `and or not`, also written `&& || !`; brackets. A comparison with NaN is neither true nor false: where it decides the cut, the jet fails and is counted.
public struct Cut: Sendable {
  /// What a cut says of a list of jets.
  public struct Result: Equatable, Sendable {
    /// Whether each jet passes.
    public var passes: [Bool]
    /// Jets that failed because a NaN decided.
    public var undecided: Int
  }

  /// Copies the values of column number `column` (from 0, in the order given to `init`) for `rows` to the pointer.
  public typealias ColumnReader = (_ column: Int, _ rows: Range<Int>, _ destination: UnsafeMutablePointer<Double>) -> Void

  private let instructions: [CutInstruction]
  private let deepestStack: Int
  private static let blockLength = 1024

  /// Reads `text` as a cut on `columns`. Throws `CallerError` that says where the text stops making sense and what was expected there.
  public init(_ text: String, columns: [String]) throws {
    guard text.utf8.count <= 10_000 else { throw CallerError("where: the cut is longer than 10000 characters; give a mask instead") }
    instructions = try CutParser.parse(text, columns: columns)
    var height = 0, deepest = 0
    for instruction in instructions {
      switch instruction {
      case .constant, .column: height += 1
      case .unary: break
      case .binary: height -= 1
      }
      deepest = max(deepest, height)
    }
    deepestStack = deepest
  }

  /// The columns that the cut reads, by their places in the list given to `init`.
  public var usedColumns: Set<Int> {
    Set(instructions.compactMap { if case .column(let index) = $0 { index } else { nil } })
  }

  /// Applies the cut to `count` jets.
  public func evaluate(count: Int, column: ColumnReader) -> Result {
    var result = Result(passes: [], undecided: 0)
    result.passes.reserveCapacity(count)
    let stack = UnsafeMutablePointer<Double>.allocate(capacity: max(1, deepestStack) * Self.blockLength)
    defer { stack.deallocate() }
    var start = 0
    while start < count {
      let rows = start..<min(count, start + Self.blockLength)
      run(rows, stack: stack, column: column)
      for i in 0..<rows.count {
        result.passes.append(stack[i] == 1)
        if stack[i].isNaN { result.undecided += 1 }
      }
      start = rows.upperBound
    }
    return result
  }

  private func run(_ rows: Range<Int>, stack: UnsafeMutablePointer<Double>, column: ColumnReader) {
    var height = 0
    for instruction in instructions {
      let top = stack + height * Self.blockLength
      switch instruction {
      case .constant(let value):
        for i in 0..<rows.count { top[i] = value }
        height += 1
      case .column(let index):
        column(index, rows, top)
        height += 1
      case .unary(let operation):
        let values = top - Self.blockLength
        for i in 0..<rows.count { values[i] = operation.apply(values[i]) }
      case .binary(let operation):
        let right = top - Self.blockLength, left = right - Self.blockLength
        for i in 0..<rows.count { left[i] = operation.apply(left[i], right[i]) }
        height -= 1
      }
    }
  }
}

extension CutUnary {
  @inline(__always)
  func apply(_ x: Double) -> Double {
    switch self {
    case .negate: -x
    case .not: 1 - x
    case .abs: x.magnitude
    case .sqrt: x.squareRoot()
    case .log: Glibc.log(x)
    case .exp: Glibc.exp(x)
    }
  }
}

extension CutBinary {
  /// Truths are 1 and 0, and NaN for "cannot be said": false and unknown is false, true or unknown is true, all else unknown stays so.
  @inline(__always)
  func apply(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .add: return a + b
    case .subtract: return a - b
    case .multiply: return a * b
    case .divide: return a / b
    case .power: return pow(a, b)
    case .and: return a == 0 || b == 0 ? 0 : a.isNaN || b.isNaN ? .nan : 1
    case .or: return a == 1 || b == 1 ? 1 : a.isNaN || b.isNaN ? .nan : 0
    // A plain minimum would drop the NaN of one side.
    case .min: return a.isNaN || b.isNaN ? .nan : Swift.min(a, b)
    case .max: return a.isNaN || b.isNaN ? .nan : Swift.max(a, b)
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual:
      guard !a.isNaN, !b.isNaN else { return .nan }
      return compare(a, b) ? 1 : 0
    }
  }

  @inline(__always)
  private func compare(_ a: Double, _ b: Double) -> Bool {
    switch self {
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    case .notEqual: a != b
    default: a == b
    }
  }
}
