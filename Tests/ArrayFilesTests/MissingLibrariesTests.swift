import ArrayFiles
import Foundation
import SystemServices
import Testing

private let canMount = (try? ChildProcess.run(["unshare", "-rm", "true"]).ending) == .exited(0)
private let plugins = "/usr/lib/x86_64-linux-gnu/hdf5/serial/plugins"
private let library = "/usr/lib/x86_64-linux-gnu/libhdf5_serial.so.103"

/// What a machine without a Debian package says: parts of the file system are hidden from a child process.
@Suite(.enabled(if: canMount && FileSystem.exists(plugins) && FileSystem.exists(library), "needs unshare to hide a package"))
struct MissingLibrariesTests {
  /// The child: opens two files and prints what came of it.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["JETLUA_TEST_LIBRARIES"] != nil, "runs as a child of the tests beside it"))
  func opensFilesWithoutPackages() {
    for name in ["blosc_zstd.h5", "zlib.h5"] {
      let text = message { _ = try HDF5File(path: fixture("hdf5/\(name)")).dataset("/table/table").readAll(Int64.self, field: "index") }
      print("RESULT \(name): \(text.isEmpty ? "read" : text)")
    }
  }

  private func results(hiding command: String) throws -> [String] {
    let result = try ChildProcess.run(
      ["unshare", "-rm", "sh", "-c", "\(command) && exec \"$@\"", "sh", CommandLine.arguments[0], "--filter", "opensFilesWithoutPackages",
        "--testing-library", "swift-testing"],
      environment: ["JETLUA_TEST_LIBRARIES": "1", "HDF5_PLUGIN_PATH": "/usr/lib/x86_64-linux-gnu"])
    return String(decoding: result.output, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("RESULT") }.map { String($0.dropFirst(7)) }
  }

  @Test func withoutTheBloscPluginItsPackageIsNamed() throws {
    let path = fixture("hdf5/blosc_zstd.h5")
    #expect(
      try results(hiding: "mount -t tmpfs none \(plugins)") == [
        "blosc_zstd.h5: \(path): /table/table is compressed with Blosc, which this machine cannot read; "
          + "install Debian's package hdf5-filter-plugin-blosc-serial",
        "zlib.h5: read",
      ])
  }

  @Test func withoutHDF5ItsPackageIsNamed() throws {
    let text = "HDF5: libhdf5_serial.so.103 is missing; install Debian's package libhdf5-103-1"
    #expect(
      try results(hiding: "mount --bind /dev/null \(try #require(FileSystem.resolved(library)))") == [
        "blosc_zstd.h5: \(text)", "zlib.h5: \(text)",
      ])
  }
}
