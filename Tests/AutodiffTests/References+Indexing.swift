extension References {
  // A position from 1, or from −1 backwards, counted from 0.
  private static func fromZero(_ position: Double, _ size: Int) -> Int { position < 0 ? Int(position) + size : Int(position) - 1 }

  // Entries `range` of dimension d.
  private static func piece(_ x: NumberArray, _ d: Int, _ range: Range<Int>) -> NumberArray {
    var shape = x.shape
    shape[d] = range.count
    return NumberArray(shape) { index in
      var source = index
      source[d] += range.lowerBound
      return at(x, source)
    }
  }

  private static func pieces(_ x: NumberArray, _ d: Int, _ size: Int) -> [NumberArray] {
    let total = x.shape[d]
    let starts = total == 0 ? [0] : Array(stride(from: 0, to: total, by: size))
    return starts.map { piece(x, d, $0..<($0 + min(size, total - $0))) }
  }

  static let indexing: [String: Reference] = [
    "index_select": { arguments in
      let x = arguments[0].array ?? empty, d = arguments[1].integer ?? 0, index = arguments[2].array ?? empty
      var shape = x.shape
      shape[d] = index.values.count
      return [NumberArray(shape) { place in
        var source = place
        source[d] = fromZero(index.values[place[d]], x.shape[d])
        return at(x, source)
      }]
    },
    "gather": { arguments in
      let x = arguments[0].array ?? empty, d = arguments[1].integer ?? 0, index = arguments[2].array ?? empty
      return [NumberArray(index.shape) { place in
        var source = place
        source[d] = fromZero(at(index, place), x.shape[d])
        return at(x, source)
      }]
    },
    "scatter_add": { arguments in
      let x = arguments[0].array ?? empty, d = arguments[1].integer ?? 0, index = arguments[2].array ?? empty, source = arguments[3].array ?? empty
      return [NumberArray(x.shape) { place in
        NumberArray.places(index.shape).reduce(at(x, place)) { sum, from in
          var target = from
          target[d] = fromZero(at(index, from), x.shape[d])
          return target == place ? sum + at(source, from) : sum
        }
      }]
    },
    "slice": one { x, arguments in
      let d = arguments[1].integer ?? 0, first = arguments[2].integer ?? 0, last = arguments[3].integer ?? 0, step = arguments[4].integer ?? 1
      let kept = (0..<x.shape[d]).filter { $0 >= first && $0 <= last && ($0 - first) % step == 0 }
      var shape = x.shape
      shape[d] = kept.count
      return NumberArray(shape) { index in
        var source = index
        source[d] = kept[index[d]]
        return at(x, source)
      }
    },
    "unbind": { arguments in
      let x = arguments[0].array ?? empty, d = arguments[1].integer ?? 0
      return (0..<x.shape[d]).map { i in
        var entry = piece(x, d, i..<(i + 1))
        entry.shape.remove(at: d)
        return entry
      }
    },
    "chunk": { arguments in
      let x = arguments[0].array ?? empty, d = arguments[2].integer ?? 0, chunks = Double(arguments[1].integer ?? 1)
      return pieces(x, d, max(1, Int((Double(x.shape[d]) / chunks).rounded(.up))))
    },
    "split": { arguments in
      pieces(arguments[0].array ?? empty, arguments[2].integer ?? 0, arguments[1].integer ?? 1)
    },
  ]
}
