import Autodiff
import TensorCore

/// Images resized to a size or by a factor, by copies of the nearest pixel or bilinear mixtures: [N, C, H, W] → [N, C, OH, OW].
public final class Upsample: Layer {
  /// What the result's size follows from.
  public enum Target: Sendable {
    case size(ImagePair)
    /// Above 0, vertical first; the result has ⌊factor · size⌋ rows and columns.
    case factors(Double, Double)
  }

  /// What the result's size follows from.
  public let target: Target
  /// Whether pixels are bilinear mixtures of their neighbours, and not copies of the nearest.
  public let isBilinear: Bool
  /// Whether the centres of the corner pixels stay where they are, and not the image's outer edges; bilinear only.
  public let alignsCorners: Bool
  private let spec: OpSpec

  /// Throws CallerError for sizes below 1, factors that are not above 0, and `alignCorners` without `bilinear`.
  public init(to target: Target, bilinear: Bool = false, alignCorners: Bool = false) throws {
    switch target {
    case .size(let size): try requirePair(size, atLeast: 1, "Upsample", "size")
    case .factors(let y, let x):
      for factor in [y, x] where !(factor > 0 && factor.isFinite) {
        throw CallerError("Upsample: scale_factor: expected numbers above 0, got \(shortText(factor))")
      }
    }
    guard bilinear || !alignCorners else { throw CallerError("Upsample: align_corners: only mode \"bilinear\" has corners to align") }
    self.target = target
    isBilinear = bilinear
    alignsCorners = alignCorners
    spec = try layerOp("upsample")
  }

  public override func forward(_ x: Variable) throws -> Variable {
    var size = ArgumentValue.absent, factors = ArgumentValue.absent
    switch target {
    case .size(let pair): size = pair.sizes
    case .factors(let y, let x): factors = .numbers([y, x])
    }
    return try Engine.applyOne(spec, [.tensor(x), size, factors, .text(isBilinear ? "bilinear" : "nearest"), .flag(alignsCorners)])
  }

  public override var summary: String {
    let what =
      switch target {
      case .size(let pair): "size = \(pair.text)"
      case .factors(let y, let x): "scale_factor = \(y == x ? shortText(y) : "{\(shortText(y)), \(shortText(x))}")"
      }
    return "nn.Upsample(\(what)\(isBilinear ? ", mode = \"bilinear\"" : "")\(alignsCorners ? ", align_corners = true" : ""))"
  }
}
