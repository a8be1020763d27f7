import CBLAS
import Foundation
import Synchronization
import TensorCore
import Testing

extension TensorCoreTests {
  @Suite struct Threads {
    // What one thread computes, two, three and four compute to the bit.
    private func expectSameBits(_ what: String, _ compute: () throws -> [Tensor]) throws {
      let before = ThreadPool.threadCount
      defer { ThreadPool.threadCount = before }
      var first: [[UInt8]] = []
      for threads in 1...4 {
        ThreadPool.threadCount = threads
        let bytes = try compute().map { tensor in
          let dense = try tensor.contiguous()
          return Array(UnsafeRawBufferPointer(start: dense.storage.pointer + dense.offset * dense.dtype.size, count: dense.byteCount))
        }
        if threads == 1 { first = bytes } else { #expect(bytes == first, "\(what) with \(threads) threads") }
      }
    }

    private func uniform(_ shape: Dimensions, _ dtype: DType = .float32) throws -> Tensor {
      let tensor = try Tensor(uninitialized: shape, dtype)
      try RandomStream.script.fillUniform(tensor)
      return tensor
    }

    @Test func theNumberOfThreadsIsClamped() {
      let before = ThreadPool.threadCount
      defer { ThreadPool.threadCount = before }
      ThreadPool.threadCount = 0
      #expect(ThreadPool.threadCount == 1)
      ThreadPool.threadCount = .max
      #expect(ThreadPool.threadCount == 256)
    }

    // The loops take pointers from tensors in variables, of which they make no other use.
    @Test func tensorsInVariablesOutliveTheLoopsOverTheirPointers() throws {
      let before = ThreadPool.threadCount
      defer { ThreadPool.threadCount = before }
      for threads in 1...4 {
        ThreadPool.threadCount = threads
        let x = try uniform([1000]).contiguous(), numbers = x.pointer(as: Float.self)
        let (y, sums) = try { (try $0.clone(), try Tensor(filling: [64], with: 0)) }(x)
        let (copies, out) = (y.pointer(as: Float.self), sums.pointer(as: Float.self))
        weak let first = x.storage, second = y.storage
        let alive = Atomic<Int>(0)
        ThreadPool.parallel(64) { i in
          out[i] = numbers[i] - copies[i]
          if first != nil, second != nil { alive.add(1, ordering: .relaxed) }
        }
        #expect(alive.load(ordering: .relaxed) == 64)
        #expect(try sums.sum().item() == 0)
      }
    }

    // Where nothing may wait for reuse, a block that is given back is unmapped at once, so that who still reads it ends the process.
    @Test func broadcastMasksLiveAsLongAsTheyAreRead() throws {
      let ceiling = MemoryPool.keptCeiling
      defer { MemoryPool.keptCeiling = ceiling }
      MemoryPool.releaseUnused()
      MemoryPool.keptCeiling = 0
      let n = 2_000_000
      let mask = try Tensor.compared(.gt, uniform([n]), Tensor(scalar: 0.5), name: "gt")
      let chosen = try Tensor.chosen(mask, Tensor(filling: [2, n], with: 1), Tensor(filling: [2, n], with: 0), name: "where")
      #expect(try chosen.sum().item() == 2 * Double(mask.array(of: UInt8.self).count { $0 != 0 }))
    }

    @Test func everyIndexRunsOnce() {
      let before = ThreadPool.threadCount
      defer { ThreadPool.threadCount = before }
      for threads in 1...4 {
        ThreadPool.threadCount = threads
        for count in [0, 1, 2, 1000] {
          var hits = [Int](repeating: 0, count: count)
          hits.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let out = buffer
            ThreadPool.parallel(count) { out[$0] += 1 }
          }
          #expect(hits.allSatisfy { $0 == 1 })
        }
      }
    }

