extension Tensor {
  /// Seen as one row; only for tensors that are contiguous or have one element.
  public func reshapedToRow() -> Tensor {
    Tensor(storage: storage, dtype: dtype, shape: [count], strides: [1], offset: offset)
  }

  /// Adds `values` into this contiguous tensor at `indices` (int64, from 0, checked by the caller) along dimension `d`:
  /// `self[…, indices[…, j, …], …] += values[…, j, …]`. Values and indices have one shape.
  public func scatter(_ values: Tensor, at indices: Tensor, along d: Int) {
    let places = indices.pointer(as: Int64.self)
    func add<T: Element & Numeric>(_: T.Type) {
      let source = values.pointer(as: T.self), out = pointer(as: T.self)
      var index = Dimensions(repeating: 0, count: values.rank)
      for _ in 0..<values.count {
        var from = 0, at = 0, to = 0
        for i in 0..<values.rank {
          from += index[i] * values.strides[i]
          at += index[i] * indices.strides[i]
          if i != d { to += index[i] * strides[i] }
        }
        to += Int(places[at]) * strides[d]
        out[to] += source[from]
        var i = values.rank - 1
        while i >= 0 {
          index[i] += 1
          if index[i] < values.shape[i] { break }
          index[i] = 0
          i -= 1
        }
      }
    }
    switch dtype {
    case .float32: add(Float.self)
    case .float64: add(Double.self)
    case .int64: add(Int64.self)
    case .bool: add(UInt8.self)
    }
  }
}
