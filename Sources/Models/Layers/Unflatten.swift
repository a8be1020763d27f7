import Autodiff
import TensorCore

/// One dimension as several: [N, 1600] → [N, 1, 40, 40] for `dimension` 2 and `sizes` {1, 40, 40}.
///
/// The dimension counts from 1 or from −1 backwards; one size may be −1 and follows from the others.
public final class Unflatten: Layer {
  /// The dimension taken apart, from 1 or from −1 backwards.
  public let dimension: Int
  /// The sizes it becomes, one of which may be −1.
  public let sizes: [Int]

  /// Throws where the dimension is 0 or a size is no size.
  public init(_ dimension: Int, _ sizes: [Int]) throws {
    guard dimension != 0, (-Dimensions.maximumCount...Dimensions.maximumCount).contains(dimension) else {
      throw CallerError("Unflatten: dim: expected a dimension from 1 or from -1 backwards, got \(dimension)")
    }
    let known = sizes.filter { $0 != -1 }
    guard (1..<Dimensions.maximumCount).contains(sizes.count), known.allSatisfy({ $0 >= 1 }), sizes.count - known.count <= 1,
      Dimensions(known).product != nil
    else {
      throw CallerError("Unflatten: sizes: expected 1 to \(Dimensions.maximumCount - 1) sizes above 0, at most one of them -1, got \(Unflatten.text(sizes))")
    }
    self.dimension = dimension
    self.sizes = sizes
  }

  /// [*S, A · B, *T] to [*S, A, B, *T]; throws where the sizes do not come out.
  public override func forward(_ x: Variable) throws -> Variable {
    let d = try place(dimension, in: x.shape, of: "Unflatten")
    guard x.shape.count - 1 + sizes.count <= Dimensions.maximumCount else {
      throw CallerError("Unflatten: at most \(Dimensions.maximumCount) dimensions, got \(x.shape.count - 1 + sizes.count)")
    }
    let known = Dimensions(sizes.filter { $0 != -1 }).product ?? 1
    let length = x.shape[d]
    guard sizes.contains(-1) ? length % known == 0 : length == known else {
      throw CallerError("Unflatten: dimension \(dimension) of the shape \(x.shape.text) has \(length) elements, which do not fill \(Unflatten.text(sizes))")
    }
    let inner = sizes.map { $0 == -1 ? length / known : $0 }
    return try Engine.applyOne(
      layerOp("reshape"), [.tensor(x), .integers(Array(x.shape[..<d]) + inner + Array(x.shape[(d + 1)...]))])
  }

  /// `nn.Unflatten(2, {1, 40, 40})`.
  public override var summary: String { "nn.Unflatten(\(dimension), {\(sizes.map(String.init).joined(separator: ", "))})" }

  private static func text(_ sizes: [Int]) -> String { "{\(sizes.prefix(9).map(String.init).joined(separator: ", "))}" }
}