    @Test(arguments: [DType.float32, .float64]) func norms(dtype: DType) throws {
      RandomStream.seed(5)
      for shape in [[700, 9, 31], [40_000, 5], [3, 2, 50_000]] as [Dimensions] {
        let x = try uniform(shape, dtype), g = try uniform(shape, dtype)
        let loops = try ChannelNormalization(x)
        let k = (0..<shape[1]).map { Double($0) - 1 }
        try expectSameBits("channels of \(shape.text)") {
          let (mean, variance) = try loops.moments(), (sums, products) = try loops.gradientSums(g, mean: mean)
          return [
            try Tensor(mean), try Tensor(variance), try Tensor(sums), try Tensor(products), try loops.scaled(mean: mean, scale: variance, shift: k),
            try loops.gradient(g, mean: mean, a: variance, b: k, k: mean),
          ]
        }
      }
      let x = try uniform([900, 111], dtype), g = try uniform([900, 111], dtype), w = try uniform([111], dtype)
      try expectSameBits("rows") {
        let normal = try RowNormalization(x, weight: w, bias: w, epsilon: 1e-5)
        let found = try RowNormalization.gradients(x, g, weight: w, mean: normal.mean, scale: normal.scale, wanted: (true, true, true))
        return [normal.result, normal.mean, normal.scale] + [found.x, found.weight, found.bias].compactMap { $0 }
      }
    }

    @Test(arguments: [DType.float32, .float64]) func productsSumsAndRows(dtype: DType) throws {
      RandomStream.seed(3)
      let a = try uniform([300, 400], dtype), b = try uniform([400, 70], dtype), wide = try uniform([20, 900], dtype)
      try expectSameBits("matmul \(dtype.name)") {
        [
          try Tensor.matrixProduct(a, b), try Tensor.matrixProduct(b.transposed(0, 1), a.transposed(0, 1)),
          try Tensor.matrixProduct(wide.transposed(0, 1), wide), try Tensor.matrixProduct(wide, wide.transposed(0, 1)),
        ]
      }
      try expectSameBits("sums \(dtype.name)") { [try a.sum(), try a.sum(0, keep: false), try a.sum(1, keep: true), try uniform2(dtype).sum()] }
      try expectSameBits("rows \(dtype.name)") {
        try [.softmax, .logSoftmax, .logSumExp].flatMap { [try a.rowFunction($0, 0), try a.rowFunction($0, 1)] }
      }
      try expectSameBits("element-wise \(dtype.name)") { [try a.mapped(.exp), try a.adding(a), try a.mappedGradient(.tanh, saved: a)] }
    }

    // Long enough for several blocks of the parallel sum.
    private func uniform2(_ dtype: DType) throws -> Tensor {
      let x = try Tensor(uninitialized: [150_001], dtype)
      x.fill(0.1)
      return x
    }

