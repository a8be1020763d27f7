import Jets
import TensorCore
import TestSupport
import Testing

@Suite struct CutTests {
  private let columns = ["pt", "eta", "mass", "label"]

  private func passes(_ cut: String, pt: Double = 600, eta: Double = -1, mass: Double = 80, label: Double = 1) throws -> Bool? {
    let values = [pt, eta, mass, label]
    let result = try Cut(cut, columns: columns).evaluate(count: 1) { column, _, destination in destination[0] = values[column] }
    return result.undecided == 1 ? nil : result.passes[0]
  }

  private func message(_ cut: String) -> String {
    do {
      _ = try Cut(cut, columns: columns)
      return "accepted"
    } catch { return "\(error)" }
  }

  @Test(arguments: [
    ("550 < pt and pt < 650 and abs(eta) < 2", true), ("550 < pt < 650", true), ("550 < pt < 650 < 700", true), ("550 < pt < 590", false),
    ("650 > pt > 590 > 550 >= 550", true), ("pt == 600", true), ("pt ~= 600", false), ("pt != 601", true), ("not pt < 500", true),
    ("not (pt > 500 and eta < 0)", false), ("pt < 0 or mass >= 80", true), ("pt > 0 or pt > 1 and pt < 0", true),
    ("(pt > 0 or pt > 1) and pt < 0", false), ("2 + 3 * 4 == 14", true), ("-2 ^ 2 == -4", true), ("2 ^ 3 ^ 2 == 512", true),
    ("10 - 4 - 3 == 3", true), ("24 / 4 / 2 == 3", true), ("2 ^ -1 == .5", true), ("1e3 == 1000 and 1.5E-1 == 0.15", true),
    ("sqrt(mass + 1) == 9", true), ("abs(log(exp(2)) - 2) < 1e-12", true), ("min(pt, mass, 3) == 3 and max(1, 2) == 2", true),
    ("pt > 550 && !(eta > 0) || label == 0", true), ("2 * mass / pt < 0.3", true), ("abs(eta) < pi", true), ("((pt)) > (1)", true),
    ("mass / pt * cos", nil),
  ] as [(String, Bool?)])
  func grammar(cut: String, expected: Bool?) throws {
    if expected == nil {
      #expect(throws: CallerError.self) { try passes(cut) }
    } else {
      #expect(try passes(cut) == expected)
    }
  }

  @Test func nanFailsTheCutAndIsCountedWhereItDecides() throws {
    for cut in ["mass > 50", "mass < 50", "mass == mass", "mass ~= 1", "not mass > 50", "0 < mass < 9", "min(mass, 1) == 1", "pt > 1 and mass > 1"] {
      #expect(try passes(cut, mass: .nan) == nil, "\(cut)")
    }
    #expect(try passes("pt > 1 or mass > 1", mass: .nan) == true)
    #expect(try passes("pt < 1 and mass > 1", mass: .nan) == false)
    #expect(try passes("log(eta) > 0") == nil)
  }

  @Test func manyRowsCrossTheBlocks() throws {
    let result = try Cut("pt >= 1000 and pt ~= 2500", columns: columns).evaluate(count: 5000) { _, rows, destination in
      for (i, row) in rows.enumerated() { destination[i] = row % 7 == 6 ? .nan : Double(row) }
    }
    #expect(result.passes.count == 5000 && result.undecided == 714)
    for (row, passes) in result.passes.enumerated() { #expect(passes == (row % 7 != 6 && row >= 1000 && row != 2500)) }
  }

  @Test(arguments: [
    ("", "where: the cut is empty; write one such as \"550 < pt and pt < 650\""),
    ("ptt > 3", "where: \"ptt > 3\": at character 1: no column \"ptt\"; did you mean \"pt\"? The columns are pt, eta, mass, label"),
    ("pt > masss", "where: \"pt > masss\": at character 6: no column \"masss\"; did you mean \"mass\"? The columns are pt, eta, mass, label"),
    ("qqqqqqqq > 1", "where: \"qqqqqqqq > 1\": at character 1: no column \"qqqqqqqq\". The columns are pt, eta, mass, label"),
    ("pt = 3", "where: \"pt = 3\": at character 4: a single =; write == to compare"),
    ("pt", "where: \"pt\": at character 1: expected a comparison such as pt > 550, got a number"),
    ("pt and eta > 1", "where: \"pt and eta > 1\": at character 1: expected a comparison such as pt > 550, got a number"),
    ("(pt > 1) + 2 > 3", "where: \"(pt > 1) + 2 > 3\": at character 1: expected a number, got a comparison; join comparisons by and"),
    ("pt > ", "where: \"pt > \": at character 6: expected a column, a number or \"(\", got the end"),
    ("pt > 1 eta", "where: \"pt > 1 eta\": at character 8: expected \"and\", \"or\" or the end, got \"eta\""),
    ("(pt > 1", "where: \"(pt > 1\": at character 8: expected \")\", got the end"),
    ("sin(pt) > 1", "where: \"sin(pt) > 1\": at character 1: no function \"sin\"; there are abs, sqrt, log, exp, min and max"),
    ("abs(pt, 1) > 1", "where: \"abs(pt, 1) > 1\": at character 1: abs takes one number, got 2"),
    ("min(pt) > 1", "where: \"min(pt) > 1\": at character 1: min takes at least two numbers, got 1"),
    ("pt > 1.2.3", "where: \"pt > 1.2.3\": at character 6: a number that cannot be read; write it like 550, 0.5 or 1e3"),
  ])
  func messages(cut: String, expected: String) {
    #expect(message(cut) == expected)
  }

  @Test func hostileTextsEndInAnError() {
    for cut in [
      String(repeating: "(", count: 9000), String(repeating: "not ", count: 2000), String(repeating: "-", count: 9000) + "1 > 0",
      "pt" + String(repeating: "^2", count: 4000) + " > 1", String(repeating: "pt > 1 and ", count: 2000), "pt > \u{1F600}", "pt \0 > 1",
      "pt > 1" + String(repeating: ")", count: 100),
    ] {
      #expect(message(cut).hasPrefix("where: "))
      #expect(!message(cut).contains("\n"))
    }
    #expect(message("pt" + String(repeating: " + 1", count: 2000) + " > 1") == "accepted")
  }

  @Test func randomTextsNeverTrap() {
    var random = SeededNumbers(state: 5)
    let words = ["pt", "eta", "<", ">", "==", "and", "or", "not", "(", ")", "+", "-", "*", "^", "1", "2.5", "abs", "min", ",", "e", ".", "~=", "!"]
    var accepted = 0
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 1...9, using: &random)).map { _ in words[Int.random(in: 0..<words.count, using: &random)] }
        .joined(separator: " ")
      guard let cut = try? Cut(text, columns: columns) else { continue }
      accepted += 1
      let result = cut.evaluate(count: 3) { _, rows, destination in for i in 0..<rows.count { destination[i] = Double(i) } }
      #expect(result.passes.count == 3)
    }
    #expect(accepted > 10)
  }
}
