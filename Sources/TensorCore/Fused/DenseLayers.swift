import CVectorMath

/// Dense layers one after the other, of up to a thousand rows: each thread takes its rows through all of them.
///
/// Layer by layer every thread would wait for the others, and for numbers that the other cores have just written, once or three times a layer.
public enum DenseLayers {
  /// One layer: weight [H, D] and bias [H], and whether max(…, 0) follows.
  public struct Layer {
    /// [H, D].
    public let weight: Tensor
    /// [H].
    public let bias: Tensor
    /// Whether max(…, 0) follows.
    public let relu: Bool

    /// A layer with weight [H, D] and bias [H].
    public init(weight: Tensor, bias: Tensor, relu: Bool) {
      self.weight = weight
      self.bias = bias
      self.relu = relu
    }
    var inputs: Int { weight.shape[1] }
    var outputs: Int { weight.shape[0] }
  }

  // Multiplications that are worth a second thread, and rows of a piece of work: their numbers stay in the core's own cache.
  private static let smallestShare = 400_000, mostRows = 256

  /// Whether all is float32, small and not empty, so that `outputs` and `gradients` may be asked.
  public static func fit(_ x: Tensor, _ layers: [Layer]) -> Bool {
    let rows = x.shape[0]
    return x.dtype == .float32 && rows > 0
      && layers.allSatisfy { layer in
        layer.weight.dtype == .float32 && layer.bias.dtype == .float32 && layer.inputs > 0 && layer.outputs > 0
          && SmallProduct.fits(rows, layer.inputs, layer.outputs) && SmallProduct.fits(rows, layer.outputs, layer.inputs)
          && SmallProduct.fits(layer.inputs, rows, layer.outputs)
      }
  }

  // A matrix that `product` reads on its right: one of its strides is 1.
  private static func readable(_ weight: Tensor) throws -> Tensor { weight.strides.contains(1) ? weight : try weight.clone() }

  private static func threads(_ rows: Int, _ layers: [Layer]) -> Int {
    layers.reduce(0) { $0 + rows * $1.inputs * $1.outputs } < smallestShare ? 1 : ThreadPool.threadCount
  }

  // Runs the body on ranges of rows, as many for each thread.
  private static func shareRows(_ rows: Int, _ threads: Int, _ body: (_ piece: Int, _ rows: Range<Int>) -> Void) {
    let pieces = pieces(rows, threads)
    ThreadPool.parallel(pieces) { i in
      let range = rows * i / pieces..<rows * (i + 1) / pieces
      if !range.isEmpty && !Interrupted.isRequested { body(i, range) }
    }
  }

  private static func pieces(_ rows: Int, _ threads: Int) -> Int { ((rows + mostRows - 1) / mostRows + threads - 1) / threads * threads }

  /// The result [N, H] of every layer, of x [N, D].
  public static func outputs(_ x: Tensor, _ layers: [Layer]) throws -> [Tensor] {
    let rows = x.shape[0], threads = threads(rows, layers)
    var products: [jvm_product] = [], results: [Tensor] = [], kept: [Tensor] = []
    products.reserveCapacity(layers.count)
    results.reserveCapacity(layers.count)
    kept.reserveCapacity(2 * layers.count)
    var input = x
    for layer in layers {
      let weight = try readable(layer.weight), bias = try layer.bias.contiguous(), result = try Tensor(uninitialized: [rows, layer.outputs])
      products.append(
        jvm_product(
          a: input.pointer(as: Float.self), b: weight.pointer(as: Float.self), bias: bias.pointer(as: Float.self), out: result.pointer(as: Float.self),
          row_step: input.strides[0], term_step: input.strides[1], terms: layer.inputs, b_step: weight.strides[1],
          column_step: layer.outputs == 1 ? 1 : weight.strides[0], out_step: layer.outputs, relu: layer.relu))
      kept.append(weight)
      kept.append(bias)
      results.append(result)
      input = result
    }
    let kernel = jvm_kernels_in_use().pointee.product
    let room = Int(jvm_product_strip) * (layers.map(\.inputs).max() ?? 0), scratch = try Tensor(uninitialized: [pieces(rows, threads), room])
    let place = scratch.pointer(as: Float.self)
    products.withUnsafeBufferPointer { products in
      guard let product = products.baseAddress else { return }
      shareRows(rows, threads) { piece, range in
        for i in layers.indices {
          // Half of the next layer's weights has just been written by the other core.
          let next = i + 1 < layers.count ? UnsafeRawPointer(product[i + 1].b) : nil
          kernel?(
            product + i, range.lowerBound, range.count, 0, layers[i].outputs, place + piece * room, next, next == nil ? 0 : layers[i + 1].inputs * layers[i + 1].outputs * 4)
        }
      }
    }
    withExtendedLifetime((x, kept, results, scratch)) {}
    try Interrupted.check()
    return results
  }

  /// What `gradients` gives; nil where it was not asked for.
  public struct Gradients {
    /// [N, D].
    public var x: Tensor?
    /// [H, D] of each layer, in the memory layout of a linear layer's weights.
    public var weights: [Tensor?]
    /// [H] of each layer.
    public var biases: [Tensor?]
  }

