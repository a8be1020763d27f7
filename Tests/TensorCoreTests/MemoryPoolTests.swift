import TensorCore
import Testing

extension TensorCoreTests {
  @Suite struct Memory {
    @Test func statisticsAreExactAfterRandomWork() throws {
      var generator = TestGenerator(state: 1)
      let before = MemoryPool.statistics
      var alive: [Tensor] = []
      var bytes = 0
      for _ in 0..<10_000 {
        if alive.isEmpty || Bool.random(using: &generator) {
          let type = try #require(DType.allCases.randomElement(using: &generator))
          let tensor = try Tensor(uninitialized: [Int.random(in: 0...3000, using: &generator), Int.random(in: 0...3, using: &generator)], type)
          bytes += tensor.byteCount
          alive.append(tensor)
        } else {
          bytes -= alive.remove(at: Int.random(in: 0..<alive.count, using: &generator)).byteCount
        }
        #expect(MemoryPool.statistics.liveBytes - before.liveBytes == bytes)
        #expect(MemoryPool.statistics.liveBlocks - before.liveBlocks == alive.count)
      }
      alive = []
      #expect(MemoryPool.statistics.liveBytes == before.liveBytes)
      #expect(MemoryPool.statistics.keptBytes <= MemoryPool.keptLimit)
      MemoryPool.releaseUnused()
      #expect(MemoryPool.statistics.keptBytes == 0)
    }

    @Test(.enabled(if: MemoryPool.keptLimit > 0)) func blocksAreReused() throws {
      _ = try Tensor(uninitialized: [1000])
      let fresh = MemoryPool.statistics.freshBlocks
      for size in 990...1000 { _ = try Tensor(uninitialized: [size]) }
      #expect(MemoryPool.statistics.freshBlocks == fresh)
    }

    @Test func blocksOfAllSizesAreAlignedAndWritable() throws {
      for size in [1, 63, 64, 65, 80, 81, 96, 97, 112, 128, 129, 160, 161, 4095, 4096, 4097, 70_000] {
        let tensor = try Tensor(filling: [size], with: 1, .bool)
        #expect(Int(bitPattern: tensor.storage.pointer) % 64 == 0)
        #expect(try tensor.sum().item() == Double(size))
      }
    }

    @Test func whatCannotBeHadIsAnErrorWithItsSize() throws {
      let live = MemoryPool.statistics.liveBytes
      var error = #expect(throws: OutOfMemory.self) { try Tensor(uninitialized: [1 << 50, 1 << 20]) }
      #expect(error?.description == "not enough memory: the size in bytes overflows 64 bits")
      error = #expect(throws: OutOfMemory.self) { try Tensor(uninitialized: [1 << 50], .float64) }
      #expect(error?.description == "not enough memory: 9007199254740992 bytes asked for")
      #expect(throws: OutOfMemory.self) { try Tensor(uninitialized: [-1]) }
      #expect(throws: OutOfMemory.self) { try Tensor(uninitialized: [0, 1 << 40, 1 << 40]) }
      #expect(throws: OutOfMemory.self) { try Tensor.featureMajor(Int.max, 2) }
      #expect(throws: OutOfMemory.self) { try Tensor.featureMajor(1 << 40, 1 << 40) }
      #expect(throws: OutOfMemory.self) { try Tensor(scalar: 1).expanded(to: [1 << 40, 1 << 40]) }
      #expect(MemoryPool.statistics.liveBytes == live)
    }
  }
}
