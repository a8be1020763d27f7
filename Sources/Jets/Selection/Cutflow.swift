/// One line of a cutflow: what was asked and what was left.
public struct CutflowStep: Equatable, Sendable {
  /// The cut's text or the name given to it; `"read"` for the first.
  public var name: String
  /// Jets left.
  public var count: Int
  /// Sum of their weights.
  public var weight: Double
  /// Weight left as a fraction of the line before; 1 for the first, 0 after an empty line.
  public var efficiency: Double
  /// Weight left as a fraction of the first line.
  public var cumulative: Double
  /// Jets left per label, in ascending order of the label; empty for jets without labels.
  public var byLabel: [(label: Int, count: Int)]
  /// Jets that failed because a NaN decided.
  public var undecided: Int

  /// Whether name, counts and weights are equal.
  public static func == (a: CutflowStep, b: CutflowStep) -> Bool {
    a.name == b.name && a.count == b.count && a.weight == b.weight && a.efficiency == b.efficiency && a.cumulative == b.cumulative
      && a.undecided == b.undecided && a.byLabel.elementsEqual(b.byLabel) { $0 == $1 }
  }
}

/// A step as a set remembers it: its jets are counted by label only when somebody asks.
struct RecordedStep {
  let name: String
  let rows: [UInt32]?
  let count: Int
  let undecided: Int
  let labels: LabelMap
}

/// What a source's labels mean in a set: the labels themselves, or 1 for one class and 0 for all others.
struct LabelMap: Equatable {
  var signal: UInt8?

  func callAsFunction(_ label: UInt8) -> UInt8 { signal.map { $0 == label ? 1 : 0 } ?? label }
}

extension JetSet {
  /// What each step of the selection left; the first line is what was read.
  public func cutflow() throws -> [CutflowStep] {
    let labels = hasLabels ? try table.loadColumns(broken: broken).label : []
    let weights = try weights()
    var steps: [CutflowStep] = []
    for step in history {
      let weight = weights.map { weights in step.rows?.reduce(0) { $0 + weights[Int($1)] } ?? weights.reduce(0, +) } ?? Double(step.count)
      let before = steps.last?.weight ?? weight
      let first = steps.first?.weight ?? weight
      steps.append(
        CutflowStep(
          name: step.name, count: step.count, weight: weight, efficiency: before > 0 ? weight / before : 0,
          cumulative: first > 0 ? weight / first : 0, byLabel: Self.countByLabel(step, labels: labels), undecided: step.undecided))
    }
    return steps
  }

  /// The last lines of the cutflow on one line, for an error: `read 20000 -> pt > 9000: 0`.
  var cutflowSummary: String {
    history.suffix(4).map { "\($0.name): \($0.count)" }.joined(separator: " -> ")
  }

  private static func countByLabel(_ step: RecordedStep, labels: [UInt8]) -> [(label: Int, count: Int)] {
    guard !labels.isEmpty else { return [] }
    var counts = [Int](repeating: 0, count: 256)
    if let rows = step.rows {
      for row in rows { counts[Int(step.labels(labels[Int(row)]))] += 1 }
    } else {
      for label in labels { counts[Int(step.labels(label))] += 1 }
    }
    return counts.enumerated().filter { $0.element > 0 }.map { (label: $0.offset, count: $0.element) }
  }
}
