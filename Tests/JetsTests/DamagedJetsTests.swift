import Foundation
import Jets
import SystemServices
import TensorCore
import TestSupport
import Testing

private let variable = "JETLUA_TEST_DAMAGED_JETS"
private let isSlow = ProcessInfo.processInfo.environment["JETLUA_SLOW_TESTS"] == "1"

/// Files of every HDF5 format with some bytes changed. The HDF5 library itself may crash on one, so they are read in a child process, which
/// tells before each what comes; one that crashes is counted, and a new child goes on behind it. Our own code never traps.
@Suite(.serialized) struct DamagedJetsTests {
  private static let names = [
    "hdf5/zlib.h5", "hdf5/blosc_zstd.h5", "hdf5/blosc_lz4.h5", "hdf5/data_columns_several.h5", "jets/lhc_olympics.h5", "jets/vae_jet_test.h5",
    "jets/vae_jet_prepared.h5", "jets/jetnet.hdf5", "jets/own.h5", "jets/images.h5",
  ]

  private static func changed(_ whole: Data, turn: Int) -> Data {
    var random = SeededNumbers(state: UInt64(turn) + 17)
    var bytes = whole
    if turn % 7 == 0 { bytes = bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)) }
    guard !bytes.isEmpty else { return bytes }
    // Every other time near the beginning, where the structure is.
    for _ in 0...Int.random(in: 0..<8, using: &random) {
      bytes[Int.random(in: 0..<(turn % 2 == 0 ? min(4096, bytes.count) : bytes.count), using: &random)] = UInt8.random(in: 0...255, using: &random)
    }
    return bytes
  }

  /// The child: `FIRST-END` are the turns; says TURN before each, and how it ended.
  @Test(.enabled(if: ProcessInfo.processInfo.environment[variable] != nil, "runs as a child of the test beside it"))
  func readsDamagedJets() throws {
    let turns = try #require(ProcessInfo.processInfo.environment[variable]).split(separator: "-").compactMap { Int($0) }
    // At once: what a crash leaves in a buffer is lost.
    func say(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }
    let folder = NewFolder()
    let path = folder.path + "/file.h5"
    for turn in turns[0]..<turns[1] {
      let name = Self.names[turn % Self.names.count]
      try Self.changed(Data(contentsOf: URL(fileURLWithPath: Fixture.path(name))), turn: turn).write(to: URL(fileURLWithPath: path))
      say("TURN \(turn)")
      var reading = JetReading()
      if name == "jets/own.h5" {
        reading.layout = JetLayout(constituents: "pfcands", order: [.pt, .eta, .phi, .m])
        reading.layout?.mask = "pfmask"
        reading.layout?.label = "jets/is_sig"
      }
      let problem = message {
        switch try openJetFile(path: path, reading) {
        case .images(let images): #expect(try images.mean().allSatisfy(\.isFinite))
        case .jets(let source):
          // Damage may claim a billion jets.
          guard source.count < 10_000 else { throw CallerError("too many") }
          let set = try JetSet(source: source, broken: .drop)
          #expect(try set.numbers("mass").allSatisfy { $0 >= 0 && $0.isFinite })
          if set.count > 0 { #expect(try set.images().mean().allSatisfy(\.isFinite)) }
        }
      }
      #expect(!problem.contains("\n") && problem.utf8.count < 2000)
      say(problem == "no error" ? "JETS" : "REFUSED")
    }
  }

  @Test func damagedFilesAreRefusedOrReadAndNeverTrap() throws { try read(300) }

  @Test(.enabled(if: isSlow, "slow: reads 3,000 damaged files")) func threeThousandDamagedFiles() throws { try read(3000) }

  private func read(_ count: Int) throws {
    var next = 0, jets = 0, refused = 0, crashed: [Int] = []
    while next < count {
      let result = try ChildProcess.run(
        [CommandLine.arguments[0], "--filter", "readsDamagedJets", "--testing-library", "swift-testing"],
        environment: [variable: "\(next)-\(count)", "SWIFT_BACKTRACE": "enable=no"], timeout: 500)
      let lines = String(decoding: result.output, as: UTF8.self).split(separator: "\n")
      jets += lines.count { $0 == "JETS" }
      refused += lines.count { $0 == "REFUSED" }
      #expect(result.ending != .signalled(SIGILL) && result.ending != .signalled(SIGTRAP) && result.ending != .timedOut)
      if result.ending == .exited(0) { break }
      guard case .signalled = result.ending, let turn = lines.last(where: { $0.hasPrefix("TURN ") }).flatMap({ Int($0.dropFirst(5)) }) else {
        Issue.record("\(result.ending) \(lines.suffix(5)) \(String(decoding: result.errors.suffix(300), as: UTF8.self))")
        return
      }
      crashed.append(turn)
      next = turn + 1
    }
    print("of \(count) damaged files \(jets) were read, \(refused) refused; on \(crashed.count) the HDF5 library crashed: \(crashed.map { "\($0) (\(Self.names[$0 % Self.names.count]))" })")
    #expect(jets + refused + crashed.count == count && refused > count / 4 && jets > count / 10)
    // Without damage of ours the bare library crashes on 4 of 3,000.
    #expect(crashed.count <= max(2, count / 200))
  }

  @Test func degenerateJetsGiveNumbers() throws {
    let one = FourVector(pt: 10, eta: 1, phi: 1), beam = FourVector(energy: 5, px: 0, py: 0, pz: 5)
    let jets: [[FourVector]] = [
      [], [one], [one, one, one], [beam], [beam, FourVector(energy: 5, px: 0, py: 0, pz: -5)], [FourVector(energy: 0, px: 3, py: 0, pz: 0)],
      [FourVector(energy: 4, px: 0, py: 0, pz: 0)], [one, beam],
    ]
    for reduced in [false, true] {
      let set = try JetSet(source: InMemoryJets(constituents: packed(jets, slots: 4), constituentsPerJet: 4))
      for column in ["pt", "phi", "mass", "n_constituents"] { #expect(try set.numbers(column).allSatisfy(\.isFinite), "\(column)") }
      #expect(try set.numbers("eta").allSatisfy { !$0.isNaN })
      var recipe = ConstituentRecipe()
      recipe.normalise = reduced
      #expect(try set.constituents(recipe).x().array(of: Float.self).allSatisfy(\.isFinite))
      let images = try set.images(), planes = try set.lundImages()
      #expect(try images.mean().allSatisfy(\.isFinite) && planes.mean().allSatisfy(\.isFinite))
      // No constituent, or none with transverse momentum.
      #expect(images.emptyCount == 4 && planes.emptyCount >= 5)
    }
  }

  @Test func aJetThatFillsEverySlotNeedsNoPadding() throws {
    let folder = NewFolder()
    let full = (0..<200).map { FourVector(pt: 300 - Double($0), eta: 0.001 * Double($0), phi: 0.01 * Double($0 % 7)) }
    let set = try JetSet(source: InMemoryJets(constituents: packed([full, full], slots: 200), constituentsPerJet: 200, labels: [0, 1]))
    try set.save(to: folder.path + "/full.h5")
    guard case .jets(let source) = try openJetFile(path: folder.path + "/full.h5") else { throw CallerError("images") }
    let again = try JetSet(source: source)
    #expect(try again.numbers("n_constituents") == [200, 200] && again.numbers("mass") == set.numbers("mass"))
    #expect(try again.images().sparseRows().values[0] == set.images().sparseRows().values[0])
  }
}
