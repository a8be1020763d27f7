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
      #expect(MemoryPool.statistics.keptBytes <= MemoryPool.keptCeiling)
      MemoryPool.releaseUnused()
      #expect(MemoryPool.statistics.keptBytes == 0)
    }

    @Test(.enabled(if: MemoryPool.keptLimit > 0)) func blocksAreReused() throws {
      _ = try Tensor(uninitialized: [1000])
      let fresh = MemoryPool.statistics.freshBlocks
      for size in 990...1000 { _ = try Tensor(uninitialized: [size]) }
      #expect(MemoryPool.statistics.freshBlocks == fresh)
    }

    // Four tensors of 80 MB at once, in sizes of their own: far more than the pool keeps of what was never needed.
    private func step() throws {
      let sizes = [20_000_000, 22_000_000, 24_000_000, 26_000_000]
      let tensors = try sizes.map { try Tensor(uninitialized: [$0]) }
      #expect(tensors.count == 4)
    }

    @Test(.enabled(if: MemoryPool.keptLimit > 0)) func stepsThatRepeatThemselvesAskForNothing() throws {
      MemoryPool.releaseUnused()
      let ceiling = MemoryPool.keptCeiling
      defer { MemoryPool.keptCeiling = ceiling }
      MemoryPool.keptCeiling = 1 << 30
      try step()
      let before = MemoryPool.statistics
      #expect(before.keptBytes > 2 * MemoryPool.keptLimit)
      for _ in 0..<200 { try step() }
      let after = MemoryPool.statistics
      #expect(after.freshBlocks == before.freshBlocks)
      #expect(after.keptBytes == before.keptBytes)
    }

    @Test(.enabled(if: MemoryPool.keptLimit > 0)) func whatNobodyTakesGoesBack() throws {
      MemoryPool.releaseUnused()
      let ceiling = MemoryPool.keptCeiling
      defer { MemoryPool.keptCeiling = ceiling }
      MemoryPool.keptCeiling = 1 << 30
      try step()
      #expect(MemoryPool.statistics.keptBytes > 2 * MemoryPool.keptLimit)
      MemoryPool.releaseIdle()
      // In the period after this only a small tensor is used, again and again.
      for _ in 0..<10 { _ = try Tensor(uninitialized: [3_000_000]) }
      MemoryPool.releaseIdle()
      let kept = MemoryPool.statistics.keptBytes
      #expect(kept >= 12_000_000 && kept < 20_000_000)
      MemoryPool.releaseIdle()
      #expect(MemoryPool.statistics.keptBytes == 0)
    }

    @Test func noMoreWaitsThanWasInUseAtOnce() throws {
      MemoryPool.releaseUnused()
      MemoryPool.releaseIdle()
      MemoryPool.releaseIdle()
      let ceiling = MemoryPool.keptCeiling
      defer { MemoryPool.keptCeiling = ceiling }
      MemoryPool.keptCeiling = 1 << 30
      let live = MemoryPool.statistics.liveBytes
      // Ever larger tensors, one at a time: none can take the place of another.
      var largest = 0
      for count in stride(from: 5_000_000, through: 30_000_000, by: 2_500_000) {
        largest = try Tensor(uninitialized: [count]).byteCount
        #expect(MemoryPool.statistics.keptBytes <= live * 5 / 4 + largest * 5 / 4 + MemoryPool.keptLimit)
      }
      #expect(largest == 120_000_000)
      MemoryPool.keptCeiling = 50_000_000
      MemoryPool.releaseUnused()
      try step()
      #expect(MemoryPool.statistics.keptBytes <= 50_000_000)
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
