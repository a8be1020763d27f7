import ArrayFiles
import Foundation
import Jets
import SystemServices
import TensorCore
import TestSupport
import Testing

private let variable = "JETLUA_TEST_CLUSTERED"
private let isSlow = ProcessInfo.processInfo.environment["JETLUA_SLOW_TESTS"] == "1"

/// Events that are clustered as they are read, and the jets that are kept.
@Suite(.serialized) struct EventJetsTests {
  private let folder = NewFolder()
  private let count = 300
  private let width = 2101

  /// Rows of (pT, η, φ) of up to 150 particles, two hard sprays and some that are spread out, and a label.
  private func events() -> [[Double]] {
    var random = SeededNumbers(state: 21)
    return (0..<count).map { number in
      var row = [Double](repeating: 0, count: width)
      let axes = (0..<2).map { _ in (Double.random(in: -1.5...1.5, using: &random), Double.random(in: -3.14...3.14, using: &random)) }
      for i in 0..<Int.random(in: 3...150, using: &random) {
        let spread = i % 3 == 2 ? 2.5 : 0.5, axis = axes[i % 2]
        row[i * 3] = Double.random(in: 0.5...80, using: &random) / (spread * spread)
        row[i * 3 + 1] = axis.0 + Double.random(in: -spread...spread, using: &random)
        row[i * 3 + 2] = wrappedAzimuth(axis.1 + Double.random(in: -spread...spread, using: &random))
      }
      row[width - 1] = Double(number % 2)
      return row
    }
  }

  private func write(_ events: [[Double]]) throws -> String {
    let path = folder.path + "/events.h5"
    let writer = try HDF5Writer(path: path)
    try writer.write(events.flatMap { $0 }, as: "df/block0_values", shape: [events.count, width])
    try writer.commit()
    return path
  }

  private func open(_ path: String, memoryLimit: Int = 1 << 26, _ change: (inout JetReading) -> Void = { _ in }) throws -> any JetSource {
    var reading = JetReading()
    reading.cache = ImageCache(folder: folder.path + "/cache", memoryLimit: memoryLimit)
    change(&reading)
    guard case .jets(let source) = try openJetFile(path: path, reading) else { throw CallerError("images") }
    return source
  }

  private func values(_ source: any JetSource, _ rows: Range<Int>) throws -> [Float] {
    var values = [Float](repeating: -1, count: rows.count * source.constituentsPerJet * 4)
    try source.readConstituents(rows: rows, into: &values)
    return values
  }

  private func all(_ source: any JetSource) throws -> [Float] { try values(source, 0..<source.count) }

  private func isSame(_ a: [Float], _ b: [Float]) -> Bool { a.map(\.bitPattern) == b.map(\.bitPattern) }

  private var cacheFiles: [String] { ((try? FileSystem.list(folder.path + "/cache")) ?? []).filter { $0.hasPrefix("jets-") } }

  /// Zeroes the events inside the file and leaves size and times as they were: what still has jets was not read from there.
  private func emptyEvents(_ path: String, first: [Double]) throws {
    var status = stat()
    #expect(stat(path, &status) == 0)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let start = try #require(bytes.range(of: first.withUnsafeBytes { Data($0.prefix(48)) })).lowerBound
    bytes.replaceSubrange(start..<start + count * width * 8, with: Data(count: count * width * 8))
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.write(contentsOf: bytes)
    try handle.close()
    var times = [status.st_atim, status.st_mtim]
    #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
  }

  @Test(arguments: ClusteringAlgorithm.allCases) func jetsAreThoseOfFastJet(algorithm: ClusteringAlgorithm) throws {
    let rows = events()
    let path = try write(rows)
    for (radius, jet) in [(1.0, 1), (0.4, 2)] {
      let source = try open(path) { ($0.algorithm, $0.radius, $0.jet) = (algorithm, radius, jet) }
      let slots = source.constituentsPerJet
      let got = try all(source)
      for (number, row) in rows.enumerated() {
        let particles = (0..<700).filter { row[$0 * 3] > 0 }.map { FourVector(pt: row[$0 * 3], eta: row[$0 * 3 + 1], phi: row[$0 * 3 + 2]) }
        let jets = try Clustering.cluster(particles, algorithm: algorithm, radius: radius)
        let expected = jets.count >= jet ? jets[jet - 1].constituents.map { particles[$0] } : []
        #expect(Array(got[number * slots * 4..<(number + 1) * slots * 4]) == packed([expected], slots: slots), "event \(number)")
      }
    }
  }

