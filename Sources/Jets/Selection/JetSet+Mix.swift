import TensorCore

extension JetSet {
  /// `n` jets of the class `background` (default: all of them) and `ratio` · n of the class `signal`, rounded; label 1 is the signal then.
  ///
  /// Jets are drawn and ordered by `permutation`; without one the first of each class are taken and the set's order is kept. Throws
  /// `CallerError` for jets without labels, an unknown class, a number of jets the set does not have, which it names, or a ratio above 0 that
  /// leaves no signal jet.
  public func mixed(signal: String, background: String, ratio: Double = 1, n: Int? = nil, permutation: RowPermutation? = nil) throws -> JetSet {
    guard hasLabels else { throw CallerError("mix: \(path) has no labels; a mix draws jets by their class") }
    let signalLabel = try sourceLabel(ofClass: signal, argument: "signal")
    let backgroundLabel = try sourceLabel(ofClass: background, argument: "background")
    guard signalLabel != backgroundLabel else {
      throw CallerError("mix: signal and background are both \"\(signal)\"; name two classes")
    }
    guard ratio >= 0, ratio.isFinite else { throw CallerError("mix: ratio: expected a number from 0, got \(ratio)") }
    let labels = try table.loadColumns(broken: broken).label
    let order = try permutation.map { try checkedPermutation($0, count) } ?? Array(0..<count)
    let backgroundPositions = order.filter { labels[row($0)] == backgroundLabel }
    let signalPositions = order.filter { labels[row($0)] == signalLabel }
    let wanted = try checkedCounts(
      signal: (signal, signalPositions.count), background: (background, backgroundPositions.count), ratio: ratio, n: n)
    var positions = Array(backgroundPositions[..<wanted.background]) + signalPositions[..<wanted.signal]
    if let permutation {
      let shuffle = try checkedPermutation(permutation, positions.count)
      positions = shuffle.map { positions[$0] }
    } else {
      positions.sort()
    }
    let name = "mix signal=\(signal) background=\(background) ratio=\(ratio) n=\(wanted.background)"
    return derived(name: name, rows: positions.map { UInt32(row($0)) }, labelMap: LabelMap(signal: signalLabel))
  }

  private func checkedCounts(
    signal: (name: String, count: Int), background: (name: String, count: Int), ratio: Double, n: Int?
  ) throws -> (signal: Int, background: Int) {
    guard signal.count > 0 || ratio == 0 else {
      throw CallerError("mix: there are no \(signal.name) jets to be signal (\(cutflowSummary)); loosen the selection")
    }
    let backgroundCount = n ?? background.count
    guard backgroundCount > 0 else {
      throw CallerError(
        n == nil
          ? "mix: there are no \(background.name) jets to be background (\(cutflowSummary)); loosen the selection"
          : "mix: n: expected a number of jets from 1, got \(backgroundCount)")
    }
    guard backgroundCount <= background.count else {
      throw CallerError("mix: n: asks for \(backgroundCount) \(background.name) jets, there are \(background.count); ask for at most \(background.count)")
    }
    let signalCount = (ratio * Double(backgroundCount)).rounded()
    guard signalCount <= Double(signal.count) else {
      let most = Double(signal.count) / Double(backgroundCount)
      throw CallerError(
        "mix: ratio \(ratio) of \(backgroundCount) \(background.name) jets asks for \(wholeNumber(signalCount)) \(signal.name) jets, there are \(signal.count); "
          + "ask for a ratio of at most \(shortNumber(most)) or for fewer background jets by n")
    }
    guard signalCount > 0 || ratio == 0 else {
      throw CallerError(
        "mix: ratio \(ratio) of \(backgroundCount) \(background.name) jets leaves no \(signal.name) jet; "
          + "ask for a ratio of at least \(1 / Double(backgroundCount)), for more background jets, or for a ratio of 0")
    }
    return (Int(signalCount), backgroundCount)
  }

  /// The largest `n` that `mixed` can take with this ratio: all jets of the background's class, or as many as there are signal
  /// jets for. Throws as `mixed` does where there are none.
  public func largestMix(signal: String, background: String, ratio: Double) throws -> Int {
    guard hasLabels else { throw CallerError("mix: \(path) has no labels; a mix draws jets by their class") }
    let signalLabel = try sourceLabel(ofClass: signal, argument: "signal")
    let backgroundLabel = try sourceLabel(ofClass: background, argument: "background")
    let labels = try table.loadColumns(broken: broken).label
    var signals = 0, backgrounds = 0
    for position in 0..<count {
      let label = labels[row(position)]
      if label == signalLabel { signals += 1 }
      if label == backgroundLabel { backgrounds += 1 }
    }
    guard ratio > 0, signals > 0 else { return backgrounds }
    // With fewer signal jets than the ratio needs for one background jet, `mixed` says how many there are.
    return max(min(1, backgrounds), Int(min(Double(backgrounds), (Double(signals) / ratio).rounded(.down))))
  }

  /// The source's label of the class that this set calls `name`.
  private func sourceLabel(ofClass name: String, argument: String) throws -> UInt8 {
    let names = table.source.classNames
    if let label = names.first(where: { $0.value == name }).flatMap({ UInt8(exactly: $0.key) }) { return label }
    guard !names.isEmpty else {
      throw CallerError("mix: \(path): the layout \"\(formatName)\" names no classes; select by label and where")
    }
    let known = names.sorted { $0.key < $1.key }.map(\.value)
    let near = nearestName(to: name, among: known).map { "did you mean \"\($0)\"? " } ?? ""
    throw CallerError("mix: \(argument): no class \"\(name)\"; \(near)the classes are \(known.joined(separator: ", "))")
  }
}

/// A whole number without ".0", as far as it fits.
private func wholeNumber(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }

/// `value` rounded down to four decimals, so that asking for what a message proposes succeeds.
private func shortNumber(_ value: Double) -> String { "\((value * 10_000).rounded(.down) / 10_000)" }
