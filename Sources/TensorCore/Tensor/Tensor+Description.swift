import Glibc

extension Tensor {
  /// Edge elements row by row, at most about 24 lines, then shape, type and, for numbers, smallest, mean and largest with the number
  /// of NaNs; of bools how many are true. A whole number in floating point ends with a point: `2.`, and `2.0` is one that was rounded.
  public var summary: String {
    var text = count == 0 ? "[]" : rank == 0 ? element(0, digits: 6) : rows(of: self, shown: shownCounts[...], indent: 1)
    text += "\ntensor \(shape.text) \(dtype.name)"
    guard count > 1 else { return text }
    let (once, repeats) = withoutRepeats
    if dtype == .bool { return text + "  true \(once.trueCount * repeats)" }
    let (low, mean, high, nans) = once.statistics
    text += "  min \(low)  mean \(mean)  max \(high)"
    return nans > 0 ? text + "  NaN \(nans * repeats)" : text
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

  private var trueCount: Int {
    var trues = 0
    forEachRow { start, stride, length in
      for i in 0..<length where pointer(as: UInt8.self)[start + i * stride] != 0 { trues += 1 }
    }
    return trues
  }

  private var statistics: (low: String, mean: String, high: String, nans: Int) {
    if dtype == .int64 {
      // Beyond 2⁵³ a Double would show a number that is not there.
      var low = Int64.max, high = Int64.min, total: Int128 = 0
      forEachRow { start, stride, length in
        for i in 0..<length {
          let v = pointer(as: Int64.self)[start + i * stride]
          (low, high, total) = (Swift.min(low, v), Swift.max(high, v), total + Int128(v))
        }
      }
      return (String(low), numberText(Double(total) / Double(count), digits: 4), String(high), 0)
    }
    var low = Double.infinity, high = -Double.infinity, total = 0.0, nans = 0
    func add(_ v: Double) {
      if v.isNaN { nans += 1; return }
      low = Swift.min(low, v)
      high = Swift.max(high, v)
      total += v
    }
    forEachRow { start, stride, length in
      if dtype == .float64 {
        for i in 0..<length { add(pointer(as: Double.self)[start + i * stride]) }
      } else {
        for i in 0..<length { add(Double(pointer(as: Float.self)[start + i * stride])) }
      }
    }
    let known = count - nans
    guard known > 0 else { return ("nan", "nan", "nan", nans) }
    return (numberText(low, digits: 4), numberText(total / Double(known), digits: 4), numberText(high, digits: 4), nans)
  }

  // How many entries of each dimension are shown: six (four of the leading ones) as long as that makes no more than 24 lines,
  // the innermost first.
  private var shownCounts: [Int] {
    var counts = Array(shape)
    var lines = 1
    for d in stride(from: rank - 1, through: 0, by: -1) {
      counts[d] = Swift.min(shape[d], d >= rank - 2 ? 6 : 4)
      guard d < rank - 1 else { continue }
      counts[d] = Swift.min(counts[d], Swift.max(24 / lines, 1))
      lines *= counts[d]
    }
    return counts
  }

  private func rows(of t: Tensor, shown: ArraySlice<Int>, indent: Int) -> String {
    let n = t.shape[0], count = shown.first ?? n, rest = shown.dropFirst()
    let ends = count == n ? [0..<n] : [0..<(count + 1) / 2, (n - count / 2)..<n]
    let parts = ends.map { range in
      range.map { t.rank == 1 ? t.element($0 * t.strides[0], digits: 4) : rows(of: t.selected(0, $0), shown: rest, indent: indent + 1) }
    }
    let separator = t.rank == 1 ? ", " : ",\n" + String(repeating: " ", count: indent)
    return "[" + Array(parts.joined(separator: ["…"])).joined(separator: separator) + "]"
  }

  // The element at a place counted from the first one in memory.
  private func element(_ place: Int, digits: Int) -> String {
    switch dtype {
    case .bool: pointer(as: UInt8.self)[place] != 0 ? "true" : "false"
    case .int64: String(pointer(as: Int64.self)[place])
    case .float32: numberText(Double(pointer(as: Float.self)[place]), digits: digits)
    case .float64: numberText(pointer(as: Double.self)[place], digits: digits)
    }
  }
}

/// A number to some significant digits.
private func numberText(_ v: Double, digits: Int) -> String {
  if v.isNaN { return "nan" }
  if v.isInfinite { return v < 0 ? "-inf" : "inf" }
  if v == v.rounded(), abs(v) < 1e7 { return "\(Int(v))." }
  // Rounded to significant digits by hand, so that a decimal-comma locale changes nothing.
  let exponent = Int(floor(log10(abs(v))))
  if exponent < -4 || exponent >= digits + 2 {
    var power = exponent
    let scale = pow(10, Double(digits - 1))
    // In two steps where one would overflow or vanish.
    let scaled = exponent < -300 ? v * 1e200 / pow(10, Double(exponent + 200)) : v / pow(10, Double(exponent))
    var mantissa = (scaled * scale).rounded() / scale
    if abs(mantissa) >= 10 { (mantissa, power) = (mantissa / 10, power + 1) }
    return mantissa == mantissa.rounded() ? "\(Int(mantissa))e\(power)" : "\(mantissa)e\(power)"
  }
  let scale = pow(10, Double(Swift.max(digits - 1 - exponent, 1)))
  return "\((v * scale).rounded() / scale)"
}
