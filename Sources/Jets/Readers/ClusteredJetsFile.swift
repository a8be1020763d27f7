import Glibc
import SystemServices
import TensorCore

/// Where each jet of a `ClusteredJets` begins, how many constituents it has, and its label.
struct ClusteredJetsIndex {
  var starts: [Int64]
  var counts: [UInt16]
  var labels: [Int16]
}

/// The file behind `ClusteredJets`: a header of 4096 bytes (title, key, rows, slots and constituents, one per line), the
/// constituents (E, px, py, pz in single precision) in the order in which they were clustered, and the index.
///
/// It has a temporary name until all rows are in it, so a file that is found is whole.
final class ClusteredJetsFile {
  private let key: String
  private let replacement: AtomicReplacement?
  private let descriptor: Int32
  private var isPublished: Bool

  /// The first line of such files; the number goes up with every change of what clustering makes.
  static let title = "jetlua jets 2"
  private static let headerLength = 4096

  /// Begins the file that will be `path`.
  init(path: String, key: String) throws {
    if let slash = path.lastIndex(of: "/") { try FileSystem.makeFolder(String(path[..<slash])) }
    let replacement = try AtomicReplacement(path: path)
    descriptor = open(replacement.temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw SystemError("write", path, code: errno) }
    self.key = key
    self.replacement = replacement
    isPublished = false
  }

  private init(descriptor: Int32, key: String) {
    self.descriptor = descriptor
    self.key = key
    replacement = nil
    isPublished = true
  }

  deinit {
    close(descriptor)
    if !isPublished { replacement?.discard() }
  }

  /// Writes constituents behind the first `start` ones; false where there is no room for them.
  func write(_ values: [Float], at start: Int) -> Bool {
    values.withUnsafeBytes { write($0, at: Self.headerLength + start * 16) }
  }

  /// Reads `count` constituents from the one at `start` on; false where they are not there.
  func read(_ start: Int, _ count: Int, into destination: UnsafeMutablePointer<Float>) -> Bool {
    Self.read(descriptor, UnsafeMutableRawBufferPointer(start: destination, count: count * 16), at: Self.headerLength + start * 16)
  }

  /// Adds header and index and gives the file its name.
  func publish(_ index: ClusteredJetsIndex, constituents: Int, slots: Int) throws {
    guard let replacement, !isPublished else { return }
    let text = Array("\(Self.title)\n\(key)\n\(index.starts.count)\n\(slots)\n\(constituents)\n".utf8)
    let header = text + [UInt8](repeating: 0, count: Self.headerLength - text.count)
    let places = Self.places(rows: index.starts.count, constituents: constituents)
    let isWritten = header.withUnsafeBytes { write($0, at: 0) } && index.starts.withUnsafeBytes { write($0, at: places.starts) }
      && index.counts.withUnsafeBytes { write($0, at: places.counts) } && index.labels.withUnsafeBytes { write($0, at: places.labels) }
    guard isWritten else { throw SystemError("write", replacement.path, code: ENOSPC) }
    try replacement.publish()
    isPublished = true
  }

  /// The file at `path` and its index; `nil` where there is none with this key, or a damaged one.
  static func find(path: String, key: String, count: Int, slots: Int) -> (file: ClusteredJetsFile, index: ClusteredJetsIndex, written: Int)? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { return nil }
    let file = ClusteredJetsFile(descriptor: descriptor, key: key)
    var status = stat()
    var header = [UInt8](repeating: 0, count: headerLength)
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, header.withUnsafeMutableBytes({ read(descriptor, $0, at: 0) })
    else { return nil }
    let lines = String(decoding: header.prefix { $0 != 0 }, as: UTF8.self).split(separator: "\n")
    // Below this limit no place in the file can overflow.
    guard lines.count == 5, lines[0] == Self.title, lines[1] == key, lines[2] == "\(count)", lines[3] == "\(slots)",
      let constituents = Int(lines[4]), (0..<1 << 48).contains(constituents)
    else { return nil }
    let places = places(rows: count, constituents: constituents)
    guard Int(status.st_size) == places.end else { return nil }
    var index = ClusteredJetsIndex(
      starts: [Int64](repeating: 0, count: count), counts: [UInt16](repeating: 0, count: count), labels: [Int16](repeating: 0, count: count))
    let isRead = index.starts.withUnsafeMutableBytes { read(descriptor, $0, at: places.starts) }
      && index.counts.withUnsafeMutableBytes { read(descriptor, $0, at: places.counts) }
      && index.labels.withUnsafeMutableBytes { read(descriptor, $0, at: places.labels) }
    let isSound = (0..<count).allSatisfy { row in
      index.starts[row] >= 0 && index.starts[row] <= Int64(constituents - Int(index.counts[row])) && Int(index.counts[row]) <= slots
        && index.labels[row] < 256
    }
    return isRead && isSound ? (file, index, constituents) : nil
  }

  private static func places(rows: Int, constituents: Int) -> (starts: Int, counts: Int, labels: Int, end: Int) {
    let starts = headerLength + constituents * 16
    return (starts, starts + rows * 8, starts + rows * 10, starts + rows * 12)
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at position: Int) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = pwrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(position + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  private static func read(_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer, at position: Int) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = pread(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(position + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }
}
