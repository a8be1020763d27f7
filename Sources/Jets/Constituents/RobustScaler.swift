/// Medians and inter-quartile ranges of columns, as scikit-learn's RobustScaler fits them.
public enum RobustScaler {
  /// Median and inter-quartile range of `values`, which end up in another order: quantiles interpolate linearly between neighbours; a range
  /// of 0 becomes 1, so that a constant column is only shifted. (0, 1) for no values.
  public static func fit(_ values: inout [Double]) -> (center: Double, spread: Double) {
    guard !values.isEmpty else { return (0, 1) }
    return values.withUnsafeMutableBufferPointer { values in
      // Each looks only behind the one before it, where nothing smaller is.
      var settled = 0
      func quantile(_ q: Double) -> Double {
        let place = q * Double(values.count - 1)
        let low = Int(place.rounded(.down))
        select(low, in: values, from: settled)
        settled = low
        var next = values[low]
        if low + 1 < values.count {
          next = values[low + 1]
          for i in low + 2..<max(low + 2, values.count) { next = min(next, values[i]) }
        }
        return values[low] + (next - values[low]) * (place - Double(low))
      }
      let lower = quantile(0.25), center = quantile(0.5), range = quantile(0.75) - lower
      return (center, range > 0 ? range : 1)
    }
  }

  /// Puts the value that sorting would put at `place` there, nothing larger before and nothing smaller behind it, given that this holds
  /// for the part before `start` already. Quickselect: a full sort of a million jets' column takes several times as long.
  private static func select(_ place: Int, in values: UnsafeMutableBufferPointer<Double>, from start: Int) {
    var low = start, high = values.count - 1
    while low < high {
      let middle = low + (high - low) / 2
      let pivot = max(min(values[low], values[middle]), min(max(values[low], values[middle]), values[high]))
      var i = low, j = high
      while i <= j {
        while values[i] < pivot { i += 1 }
        while values[j] > pivot { j -= 1 }
        if i <= j {
          values.swapAt(i, j)
          i += 1
          j -= 1
        }
      }
      if place <= j { high = j } else if place >= i { low = i } else { return }
    }
  }
}
