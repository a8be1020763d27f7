import ArrayFiles
import Foundation
import SystemServices
import Testing

private let variable = "JETLUA_TEST_DAMAGE"

/// Files with a few bytes changed. The library itself may crash on such a file, so they are read in a child process; what must
/// not happen is that our own code traps on a size or a count that a file claims.
@Suite(.serialized) struct DamagedFilesTests {
  @Test(.enabled(if: ProcessInfo.processInfo.environment[variable] != nil, "runs as a child of the test beside it"))
  func readsDamagedFiles() throws {
    let seed = try #require(ProcessInfo.processInfo.environment[variable].flatMap(UInt64.init))
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func random(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
    let path = NSTemporaryDirectory() + "/jetlua-damaged-\(UUID().uuidString).h5"
    defer { unlink(path) }
    var read = 0
    var refused = 0
    for name in ["zlib.h5", "blosc_lz4.h5", "numbers.h5"] {
      let whole = try Data(contentsOf: URL(fileURLWithPath: fixture("hdf5/\(name)")))
      for turn in 0..<100 {
        var bytes = whole
        // Every other time in the first page, where the structure is.
        for _ in 0...random(8) { bytes[random(turn % 2 == 0 ? 4096 : bytes.count)] = UInt8(random(256)) }
        try bytes.write(to: URL(fileURLWithPath: path))
        let text = message {
          let file = try HDF5File(path: path)
          let data = try file.dataset(name == "numbers.h5" ? "chunked" : "/table/table")
          let rows = 0..<min(data.shape.first ?? 1, 100)
          var values = [Float](repeating: 0, count: 100_000)
          let field = name == "numbers.h5" ? nil : "values_block_0"
          try data.read(rows: rows, field: field, columns: 0..<2, into: &values, capacity: values.count)
        }
        if text.isEmpty { read += 1 } else { refused += 1 }
        #expect(!text.contains("\n"))
      }
    }
    print("RESULT \(read + refused) files, \(refused > 0 && read > 0 ? "some" : "none") refused")
  }

  @Test(arguments: 1...4) func damageIsAnErrorAndNotATrap(seed: Int) throws {
    let result = try ChildProcess.run(
      [CommandLine.arguments[0], "--filter", "readsDamagedFiles", "--testing-library", "swift-testing"],
      environment: [variable: "\(seed)", "SWIFT_BACKTRACE": "enable=no"], timeout: 120)
    #expect(result.ending != .signalled(SIGILL) && result.ending != .signalled(SIGTRAP) && result.ending != .timedOut)
    if result.ending == .exited(0) {
      #expect(String(decoding: result.output, as: UTF8.self).contains("RESULT 300 files, some refused"))
    }
  }
}
