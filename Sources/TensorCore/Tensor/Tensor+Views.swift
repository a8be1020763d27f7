// Views: other shapes and strides over the same storage. Dimensions and positions count from 0 here and are checked by
// the callers that talk to scripts; what can still be wrong throws.

extension Tensor {
  /// The same elements, in row-major order, in another shape; a view where strides allow it, else a copy.
  public func reshaped(_ shape: Dimensions) throws -> Tensor {
    guard shape.product == count else {
      throw CallerError("reshape: \(count) elements of shape \(self.shape.text) do not fit \(shape.text)")
    }
    if shape == self.shape { return self }
    if let view = viewed(as: shape) { return view }
    let dense = try clone()
    return Tensor(storage: dense.storage, dtype: dtype, shape: shape, strides: shape.contiguousStrides, offset: 0)
  }

  /// A view in another shape of as many elements, or `nil` where the strides do not allow one.
  public func viewed(as shape: Dimensions) -> Tensor? {
    if isContiguous {
      return Tensor(storage: storage, dtype: dtype, shape: shape, strides: shape.contiguousStrides, offset: offset)
    }
    // Walk both shapes from the back, matching groups of old dimensions that lie one behind the other with groups of new ones.
    var strides = Dimensions(repeating: 0, count: shape.count)
    var new = shape.count - 1
    var old = rank - 1
    while old >= 0 {
      if self.shape[old] == 1 { old -= 1; continue }
      var groupSize = self.shape[old]
      let groupStride = self.strides[old]
      var outermost = old
      var groupStep = self.shape[old] * groupStride
      while outermost > 0, self.shape[outermost - 1] == 1 || self.strides[outermost - 1] == groupStep {
        outermost -= 1
        groupSize *= self.shape[outermost]
        groupStep *= self.shape[outermost]
      }
      var covered = 1
      var step = groupStride
      while new >= 0, covered < groupSize || shape[new] == 1 {
        covered *= shape[new]
        strides[new] = step
        step *= shape[new]
        new -= 1
      }
      if covered != groupSize { return nil }
      old = outermost - 1
    }
    while new >= 0 {
      if shape[new] != 1 { return nil }
      strides[new] = 1
      new -= 1
    }
    return Tensor(storage: storage, dtype: dtype, shape: shape, strides: strides, offset: offset)
  }

  /// `length` entries of dimension `d` from `start`.
  public func narrowed(_ d: Int, from start: Int, length: Int) -> Tensor {
    var shape = self.shape
    shape[d] = length
    return Tensor(storage: storage, dtype: dtype, shape: shape, strides: strides, offset: offset + (length > 0 ? start * strides[d] : 0))
  }

  /// Every `step`-th of the entries `start ..< start + (length − 1) step + 1` of dimension `d`.
  public func sliced(_ d: Int, from start: Int, length: Int, step: Int) -> Tensor {
    var shape = self.shape, strides = self.strides
    shape[d] = length
    strides[d] *= step
    return Tensor(storage: storage, dtype: dtype, shape: shape, strides: strides, offset: offset + (length > 0 ? start * self.strides[d] : 0))
  }

  /// Entry `index` of dimension `d`, without that dimension.
  public func selected(_ d: Int, _ index: Int) -> Tensor {
    var shape = self.shape, strides = self.strides
    shape.remove(at: d)
    strides.remove(at: d)
    return Tensor(storage: storage, dtype: dtype, shape: shape, strides: strides, offset: offset + index * self.strides[d])
  }

  /// Dimensions in another order.
  public func permuted(_ order: Dimensions) -> Tensor {
    var shape = Dimensions(), strides = Dimensions()
    for d in order {
      shape.append(self.shape[d])
      strides.append(self.strides[d])
    }
    return Tensor(storage: storage, dtype: dtype, shape: shape, strides: strides, offset: offset)
  }

  /// Two dimensions exchanged.
  public func transposed(_ a: Int, _ b: Int) -> Tensor {
    var order = Dimensions(0..<rank)
    order[a] = b
    order[b] = a
    return permuted(order)
  }

  /// A dimension of size 1 before dimension `d`.
  public func unsqueezed(_ d: Int) -> Tensor {
    var shape = self.shape, strides = self.strides
    shape.insert(1, at: d)
    strides.insert(d < rank ? self.shape[d] * self.strides[d] : 1, at: d)
    return Tensor(storage: storage, dtype: dtype, shape: shape, strides: strides, offset: offset)
  }

  /// Without dimension `d`, whose size is 1.
  public func squeezed(_ d: Int) -> Tensor { selected(d, 0) }

  /// Dimensions of size 1, and missing leading ones, repeated without a copy. Throws where another size differs.
  public func expanded(to target: Dimensions) throws -> Tensor {
    let lead = target.count - rank
    guard target.product != nil else { throw OutOfMemory(bytes: nil) }
    guard lead >= 0 else { throw CallerError("expand: shape \(shape.text) has more dimensions than \(target.text)") }
    var strides = Dimensions(repeating: 0, count: target.count)
    for d in 0..<rank {
      if shape[d] == target[lead + d] {
        strides[lead + d] = self.strides[d]
      } else if shape[d] != 1 {
        throw CallerError("expand: shape \(shape.text) cannot be expanded to \(target.text): only a size of 1 repeats")
      }
    }
    return Tensor(storage: storage, dtype: dtype, shape: target, strides: strides, offset: offset)
  }

  /// The shape two shapes broadcast to, or `nil`.
  public static func broadcastShape(_ a: Dimensions, _ b: Dimensions) -> Dimensions? {
    if a == b { return a }
    let count = Swift.max(a.count, b.count)
    var result = Dimensions(repeating: 1, count: count)
    for i in 0..<count {
      let x = i < a.count ? a[a.count - 1 - i] : 1
      let y = i < b.count ? b[b.count - 1 - i] : 1
      guard x == y || x == 1 || y == 1 else { return nil }
      result[count - 1 - i] = x == 1 ? y : x
    }
    return result
  }
}
