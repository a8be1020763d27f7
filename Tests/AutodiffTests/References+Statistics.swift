import Foundation

extension References {
  private static func spread(_ line: [Double], correction: Double) -> Double {
    let mean = line.reduce(0, +) / Double(line.count)
    return line.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (Double(line.count) - correction)
  }

  // Places in rising order, NaN last, equal ones as they come.
  private static func order(_ line: [Double], descending: Bool = false) -> [Int] {
    func before(_ a: Double, _ b: Double) -> Bool { a.isNaN ? false : b.isNaN || a < b }
    let places = Array(line.indices)
    return places.sorted { i, j in
      let (a, b) = descending ? (line[j], line[i]) : (line[i], line[j])
      return before(a, b) || (!before(b, a) && i < j)
    }
  }

  private static func quantile(_ line: [Double], _ q: Double) -> Double {
    if line.contains(where: \.isNaN) { return .nan }
    let sorted = line.sorted(), place = q * Double(line.count - 1)
    let low = Int(place), high = min(low + 1, line.count - 1)
    return sorted[low] * (1 - (place - Double(low))) + sorted[high] * (place - Double(low))
  }

  private static func medianPlace(_ line: [Double]) -> Int {
    line.firstIndex(where: \.isNaN) ?? order(line)[(line.count - 1) / 2]
  }

  private static func sorted(_ x: NumberArray, _ arguments: [ReferenceArgument], _ at: Int) -> (values: NumberArray, places: NumberArray) {
    if x.shape.isEmpty { return (x, NumberArray(scalar: 1)) }
    let d = arguments[at].integer ?? x.shape.count - 1, down = arguments[at + 1].flag
    return (
      x.mappedLines(d) { line in order(line, descending: down).map { line[$0] } },
      x.mappedLines(d) { line in order(line, descending: down).map { Double($0 + 1) } }
    )
  }

  static let statistics: [String: Reference] = [
    "var": one { x, arguments in x.reduced(arguments[1].integer, keep: arguments[2].flag) { spread($0, correction: arguments[4].number ?? (arguments[3].flag ? 1 : 0)) } },
    "std": one { x, arguments in x.reduced(arguments[1].integer, keep: arguments[2].flag) { spread($0, correction: arguments[4].number ?? (arguments[3].flag ? 1 : 0)).squareRoot() } },
    "prod": one { x, arguments in x.reduced(arguments[1].integer, keep: arguments[2].flag) { $0.reduce(1, *) } },
    "norm": one { x, arguments in
      let p = arguments[3].number ?? 2
      return x.reduced(arguments[1].integer, keep: arguments[2].flag) { line in
        p == .infinity ? line.map { abs($0) }.max() ?? 0 : pow(line.reduce(0) { $0 + pow(abs($1), p) }, 1 / p)
      }
    },
    "cumsum": one { x, arguments in
      x.mappedLines(arguments[1].integer ?? 0) { line in line.indices.map { line[...$0].reduce(0, +) } }
    },
    "dot": { arguments in
      [NumberArray(scalar: zip((arguments[0].array ?? empty).values, (arguments[1].array ?? empty).values).reduce(0) { $0 + $1.0 * $1.1 })]
    },
    "quantile": one { x, arguments in
      x.reduced(arguments[2].integer, keep: arguments[3].flag) { quantile($0, arguments[1].number ?? 0) }
    },
    "median": { arguments in
      let x = arguments[0].array ?? empty, d = arguments[1].integer, keep = arguments[2].flag
      let values = x.reduced(d, keep: keep) { $0[medianPlace($0)] }
      return d == nil ? [values] : [values, x.reduced(d, keep: keep) { Double(medianPlace($0) + 1) }]
    },
    "histc": one { x, arguments in
      let bins = arguments[1].integer ?? 100
      var low = arguments[2].number ?? 0, high = arguments[3].number ?? 0
      if low == high { (low, high) = (x.values.min() ?? 0, x.values.max() ?? 0) }
      if low == high { (low, high) = (low - 1, high + 1) }
      let edges = (0...bins).map { low + (high - low) * Double($0) / Double(bins) }
      return NumberArray([bins], (0..<bins).map { bin in
        Double(x.values.filter { $0 >= edges[bin] && ($0 < edges[bin + 1] || (bin == bins - 1 && $0 <= high)) }.count)
      })
    },
    "sort": { arguments in
      let (values, places) = sorted(arguments[0].array ?? empty, arguments, 1)
      return [values, places]
    },
    "argsort": { arguments in [sorted(arguments[0].array ?? empty, arguments, 1).places] },
    "topk": { arguments in
      let x = arguments[0].array ?? empty, k = arguments[1].integer ?? 0, largest = arguments[3].flag
      if x.shape.isEmpty { return [x, NumberArray(scalar: 1)] }
      let d = arguments[2].integer ?? x.shape.count - 1
      return [
        x.mappedLines(d, length: k) { line in order(line, descending: largest).prefix(k).map { line[$0] } },
        x.mappedLines(d, length: k) { line in order(line, descending: largest).prefix(k).map { Double($0 + 1) } },
      ]
    },
  ]
}
