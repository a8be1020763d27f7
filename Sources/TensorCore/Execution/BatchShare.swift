import Synchronization

/// The part of a batch that this process works on where several processes share it.
///
/// While one is set, the stream of noise gives the process the numbers that its jets would get if it had the whole batch.
public struct BatchShare: Equatable, Sendable {
  /// Place of the first of its jets in the batch, from 0.
  public let first: Int
  /// Jets it was given, at least 1.
  public let rows: Int
  /// How many of them count: `rows`, or 0 where the batch has fewer jets than there are processes and another counts this one.
  public let counted: Int
  /// Jets of the whole batch.
  public let whole: Int

  /// The `number`-th of `parts` parts, from 0, of a batch of `whole` jets: contiguous, and as even as can be.
  ///
  /// Throws CallerError for an empty batch and a number that is no part's.
  public init(_ number: Int, of parts: Int, whole: Int) throws {
    guard whole >= 1, parts >= 1, (0..<parts).contains(number) else {
      throw CallerError("batches: part: expected a part in 1...\(max(parts, 1)) of a batch with jets, got part \(number &+ 1) of \(whole) jets")
    }
    // quotient · number cannot overflow: it is at most `whole`.
    let (quotient, remainder) = whole.quotientAndRemainder(dividingBy: parts)
    counted = quotient + (number < remainder ? 1 : 0)
    first = min(quotient * number + min(number, remainder), whole - 1)
    rows = max(counted, 1)
    self.whole = whole
  }

  private static let shared = Mutex<BatchShare?>(nil)

  /// The share of the batch that is worked on; `nil` where the process has batches of its own.
  public static var current: BatchShare? {
    get { shared.withLock { $0 } }
    set { shared.withLock { $0 = newValue } }
  }
}
