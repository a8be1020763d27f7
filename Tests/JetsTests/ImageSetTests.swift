import Foundation
import Jets
import TensorCore
import TestSupport
import Testing

@Suite(.serialized) struct ImageSetTests {
  /// A folder that is gone after the test.
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "jetlua-images-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func entries(_ rows: SparseRows) -> [[Float]] {
    (0..<rows.rows).map { row in
      (Int(rows.offsets[row])..<Int(rows.offsets[row + 1])).flatMap { [Float(rows.indices[$0]), rows.values[$0]] }
    }
  }

  private func entries(_ images: ImageSet) throws -> [[Float]] {
    try (0..<images.count).map { try images.pixels(of: $0).flatMap { [Float($0.pixel), $0.value] } }
  }

  @Test func imagesAgreeWithTheMaker() throws {
    let source = try randomJets(1500)
    let images = try JetSet(source: source).images()
    #expect(images.count == 1500 && images.pixelCount == 1600 && !images.isMapped && images.emptyCount == 0)
    let maker = try JetImageMaker(constituents: 12)
    var values = [Float](repeating: 0, count: 48)
    let all = try entries(images)
    #expect(entries(try images.sparseRows()) == all)
    for row in stride(from: 0, to: 1500, by: 7) {
      try source.readConstituents(rows: row..<row + 1, into: &values)
      let particles = stride(from: 0, to: 48, by: 4).map {
        FourVector(energy: Double(values[$0]), px: Double(values[$0 + 1]), py: Double(values[$0 + 2]), pz: Double(values[$0 + 3]))
      }
      #expect(all[row] == maker.image(of: particles).flatMap { [Float($0.pixel), Float($0.value)] })
    }
    #expect(images.activeCount == all.reduce(0) { $0 + $1.count / 2 })
  }

  @Test func threadsDoNotChangeABit() throws {
    let before = ThreadPool.threadCount
    defer { ThreadPool.threadCount = before }
    var results: [[[Float]]] = []
    var masses: [JetColumnValues?] = []
    for threads in [1, 2, 4] {
      ThreadPool.threadCount = threads
      let set = try JetSet(source: randomJets(3000))
      results.append(try entries(set.images()))
      masses.append(try set.column("mass"))
    }
    #expect(results[0] == results[1] && results[0] == results[2] && masses[0] == masses[1] && masses[0] == masses[2])
  }

  @Test func onePassGivesImagesAndColumns() throws {
    let source = CountingSource(try randomJets(700))
    let set = try JetSet(source: source)
    let images = try set.images()
    #expect(try images.column("mass") == set.column("mass") && images.column("pt") == set.column("pt"))
    #expect(try images.column("label") == set.column("label") && images.column("index") == set.column("index"))
    #expect(images.column("weight") == .numbers([Double](repeating: 1, count: 700)) && images.column("eta") == nil)
    #expect(source.rowsRead == 700)
  }

  @Test func imagesFollowTheOrderOfTheSet() throws {
    let set = try JetSet(source: randomJets(2000))
    let all = try entries(set.images())
    let mixed = try set.mixed(signal: "qcd", background: "top", ratio: 0.3, n: 500, permutation: testPermutation(seed: 3))
    let images = try mixed.images()
    let index = try mixed.numbers("index")
    #expect(index != index.sorted() && images.column("index") == .integers(index.map { Int64($0) }))
    #expect(try entries(images) == index.map { all[Int($0)] })
    #expect(entries(try images.sparseRows()) == index.map { all[Int($0)] })
    #expect(try images.column("label") == mixed.column("label") && images.classNames == [0: "top", 1: "qcd"])
    let cut = try set.filtered(by: "pt > 400")
    #expect(try entries(cut.images()) == cut.numbers("index").map { all[Int($0)] })
  }

  @Test func largeSetsLieInAMappedFileThatIsFoundAgain() throws {
    try inFolder { folder in
      let path = folder + "/jets.h5"
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
      func source() throws -> CountingSource {
        let jets = try randomJets(5000)
        var values = [Float](repeating: 0, count: 5000 * 48)
        try jets.readConstituents(rows: 0..<5000, into: &values)
        return CountingSource(try InMemoryJets(constituents: values, constituentsPerJet: 12, labels: (0..<5000).map { $0 % 3 == 0 ? 1 : 0 }, path: path))
      }
      let cache = ImageCache(folder: folder + "/deep/cache", memoryLimit: 10_000)
      let inMemory = try JetSet(source: source()).images()
      let first = try source()
      let mapped = try JetSet(source: first).images(cache: cache)
      #expect(mapped.isMapped && !inMemory.isMapped && first.rowsRead == 5000)
      #expect(try entries(mapped) == entries(inMemory) && entries(mapped.sparseRows()) == entries(inMemory.sparseRows()))
      for column in ["label", "mass", "pt", "index"] { #expect(mapped.column(column) == inMemory.column(column)) }

      let second = try source()
      let found = try JetSet(source: second).images(cache: cache)
      #expect(second.rowsRead == 0)
      #expect(found.isMapped)
      #expect(try entries(found) == entries(inMemory))

      var recipe = JetImageRecipe()
      recipe.combine = .overwrite
      let third = try source()
      _ = try JetSet(source: third).images(recipe, cache: cache)
      _ = try JetSet(source: third).taking(4000).images(cache: cache)
      #expect(third.rowsRead == 9000)
      let all = try FileManager.default.contentsOfDirectory(atPath: cache.folder ?? "")
      let files = all.filter { $0.hasPrefix("images-") && $0.hasSuffix(".jetlua") }
      #expect(files.count == 3 && all.filter { !files.contains($0) }.allSatisfy { $0.hasPrefix("content-") })

      // A damaged file is written anew: cut short, or with an offset that leaves the pixels.
      for (place, damage) in [(0, nil), (0, UInt8(65)), (-5000 * 29 - 8, 255)] as [(Int, UInt8?)] {
        for name in files {
          let url = URL(fileURLWithPath: (cache.folder ?? "") + "/" + name)
          var bytes = try Data(contentsOf: url)
          if let damage { bytes[place < 0 ? bytes.count + place + 7 : place] = damage } else { bytes.removeLast(100) }
          try bytes.write(to: url)
        }
        let again = try source()
        #expect(try entries(JetSet(source: again).images(cache: cache)) == entries(inMemory))
        #expect(again.rowsRead == 5000)
      }
      // A source that changed is not served from the cache.
      try Data([1, 2, 3, 4]).write(to: URL(fileURLWithPath: path))
      let changed = try source()
      _ = try JetSet(source: changed).images(cache: cache)
      #expect(changed.rowsRead == 5000)
    }
  }

  @Test func jetsFromMemoryLeaveNoFileBehind() throws {
    try inFolder { folder in
      let images = try JetSet(source: randomJets(3000)).images(cache: ImageCache(folder: folder, memoryLimit: 0))
      #expect(try images.isMapped && images.mean().count == 1600)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test func aCacheThatCannotBeWrittenIsOneLine() throws {
    try inFolder { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      let cache = ImageCache(folder: folder + "/file/cache", memoryLimit: 0)
      let text = message { _ = try JetSet(source: randomJets(3000)).images(cache: cache) }
      #expect(text.hasPrefix("images: the image cache: cannot make the folder ") && text.hasSuffix("; JETLUA_CACHE names the folder it lies in"))
      #expect(!text.contains("\n"))
    }
  }

  @Test func batchesHoldEveryImageOnce() throws {
    let images = try JetSet(source: randomJets(1000)).images()
    let all = try entries(images)
    let batches = try images.batches(64, permutation: testPermutation(seed: 8))
    #expect(batches.count == 16)
    var seen: [Int] = []
    while let batch = try batches.nextBatch() {
      #expect(batch.x.rows == (seen.count < 960 ? 64 : 40) && batch.x.columns == 1600 && batch.count == batch.x.rows)
      #expect(entries(batch.x) == batch.positions.map { all[$0] })
      #expect(batch.column("index") == .integers(batch.positions.map { Int64($0) }))
      #expect(batch.column("label") == .integers(batch.positions.map { $0 % 3 == 0 ? 1 : 0 }))
      seen += batch.positions
    }
    #expect(seen.sorted() == Array(0..<1000) && seen != Array(0..<1000))
    #expect(try batches.nextBatch() == nil)
    let ordered = try images.batches(999)
    #expect(try ordered.nextBatch()?.positions == Array(0..<999) && ordered.nextBatch()?.positions == [999] && ordered.nextBatch() == nil)
    let forever = try images.batches(600, permutation: testPermutation(seed: 1), forever: true)
    let sizes = try (0..<5).map { _ in try forever.nextBatch()?.count ?? 0 }
    #expect(sizes == [600, 400, 600, 400, 600])
    #expect(message { _ = try images.batches(0) } == "batches: expected a batch size from 1, got 0")
    #expect(try images.batches(Int.max).nextBatch()?.count == 1000)
  }

  @Test func splitAndMean() throws {
    let images = try JetSet(source: randomJets(1000)).images()
    let all = try entries(images)
    let (a, b) = try images.split(0.25, permutation: testPermutation(seed: 2))
    #expect(a.count == 250 && b.count == 750)
    let (indexA, indexB) = (a.column("index"), b.column("index"))
    guard case .integers(let first) = indexA, case .integers(let second) = indexB else {
      Issue.record("no index")
      return
    }
    #expect(Set(first).union(second).count == 1000)
    #expect(try entries(a) == first.map { all[Int($0)] } && entries(b.sparseRows()) == second.map { all[Int($0)] })
    #expect(abs(try images.mean().reduce(0, +) - 1) < 1e-5)
    var expected = [Double](repeating: 0, count: 1600)
    for image in try entries(a) {
      for pair in stride(from: 0, to: image.count, by: 2) { expected[Int(image[pair])] += Double(image[pair + 1]) / 250 }
    }
    for (mean, value) in zip(try a.mean(), expected) { #expect(abs(mean - value) < 1e-12) }
    #expect(try a.selecting([3, 1]).column("index") == .integers([first[3], first[1]]))
    #expect(message { _ = try a.selecting([250]) } == "images: position 250 (from 0) asked for, but there are 250 images")
    #expect(message { _ = try a.pixels(of: -1) } == "images: position -1 (from 0) asked for, but there are 250 images")
  }

  @Test func emptySelectionsShowTheirCutflow() throws {
    let none = try JetSet(source: randomJets(90)).filtered(by: "pt > 5", name: "loose").filtered(by: "pt > 1e6")
    #expect(message { _ = try none.images() } == "images: no jets are left (read: 90 -> loose: 90 -> pt > 1e6: 0); loosen the selection")
  }

  @Test func brokenAndEmptyJets() throws {
    let values = packed([[FourVector(pt: 9, eta: 0, phi: 0)], []], slots: 1)
    let images = try JetSet(source: InMemoryJets(constituents: values, constituentsPerJet: 1)).images()
    #expect(images.count == 2 && images.emptyCount == 1 && images.activeCount == 1 && !images.hasLabels && images.column("label") == nil)
    let source = try InMemoryJets(constituents: values + [.infinity, 0, 0, 0], constituentsPerJet: 1, path: "bad.h5")
    #expect(
      message { _ = try JetSet(source: source).images() }
        == "jets: bad.h5: 1 of 3 jets cannot be used: the one in row 2 (counted from 0) has a component that is not finite in constituent 1; open the file with { broken = \"drop\" } to leave such jets out")
    #expect(try JetSet(source: source, broken: .drop).images().count == 2)
    #expect(try JetSet(source: source).taking(2).images().count == 2)
  }
}
