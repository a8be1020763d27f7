import Glibc
import SystemServices
import TensorCore

/// The cache file of an image set, on its way to be written or found written.
///
/// The file starts with `jetlua images 1`, the key, and the numbers of the layout, one per line; the sections of `PixelLayout` follow.
final class PixelFile {
  private let replacement: AtomicReplacement
  private let key: String
  private let keepsName: Bool
  private var descriptor: Int32
  private var room = PixelLayout(rowCount: 0, activeCount: 0, pixelRoom: 0)
  private var pixelRoom = 0
  private var written = 0

  /// Starts the file `path`; unless `keepsName` it disappears from its folder as soon as it is mapped.
  init(path: String, key: String, keepsName: Bool) throws {
    self.key = key
    self.keepsName = keepsName
    do {
      if let slash = path.lastIndex(of: "/") { try FileSystem.makeFolder(String(path[..<slash])) }
      replacement = try AtomicReplacement(path: path)
    } catch { throw PixelFile.failure("\(error)") }
    descriptor = open(replacement.temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw PixelFile.failure("\(SystemError("write", path, code: errno))") }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    replacement.discard()
  }

  /// Fixes where the sections begin: for `rowCount` images with `pixelRoom` pixels at most.
  func reserve(rowCount: Int, pixelRoom: Int) {
    self.pixelRoom = pixelRoom
    room = PixelLayout(rowCount: rowCount, activeCount: 0, pixelRoom: pixelRoom)
  }

  func layout(activeCount: Int) -> PixelLayout {
    PixelLayout(rowCount: room.rowCount, activeCount: activeCount, pixelRoom: pixelRoom)
  }

  /// Adds pixels at the end of the two pixel sections.
  func append(indices: UnsafeRawBufferPointer, values: UnsafeRawBufferPointer) throws {
    try write(values, at: room.values + written * 4)
    try write(indices, at: room.indices + written * 2)
    written += indices.count / 2
  }

  func write(_ bytes: UnsafeRawBufferPointer, at position: Int) throws {
    var done = 0
    while done < bytes.count {
      let count = pwrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(position + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw PixelFile.failure("\(SystemError("write", replacement.path, code: count == 0 ? ENOSPC : errno))") }
      done += count
    }
  }

  /// Writes the header, gives the file its name and maps it.
  func finish(_ layout: PixelLayout, hasLabels: Bool) throws -> PixelStore {
    let header = PixelFile.header(key: key, layout: layout, pixelRoom: pixelRoom, hasLabels: hasLabels)
    try header.withUnsafeBytes { try write($0, at: 0) }
    guard ftruncate(descriptor, off_t(layout.end)) == 0 else {
      throw PixelFile.failure("\(SystemError("write", replacement.path, code: errno))")
    }
    let store = try PixelFile.map(descriptor, layout: layout, hasLabels: hasLabels, path: replacement.path)
    do {
      if keepsName { try replacement.publish() } else { replacement.discard() }
    } catch { throw PixelFile.failure("\(error)") }
    close(descriptor)
    descriptor = -1
    return store
  }

  /// The store in the file at `path`, or `nil` where there is none with this key, or a damaged one, which is written anew.
  static func find(path: String, key: String, pixelCount: Int) -> PixelStore? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    var bytes = [UInt8](repeating: 0, count: PixelLayout.headerLength)
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, pread(descriptor, &bytes, bytes.count, 0) == bytes.count,
      let (layout, hasLabels) = layout(inHeader: bytes, key: key, fileLength: Int(status.st_size)),
      let store = try? map(descriptor, layout: layout, hasLabels: hasLabels, path: path), store.isConsistent(pixelCount: pixelCount)
    else { return nil }
    return store
  }

  private static func header(key: String, layout: PixelLayout, pixelRoom: Int, hasLabels: Bool) -> [UInt8] {
    let lines = ["jetlua images 1", key, "\(layout.rowCount)", "\(layout.activeCount)", "\(pixelRoom)", hasLabels ? "labels" : "no labels", ""]
    let text = Array(lines.joined(separator: "\n").utf8)
    return text + [UInt8](repeating: 0, count: PixelLayout.headerLength - text.count)
  }

  private static func layout(inHeader bytes: [UInt8], key: String, fileLength: Int) -> (PixelLayout, hasLabels: Bool)? {
    let lines = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self).split(separator: "\n")
    // Below these limits no offset of the layout can overflow.
    guard lines.count == 6, lines[0] == "jetlua images 1", lines[1] == key, let rowCount = Int(lines[2]), let active = Int(lines[3]),
      let room = Int(lines[4]), (0..<1 << 33).contains(rowCount), (0..<1 << 48).contains(room), (0...room).contains(active)
    else { return nil }
    let layout = PixelLayout(rowCount: rowCount, activeCount: active, pixelRoom: room)
    return layout.end == fileLength ? (layout, lines[5] == "labels") : nil
  }

  private static func map(_ descriptor: Int32, layout: PixelLayout, hasLabels: Bool, path: String) throws -> PixelStore {
    guard let base = mmap(nil, layout.end, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
      throw failure("\(SystemError("map", path, code: errno))")
    }
    return PixelStore(base: base, layout: layout, hasLabels: hasLabels, mappedLength: layout.end)
  }

  private static func failure(_ reason: String) -> CallerError {
    CallerError("images: the image cache: \(reason); JETLUA_CACHE names the folder it lies in")
  }
}