  /// The way back from the gradient `g` [N, H] of the last result; `outputs` are those of all layers, of which only those in front of a ReLU's are
  /// read, and `x` that was given. `needs` says which are wanted, in the order x, weights, biases.
  public static func gradients(_ g: Tensor, _ x: Tensor, _ layers: [Layer], outputs: [Tensor], needs: [Bool]) throws -> Gradients {
    let rows = x.shape[0], count = layers.count, threads = threads(rows, layers)
    let needsX = needs[0], lowest = needsX ? 0 : layers.indices.first { needs[1 + $0] || needs[1 + count + $0] } ?? count
    var found = Gradients(x: nil, weights: Array(repeating: nil, count: count), biases: Array(repeating: nil, count: count))
    guard lowest < count else { return found }
    // Gradients of what each layer gave before its ReLU.
    let given = try g.contiguous(), hidden = try layers.indices.map { i in
      i == count - 1 && !layers[i].relu ? given : try Tensor(uninitialized: [rows, layers[i].outputs])
    }
    if needsX { found.x = try Tensor(uninitialized: [rows, layers[0].inputs]) }
    let kernels = jvm_kernels_in_use()
    let weights = try layers.map { try readable($0.weight) }
    // Taken once: the threads would count references to one tensor against each other.
    let own = hidden.map { $0.pointer(as: Float.self) }, read = weights.map { $0.pointer(as: Float.self) }
    let arriving = given.pointer(as: Float.self), after = outputs.map { $0.pointer(as: Float.self) }, first = found.x?.pointer(as: Float.self) ?? own[0]
    let back = layers.indices.map { i in
      jvm_product(
        a: own[i], b: read[i], bias: nil, out: i == 0 ? first : own[i - 1],
        row_step: layers[i].outputs, term_step: 1, terms: layers[i].outputs, b_step: weights[i].strides[0], column_step: layers[i].inputs == 1 ? 1 : weights[i].strides[1],
        out_step: layers[i].inputs, relu: false)
    }
    let room = Int(jvm_product_strip) * max(rows, layers.map(\.outputs).max() ?? 0), scratch = try Tensor(uninitialized: [pieces(rows, threads), room])
    let place = scratch.pointer(as: Float.self)
    back.withUnsafeBufferPointer { back in
      guard let product = back.baseAddress else { return }
      shareRows(rows, threads) { piece, range in
        for i in stride(from: count - 1, through: lowest, by: -1) {
          if layers[i].relu {
            let at = range.lowerBound * layers[i].outputs
            kernels.pointee.unary_gradient_f32(
              jvm_unary_relu, after[i] + at, (i == count - 1 ? arriving : own[i]) + at, own[i] + at, range.count * layers[i].outputs, 0, 0)
          }
          if i > lowest || needsX { kernels.pointee.product(product + i, range.lowerBound, range.count, 0, layers[i].inputs, place + piece * room, nil, 0) }
        }
      }
    }
    try Interrupted.check()
    // Now by the inputs of each layer, as the optimizer shares its weights out.
    var forward: [jvm_product?] = Array(repeating: nil, count: count)
    for i in lowest..<count {
      if needs[1 + count + i] { found.biases[i] = try Tensor(uninitialized: [layers[i].outputs]) }
      guard needs[1 + i] else { continue }
      let input = i == 0 ? x : outputs[i - 1], width = layers[i].outputs
      let weight = try width % 16 == 0 ? Tensor.uninitializedFeatureMajor(width, layers[i].inputs) : Tensor.featureMajor(width, layers[i].inputs)
      found.weights[i] = weight
      forward[i] = jvm_product(
        a: input.pointer(as: Float.self), b: own[i], bias: nil, out: weight.pointer(as: Float.self), row_step: input.strides[1],
        term_step: input.strides[0], terms: rows, b_step: width, column_step: 1, out_step: weight.strides[1], relu: false)
    }
    let biases = found.biases.map { $0?.pointer(as: Float.self) }
    // Small layers first: what the others read of the other core's rows is fetched meanwhile.
    let order = (lowest..<count).sorted { layers[$0].inputs * layers[$0].outputs < layers[$1].inputs * layers[$1].outputs }
    ThreadPool.parallel(threads) { thread in
      for (turn, i) in order.enumerated() where !Interrupted.isRequested {
        let next = turn + 1 < order.count ? order[turn + 1] : i
        let width = layers[i].outputs
        if var product = forward[i] {
          let first = layers[i].inputs * thread / threads, last = layers[i].inputs * (thread + 1) / threads
          kernels.pointee.product(
            &product, first, last - first, 0, width, place + thread * room, UnsafeRawPointer(own[next]), next == i ? 0 : rows * layers[next].outputs * 4)
        }
        if let bias = biases[i] {
          let units = (width + 15) / 16, first = units * thread / threads * 16, last = min(width, units * (thread + 1) / threads * 16)
          if first < last { kernels.pointee.sum_rows_f32(own[i] + first, rows, last - first, width, bias + first) }
        }
      }
    }
    withExtendedLifetime((given, x, hidden, outputs, weights, scratch, found)) {}
    try Interrupted.check()
    return found
  }
}
