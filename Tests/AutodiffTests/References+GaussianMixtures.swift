import Foundation

extension References {
  // ln p_r + ln N(z_n; M_r, e^{L_r}).
  private static func joint(_ arguments: [ReferenceArgument], _ n: Int, _ r: Int) -> Double {
    let z = arguments[0].array ?? empty, logits = arguments[1].array ?? empty, means = arguments[2].array ?? empty, logvars = arguments[3].array ?? empty
    let total = Foundation.log(logits.values.reduce(0) { $0 + Foundation.exp($1) })
    return (0..<z.shape[1]).reduce(logits[[r]] - total) { sum, d in
      let shift = z[[n, d]] - means[[r, d]]
      return sum - 0.5 * (shift * shift / Foundation.exp(logvars[[r, d]]) + logvars[[r, d]] + Foundation.log(2 * .pi))
    }
  }

  private static func logSum(_ values: [Double]) -> Double {
    let shift = values.max() ?? 0
    return shift + Foundation.log(values.reduce(0) { $0 + Foundation.exp($1 - shift) })
  }

  static let gaussianMixtures: [String: Reference] = [
    "gaussian_entropy": one { logvar, _ in
      logvar.reduced(logvar.shape.count - 1, keep: false) { line in line.reduce(0) { $0 + 0.5 * Foundation.log(2 * .pi * M_E * Foundation.exp($1)) } }
    },
    "gaussian_mixture_log_prob": { arguments in
      let count = arguments[1].array?.shape[0] ?? 0
      return [NumberArray([arguments[0].array?.shape[0] ?? 0]) { index in logSum((0..<count).map { joint(arguments, index[0], $0) }) }]
    },
    "gaussian_mixture_responsibilities": { arguments in
      let count = arguments[1].array?.shape[0] ?? 0
      return [
        NumberArray([arguments[0].array?.shape[0] ?? 0, count]) { index in
          Foundation.exp(joint(arguments, index[0], index[1]) - logSum((0..<count).map { joint(arguments, index[0], $0) }))
        }
      ]
    },
    "ashman_distance": { arguments in
      let means = arguments[0].array ?? empty, logvars = arguments[1].array ?? empty
      var distances: [Double] = []
      for a in 0..<means.shape[0] {
        for b in 0..<means.shape[0] where b > a {
          let squared = (0..<means.shape[1]).reduce(0.0) { sum, d in
            let shift = means[[a, d]] - means[[b, d]]
            return sum + 2 * shift * shift / (Foundation.exp(logvars[[a, d]]) + Foundation.exp(logvars[[b, d]]))
          }
          distances.append(squared.squareRoot())
        }
      }
      return [NumberArray([distances.count], distances)]
    },
    "squared_error": { arguments in
      let x = arguments[0].array ?? empty, target = arguments[1].array ?? empty
      let squares = NumberArray(x.shape) { index in (x[index] - target[index]) * (x[index] - target[index]) }
      let isMean = arguments[2].text == "mean"
      return [reduce(squares.reduced(1, keep: false) { $0.reduce(0, +) / (isMean ? Double($0.count) : 1) }, arguments[3].text)]
    },
  ]
}
