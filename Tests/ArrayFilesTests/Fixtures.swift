import Foundation
import TestSupport

/// The path of a file under Tests/Fixtures.
func fixture(_ name: String) -> String { Fixture.path(name) }

/// The one-line text of the error that `body` throws; "" where it throws none.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch { return "\(error)" }
}

/// Number of files that this process has open.
func openDescriptors() -> Int { ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).count }
