import CThreads
import TensorCore
import Testing

extension TensorCoreTests {
  /// Loops over many elements: the same bits for any number of threads, whatever the layout, and an end when Ctrl-C comes.
  @Suite struct LongLoops {
    // Enough for several pieces of every loop.
    private static let rows = 500, columns = 1_100

    private func bits(_ tensor: Tensor) throws -> [UInt8] {
      let dense = try tensor.contiguous()
      return Array(UnsafeRawBufferPointer(start: dense.storage.pointer + dense.offset * dense.dtype.size, count: dense.byteCount))
    }

    private func loops(_ dtype: DType) throws -> [(name: String, run: () throws -> [Tensor])] {
      RandomStream.seed(6)
      let numbers = try Tensor(uninitialized: [Self.rows, Self.columns])
      try RandomStream.script.fillUniform(numbers)
      let x = try numbers.multiplied(by: 200).converted(to: dtype), flat = try x.reshaped([x.count])
      let mask = try Tensor.compared(.gt, numbers, Tensor(scalar: 0.4), name: "gt")
      let places = try Tensor(uninitialized: [Self.rows, Self.columns], .int64), line = try places.reshaped([places.count])
      try RandomStream.script.fillIntegers(places, from: 0, to: Int64(Self.rows - 1))
      let strided = x.transposed(0, 1), every = x.sliced(1, from: 0, length: Self.columns / 2, step: 2)
      func scattered(_ values: Tensor, _ at: Tensor, _ d: Int) throws -> Tensor {
        let result = try Tensor(filling: values.shape, with: 0, values.dtype)
        result.scatter(values, at: at, along: d)
        try Interrupted.check()
        return result
      }
      return [
        ("fill", { [try Tensor(filling: x.shape, with: 3, dtype)] }), ("copy", { [try x.clone(), try strided.clone(), try every.clone()] }),
        ("cast", { [try x.converted(to: .float64).converted(to: .float32), try strided.converted(to: .int64), try every.converted(to: .bool)] }),
        ("sort", { let a = try flat.sorted(0, descending: false), b = try x.sorted(0, descending: true); return [a.values, a.indices, b.values, b.indices] }),
        ("cumsum", { [try flat.scanned(.sum, 0), try x.scanned(.sumFromEnd, 0), try x.scanned(.sum, 1)] }),
        ("product", { [try x.product(0, keep: false), try flat.product(0, keep: false)] }),
        ("gather", { [try x.gathered(0, at: places), try strided.gathered(1, at: places.transposed(0, 1)), try x.indexed(0, at: line.narrowed(0, from: 0, length: 800))] }),
        ("scatter", { [try scattered(x, places, 0), try scattered(flat, line, 0)] }),
        ("extreme", { let a = try flat.extreme(0, keep: false, largest: true, name: "max"), b = try x.extreme(0, keep: false, largest: false, name: "min"); return [a.values, a.indices, b.values, b.indices] }),
        ("sum", { [try flat.sum(), try x.sum(0, keep: false), try x.sum(1, keep: true), try strided.sum()] }),
        ("where", { [try Tensor.chosen(mask, x, Tensor(scalar: 1, dtype), name: "where"), try x.masked(mask), try x.masked(mask).spread(over: mask)] }),
        ("arithmetic", { [try x.adding(strided.transposed(0, 1)), try strided.multiplied(by: strided), try every.subtracting(every), try Tensor.compared(.lt, strided, strided, name: "lt")] }),
      ]
    }

    @Test(arguments: [DType.float32, .float64, .int64]) func anyNumberOfThreadsGivesTheSameBits(dtype: DType) throws {
      let before = ThreadPool.threadCount
      defer { ThreadPool.threadCount = before }
      for (name, run) in try loops(dtype) {
        var first: [[UInt8]] = []
        for threads in 1...3 {
          ThreadPool.threadCount = threads
          let found = try run().map(bits)
          if threads == 1 { first = found } else { #expect(found == first, "\(name) with \(threads) threads") }
        }
      }
    }

    @Test func transposedMatricesAreCopiedNumberByNumber() throws {
      for (m, n) in [(1, 70), (7, 9), (8, 8), (9, 16), (23, 40), (100, 100), (64, 3), (700, 401)] {
        let x = try Tensor((0..<(2 * m * n)).map { Float($0) }, shape: [2, m, n]), part = x.narrowed(2, from: 0, length: max(1, n - 1))
        for (view, width) in [(x, n), (part, max(1, n - 1))] {
          let copy = try view.transposed(1, 2).clone().array(of: Float.self)
          let expected = (0..<2).flatMap { k in (0..<width).flatMap { j in (0..<m).map { i in Float((k * m + i) * n + j) } } }
          #expect(copy == expected, "\(m) x \(width)")
        }
      }
    }

    @Test func piecesAgreeWithPlainLoops() throws {
      let n = 400_000
      RandomStream.seed(8)
      let x = try Tensor(uninitialized: [n, 2])
      try RandomStream.script.fillUniform(x)
      let column = x.transposed(0, 1).narrowed(0, from: 1, length: 1)
      let values = try column.array(of: Float.self)
      #expect(values == (0..<n).map { Float(x.element(at: 2 * $0 + 1)) })
      let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
      let sorted = try column.sorted(1, descending: false)
      #expect(try sorted.indices.array(of: Int64.self).map(Int.init) == order)
      #expect(try sorted.values.array(of: Float.self) == order.map { values[$0] })
      let down = try column.sorted(1, descending: true)
      #expect(try down.indices.array(of: Int64.self).map(Int.init) == values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) })
      let largest = try x.reshaped([2 * n]).extreme(0, keep: false, largest: true, name: "max")
      let all = try x.array(of: Float.self)
      #expect(try largest.values.item() == Double(all.max() ?? 0) && Int(largest.indices.item()) == all.firstIndex(of: all.max() ?? 0))
      // A NaN in a later block wins, and the first of several.
      x.pointer(as: Float.self)[2 * n - 1] = .nan
      x.pointer(as: Float.self)[500_001] = .nan
      #expect(try x.reshaped([2 * n]).extreme(0, keep: false, largest: false, name: "min").indices.item() == 500_001)
      let places = try Tensor((0..<n).map { Int64($0 % 7) })
      let sums = try Tensor(filling: [7], with: 0, .float64)
      sums.scatter(try Tensor((0..<n).map { Double($0) }), at: places, along: 0)
      #expect(try sums.array(of: Double.self) == (0..<7).map { r in stride(from: r, to: n, by: 7).reduce(0.0) { $0 + Double($1) } })
    }

    @Test func ctrlCEndsEachOfThem() throws {
      for (name, run) in try loops(.float32) {
        jt_interrupt_request()
        defer { jt_interrupt_clear() }
        #expect(throws: Interrupted.self, "\(name)") { try run() }
      }
    }
  }
}
