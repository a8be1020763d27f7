import SystemServices
import TensorCore

/// Where images and rows of constituents that are too large for memory are kept, and from which size on.
///
/// A file of the cache is found again by a key: the SHA-256 of the source file's bytes (`SourceContent`), of its layout, the rows, the
/// recipe, and the version of this program's images. It is read only if its own SHA-256 is right.
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

  /// What is kept: its name begins the file's, its version goes up with every change of what a reader or a recipe makes.
  enum Kind: String {
    case images = "images 2"
    case constituents = "constituents 1"

    /// The first line of its files.
    var title: String { "jetlua \(rawValue)" }
  }

  /// Where something prepared may lie, and what it is known by.
  struct Place {
    let kind: Kind
    let path: String
    let key: String
    let content: SourceContent
  }

  /// The place of what `recipe` makes of these rows; `nil` where the source is no file, or the cache has no folder: it is then made anew each time.
  func place(_ kind: Kind, source: any JetSource, rows: [UInt32]?, recipe: String) throws -> Place? {
    guard let folder = try? resolvedFolder(), let content = try SourceContent(path: source.path, folder: folder) else { return nil }
    let parts = [
      kind.title, content.checksum, "\(source.formatName) \(source.reading) \(source.count) \(source.constituentsPerJet)", recipe,
      rows.map { "\($0.count) rows" } ?? "all rows",
    ]
    let sum = try Checksum()
    try Array(parts.joined(separator: "\n").utf8).withUnsafeBytes { try sum.add($0) }
    if let rows { try rows.withUnsafeBytes { try sum.add($0) } }
    let key = try sum.finish()
    return Place(kind: kind, path: "\(folder)/\(kind.rawValue.prefix { $0 != " " })-\(key).jetlua", key: key, content: content)
  }
}
