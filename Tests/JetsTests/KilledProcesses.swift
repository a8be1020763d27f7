import Foundation
import SystemServices
import Testing

/// Starts the test of this name in a process of its own again and again, and kills each `delay` microseconds behind
/// the first half-written file in `folder`, one whose name holds `part`, if given, and ends in `.tmp`; `check` sees what each left. Goes on until one was killed while
/// a file was half written, or nothing would be proved: a fast disk has it written before the signal comes.
func killRepeatedly(
  _ kills: Int, test: String, environment: [String: String], folder: String, part: String? = nil, delay: (_ turn: Int) -> UInt32, check: () throws -> Void
) throws {
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  func isHalfWritten() throws -> Bool {
    try FileManager.default.contentsOfDirectory(atPath: folder).contains { name in name.hasSuffix(".tmp") && part.map { name.contains($0) } ?? true }
  }
  var inTheMiddle = 0, turn = 0
  while turn < kills || inTheMiddle == 0 && turn < 25 * kills {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
    child.arguments = ["--filter", test, "--testing-library", "swift-testing"]
    child.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    child.standardOutput = FileHandle.nullDevice
    child.standardError = FileHandle.nullDevice
    try child.run()
    let patience = Machine.monotonicTime + 60
    while try !isHalfWritten(), Machine.monotonicTime < patience { usleep(500) }
    usleep(delay(turn))
    kill(child.processIdentifier, SIGKILL)
    child.waitUntilExit()
    if try isHalfWritten() { inTheMiddle += 1 }
    try check()
    turn += 1
  }
  print("\(turn) kills of \(test): \(inTheMiddle) left a half-written file")
  #expect(inTheMiddle > 0)
}
