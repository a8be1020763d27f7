import Foundation

extension References {
  // One loss per element of x and its target, then the reduction.
  private static func elements(_ f: @escaping @Sendable (_ x: Double, _ t: Double, _ arguments: [ReferenceArgument]) -> Double) -> Reference {
    { arguments in
      let x = arguments[0].array ?? empty, t = arguments[1].array ?? empty
      let losses = NumberArray(x.shape, zip(x.values, t.values).map { f($0, $1, arguments) })
      if arguments[2].text == "batchmean" { return [NumberArray(scalar: losses.values.reduce(0, +) / Double(x.shape.first ?? 1))] }
      return [reduce(losses, arguments[2].text)]
    }
  }

  private static func bounded(_ p: Double) -> Double { max(log(p), -100) }

  // x as logarithms of probabilities along its dimension of classes.
  private static func classLoss(_ logarithms: @escaping @Sendable ([Double]) -> [Double]) -> Reference {
    { arguments in
      let x = arguments[0].array ?? empty, target = arguments[1].array ?? empty
      let d = min(1, x.shape.count - 1)
      let logs = x.mappedLines(d, logarithms)
      var shape = x.shape
      shape.remove(at: d)
      let losses = NumberArray(shape) { index in
        func place(_ c: Int) -> [Int] {
          var full = index
          full.insert(c, at: d)
          return full
        }
        if target.shape == x.shape { return (0..<x.shape[d]).reduce(0.0) { $0 - target[place($1)] * logs[place($1)] } }
        return -logs[place(Int(target[index]) - 1)]
      }
      return [reduce(losses, arguments[2].text)]
    }
  }

  static let losses: [String: Reference] = [
    "mse_loss": elements { x, t, _ in (x - t) * (x - t) },
    "l1_loss": elements { x, t, _ in abs(x - t) },
    "huber_loss": elements { x, t, arguments in
      let delta = arguments[3].number ?? 1, e = abs(x - t)
      return e <= delta ? e * e / 2 : delta * (e - delta / 2)
    },
    "binary_cross_entropy": elements { x, t, _ in -(t * bounded(x) + (1 - t) * bounded(1 - x)) },
    "binary_cross_entropy_with_logits": elements { x, t, _ in max(x, 0) - x * t + log1p(exp(-abs(x))) },
    "kl_div": elements { x, t, arguments in
      if arguments[3].flag { return exp(t) * (t - x) }
      return t == 0 ? 0 : t * (log(t) - x)
    },
    "cross_entropy": classLoss { line in
      let shift = line.max() ?? 0, total = line.reduce(0) { $0 + exp($1 - shift) }
      return line.map { $0 - shift - log(total) }
    },
    "nll_loss": classLoss { $0 },
  ]
}
