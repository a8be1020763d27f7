/// Medians and inter-quartile ranges of columns, as scikit-learn's RobustScaler fits them.
public enum RobustScaler {
  /// Median and inter-quartile range of `values`, which end up sorted: quantiles interpolate linearly between neighbours; a range of 0
  /// becomes 1, so that a constant column is only shifted. (0, 1) for no values.
  public static func fit(_ values: inout [Double]) -> (center: Double, spread: Double) {
    values.sort()
    guard !values.isEmpty else { return (0, 1) }
    func quantile(_ q: Double) -> Double {
      let place = q * Double(values.count - 1)
      let low = Int(place.rounded(.down))
      let high = min(low + 1, values.count - 1)
      return values[low] + (values[high] - values[low]) * (place - Double(low))
    }
    let range = quantile(0.75) - quantile(0.25)
    return (quantile(0.5), range > 0 ? range : 1)
  }
}
