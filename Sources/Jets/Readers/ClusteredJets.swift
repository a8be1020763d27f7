import Glibc
import SystemServices
import TensorCore

/// The jets of a file of events as far as they were clustered: in memory, beyond `cache.memoryLimit` in a file of the cache's folder,
/// which a later run finds again once all events are in it, by the SHA-256 of the events' file (`SourceContent`).
///
/// Where such a file cannot be written nothing more is kept, and the events are clustered again when they are asked for.
final class ClusteredJets {
  private let count: Int
  private let slots: Int
  private let path: String
  private let reading: String
  private let cache: ImageCache
  // Where a file of the cache lies or will lie; found out when jets are first asked for, since it means to hash the events' file.
  private var isPrepared = false
  private var content: SourceContent?
  private var key: String?
  private var cachePath: String?
  // Of each row, as far as rows were met: where its jet begins, in constituents, −1 for an unknown one; how many constituents it has; its label, −1 for none.
  private var starts: [Int64] = []
  private var counts: [UInt16] = []
  private var labels: [Int16] = []
  private var knownCount = 0
  /// Constituents that lie in the file; the ones behind are in `recent`.
  private var written = 0
  private var recent: [Float] = []
  private var file: ClusteredJetsFile?
  private var isFull = false

  /// For `count` events of `path`, each jet with at most `slots` constituents; `reading` says how they are clustered.
  init(count: Int, slots: Int, path: String, reading: String, cache: ImageCache) {
    (self.count, self.slots, self.path, self.reading, self.cache) = (count, slots, path, reading, cache)
  }

  /// Looks for what an earlier run has kept, where the jets may be too many for memory.
  private func prepare() throws {
    if isPrepared { return }
    let (most, overflow) = count.multipliedReportingOverflow(by: slots * 16)
    if overflow || most > cache.memoryLimit, let folder = try? cache.resolvedFolder(), let content = try SourceContent(path: path, folder: folder) {
      let sum = try Checksum()
      try Array("\(ClusteredJetsFile.title)\n\(content.checksum)\n\(count)\n\(reading)".utf8).withUnsafeBytes { try sum.add($0) }
      let key = try sum.finish(), path = "\(folder)/jets-\(key).jetlua"
      (self.content, self.key, cachePath) = (content, key, path)
      if let found = ClusteredJetsFile.find(path: path, key: key, count: count, slots: slots) {
        (file, starts, counts, labels, written) = (found.file, found.index.starts, found.index.counts, found.index.labels, found.written)
        knownCount = count
      }
    }
    isPrepared = true
  }

  /// The label of a row; `nil` where it is not known or was no whole number.
  func label(_ row: Int) throws -> UInt8? {
    try prepare()
    return row < labels.count && labels[row] >= 0 ? UInt8(labels[row]) : nil
  }

  /// Reads the jets of `rows` into `[rows.count, slots, 4]`, zero padded; false, with nothing promised, where one is not known.
  func read(_ rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws -> Bool {
    try prepare()
    guard rows.upperBound <= starts.count, rows.allSatisfy({ starts[$0] >= 0 }) else { return false }
    for row in rows {
      let start = Int(starts[row]), count = Int(counts[row])
      let jet = destination + (row - rows.lowerBound) * slots * 4
      if start >= written {
        recent.withUnsafeBufferPointer { values in
          if let base = values.baseAddress { jet.update(from: base + (start - written) * 4, count: count * 4) }
        }
      } else if let file, !file.read(start, count, into: jet) {
        return false
      }
      (jet + count * 4).update(repeating: 0, count: (slots - count) * 4)
    }
    return true
  }

  /// Keeps the jet of a row: `constituents` four-vectors.
  func keep(_ row: Int, _ vectors: UnsafePointer<Float>, constituents: Int, label: UInt8?) {
    grow(row + 1)
    guard starts[row] < 0, !isFull, constituents <= Int(UInt16.max) else { return }
    starts[row] = Int64(written + recent.count / 4)
    counts[row] = UInt16(constituents)
    labels[row] = label.map { Int16($0) } ?? -1
    recent.append(contentsOf: UnsafeBufferPointer(start: vectors, count: constituents * 4))
    knownCount += 1
    // Once there is a file, a megabyte at a time.
    if recent.count * 4 > (file == nil ? cache.memoryLimit : 1 << 20) { flush() }
    if knownCount == count, file != nil { publish() }
  }

  private func grow(_ rows: Int) {
    guard rows > starts.count else { return }
    starts.append(contentsOf: repeatElement(-1, count: rows - starts.count))
    counts.append(contentsOf: repeatElement(0, count: rows - counts.count))
    labels.append(contentsOf: repeatElement(-1, count: rows - labels.count))
  }

  private func flush() {
    if file == nil, let cachePath, let key { file = try? ClusteredJetsFile(path: cachePath, key: key) }
    guard let file, file.write(recent, at: written) else { return giveUp() }
    written += recent.count / 4
    recent.removeAll(keepingCapacity: false)
  }

  private func publish() {
    flush()
    // Jets of a file that was changed meanwhile are of no use to a later run.
    guard let file, !isFull, content?.isUnchanged == true else { return }
    // What is open can be read without its name too.
    try? file.publish(ClusteredJetsIndex(starts: starts, counts: counts, labels: labels), constituents: written, slots: slots)
  }

  /// Keeps what is in the file and forgets the rest.
  private func giveUp() {
    isFull = true
    recent = []
    for row in starts.indices where starts[row] >= Int64(written) { starts[row] = -1 }
  }
}
