import Foundation

extension References {
  static let choosing: [String: Reference] = [
    "where": { arguments in
      let mask = arguments[0].array ?? empty, x = arguments[1].array ?? empty, y = arguments[2].array ?? empty
      let shape = NumberArray.broadcast(mask.shape, NumberArray.broadcast(x.shape, y.shape))
      return [NumberArray(shape) { mask[$0] != 0 ? x[$0] : y[$0] }]
    },
    "clamp": one { x, arguments in
      x.map { min(max($0, arguments[1].number ?? -.infinity), arguments[2].number ?? .infinity) }
    },
    "masked_select": { arguments in
      let x = arguments[0].array ?? empty, mask = arguments[1].array ?? empty
      let kept = NumberArray.places(NumberArray.broadcast(x.shape, mask.shape)).filter { mask[$0] != 0 }.map { x[$0] }
      return [NumberArray([kept.count], kept)]
    },
    "isnan": one { x, _ in x.map { $0.isNaN ? 1 : 0 } },
    "isfinite": one { x, _ in x.map { $0.isFinite ? 1 : 0 } },
    "any": one { x, arguments in x.reduced(arguments[1].integer, keep: arguments[2].flag) { $0.contains { $0 != 0 } ? 1 : 0 } },
    "all": one { x, arguments in x.reduced(arguments[1].integer, keep: arguments[2].flag) { $0.contains(0) ? 0 : 1 } },
  ]
}
