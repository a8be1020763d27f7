import Glibc
import SystemServices
import TensorCore

/// Where image sets that are too large for memory are kept, and from which size on.
public struct ImageCache: Sendable {
  /// The folder of the cache files; `nil` for the standard one.
  public var folder: String?
  /// Bytes of pixels that stay in memory.
  public var memoryLimit = 64 << 20

  /// A cache in `folder`, or in `$JETLUA_CACHE`, `$XDG_CACHE_HOME/jetlua` or `~/.cache/jetlua`, the first that is set.
  public init(folder: String? = nil, memoryLimit: Int = 64 << 20) {
    self.folder = folder
    self.memoryLimit = memoryLimit
  }

  func resolvedFolder() throws -> String {
    if let folder { return folder }
    for (variable, rest) in [("JETLUA_CACHE", ""), ("XDG_CACHE_HOME", "/jetlua"), ("HOME", "/.cache/jetlua")] {
      if let value = Environment.value(variable), !value.isEmpty { return value + rest }
    }
    throw CallerError("images: these images need a cache file and no folder for it is known; set JETLUA_CACHE to a folder")
  }

  /// The name of the cache file of these images; `nil` where the source is no file that could be recognised.
  ///
  /// The key covers path, device, inode, size and time of the last change, layout, rows, recipe, and the version of this program's images.
  static func key(source: any JetSource, rows: [UInt32]?, recipe: ImageRecipe) throws -> String? {
    guard let file = identity(ofFile: source.path) else { return nil }
    let identity = [
      "jetlua images 1", file,
      "\(source.formatName) \(source.count) \(source.constituentsPerJet) \(source.reading)", recipe.text, rows.map { "\($0.count) rows" } ?? "all rows",
    ]
    let sum = try Checksum()
    try Array(identity.joined(separator: "\n").utf8).withUnsafeBytes { try sum.add($0) }
    if let rows { try rows.withUnsafeBytes { try sum.add($0) } }
    return try sum.finish()
  }

  /// What tells this content of a file from another: path, device, inode, size and time of the last change; `nil` for no regular file.
  static func identity(ofFile path: String) -> String? {
    var status = stat()
    guard let path = FileSystem.resolved(path), stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return "\(path)\n\(status.st_dev) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)"
  }
}
