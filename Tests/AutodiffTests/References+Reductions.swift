import Foundation

extension References {
  // x, the dimension or nothing, whether it is kept.
  private static func reduction(_ f: @escaping @Sendable ([Double]) -> Double) -> Reference {
    one { x, arguments in x.reduced(arguments[1].integer, keep: arguments[2].flag, f) }
  }

  private static func extreme(_ before: @escaping @Sendable (Double, Double) -> Bool) -> Reference {
    { arguments in
      let x = arguments[0].array ?? empty, d = arguments[1].integer, keep = arguments[2].flag
      let values = x.reduced(d, keep: keep) { line in line.reduce(line[0]) { before($1, $0) ? $1 : $0 } }
      guard d != nil else { return [values] }
      return [values, x.reduced(d, keep: keep) { Double(place($0, before) + 1) }]
    }
  }

  private static func place(_ line: [Double], _ before: (Double, Double) -> Bool) -> Int {
    line.indices.reduce(0) { before(line[$1], line[$0]) ? $1 : $0 }
  }

  private static func logSum(_ line: [Double]) -> Double {
    let shift = line.max() ?? 0
    return shift + Foundation.log(line.reduce(0) { $0 + Foundation.exp($1 - shift) })
  }

  static let reductions: [String: Reference] = [
    "sum": reduction { $0.reduce(0, +) },
    "mean": reduction { $0.reduce(0, +) / Double($0.count) },
    "logsumexp": reduction { $0.isEmpty ? -.infinity : logSum($0) },
    "max": extreme { $0 > $1 }, "min": extreme { $0 < $1 },
    "argmax": reduction { Double(place($0) { $0 > $1 } + 1) }, "argmin": reduction { Double(place($0) { $0 < $1 } + 1) },
    "softmax": one { x, arguments in
      x.mappedLines(arguments[1].integer ?? 0) { line in line.map { Foundation.exp($0 - logSum(line)) } }
    },
    "log_softmax": one { x, arguments in
      x.mappedLines(arguments[1].integer ?? 0) { line in line.map { $0 - logSum(line) } }
    },
  ]
}
