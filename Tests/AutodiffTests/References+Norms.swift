import Foundation

extension References {
  // x with the mean and the variance of each group of places taken out.
  private static func normalized(_ x: NumberArray, _ group: @escaping ([Int]) -> [Int], _ epsilon: Double) -> NumberArray {
    var members: [[Int]: [Double]] = [:]
    for place in NumberArray.places(x.shape) { members[group(place), default: []].append(x[place]) }
    let moments = members.mapValues { values in
      let mean = values.reduce(0, +) / Double(values.count)
      return (mean: mean, variance: values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
    }
    return NumberArray(x.shape) { place in
      let (mean, variance) = moments[group(place)] ?? (0, 1)
      return (x[place] - mean) / (variance + epsilon).squareRoot()
    }
  }

  static let norms: [String: Reference] = [
    "layer_norm": { arguments in
      let x = arguments[0].array ?? empty, last = arguments[1].integers.count
      let normal = normalized(x, { Array($0.dropLast(last)) }, arguments[4].number ?? 1e-5)
      return [NumberArray(x.shape) { place in
        let own = Array(place.suffix(last))
        return normal[place] * (arguments[2].array?[own] ?? 1) + (arguments[3].array?[own] ?? 0)
      }]
    },
    "batch_norm": { arguments in
      let x = arguments[0].array ?? empty, epsilon = arguments[7].number ?? 1e-5
      let own = normalized(x, { [$0[1]] }, epsilon)
      return [NumberArray(x.shape) { place in
        let channel = [place[1]]
        let normal = arguments[5].flag
          ? own[place] : (x[place] - (arguments[1].array?[channel] ?? .nan)) / ((arguments[2].array?[channel] ?? .nan) + epsilon).squareRoot()
        return normal * (arguments[3].array?[channel] ?? 1) + (arguments[4].array?[channel] ?? 0)
      }]
    },
  ]
}