  @Test func threadsAndPiecesDoNotChangeABit() throws {
    let before = ThreadPool.threadCount
    defer { ThreadPool.threadCount = before }
    let path = try write(events())
    var results: [[Float]] = []
    for threads in [1, 2, 4] {
      ThreadPool.threadCount = threads
      results.append(try all(try open(path)))
    }
    let source = try open(path)
    _ = try values(source, 130..<131)
    _ = try values(source, 250..<300)
    results.append(try all(source))
    for other in results.dropFirst() { #expect(isSame(results[0], other)) }
  }

  @Test func aSecondPassDoesNotReadTheEvents() throws {
    let rows = events()
    let path = try write(rows)
    // In memory, with most of the jets in the file of the cache, and in what another run finds.
    let inMemory = try open(path), inFile = try open(path, memoryLimit: 1000)
    let reference = try all(inMemory)
    #expect(cacheFiles.isEmpty)
    #expect(isSame(try all(inFile), reference))
    #expect(cacheFiles.count == 1 && cacheFiles[0].hasSuffix(".jetlua"))
    // A file that was cut short or emptied is not read.
    let kept = folder.path + "/cache/" + cacheFiles[0]
    let whole = try Data(contentsOf: URL(fileURLWithPath: kept))
    for damage in [whole.prefix(whole.count - 1), whole.prefix(5000), Data(), Data(count: whole.count)] {
      // Beside what the source before has open.
      try damage.write(to: URL(fileURLWithPath: kept), options: .atomic)
      #expect(isSame(try all(try open(path, memoryLimit: 1000)), reference))
    }
    // A copy of the events finds the same jets: the key is what the file holds.
    let copy = folder.path + "/copy.h5"
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    #expect(isSame(try all(try open(copy, memoryLimit: 1000)), reference))
    #expect(cacheFiles.count == 1)
    let another = try open(path, memoryLimit: 1000)
    _ = try values(another, 0..<1)
    try emptyEvents(path, first: rows[0])
    for source in [inMemory, inFile, another] {
      #expect(isSame(try all(source), reference))
      #expect(isSame(try values(source, 17..<90), Array(reference[17 * 2800..<90 * 2800])))
      var labels = [UInt8](repeating: 9, count: count)
      try source.readLabels(rows: 0..<count, into: &labels)
      #expect(labels == (0..<count).map { UInt8($0 % 2) })
    }
    // Another reading is not taken from there, nor are the jets of a file that was changed under its old date.
    for change: (inout JetReading) -> Void in [{ _ in }, { $0.radius = 0.9 }, { $0.algorithm = .kt }, { $0.jet = 2 }, { $0.maximumConstituents = 90 }] {
      #expect(try all(try open(path, memoryLimit: 1000, change)).allSatisfy { $0 == 0 })
    }
  }

  @Test func aPartIsNotPublishedAndACacheMayBeMissing() throws {
    let rows = events()
    let path = try write(rows)
    let reference = try all(try open(path))
    do {
      let part = try open(path, memoryLimit: 1000)
      #expect(isSame(try values(part, 0..<200), Array(reference[..<(200 * 2800)])))
      #expect(isSame(try values(part, 100..<200), Array(reference[(100 * 2800)..<(200 * 2800)])))
    }
    #expect(cacheFiles.isEmpty)
    try FileManager.default.removeItem(atPath: folder.path + "/cache")
    try Data([1]).write(to: URL(fileURLWithPath: folder.path + "/cache"))
    let source = try open(path, memoryLimit: 1000)
    for _ in 0..<2 { #expect(isSame(try all(source), reference)) }
  }

  /// The child: clusters the same events again and again until it is killed.
  @Test(.enabled(if: ProcessInfo.processInfo.environment[variable] != nil, "runs as a child of the test beside it"))
  func clustersUntilKilled() throws {
    let folder = try #require(ProcessInfo.processInfo.environment[variable])
    var reading = JetReading()
    reading.cache = ImageCache(folder: folder + "/cache", memoryLimit: 1000)
    while true {
      guard case .jets(let source) = try openJetFile(path: folder + "/events.h5", reading) else { return }
      _ = try all(source)
      for name in try FileSystem.list(folder + "/cache") where name.hasPrefix("jets-") { unlink(folder + "/cache/" + name) }
    }
  }

  @Test func jetsOfAKilledProcessAreClusteredAgain() throws { try kill(8) }

  @Test(.enabled(if: isSlow, "slow: kills 100 processes")) func aHundredKilledProcesses() throws { try kill(100) }

  private func kill(_ count: Int) throws {
    let path = try write(events())
    let reference = try all(try open(path))
    try killRepeatedly(
      count, test: "clustersUntilKilled", environment: [variable: folder.path], folder: folder.path + "/cache", part: "jets-",
      delay: { .random(in: 0...($0 % 2 == 0 ? 5_000 : 60_000)) }
    ) {
      let jets = try all(try open(path, memoryLimit: 1000))
      #expect(isSame(jets, reference))
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/cache")
      #expect(!names.contains { $0.hasSuffix(".tmp") } && cacheFiles.count == 1)
      for name in cacheFiles { unlink(folder.path + "/cache/" + name) }
    }
  }

  @Test func imagesOfAnotherRadiusAreOtherImages() throws {
    let path = try write(events())
    let cache = ImageCache(folder: folder.path + "/cache", memoryLimit: 100)
    let wide = try JetSet(source: try open(path)).images(cache: cache)
    let narrow = try JetSet(source: try open(path) { $0.radius = 0.2 }).images(cache: cache)
    #expect(try (0..<count).contains { try !wide.pixels(of: $0).elementsEqual(narrow.pixels(of: $0), by: ==) })
  }

  @Test func brokenEventsAreCounted() throws {
    var rows = events()
    rows[7][0] = .nan
    rows[9][3] = -4
    rows[11][4] = .infinity
    rows[13] = [Double](repeating: 0, count: width)
    let source = try open(try write(rows))
    #expect(message { _ = try JetSet(source: source).column("pt") }.contains("3 of 300 jets cannot be used: the one in row 7"))
    let sound = try JetSet(source: source, broken: .drop)
    #expect(sound.count == 297)
    #expect(try sound.filtered(by: "n_constituents == 0").numbers("index") == [13])
    rows[20][width - 1] = 0.5
    let unlabelled = try open(try write(rows))
    #expect(message { _ = try JetSet(source: unlabelled, broken: .drop) }.contains("the label of row 20 is 0.5"))
  }
}
