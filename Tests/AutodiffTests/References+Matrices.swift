extension References {
  static func product(_ x: NumberArray, _ y: NumberArray) -> NumberArray {
    var a = x, b = y
    if x.shape.count == 1 { a.shape = [1] + x.shape }
    if y.shape.count == 1 { b.shape = y.shape + [1] }
    let m = a.shape[a.shape.count - 2], k = a.shape[a.shape.count - 1], n = b.shape[b.shape.count - 1]
    let lead = NumberArray.broadcast(Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2)))
    var result = NumberArray(lead + [m, n]) { index in
      let head = Array(index.dropLast(2)), i = index[index.count - 2], j = index[index.count - 1]
      return (0..<k).reduce(0.0) { $0 + a[head + [i, $1]] * b[head + [$1, j]] }
    }
    if y.shape.count == 1 { result.shape.removeLast() }
    if x.shape.count == 1 { result.shape.remove(at: lead.count) }
    return result
  }

  static let matrices: [String: Reference] = [
    "matmul": { arguments in [product(arguments[0].array ?? empty, arguments[1].array ?? empty)] },
    "linear": { arguments in
      let x = arguments[0].array ?? empty, weight = arguments[1].array ?? empty
      return [
        NumberArray(x.shape.dropLast() + [weight.shape[0]]) { index in
          let h = index[index.count - 1], head = Array(index.dropLast())
          return (0..<weight.shape[1]).reduce(arguments[2].array.map { $0[[h]] } ?? 0) { $0 + x[head + [$1]] * weight[[h, $1]] }
        }
      ]
    },
    "linear_relu": { arguments in
      let x = arguments[0].array ?? empty, weight = arguments[1].array ?? empty, bias = arguments[2].array ?? empty
      return [
        NumberArray(x.shape.dropLast() + [weight.shape[0]]) { index in
          let h = index[index.count - 1], head = Array(index.dropLast())
          return max(0, (0..<weight.shape[1]).reduce(bias[[h]]) { $0 + x[head + [$1]] * weight[[h, $1]] })
        }
      ]
    },
    "dense_layers": { arguments in
      let weights = arguments[1].list, biases = arguments[2].list
      return [
        zip(weights, biases).enumerated().reduce(arguments[0].array ?? empty) { x, layer in
          let (i, (weight, bias)) = layer, lowest = i < weights.count - 1 || arguments[3].flag ? 0 : -Double.infinity
          return NumberArray([x.shape[0], weight.shape[0]]) { index in
            max(lowest, (0..<weight.shape[1]).reduce(bias[[index[1]]]) { $0 + x[[index[0], $1]] * weight[[index[1], $1]] })
          }
        }
      ]
    },
    "outer": { arguments in
      let x = arguments[0].array ?? empty, y = arguments[1].array ?? empty
      return [NumberArray(x.shape + y.shape) { x[[$0[0]]] * y[[$0[1]]] }]
    },
  ]
}
