import Glibc
import SystemServices
import TensorCore

/// The SHA-256 of a file's bytes, computed once for each state of the file.
///
/// A file of a million jets has a gigabyte, and hashing it takes a second or two. So its checksum is kept in the cache's folder under the file's
/// identity: path, device, inode, size, and the times of the last change to its bytes and to its inode. The latter no program can set, so
/// other bytes of the same size under an old date are noticed; a file changed within two seconds of its hashing is hashed again, since
/// clocks of file systems tick coarsely. Rejected: the identity alone as the key (a copy, or a file touched, would be prepared again), a
/// checksum of what is decoded while it is read (it is known only when everything has been read, which is what a cache saves), and of samples of
/// the bytes (it is no proof).
struct SourceContent {
  let checksum: String
  private let path: String
  private let identity: String

  private static let ticks = 2

  /// `nil` where `path` leads to no regular file. Throws `Interrupted` after Ctrl-C.
  init?(path: String, folder: String) throws {
    guard let path = FileSystem.resolved(path), let (identity, changed) = SourceContent.state(of: path) else { return nil }
    let note = "\(folder)/content-\(try Checksum.sha256(Array(identity.utf8))).txt"
    self.path = path
    self.identity = identity
    if let known = SourceContent.known(note, identity, changed) {
      checksum = known
      return
    }
    let began = Int(Machine.unixTime)
    do {
      checksum = try Checksum.sha256(file: path) { Interrupted.isRequested }
    } catch where Interrupted.isRequested { throw Interrupted() }
    // A note that cannot be kept costs time, nothing else.
    try? FileSystem.makeFolder(folder)
    try? AtomicFile.write([SourceContent.title, checksum, "\(began)", identity].joined(separator: "\n"), to: note)
  }

  /// Whether the file is still the one whose bytes were hashed.
  var isUnchanged: Bool { SourceContent.state(of: path)?.identity == identity }

  private static let title = "jetlua content 1"

  private static func state(of path: String) -> (identity: String, changed: Int)? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let times = [status.st_mtim, status.st_ctim].map { "\($0.tv_sec).\($0.tv_nsec)" }.joined(separator: " ")
    return ("\(status.st_dev) \(status.st_ino) \(status.st_size) \(times)\n\(path)", max(status.st_mtim.tv_sec, status.st_ctim.tv_sec))
  }

  private static func known(_ note: String, _ identity: String, _ changed: Int) -> String? {
    guard let text = try? FileSystem.readText(note, limit: 1 << 16) else { return nil }
    let lines = text.split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false)
    guard lines.count == 4, lines[0] == title, lines[1].utf8.count == 64, lines[1].utf8.allSatisfy({ $0 < 128 }), let began = Int(lines[2]),
      changed + ticks < began, lines[3] == identity
    else { return nil }
    return String(lines[1])
  }
}