    @Test func sparseKernels() throws {
      RandomStream.seed(4)
      let dense = try uniform([150, 200]).mapped(.log).mapped(.neg)
      let small = try Tensor.compared(.gt, dense, Tensor(scalar: 2), name: "gt").converted(to: .float32)
      let x = try SparseRows(dense.multiplied(by: small))
      let weight = try uniform([100, 200]), bias = try uniform([100]), g = try uniform([150, 100])
      // More rows than are shared out by pixels: the same sums.
      let long = try x.gathered((0..<3_000).map { $0 % 150 })
      try expectSameBits("long sparse linear") { [try long.linear(weight: weight, bias: bias)] }
      let once = try x.linear(weight: weight, bias: bias).contiguous(), again = try long.linear(weight: weight, bias: bias).contiguous()
      #expect(try (0..<20).allSatisfy { try again.narrowed(0, from: $0 * 150, length: 150).array(of: Float.self) == once.array(of: Float.self) })
      let r = try uniform([150, 3]), mixtures = try uniform([200, 3]), scales = try uniform([150])
      try expectSameBits("sparse linear") { [try x.linear(weight: weight, bias: bias), try x.linearWeightGradient(g)] }
      try expectSameBits("mixture") {
        let result = try MixtureDecoder.crossEntropy(x, mixtures: r, weight: mixtures, scales: scales)
        return [result.losses, try #require(result.mixtureGradient), try #require(result.weightGradient)]
      }
    }

    @Test(arguments: [DType.float32, .float64]) func convolutionsAndPooling(dtype: DType) throws {
      RandomStream.seed(7)
      typealias Pair = ConvolutionShape.Pair
      let same = ConvolutionShape(
        images: 37, inputs: 3, outputs: 7, size: Pair(12, 20), kernel: Pair(5, 3), padding: Pair(2, 1), result: Pair(12, 20))
      let strided = ConvolutionShape(
        images: 37, inputs: 4, outputs: 6, groups: 2, size: Pair(12, 20), kernel: Pair(3, 3), stride: Pair(2, 2), result: Pair(5, 9))
      let large = ConvolutionShape(
        images: 1, inputs: 5, outputs: 6, size: Pair(150, 120), kernel: Pair(5, 5), stride: Pair(2, 1), padding: Pair(2, 2), result: Pair(75, 120))
      for shape in [same, strided, large] {
        let x = try uniform(shape.inputShape, dtype), weight = try uniform(shape.weightShape, dtype), g = try uniform(shape.outputShape, dtype)
        let bias = try uniform([shape.outputs], dtype)
        try expectSameBits("convolution \(dtype.name)") {
          let result = try Convolution.gradients(g, x: x, weight: weight, bias: true, shape, name: "conv2d")
          return [
            try Convolution.forward(x, weight: weight, bias: bias, shape, name: "conv2d"), try #require(result.input), try #require(result.weight), try #require(result.bias),
          ]
        }
      }
      let images = try uniform([90, 40, 40], dtype)
      let pooling = PoolingShape(planes: 90, size: Pair(40, 40), kernel: Pair(2, 2), stride: Pair(2, 2), padding: Pair(0, 0), result: Pair(20, 20))
      let upsampling = Upsampling.nearest(Pair(40, 40), to: Pair(80, 80), steps: nil)
      try expectSameBits("pooling \(dtype.name)") {
        let small = try images.averagePooled(pooling, .window), largest = try images.maximumPooled(pooling)
        return [
          small, try small.averagePoolingGradient(pooling, .window), largest.values, try small.maximumPoolingGradient(pooling, places: largest.places),
          try upsampling.apply(images, planes: 90), try upsampling.gradient(upsampling.apply(images, planes: 90), planes: 90),
        ]
      }
    }

    @Test func gaussianHeads() throws {
      RandomStream.seed(8)
      let h = try uniform([301, 100]), weights = try (0..<2).map { _ in try uniform([3, 100]) }, bias = try uniform([3]), noise = try uniform([301, 3])
      let variance = try uniform([3]).adding(Tensor(scalar: 1)), g = try uniform([301, 3])
      try expectSameBits("gaussian heads") {
        let made = try GaussianHeads(
          .init(
            h: h, meanWeight: weights[0], meanBias: bias, logVarianceWeight: weights[1], logVarianceBias: bias, noise: noise, priorMean: bias,
            priorVariance: variance))
        let back = try GaussianHeads.gradients(
          derivatives: made.derivatives, h: h, meanWeight: weights[0], logVarianceWeight: weights[1], ofSample: g, ofDivergences: made.divergences)
        return [made.sample, made.divergences, back.h, back.meanWeight, back.meanBias, back.logVarianceWeight, back.logVarianceBias]
      }
    }

    @Test func rowsGatheredAheadAreTheSame() throws {
      let before = ThreadPool.threadCount
      defer { ThreadPool.threadCount = before }
      RandomStream.seed(9)
      let dense = try uniform([500, 90])
      let x = try SparseRows(dense.multiplied(by: try Tensor.compared(.gt, dense, Tensor(scalar: 0.7), name: "gt").converted(to: .float32)))
      x.origin = "how they were made"
      ThreadPool.threadCount = 1
      #expect(RowsAhead(x, at: [1, 2]) == nil, "with one thread there is nobody to work ahead")
      for threads in 2...4 {
        ThreadPool.threadCount = threads
        #expect(RowsAhead(x, at: []) == nil)
        for round in 0..<200 {
          let places = (0..<(1 + round)).map { ($0 * 7 + round) % 500 }
          let ahead = try #require(RowsAhead(x, at: places))
          // Loops that begin meanwhile are whole, with the worker or without.
          if round % 3 == 0 { #expect(try dense.sum().element(at: 0) > 0) }
          if round % 7 == 0 { _ = RowsAhead(x, at: [3, 4, 5]) }  // begun and given up
          let rows = try ahead.take(), expected = try x.gathered(places)
          #expect(try rows.dense().array(of: Float.self) == expected.dense().array(of: Float.self))
          #expect(rows.origin == x.origin)
          let columns = try rows.byColumn(), right = try expected.byColumn()
          let entries = expected.entryCount
          #expect(Array(UnsafeBufferPointer(start: columns.offsets, count: 91)) == Array(UnsafeBufferPointer(start: right.offsets, count: 91)))
          #expect((0..<entries).allSatisfy { columns.entries[$0].row == right.entries[$0].row && columns.entries[$0].value == right.entries[$0].value })
        }
      }
    }

    @Test func optimizerAndRandomNumbers() throws {
      RandomStream.seed(5)
      let start = try uniform([50_000]), gradient = try uniform([50_000])
      try expectSameBits("adam") {
        let p = try start.clone(), m = try p.zerosInSameLayout(), v = try p.zerosInSameLayout()
        try AdamStep.apply(AdamSettings(), step: 1, to: [(AdamStep.Place(parameter: p, mean: m, variance: v, largest: nil), gradient)])
        return [p, m, v]
      }
      try expectSameBits("random") {
        RandomStream.seed(6)
        let list = try [DType.float32, .float64].flatMap { type in [try Tensor(uninitialized: [40_001], type), try Tensor(uninitialized: [40_001], type)] }
        for (i, tensor) in list.enumerated() { try i % 2 == 0 ? RandomStream.script.fillUniform(tensor) : RandomStream.noise.fillNormal(tensor) }
        return list
      }
    }
  }

  @Suite struct BLAS {
    @Test func kernelsFitTheProcessor() throws {
      #expect(jblas_available() == 1)
      let core = String(cString: jblas_core_name())
      let flags = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      if flags.contains(" avx2 ") { #expect(core.caseInsensitiveCompare("Prescott") != .orderedSame, "OpenBLAS runs its \(core) kernels") }
      if flags.contains(" avx512f "), ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] == nil { #expect(core == "SkylakeX") }
    }

    @Test func theEnvironmentIsAsItWas() {
      _ = jblas_available()
      let asked = String(cString: jblas_requested_core())
      if !asked.isEmpty { #expect(getenv("OPENBLAS_CORETYPE") == nil) }
      let threads = getenv("OPENBLAS_NUM_THREADS").map { String(cString: $0) }
      #expect(threads == ProcessInfo.processInfo.environment["OPENBLAS_NUM_THREADS"])
    }

    @Test func itRunsOneThread() {
      #expect(String(cString: jblas_configuration()).contains("OpenBLAS"))
      #expect(jblas_thread_count() == 1)
    }

    @Test func productsOfAllLayoutsAgreeWithPlainLoops() throws {
      var generator = TestGenerator(state: 9)
      for (m, k, n) in [(1, 1, 1), (3, 5, 2), (17, 33, 9), (70, 1, 40), (1, 64, 50)] {
        let a = (0..<(m * k)).map { _ in Double.random(in: -1...1, using: &generator) }
        let b = (0..<(k * n)).map { _ in Double.random(in: -1...1, using: &generator) }
        let expected = (0..<(m * n)).map { i in (0..<k).reduce(0.0) { $0 + a[i / n * k + $1] * b[$1 * n + i % n] } }
        let x = try Tensor(a, shape: [m, k]), y = try Tensor(b, shape: [k, n])
        let columns = try x.transposed(0, 1).clone().transposed(0, 1), other = try y.transposed(0, 1).clone().transposed(0, 1)
        let padded = try Tensor.featureMajor(m, k, .float64)
        padded.copyElements(from: x)
        for left in [x, columns, padded] {
          for right in [y, other] {
            let got = try Tensor.matrixProduct(left, right).array(of: Double.self)
            for (p, q) in zip(got, expected) { #expect(abs(p - q) < 1e-12) }
          }
        }
      }
    }
  }
}
