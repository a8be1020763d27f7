extension References {
  // A batch of images, whatever the number of leading dimensions.
  private static func batched(_ x: NumberArray) -> NumberArray { x.shape.count == 3 ? NumberArray([1] + x.shape, x.values) : x }
  private static func asGiven(_ y: NumberArray, _ x: NumberArray) -> NumberArray { x.shape.count == 3 ? NumberArray(Array(y.shape.dropFirst()), y.values) : y }

  private static func pixel(_ x: NumberArray, _ n: Int, _ c: Int, _ y: Int, _ column: Int) -> Double {
    y >= 0 && y < x.shape[2] && column >= 0 && column < x.shape[3] ? x.values[((n * x.shape[1] + c) * x.shape[2] + y) * x.shape[3] + column] : 0
  }

  // One axis of a pooling: the start of each window, by listing every place a window may start at.
  private static func windowStarts(_ size: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int, _ ceil: Bool) -> [Int] {
    let reach = (kernel - 1) * dilation + 1
    return Swift.stride(from: -padding, to: size, by: stride).filter { start in
      start + reach <= size + padding || ceil && start - stride + reach < size + padding
    }
  }

  static let convolutions: [String: Reference] = [
    "conv2d": { convolved($0) }, "conv_transpose2d": { transposeConvolved($0) }, "avg_pool2d": { averaged($0) }, "max_pool2d": { maximized($0) },
    "upsample": { upsampled($0) },
  ]

  private static func convolved(_ arguments: [ReferenceArgument]) -> [NumberArray] {
    let given = arguments[0].array ?? empty, weight = arguments[1].array ?? empty
    let x = batched(given)
    let stride = arguments[3].integers, dilation = arguments[5].integers, groups = arguments[6].integer ?? 1
    let reach = [0, 1].map { (weight.shape[2 + $0] - 1) * dilation[$0] + 1 }
    var before = arguments[4].integers, after = before
    if arguments[4].text == "same" {
      before = reach.map { ($0 - 1) / 2 }
      after = [0, 1].map { reach[$0] - 1 - before[$0] }
    } else if arguments[4].text == "valid" {
      (before, after) = ([0, 0], [0, 0])
    }
    let size = [0, 1].map { axis -> Int in (x.shape[2 + axis] + before[axis] + after[axis] - reach[axis]) / stride[axis] + 1 }
    let perGroup = weight.shape[0] / groups
    let y = NumberArray([x.shape[0], weight.shape[0]] + size) { index -> Double in
      var sum = arguments[2].array?.values[index[1]] ?? 0
      for c in 0..<weight.shape[1] {
        for i in 0..<weight.shape[2] {
          for j in 0..<weight.shape[3] {
            let row = index[2] * stride[0] + i * dilation[0] - before[0], column = index[3] * stride[1] + j * dilation[1] - before[1]
            sum += weight[[index[1], c, i, j]] * pixel(x, index[0], index[1] / perGroup * weight.shape[1] + c, row, column)
          }
        }
      }
      return sum
    }
    return [asGiven(y, given)]
  }

  private static func transposeConvolved(_ arguments: [ReferenceArgument]) -> [NumberArray] {
    let given = arguments[0].array ?? empty, weight = arguments[1].array ?? empty
    let x = batched(given)
    let stride = arguments[3].integers, padding = arguments[4].integers, extra = arguments[5].integers
    let groups = arguments[6].integer ?? 1, dilation = arguments[7].integers
    let size = [0, 1].map { axis -> Int in
      let reach = (weight.shape[2 + axis] - 1) * dilation[axis] + extra[axis] + 1
      return (x.shape[2 + axis] - 1) * stride[axis] - 2 * padding[axis] + reach
    }
    let perGroup = weight.shape[1], channels = x.shape[1] / groups
    var y = NumberArray([x.shape[0], perGroup * groups] + size) { arguments[2].array?.values[$0[1]] ?? 0 }
    for n in 0..<x.shape[0] {
      for c in 0..<x.shape[1] {
        for place in NumberArray.places([x.shape[2], x.shape[3], perGroup, weight.shape[2], weight.shape[3]]) {
          let row = place[0] * stride[0] + place[3] * dilation[0] - padding[0], column = place[1] * stride[1] + place[4] * dilation[1] - padding[1]
          guard row >= 0, row < size[0], column >= 0, column < size[1] else { continue }
          let o = c / channels * perGroup + place[2]
          y.values[((n * y.shape[1] + o) * size[0] + row) * size[1] + column] += x[[n, c, place[0], place[1]]] * weight[[c, place[2], place[3], place[4]]]
        }
      }
    }
    return [asGiven(y, given)]
  }

  private static func averaged(_ arguments: [ReferenceArgument]) -> [NumberArray] {
    let given = arguments[0].array ?? empty
    let x = batched(given)
    let kernel = arguments[1].integers, stride = arguments[2].integers.isEmpty ? kernel : arguments[2].integers, padding = arguments[3].integers
    let starts = [0, 1].map { (i: Int) -> [Int] in windowStarts(x.shape[2 + i], kernel[i], stride[i], padding[i], 1, arguments[4].flag) }
    let y = NumberArray([x.shape[0], x.shape[1]] + starts.map { $0.count }) { index -> Double in
      var sum = 0.0, padded = 0.0, inside = 0.0
      for row in starts[0][index[2]]..<min(starts[0][index[2]] + kernel[0], x.shape[2] + padding[0]) {
        for column in starts[1][index[3]]..<min(starts[1][index[3]] + kernel[1], x.shape[3] + padding[1]) {
          sum += pixel(x, index[0], index[1], row, column)
          padded += 1
          if row >= 0, row < x.shape[2], column >= 0, column < x.shape[3] { inside += 1 }
        }
      }
      let fixed = Double(arguments[6].integer ?? 0)
      return sum / (fixed != 0 ? fixed : arguments[5].flag ? padded : inside)
    }
    return [asGiven(y, given)]
  }

  private static func maximized(_ arguments: [ReferenceArgument]) -> [NumberArray] {
    let given = arguments[0].array ?? empty
    let x = batched(given)
    let kernel = arguments[1].integers, stride = arguments[2].integers.isEmpty ? kernel : arguments[2].integers
    let padding = arguments[3].integers, dilation = arguments[4].integers
    let starts = [0, 1].map { (i: Int) -> [Int] in windowStarts(x.shape[2 + i], kernel[i], stride[i], padding[i], dilation[i], arguments[5].flag) }
    let y = NumberArray([x.shape[0], x.shape[1]] + starts.map { $0.count }) { index -> Double in
      var best = -Double.infinity
      for i in 0..<kernel[0] {
        for j in 0..<kernel[1] {
          let row = starts[0][index[2]] + i * dilation[0], column = starts[1][index[3]] + j * dilation[1]
          guard row >= 0, row < x.shape[2], column >= 0, column < x.shape[3] else { continue }
          let value = pixel(x, index[0], index[1], row, column)
          if value > best || value.isNaN { best = value }
          if best.isNaN { return best }
        }
      }
      return best
    }
    return [asGiven(y, given)]
  }

  private static func upsampled(_ arguments: [ReferenceArgument]) -> [NumberArray] {
    let given = arguments[0].array ?? empty
    let x = batched(given), factors = arguments[2].numbers
    var size = arguments[1].integers, steps: [Double] = []
    for axis in 0..<2 {
      let length = x.shape[2 + axis]
      if !factors.isEmpty { size.append(Int((Double(length) * factors[axis]).rounded(.down))) }
      steps.append(factors.isEmpty ? Double(length) / Double(size[axis]) : 1 / factors[axis])
    }
    // Where output place i looks the image up, and how much of each input place it takes: a tent of width 1 around it, or the place below.
    func shares(_ axis: Int, _ i: Int) -> [Double] {
      let length = x.shape[2 + axis]
      if arguments[3].text == "nearest" {
        let at = min(Int((Double(i) * steps[axis] + 1e-9).rounded(.down)), length - 1)
        return (0..<length).map { $0 == at ? 1 : 0 }
      }
      var at = min(max((Double(i) + 0.5) * steps[axis] - 0.5, 0), Double(length - 1))
      if arguments[4].flag { at = size[axis] == 1 ? 0 : Double(i * (length - 1)) / Double(size[axis] - 1) }
      return (0..<length).map { max(0, 1 - abs(at - Double($0))) }
    }
    let y = NumberArray([x.shape[0], x.shape[1]] + size) { index -> Double in
      let down = shares(0, index[2]), right = shares(1, index[3])
      var sum = 0.0
      for row in 0..<x.shape[2] {
        for column in 0..<x.shape[3] { sum += down[row] * right[column] * pixel(x, index[0], index[1], row, column) }
      }
      return sum
    }
    return [asGiven(y, given)]
  }
}
