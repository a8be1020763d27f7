import Foundation

extension References {
  private static let functions: [String: @Sendable (Double, [Double]) -> Double] = [
    "neg": { x, _ in -x }, "abs": { x, _ in x < 0 ? -x : x }, "square": { x, _ in x * x }, "sqrt": { x, _ in x.squareRoot() },
    "rsqrt": { x, _ in 1 / x.squareRoot() }, "reciprocal": { x, _ in 1 / x }, "sign": { x, _ in x > 0 ? 1 : x < 0 ? -1 : 0 },
    "exp": { x, _ in Foundation.exp(x) }, "expm1": { x, _ in Foundation.expm1(x) }, "log": { x, _ in Foundation.log(x) },
    "log1p": { x, _ in Foundation.log1p(x) }, "sin": { x, _ in Foundation.sin(x) }, "cos": { x, _ in Foundation.cos(x) },
    "tan": { x, _ in Foundation.sin(x) / Foundation.cos(x) },
    "sinh": { x, _ in (Foundation.exp(x) - Foundation.exp(-x)) / 2 }, "cosh": { x, _ in (Foundation.exp(x) + Foundation.exp(-x)) / 2 },
    "asinh": { x, _ in Foundation.asinh(x) }, "tanh": { x, _ in Foundation.tanh(x) },
    "sigmoid": { x, _ in 1 / (1 + Foundation.exp(-x)) }, "relu": { x, _ in max(x, 0) },
    "selu": { x, _ in 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Foundation.exp(x) - 1)) },
    "elu": { x, p in x > 0 ? x : p[0] * (Foundation.exp(x) - 1) }, "leaky_relu": { x, p in x > 0 ? x : p[0] * x },
    "gelu": { x, _ in x * 0.5 * Foundation.erfc(-x / 2.0.squareRoot()) },
    "softplus": { x, p in p[0] * x > p[1] ? x : Foundation.log(1 + Foundation.exp(p[0] * x)) / p[0] },
    "erf": { x, _ in 1 - Foundation.erfc(x) }, "floor": { x, _ in x.rounded(.down) }, "ceil": { x, _ in x.rounded(.up) },
    "round": { x, _ in x.rounded(.toNearestOrEven) },
  ]

  static let elementwise: [String: Reference] = functions.mapValues { f in
    one { x, arguments in
      let parameters = arguments.dropFirst().compactMap(\.number)
      return x.map { f($0, parameters) }
    }
  }.merging(["to": one { x, arguments in
    x.map { number in
      switch arguments[1].text {
      case "int64": number.rounded(.towardZero)
      case "bool": number == 0 ? 0 : 1
      default: number
      }
    }
  }]) { first, _ in first }

  private static func binary(_ f: @escaping @Sendable (Double, Double) -> Double) -> Reference {
    { arguments in [NumberArray.combine(arguments[0].array ?? empty, arguments[1].array ?? empty, f)] }
  }

  static let arithmetic: [String: Reference] = [
    "add": binary { $0 + $1 }, "sub": binary { $0 - $1 }, "mul": binary { $0 * $1 }, "div": binary { $0 / $1 },
    "pow": binary { Foundation.pow($0, $1) }, "maximum": binary { $0 > $1 ? $0 : $1 }, "minimum": binary { $0 < $1 ? $0 : $1 },
    "atan2": binary { Foundation.atan2($0, $1) },
    "lt": binary { $0 < $1 ? 1 : 0 }, "le": binary { $0 <= $1 ? 1 : 0 }, "gt": binary { $0 > $1 ? 1 : 0 },
    "ge": binary { $0 >= $1 ? 1 : 0 }, "eq": binary { $0 == $1 ? 1 : 0 }, "ne": binary { $0 != $1 ? 1 : 0 },
  ]
}
