import Autodiff
import TensorCore

/// Dimensions from `first` to `last` as one: [N, C, H, W] → [N, C H W] by default.
///
/// Both count from 1 or from −1 backwards. Sparse rows [N, D] are flat already and pass through.
public final class Flatten: Layer {
  /// The first dimension taken, from 1 or from −1 backwards.
  public let first: Int
  /// The last dimension taken, from 1 or from −1 backwards.
  public let last: Int

  /// Throws where a dimension is 0.
  public init(first: Int = 2, last: Int = -1) throws {
    for (name, d) in [("start_dim", first), ("end_dim", last)] 
    where d == 0 || !(-Dimensions.maximumCount...Dimensions.maximumCount).contains(d) {
      throw CallerError("Flatten: \(name): expected a dimension from 1 or from -1 backwards, got \(d)")
    }
    self.first = first
    self.last = last
  }

  /// [*S, A, B, *T] to [*S, A · B, *T]; throws where the input has fewer dimensions.
  public override func forward(_ x: Variable) throws -> Variable {
    let from = try place(first, in: x.shape, of: "Flatten"), to = try place(last, in: x.shape, of: "Flatten")
    guard from <= to else {
      throw CallerError("Flatten: expected start_dim before end_dim for the shape \(x.shape.text), got \(first) and \(last)")
    }
    if from == to { return x }
    guard let inner = Dimensions(x.shape[from...to]).product else { throw OutOfMemory(bytes: nil) }
    return try Engine.applyOne(
      layerOp("reshape"), [.tensor(x), .integers(Array(x.shape[..<from]) + [inner] + Array(x.shape[(to + 1)...]))])
  }

  /// Sparse rows as they are: they are flat.
  public override func forward(rows: SparseRows) throws -> ArgumentValue {
    let staysFlat = (first == 2 || first == -1) && (last == 2 || last == -1)
    return staysFlat ? .sparse(rows) : try super.forward(rows: rows)
  }

  /// `nn.Flatten(2, -1)`.
  public override var summary: String { first == 2 && last == -1 ? "nn.Flatten()" : "nn.Flatten(\(first), \(last))" }
}
