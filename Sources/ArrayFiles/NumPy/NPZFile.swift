import SystemServices
import TensorCore

/// Named arrays in a `.npz` file: a ZIP file of `.npy` files, as `numpy.savez` and `numpy.savez_compressed` write it.
/// All functions throw `CallerError` or `SystemError`.
public final class NPZFile {
  /// The names of the arrays, in the file's order.
  public let names: [String]
  private let source: ByteSource
  private let zip: ZipReader

  /// Reads the directory, no array. Entries that are no `.npy` files are not listed.
  public init(_ source: ByteSource) throws {
    self.source = source
    zip = try ZipReader(source)
    let most = mostArrays(fileSize: source.count)
    guard zip.entries.count <= most else { throw CallerError("\(source.name): it holds more than \(most) arrays, too many for its size") }
    names = zip.entries.filter { $0.name.hasSuffix(".npy") }.map { String($0.name.dropLast(4)) }
  }

  /// Reads the array `name`; types as `NPYFile.read`.
  public func read(_ name: String) throws -> Tensor {
    guard let entry = zip.entries.first(where: { $0.name == name + ".npy" }) else { throw missing(name, in: source.name, among: names) }
    let stream = try zip.open(entry)
    let tensor = try NPYFile.read(size: entry.size, place: "\(source.name): \(printable(name))") { try stream.read(into: $0) }
    try stream.finish()
    return tensor
  }

  /// Writes arrays; `level` from 1 to 9 compresses them, 0 stores them. Throws where a name occurs twice.
  public static func write(_ arrays: [NamedArray], to path: String, level: Int = 0) throws {
    let zip = try ZipWriter(path: path)
    for array in arrays {
      let header = NPYHeader.bytes(array.tensor)
      try array.tensor.withStoredBytes { bytes in
        try header.withUnsafeBytes { header in
          try zip.add(array.name + ".npy", [header, bytes], level: level) { Interrupted.isRequested }
        }
      }
    }
    try zip.commit()
  }
}
