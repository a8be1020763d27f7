import TensorCore

/// A call of an op for the contract tests: how to make each argument.
public struct Sample: Sendable {
  /// How to make each argument, in the order of the op.
  public let arguments: [SampleArgument]

  /// A call with these arguments.
  public init(_ arguments: SampleArgument...) { self.arguments = arguments }
}

/// How a sample makes one argument. Random numbers depend on the sample's place alone.
public enum SampleArgument: Sendable {
  /// Uniform numbers in a range.
  case uniform([Int], ClosedRange<Double> = -2...2)
  /// The same, seen through a transposed view of its last two dimensions.
  case transposed([Int], ClosedRange<Double> = -2...2)
  /// The same, every second element of a longer last dimension.
  case strided([Int], ClosedRange<Double> = -2...2)
  /// One row expanded along the first dimension (stride 0).
  case expanded([Int], ClosedRange<Double> = -2...2)
  /// Given numbers.
  case values([Double], [Int])
  /// Whole numbers in a range, as an int64 tensor.
  case integers([Int], ClosedRange<Int>)
  /// True or false, about half of each.
  case bools([Int])
  /// Rows that are non-negative and sum to 1.
  case distributions([Int])
  /// Sparse rows of a [N, D] matrix with about `filled` of its elements.
  case sparse([Int], filled: Double)
  /// Several tensors.
  case list([SampleArgument])
  case number(Double)
  case integer(Int)
  case flag(Bool)
  case text(String)
  case sizes([Int])
  case factors([Double])
  case absent
}

/// A wrong call and what it must say.
public struct Failure: Sendable {
  /// How to make each argument, in the order of the op.
  public let arguments: [SampleArgument]
  /// The exact text of the error, without the place in a script.
  public let message: String

  /// A call with these arguments, and what it must say.
  public init(_ arguments: SampleArgument..., says message: String) {
    self.arguments = arguments
    self.message = message
  }
}
