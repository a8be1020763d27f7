import Foundation

extension References {
  // One loss per element of x and its target, then the reduction.
  private static func elements(
    weighted: Bool = false, _ f: @escaping @Sendable (_ x: Double, _ t: Double, _ arguments: [ReferenceArgument], _ place: [Int]) -> Double
  ) -> Reference {
    { arguments in
      let x = arguments[0].array ?? empty, t = arguments[1].array ?? empty
      let reduction = arguments[weighted ? 3 : 2].text
      let weight = weighted ? arguments[2].array : nil
      let losses = NumberArray(x.shape) { f(x[$0], t[$0], arguments, $0) * (weight?[$0] ?? 1) }
      if reduction == "batchmean" { return [NumberArray(scalar: losses.values.reduce(0, +) / Double(x.shape.first ?? 1))] }
      return [reduce(losses, reduction)]
    }
  }

  private static func bounded(_ p: Double) -> Double { max(log(p), -100) }

  // x as logarithms of probabilities along its dimension of classes; PyTorch's CrossEntropyLoss, formula by formula.
  private static func classLoss(_ logarithms: @escaping @Sendable ([Double]) -> [Double]) -> Reference {
    { arguments in
      let x = arguments[0].array ?? empty, target = arguments[1].array ?? empty, weight = arguments[2].array
      let ignored = Double(arguments[4].integer ?? -100), smoothing = arguments.count > 5 ? arguments[5].number ?? 0 : 0
      let d = min(1, x.shape.count - 1), classes = x.shape[d]
      let logs = x.mappedLines(d, logarithms)
      func w(_ c: Int) -> Double { weight?.values[c] ?? 1 }
      var shape = x.shape
      shape.remove(at: d)
      var divisor = 0.0
      let losses = NumberArray(shape) { index in
        func place(_ c: Int) -> [Int] {
          var full = index
          full.insert(c, at: d)
          return full
        }
        let isProbability = target.shape == x.shape
        if !isProbability, target[index] == ignored { return 0 }
        divisor += isProbability ? 1 : w(Int(target[index]) - 1)
        return (0..<classes).reduce(0.0) { sum, c in
          let share = isProbability ? target[place(c)] : Int(target[index]) - 1 == c ? 1 : 0
          let even = share * (1 - smoothing) + smoothing / Double(classes)
          return even == 0 ? sum : sum - w(c) * even * logs[place(c)]
        }
      }
      if arguments[3].text == "mean" { return [NumberArray(scalar: losses.values.reduce(0, +) / divisor)] }
      return [reduce(losses, arguments[3].text)]
    }
  }

  static let losses: [String: Reference] = [
    "mse_loss": elements { x, t, _, _ in (x - t) * (x - t) },
    "l1_loss": elements { x, t, _, _ in abs(x - t) },
    "huber_loss": elements { x, t, arguments, _ in
      let delta = arguments[3].number ?? 1, e = abs(x - t)
      return e <= delta ? e * e / 2 : delta * (e - delta / 2)
    },
    "binary_cross_entropy": elements(weighted: true) { x, t, _, _ in -(t * bounded(x) + (1 - t) * bounded(1 - x)) },
    "binary_cross_entropy_with_logits": elements(weighted: true) { x, t, arguments, place in
      let p = arguments[4].array?[place] ?? 1
      return p * t * (max(-x, 0) + log1p(exp(-abs(x)))) + (1 - t) * (max(x, 0) + log1p(exp(-abs(x))))
    },
    "kl_div": elements { x, t, arguments, _ in
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
