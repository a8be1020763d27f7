import Glibc

extension Tensor {
  /// Edge elements row by row, then shape, type and, for numbers, smallest, mean and largest with the number of NaNs.
  public var summary: String {
    var text = rank == 0 || count == 0 ? (count == 0 ? "[]" : number(element(at: 0), digits: 6)) : rows(self, indent: 1)
    text += "\ntensor \(shape.text) \(dtype.name)"
    if count > 1, dtype != .bool {
      let (once, repeats) = withoutRepeats
      let (low, mean, high, nans) = once.statistics
      text += "  min \(number(low, digits: 4))  mean \(number(mean, digits: 4))  max \(number(high, digits: 4))"
      if nans > 0 { text += "  NaN \(nans * repeats)" }
    } else if count > 1 {
      let (once, repeats) = withoutRepeats
      var trues = 0
      once.forEachRow { start, stride, length in
        for i in 0..<length where pointer(as: UInt8.self)[start + i * stride] != 0 { trues += 1 }
      }
      text += "  true \(trues * repeats)"
    }
    return text
  }

  /// The view with each expanded dimension taken once, and how often its elements stand in this one. An expanded view can
  /// have more elements than anyone can count.
  private var withoutRepeats: (tensor: Tensor, repeats: Int) {
    var lengths = shape
    var repeats = 1
    for i in 0..<rank where strides[i] == 0 && shape[i] > 1 {
      repeats *= shape[i]
      lengths[i] = 1
    }
    return (Tensor(storage: storage, dtype: dtype, shape: lengths, strides: strides, offset: offset), repeats)
  }

  private var statistics: (low: Double, mean: Double, high: Double, nans: Int) {
    var low = Double.infinity, high = -Double.infinity, total = 0.0, nans = 0
    func add(_ v: Double) {
      if v.isNaN { nans += 1; return }
      low = Swift.min(low, v)
      high = Swift.max(high, v)
      total += v
    }
    forEachRow { start, stride, length in
      switch dtype {
      case .float32: for i in 0..<length { add(Double(pointer(as: Float.self)[start + i * stride])) }
      case .float64: for i in 0..<length { add(pointer(as: Double.self)[start + i * stride]) }
      case .int64: for i in 0..<length { add(Double(pointer(as: Int64.self)[start + i * stride])) }
      case .bool: for i in 0..<length { add(Double(pointer(as: UInt8.self)[start + i * stride])) }
      }
    }
    let known = count - nans
    return known == 0 ? (.nan, .nan, .nan, nans) : (low, total / Double(known), high, nans)
  }

  // At most three elements from each end of every dimension, and of many leading dimensions fewer.
  private func rows(_ t: Tensor, indent: Int) -> String {
    let edge = t.rank > 2 ? 2 : 3
    let n = t.shape[0]
    let shown: [Int?] = n <= 2 * edge ? Array(0..<n) : Array(0..<edge) + [nil] + Array((n - edge)..<n)
    if t.rank == 1 {
      return "[" + shown.map { $0.map { number(t.element(at: $0), digits: 4) } ?? "…" }.joined(separator: ", ") + "]"
    }
    let separator = ",\n" + String(repeating: " ", count: indent)
    return "[" + shown.map { $0.map { rows(t.selected(0, $0), indent: indent + 1) } ?? "…" }.joined(separator: separator) + "]"
  }

  private func number(_ v: Double, digits: Int) -> String {
    if dtype == .bool { return v != 0 ? "true" : "false" }
    if v.isNaN { return "nan" }
    if v.isInfinite { return v < 0 ? "-inf" : "inf" }
    if v == v.rounded(), abs(v) < 1e7 { return dtype == .int64 ? String(Int(v)) : String(Int(v)) + "." }
    if dtype == .int64 { return abs(v) < 9e18 ? String(Int64(v)) : String(v) }
    // Rounded to significant digits by hand, so that a decimal-comma locale changes nothing.
    let exponent = Int(floor(log10(abs(v))))
    if exponent < -4 || exponent >= digits + 2 {
      var power = exponent
      var mantissa = (v / pow(10, Double(exponent)) * pow(10, Double(digits - 1))).rounded() / pow(10, Double(digits - 1))
      if abs(mantissa) >= 10 { (mantissa, power) = (mantissa / 10, power + 1) }
      return "\(mantissa)e\(power)"
    }
    let scale = pow(10, Double(max(digits - 1 - exponent, 0)))
    return "\((v * scale).rounded() / scale)"
  }
}
