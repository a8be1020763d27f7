import Foundation

extension References {
  static let variational: [String: Reference] = [
    "gaussian_sample": { arguments in
      let mu = arguments[0].array ?? empty, logvar = arguments[1].array ?? empty, noise = arguments[2].array ?? empty
      return [NumberArray(mu.shape, mu.values.indices.map { mu.values[$0] + Foundation.exp(logvar.values[$0] / 2) * noise.values[$0] })]
    },
    "gaussian_kl": { arguments in
      let mu = arguments[0].array ?? empty, logvar = arguments[1].array ?? empty
      let d = mu.shape.count - 1
      let terms = NumberArray(mu.shape) { index in
        let m = arguments[2].array?[[index[d]]] ?? 0, v = arguments[3].array?[[index[d]]] ?? 1
        let variance = Foundation.exp(logvar[index]), shift = m - mu[index]
        return 0.5 * (variance / v + shift * shift / v - 1 + Foundation.log(v) - logvar[index])
      }
      return [reduce(terms.reduced(d, keep: false) { $0.reduce(0, +) }, arguments[4].text)]
    },
    "gaussian_heads": { arguments in
      let h = arguments[0].array ?? empty, noise = arguments[5].array ?? empty
      func head(_ weight: Int, _ bias: Int) -> NumberArray {
        let w = arguments[weight].array ?? empty, b = arguments[bias].array ?? empty
        return NumberArray([h.shape[0], w.shape[0]]) { index in
          (0..<h.shape[1]).reduce(b[[index[1]]]) { $0 + h[[index[0], $1]] * w[[index[1], $1]] }
        }
      }
      let mu = head(1, 2), logvar = head(3, 4)
      let z = NumberArray(mu.shape, mu.values.indices.map { mu.values[$0] + Foundation.exp(logvar.values[$0] / 2) * noise.values[$0] })
      let terms = NumberArray(mu.shape) { index in
        let m = arguments[6].array?[[index[1]]] ?? 0, v = arguments[7].array?[[index[1]]] ?? 1, shift = m - mu[index]
        return 0.5 * ((Foundation.exp(logvar[index]) + shift * shift) / v - 1 + Foundation.log(v) - logvar[index])
      }
      return [z, reduce(terms.reduced(1, keep: false) { $0.reduce(0, +) }, arguments[8].text)]
    },
    "gaussian_posterior": { arguments in
      let x = arguments[0].array ?? empty, noise = arguments[1].array ?? empty, width = noise.shape[1]
      let z = NumberArray(noise.shape) { x[$0] + Foundation.exp(x[[$0[0], $0[1] + width]] / 2) * noise[$0] }
      let terms = NumberArray(noise.shape) { index in
        let mu = x[index], logvar = x[[index[0], index[1] + width]]
        return 0.5 * (Foundation.exp(logvar) + mu * mu - 1 - logvar)
      }
      return [z, terms.reduced(1, keep: false) { $0.reduce(0, +) / (arguments[2].text == "mean" ? Double(width) : 1) }]
    },
    "mixture_nll": { arguments in
      let r = arguments[0].array ?? empty, weight = arguments[1].array ?? empty, x = arguments[2].array ?? empty
      let pixels = weight.shape[0], mixtures = weight.shape[1]
      let losses = NumberArray([x.shape[0]]) { index in
        let logits = (0..<pixels).map { d in (0..<mixtures).reduce(0.0) { $0 + r[[index[0], $1]] * weight[[d, $1]] } }
        let shift = logits.max() ?? 0
        let logSum = shift + Foundation.log(logits.reduce(0) { $0 + Foundation.exp($1 - shift) })
        return (0..<pixels).reduce(0.0) { $0 - x[[index[0], $1]] * (logits[$1] - logSum) }
      }
      return [reduce(losses, arguments[3].text)]
    },
  ]
}
