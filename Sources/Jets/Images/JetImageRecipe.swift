import TensorCore

/// How a jet becomes an image: grid, weights and the steps that align it (arXiv:2104.08291, section 2).
///
/// The steps, in order: φ relative to the hardest constituent; shift to the pT-weighted centroid; rotate so that the leading eigenvector
/// of the pT-weighted second moments points along y; flip so that most pT lies at x < 0 and y > 0; pixels x = −2.6 + deta · k,
/// y = −π + dphi · k by nearest grid point, row = y, column = x; crop to `size` × `size` with the pixel nearest the origin at
/// (`size` / 2, `size` / 2) counted from 0, 180 being the whole grid of the paper; raise each pixel to the power `power`; blur by a
/// Gaussian of `blur` pixels; divide by the sum. Whether the power is taken before or after a division by the sum makes no difference to
/// an image that is divided by its sum at the end: (x/S)ⁿ = xⁿ/Sⁿ.
public struct JetImageRecipe: Hashable, Sendable {
  /// What a constituent adds to its pixel.
  public enum Weight: String, CaseIterable, Sendable {
    /// Transverse momentum.
    case pt
    /// Energy.
    case energy
    /// 1: the image counts constituents.
    case one
  }

  /// What becomes of two constituents in one pixel.
  public enum Combination: String, CaseIterable, Sendable {
    /// Their weights add up, as the paper says.
    case sum
    /// The later one in the file replaces the earlier one, as in the files of the paper's authors.
    case overwrite
  }

  /// Rows and columns of the image, 1…256 (a pixel's index has 16 bits).
  public var size = 40
  /// Width of a pixel in x, a pseudorapidity before the rotation.
  public var deta = 0.029
  /// Height of a pixel in y, an azimuth in radian before the rotation.
  public var dphi = 0.035
  /// What a constituent adds to its pixel.
  public var weight = Weight.pt
  /// What becomes of two constituents in one pixel.
  public var combine = Combination.sum
  /// Shift to the pT-weighted centroid; without it the hardest constituent is the origin.
  public var center = true
  /// Rotate the leading axis along y.
  public var rotate = true
  /// Flip so that most pT lies at x < 0 and y > 0.
  public var flip = true
  /// Exponent n, 0…4, of the remapping x → xⁿ of each active pixel: below 1 it raises the faint ones, 0 leaves which are active.
  public var power = 1.0
  /// Standard deviation in pixels, 0…20, of the Gaussian that spreads each pixel (`GaussianBlur`); 0 for none.
  public var blur = 0.0
  /// Divide by the sum of the pixels.
  public var normalise = true

  /// The recipe of the paper.
  public init() {}

  /// Number of pixels, `size`².
  public var pixelCount: Int { size * size }

  /// The recipe in one line that names every setting; equal recipes have equal texts, in every build.
  public var text: String {
    "jet image: size=\(size) deta=\(deta) dphi=\(dphi) weight=\(weight.rawValue) combine=\(combine.rawValue) "
      + "center=\(center) rotate=\(rotate) flip=\(flip) power=\(power) blur=\(blur) normalise=\(normalise)"
  }

  /// Throws `CallerError` where a setting is out of its range.
  public func check() throws {
    guard (1...256).contains(size) else {
      throw CallerError("images: size: expected a whole number from 1 to 256, got \(size)")
    }
    for (name, step) in [("deta", deta), ("dphi", dphi)] where !(step > 0 && step.isFinite) {
      throw CallerError("images: \(name): expected a width above 0, got \(step)")
    }
    guard power >= 0, power <= 4 else { throw CallerError("images: power: expected an exponent from 0 to 4, got \(power)") }
    guard blur >= 0, blur <= 20 else { throw CallerError("images: blur: expected a width of 0 to 20 pixels, got \(blur)") }
  }
}
