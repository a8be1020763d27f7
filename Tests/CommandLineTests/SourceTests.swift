import Foundation
import Testing

/// What every source file keeps to.
@Suite struct SourceTests {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources")

  private struct Line {
    let file: String
    let number: Int
    let text: Substring
    // The lines before it, the nearest first.
    let before: [Substring]
  }

  private func forEachLine(_ body: (Line) throws -> Void) throws {
    let paths = try #require(FileManager.default.enumerator(atPath: Self.sources.path)).compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }
    #expect(paths.count > 100)
    for path in paths.sorted() {
      let lines = try String(contentsOf: Self.sources.appendingPathComponent(path), encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
      for (i, text) in lines.enumerated() {
        try body(Line(file: path, number: i + 1, text: text, before: lines[max(0, i - 8)..<i].reversed()))
      }
    }
  }

  // Overrides say what they override.
  @Test func everyPublicDeclarationIsDocumented() throws {
    let declaration = /^\s*(@\S+\s+)*((final|static|mutating|indirect|required|convenience)\s+)*(public|open)\s.*/
    let excused = /\boverride\b|^\s*public extension\s/
    var seen = 0
    try forEachLine { line in
      guard line.text.contains(declaration), !line.text.contains(excused) else { return }
      seen += 1
      let above = line.before.first { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("@") } ?? ""
      if !above.trimmingCharacters(in: .whitespaces).hasPrefix("///") { Issue.record("\(line.file):\(line.number):\(line.text)") }
    }
    #expect(seen > 500)
  }

  // A temporary is gone before its pointer's first use.
  @Test func noPointerIsTakenFromATemporary() throws {
    let taken = /[\)\]]\??\.(pointer\(as|buffer\(as|storage\.pointer|firstByte|kernelView)/
    try forEachLine { line in
      guard !line.text.trimmingCharacters(in: .whitespaces).hasPrefix("//") else { return }
      if line.text.contains(taken) { Issue.record("\(line.file):\(line.number):\(line.text)") }
    }
  }

  // A script's mistake must never end the process.
  @Test func nothingTrapsOnPurpose() throws {
    let trap = /\btry!|\bas!|\b(fatalError|precondition|preconditionFailure|assert|assertionFailure)\(/
    try forEachLine { line in
      guard !line.text.trimmingCharacters(in: .whitespaces).hasPrefix("//") else { return }
      if line.text.contains(trap) { Issue.record("\(line.file):\(line.number):\(line.text)") }
    }
  }
}
