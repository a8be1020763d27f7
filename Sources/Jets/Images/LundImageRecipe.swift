import TensorCore

/// How a jet becomes an image of its Lund plane (arXiv:1807.04758; arXiv:2104.08291, appendix).
///
/// The jet is clustered again with the Cambridge/Aachen algorithm and undone step by step; the harder branch keeps its plane, the softer
/// one starts the next. With Δ the branches' distance in rapidity and azimuth and kt = pT_b Δ of the softer branch b, each step of the
/// chosen plane is a point x = ln(1/Δ), y = ln(kt/GeV) in `size` × `size` equal pixels over `xRange` × `yRange`, row = y, column = x.
/// A step outside the ranges, with Δ = 0 or kt = 0, or below `minimumKt` is left out. Divided by the sum at the end.
public struct LundImageRecipe: Hashable, Sendable {
  /// What a step adds to its pixel.
  public enum Weight: String, CaseIterable, Sendable {
    /// 1: the image counts steps.
    case one
    /// kt in GeV.
    case kt
    /// z = pT_b / (pT_a + pT_b).
    case z
    /// κ = z Δ.
    case kappa
  }

  /// Rows and columns of the image, 1…256 (a pixel's index has 16 bits).
  public var size = 40
  /// The plane, 1 being the primary one.
  public var plane = 1
  /// Lower and upper end of x = ln(1/Δ), the upper one included.
  public var xRange = [0.0, 7.0]
  /// Lower and upper end of y = ln(kt/GeV), the upper one included.
  public var yRange = [-2.0, 5.0]
  /// What a step adds to its pixel.
  public var weight = Weight.one
  /// Steps of a smaller kt (GeV) are left out.
  public var minimumKt = 0.0
  /// Divide by the sum of the pixels.
  public var normalise = true

  /// The recipe of the paper.
  public init() {}

  /// Number of pixels, `size`².
  public var pixelCount: Int { size * size }

  /// The recipe in one line that names every setting; equal recipes have equal texts, in every build.
  public var text: String {
    "lund image: size=\(size) plane=\(plane) x=\(xRange.map { "\($0)" }.joined(separator: "…")) "
      + "y=\(yRange.map { "\($0)" }.joined(separator: "…")) weight=\(weight.rawValue) kt_min=\(minimumKt) normalise=\(normalise)"
  }

  /// Throws `CallerError` where a setting is out of its range.
  public func check() throws {
    guard (1...256).contains(size) else {
      throw CallerError("lund_images: size: expected a whole number from 1 to 256, got \(size)")
    }
    guard plane >= 1 else { throw CallerError("lund_images: plane: expected 1, the primary plane, or more, got \(plane)") }
    for (name, range) in [("x", xRange), ("y", yRange)] {
      guard range.count == 2, range.allSatisfy(\.isFinite), range[0] < range[1], (range[1] - range[0]).isFinite else {
        let shown = range.map { "\($0)" }.joined(separator: ", ")
        throw CallerError("lund_images: \(name): expected two ends in ascending order such as {0, 7}, got {\(shown)}")
      }
    }
    guard minimumKt >= 0, minimumKt.isFinite else {
      throw CallerError("lund_images: kt_min: expected a momentum from 0, got \(minimumKt)")
    }
  }
}
