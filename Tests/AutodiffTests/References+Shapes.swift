extension References {
  private static func resolved(_ sizes: [Int], _ count: Int) -> [Int] {
    let known = sizes.filter { $0 >= 0 }.reduce(1, *)
    return sizes.map { $0 < 0 ? count / known : $0 }
  }

  private static let reshape = one { x, arguments in NumberArray(resolved(arguments[1].integers, x.values.count), x.values) }

  // A dimension as scripts count it, from 1 or from −1 backwards.
  private static func fromOne(_ d: Int, _ count: Int) -> Int { d < 0 ? d + count : d - 1 }

  static let shapes: [String: Reference] = [
    "reshape": reshape, "view": reshape,
    "flatten": one { x, arguments in
      if x.shape.isEmpty { return NumberArray([1], x.values) }
      let first = fromOne(arguments[1].integer ?? 1, x.shape.count), last = fromOne(arguments[2].integer ?? -1, x.shape.count)
      return NumberArray(x.shape[..<first] + [x.shape[first...last].reduce(1, *)] + x.shape[(last + 1)...], x.values)
    },
    "transpose": one { x, arguments in swapped(x, arguments[1].integer ?? 0, arguments[2].integer ?? 0) },
    "t": one { x, _ in x.shape.count < 2 ? x : swapped(x, 0, 1) },
    "permute": one { x, arguments in
      let order = arguments[1].integers
      return NumberArray(order.map { x.shape[$0] }) { index in
        var source = index
        for (i, d) in order.enumerated() { source[d] = index[i] }
        return x[source]
      }
    },
    "unsqueeze": one { x, arguments in
      var shape = x.shape
      shape.insert(1, at: fromOne(arguments[1].integer ?? 1, shape.count + 1))
      return NumberArray(shape, x.values)
    },
    "squeeze": one { x, arguments in
      let d = arguments[1].integer
      return NumberArray(x.shape.enumerated().filter { $1 != 1 || (d != nil && $0 != d) }.map(\.element), x.values)
    },
    "expand": one { x, arguments in
      let sizes = arguments[1].integers, lead = sizes.count - x.shape.count
      let shape = sizes.enumerated().map { $1 < 0 ? x.shape[$0 - lead] : $1 }
      return NumberArray(shape) { x[$0] }
    },
    "select": one { x, arguments in
      let d = arguments[1].integer ?? 0, i = arguments[2].integer ?? 0
      var shape = x.shape
      shape.remove(at: d)
      return NumberArray(shape) { index in
        var source = index
        source.insert(i, at: d)
        return x[source]
      }
    },
    "narrow": one { x, arguments in
      let d = arguments[1].integer ?? 0, start = arguments[2].integer ?? 0
      var shape = x.shape
      shape[d] = arguments[3].integer ?? 0
      return NumberArray(shape) { index in
        var source = index
        source[d] += start
        return at(x, source)
      }
    },
    "contiguous": one { x, _ in x }, "clone": one { x, _ in x },
    "cat": { arguments in
      let parts = arguments[0].list, d = fromOne(arguments[1].integer ?? 1, parts[0].shape.count)
      return [joined(parts, d)]
    },
    "stack": { arguments in
      let parts = arguments[0].list, d = fromOne(arguments[1].integer ?? 1, parts[0].shape.count + 1)
      return [joined(parts.map { part in
        var shape = part.shape
        shape.insert(1, at: d)
        return NumberArray(shape, part.values)
      }, d)]
    },
  ]

  // Without the broadcasting of sizes of 1.
  static func at(_ x: NumberArray, _ index: [Int]) -> Double {
    x.values[zip(index, x.shape).reduce(0) { $0 * $1.1 + $1.0 }]
  }

  private static func swapped(_ x: NumberArray, _ a: Int, _ b: Int) -> NumberArray {
    var shape = x.shape
    shape.swapAt(a, b)
    return NumberArray(shape) { index in
      var source = index
      source.swapAt(a, b)
      return at(x, source)
    }
  }

  static func joined(_ parts: [NumberArray], _ d: Int) -> NumberArray {
    var shape = parts[0].shape
    shape[d] = parts.reduce(0) { $0 + $1.shape[d] }
    return NumberArray(shape) { index in
      var source = index
      var part = 0
      while source[d] >= parts[part].shape[d] {
        source[d] -= parts[part].shape[d]
        part += 1
      }
      return at(parts[part], source)
    }
  }
}
