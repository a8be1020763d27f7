import Foundation
import Jets
import SystemServices
import TensorCore
import TestSupport
import Testing

private let variable = "JETLUA_TEST_CACHE"
private let isSlow = ProcessInfo.processInfo.environment["JETLUA_SLOW_TESTS"] == "1"

/// What is prepared is found again where bytes, recipe and version are the same, and nowhere else.
@Suite(.serialized) struct CacheTests {
  private let folder = NewFolder()
  private var path: String { folder.path + "/jets.h5" }
  private var cache: ImageCache { ImageCache(folder: folder.path + "/cache", memoryLimit: 0) }

  /// Jets that say they are in the file `path`.
  private func source(_ count: Int = 400, seed: UInt64 = 1, path: String? = nil) throws -> CountingSource {
    let jets = try randomJets(count, seed: seed)
    var values = [Float](repeating: 0, count: count * 48)
    var labels = [UInt8](repeating: 0, count: count)
    try jets.readConstituents(rows: 0..<count, into: &values)
    try jets.readLabels(rows: 0..<count, into: &labels)
    return CountingSource(try InMemoryJets(constituents: values, constituentsPerJet: 12, labels: labels, path: path ?? self.path))
  }

  private func write(_ text: String, to path: String? = nil) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path ?? self.path))
  }

  private func files(_ kind: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path + "/cache").filter { $0.hasPrefix(kind + "-") && !$0.hasPrefix(".") }.sorted()
  }

  private func entries(_ images: ImageSet) throws -> [[Float]] {
    try (0..<images.count).map { try images.pixels(of: $0).flatMap { [Float($0.pixel), $0.value] } }
  }

  private func rows(_ set: ConstituentSet) throws -> [Float] { try set.x().array(of: Float.self) }

  @Test func constituentsAreFoundAgainWhateverTheirScaler() throws {
    try write("one")
    let expected = try JetSet(source: source()).constituents()
    let first = try source()
    let made = try JetSet(source: first).constituents(cache: cache)
    #expect(made.isMapped && !expected.isMapped && first.rowsRead == 400)
    #expect(try rows(made) == rows(expected) && made.recipe == expected.recipe)

    let second = try source()
    let found = try JetSet(source: second).constituents(cache: cache)
    #expect(try rows(found) == rows(expected) && found.recipe == expected.recipe)
    for column in ["label", "mass", "pt", "weight", "index"] { #expect(found.column(column) == expected.column(column)) }
    #expect(second.rowsRead == 0)
    var recipe = ConstituentRecipe()
    recipe.scale = .none
    _ = try JetSet(source: second).constituents(recipe, cache: cache)
    #expect(second.rowsRead == 0)
    for change in [{ $0.n = 7 }, { $0.align = false }, { $0.normalise = true }] as [(inout ConstituentRecipe) -> Void] {
      var other = ConstituentRecipe()
      change(&other)
      let read = second.rowsRead
      #expect(try rows(JetSet(source: second).constituents(other, cache: cache)) == rows(JetSet(source: source()).constituents(other)))
      #expect(second.rowsRead == read + 400)
    }
    #expect(try files("constituents").count == 4)
    // Chosen jets and jets in another order share nothing but the file of their rows.
    let third = try source()
    let mixed = try JetSet(source: third).shuffled(testPermutation(seed: 4))
    #expect(try rows(mixed.constituents(recipe, cache: cache)) == rows(JetSet(source: source()).shuffled(testPermutation(seed: 4)).constituents(recipe)))
    _ = try JetSet(source: third).taking(100).constituents(recipe, cache: cache)
    #expect(try files("constituents").count == 6)
  }

  @Test func otherBytesUnderTheSameDateAreOtherJets() throws {
    try write("one")
    let old = Date(timeIntervalSince1970: 1_600_000_000)
    try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path)
    let images = try entries(JetSet(source: source()).images(cache: cache))
    // Hashed again while it is young, from its note when it is not; the same bytes either way.
    let again = try source()
    #expect(try entries(JetSet(source: again).images(cache: cache)) == images && again.rowsRead == 0)
    // Other bytes of the same length, under the same name and date.
    try write("two")
    try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path)
    let changed = try source(seed: 2)
    #expect(try entries(JetSet(source: changed).images(cache: cache)) != images && changed.rowsRead == 400)
    // The first bytes again, elsewhere and with another date.
    let copy = folder.path + "/copy.h5"
    try write("one", to: copy)
    let copied = try source(path: copy)
    #expect(try entries(JetSet(source: copied).images(cache: cache)) == images && copied.rowsRead == 0)
  }

  @Test func aNoteIsBelievedOnlyAboutTheFileItNames() throws {
    try write("one")
    _ = try JetSet(source: source()).images(cache: cache)
    let note = folder.path + "/cache/" + (try #require(try files("content").first))
    let lines = try String(contentsOfFile: note, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(try lines.count == 5 && lines[1] == Checksum.sha256(Array("one".utf8)))
    // As if the file had been hashed an hour from now, so that its age is beyond doubt.
    func rewrite(_ change: (inout [String]) -> Void) throws {
      var lines = lines
      lines[2] = "\((Int(lines[2]) ?? 0) + 3600)"
      change(&lines)
      try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: note))
    }
    try rewrite { $0[1] = String(repeating: "0", count: 64) }
    let believed = try source()
    _ = try JetSet(source: believed).images(cache: cache)
    #expect(believed.rowsRead == 400)
    for change in [{ $0[0] = "jetlua content 0" }, { $0[1] = "xyz" }, { $0[2] = "soon" }, { $0[3] += "1" }, { $0[4] += "1" }, { $0.removeLast() }] as [(inout [String]) -> Void] {
      try rewrite { lines in
        lines[1] = String(repeating: "0", count: 64)
        change(&lines)
      }
      let doubted = try source()
      _ = try JetSet(source: doubted).images(cache: cache)
      #expect(doubted.rowsRead == 0)
    }
  }

  @Test func noChangedByteIsServed() throws {
    try write("one")
    let images = try entries(JetSet(source: source()).images(cache: cache))
    let vectors = try rows(JetSet(source: source()).constituents(cache: cache))
    var random = SeededNumbers(state: 3)
    for kind in ["images", "constituents"] {
      let file = URL(fileURLWithPath: folder.path + "/cache/" + (try #require(try files(kind).first)))
      let whole = try Data(contentsOf: file)
      // The header's text, then places anywhere; the unused room of images is no part of what is served.
      let header = whole.prefix { $0 != 0 }.count
      var served = 0
      for round in 0..<80 {
        var bytes = whole
        if round == 79 {
          bytes = bytes.prefix(bytes.count / 2)
        } else {
          bytes[Int.random(in: round < 20 ? 0..<header : 4096..<bytes.count, using: &random)] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
        }
        try bytes.write(to: file)
        let jets = try source()
        if kind == "images" {
          #expect(try entries(JetSet(source: jets).images(cache: cache)) == images)
        } else {
          #expect(try rows(JetSet(source: jets).constituents(cache: cache)) == vectors)
        }
        if jets.rowsRead == 0 { served += 1 }
        #expect(round >= 20 || jets.rowsRead > 0)
      }
      #expect(kind == "images" ? served < 60 : served == 0)
    }
    // Another version of the program is another kind of file.
    let file = URL(fileURLWithPath: folder.path + "/cache/" + (try #require(try files("images").first)))
    let text = try Data(contentsOf: file)
    try (Data("jetlua images 1".utf8) + text.dropFirst(15)).write(to: file)
    let jets = try source()
    _ = try JetSet(source: jets).images(cache: cache)
    #expect(jets.rowsRead == 400)
  }

  @Test func readingsOfOneFileAreKeptApart() throws {
    let events = Fixture.path("jets/lhc_olympics.h5")
    func images(_ change: (inout JetReading) -> Void) throws -> JetColumnValues? {
      var reading = JetReading()
      change(&reading)
      guard case .jets(let source) = try openJetFile(path: events, reading) else { return nil }
      return try JetSet(source: source).images(cache: cache).column("pt")
    }
    let leading = try images { _ in }
    #expect(try images { $0.radius = 0.2 } != leading && images { $0.jet = 2 } != leading)
    #expect(try images { _ in } == leading && files("images").count == 3)
    var layout = JetLayout(constituents: "constituents", order: [.px, .py, .pz, .e])
    func own() throws -> JetColumnValues? {
      var reading = JetReading()
      reading.layout = layout
      guard case .jets(let source) = try openJetFile(path: Fixture.path("jets/own.npz"), reading) else { return nil }
      return try JetSet(source: source).images(cache: cache).column("pt")
    }
    let right = try own()
    layout.order = [.pz, .py, .px, .e]
    #expect(try own() != right)
    layout.order = [.px, .py, .pz, .e]
    #expect(try own() == right && files("images").count == 5)
  }

  @Test func aFileThatChangesWhileItIsReadIsNotKept() throws {
    try write("one")
    let images = try JetSet(source: ChangingSource(source(), path)).images(cache: cache)
    #expect(images.isMapped && images.count == 400)
    #expect(try files("images").isEmpty)
  }

  /// The child: prepares the same jets again and again until it is killed.
  @Test(.enabled(if: ProcessInfo.processInfo.environment[variable] != nil, "runs as a child of the test beside it"))
  func preparesUntilKilled() throws {
    let folder = try #require(ProcessInfo.processInfo.environment[variable])
    let cache = ImageCache(folder: folder + "/cache", memoryLimit: 0)
    while true {
      _ = try JetSet(source: source(6000, path: folder + "/jets.h5")).images(cache: cache)
      _ = try JetSet(source: source(6000, path: folder + "/jets.h5")).constituents(cache: cache)
      for name in try FileManager.default.contentsOfDirectory(atPath: folder + "/cache") where !name.hasPrefix(".") {
        unlink(folder + "/cache/" + name)
      }
    }
  }

  @Test func whatAKilledProcessLeftIsNotRead() throws { try kill(8) }

  @Test(.enabled(if: isSlow, "slow: kills 100 processes")) func aHundredKilledProcesses() throws { try kill(100) }

  private func kill(_ count: Int) throws {
    try write("one")
    let images = try entries(JetSet(source: source(6000)).images())
    let vectors = try rows(JetSet(source: source(6000)).constituents())
    let longest: [UInt32] = [0, 2_000, 100_000]
    try killRepeatedly(
      count, test: "preparesUntilKilled", environment: [variable: folder.path], folder: folder.path + "/cache",
      delay: { .random(in: 0...longest[$0 % 3]) }
    ) {
      let imagesNow = try entries(JetSet(source: source(6000)).images(cache: cache))
      let vectorsNow = try rows(JetSet(source: source(6000)).constituents(cache: cache))
      #expect(imagesNow == images)
      #expect(vectorsNow == vectors)
    }
  }
}

/// A source whose file is written again while it is read.
private final class ChangingSource: JetSource {
  let inner: CountingSource
  let path: String

  init(_ inner: CountingSource, _ path: String) { (self.inner, self.path) = (inner, path) }

  var count: Int { inner.count }
  var constituentsPerJet: Int { inner.constituentsPerJet }
  var formatName: String { inner.formatName }
  var classNames: [Int: String] { inner.classNames }
  var hasLabels: Bool { inner.hasLabels }

  func readConstituents(rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws {
    try Data("three".utf8).write(to: URL(fileURLWithPath: path))
    try inner.readConstituents(rows: rows, into: destination)
  }

  func readLabels(rows: Range<Int>, into destination: UnsafeMutablePointer<UInt8>) throws {
    try inner.readLabels(rows: rows, into: destination)
  }
}
