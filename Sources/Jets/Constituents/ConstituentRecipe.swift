import TensorCore

/// How a jet becomes a row of four-vectors (arXiv:2007.01850): the hardest constituents, aligned, divided by the jet's pT if asked, and
/// scaled column by column to median 0 and inter-quartile range 1.
///
/// `center` and `spread` hold the median and the inter-quartile range of each of the 4 · `n` columns E, px, py, pz of constituent 1, 2, …
/// once they were fitted; a recipe without them is fitted on the jets that it is used on.
public struct ConstituentRecipe: Hashable, Sendable {
  /// What happens to each column.
  public enum Scale: String, CaseIterable, Sendable {
    /// (x − median) / inter-quartile range, as scikit-learn's RobustScaler; a range of 0 counts as 1.
    case robust
    /// Nothing: GeV.
    case none
  }

  /// Constituents per jet, 1…1000; jets with fewer are padded with zeros before the scaling.
  public var n = 20
  /// Rotate the jet's φ to 0, boost along the beam to pz = 0 and rotate its principal axis in the transverse plane, as the paper does.
  public var align = true
  /// What happens to each column.
  public var scale = Scale.robust
  /// Divide the four-vectors by the transverse momentum of the sum of the constituents kept.
  public var normalise = false
  /// Medians of the columns, `[4 n]`; empty before the fit.
  public var center: [Double] = []
  /// Inter-quartile ranges of the columns, `[4 n]`; empty before the fit.
  public var spread: [Double] = []

  /// The recipe of the paper.
  public init() {}

  /// Numbers per jet, 4 · n.
  public var width: Int { n * 4 }
  /// Whether nothing has to be fitted any more.
  public var isFitted: Bool { scale == .none || !center.isEmpty }

  /// What the rows are before they are scaled, in one line; equal lines, equal rows.
  var vectorText: String { "n=\(n) align=\(align) normalise=\(normalise)" }

  /// What differs from `other`, such as `n=10, not 20`; "" where nothing does.
  public func difference(from other: ConstituentRecipe) -> String {
    var parts: [String] = []
    if n != other.n { parts.append("n=\(n), not \(other.n)") }
    if align != other.align { parts.append("align=\(align), not \(other.align)") }
    if scale != other.scale { parts.append("scale=\(scale.rawValue), not \(other.scale.rawValue)") }
    if normalise != other.normalise { parts.append("normalise=\(normalise), not \(other.normalise)") }
    if parts.isEmpty, center != other.center || spread != other.spread { parts.append("a scaler fitted on other jets") }
    return parts.joined(separator: ", ")
  }

  /// Throws `CallerError` where a setting is out of its range or the scaler does not fit to the number of constituents.
  public func check() throws {
    guard (1...1000).contains(n) else { throw CallerError("constituents: n: expected a whole number from 1 to 1000, got \(n)") }
    guard center.count == spread.count, center.isEmpty || center.count == width else {
      throw CallerError(
        "constituents: center and spread: expected \(width) numbers each for n = \(n), got \(center.count) and \(spread.count); "
          + "use the recipe as a set of constituents gave it")
    }
    if scale == .none, !center.isEmpty {
      throw CallerError("constituents: center and spread belong to scale = \"robust\", not to \"none\"; leave them out")
    }
    guard center.allSatisfy(\.isFinite), spread.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw CallerError("constituents: center and spread: expected finite numbers and ranges above 0; use the recipe as a set gave it")
    }
  }
}
