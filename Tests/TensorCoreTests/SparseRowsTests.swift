import TensorCore
import Testing

extension TensorCoreTests {
  @Suite struct Sparse {
    private let dense: [Float] = [0, 1, 0, 2, 0, 0, 0, 0, 3, 0, 0, 4]

    @Test func denseAndBack() throws {
      let x = try SparseRows(Tensor(dense, shape: [3, 4]))
      #expect(x.entryCount == 4)
      #expect(try x.dense().array(of: Float.self) == dense)
      #expect(try x.rowSums().array(of: Float.self) == [3, 0, 7])
      let empty = try SparseRows(Tensor(filling: [0, 4], with: 0))
      #expect(empty.entryCount == 0)
      #expect(try empty.dense().shape == [0, 4])
    }

    @Test func viewsAndGatheredRows() throws {
      let x = try SparseRows(Tensor(dense, shape: [3, 4]))
      #expect(try x.view(1..<3).dense().array(of: Float.self) == Array(dense[4...]))
      #expect(try x.view(1..<3).rowSums().array(of: Float.self) == [0, 7])
      #expect(try x.gathered([2, 0, 2]).dense().array(of: Float.self) == Array(dense[8...] + dense[..<4] + dense[8...]))
      let late = x.view(2..<3)
      let weight = try Tensor((0..<8).map(Float.init), shape: [2, 4])
      #expect(try late.linear(weight: weight, bias: nil).array(of: Float.self) == [12, 40])
      #expect(try late.linearWeightGradient(Tensor([Float(1), 10], shape: [1, 2])).array(of: Float.self) == [3, 0, 0, 4, 30, 0, 0, 40])
    }

    @Test func columnsHoldTheSameEntries() throws {
      let columns = try SparseRows(Tensor(dense, shape: [3, 4])).byColumn()
      let offsets = (0...4).map { Int(columns.offsets[$0]) }
      #expect(offsets == [0, 1, 2, 2, 4])
      #expect((0..<4).map { columns.entries[$0].value } == [3, 1, 2, 4])
      #expect((0..<4).map { columns.entries[$0].row } == [2, 0, 0, 2])
    }

    @Test func whatDoesNotFitIsRefused() throws {
      #expect(throws: CallerError.self) { try SparseRows(Tensor(filling: [2], with: 0)) }
      #expect(throws: OutOfMemory.self) { try SparseRows(Tensor(filling: [Int.max, 0], with: 0)) }
      #expect(throws: CallerError.self) { try SparseRows(Tensor(filling: [1, SparseRows.maximumColumns + 1], with: 0)) }
    }
  }
}
