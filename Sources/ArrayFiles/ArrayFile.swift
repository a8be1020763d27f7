import SystemServices
import TensorCore

/// Tensors in a file whose format its name tells, unless the caller does. All functions throw `CallerError`, `SystemError`, `OutOfMemory` or `Interrupted`.
public enum ArrayFile {
  /// The formats, by the ending of the name.
  public enum Format: String, Sendable, CaseIterable {
    case npy, npz, safetensors, h5, csv

    /// The format of a file's name; `.hdf5` is `.h5`.
    public init(path: String) throws {
      let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
      guard path.contains("."), let format = ending == "hdf5" ? .h5 : Format(rawValue: ending) else {
        throw CallerError("\(printable(path)): a name that ends in .npy, .npz, .safetensors, .h5 or .csv expected")
      }
      self = format
    }
  }

  /// How a file is written.
  public struct Options: Sendable {
    /// How hard `.npz` and `.h5` files are compressed: 0 (not at all) to 9.
    public var level = 0
    /// What a `.safetensors` file says besides tensors.
    public var metadata: [String: String] = [:]
    /// The format; `nil` for the one that the name tells.
    public var format: Format?

    /// The format that the name tells, compressed where it can be, without metadata.
    public init() {}
  }

  /// What a file holds.
  public enum Contents {
    /// The one array of a `.npy` file.
    case single(Tensor)
    /// Arrays by name, and what a `.safetensors` file says besides.
    case named([NamedArray], metadata: [String: String])
  }

  /// Writes one tensor: as `.npy`, or under the name `arr_0` (NumPy's) in a `.npz`, `tensor` in a `.safetensors` or `.h5`; in a `.csv`
  /// [N] is the column `column`, [N, K] are `column_1` to `column_K`.
  public static func save(_ tensor: Tensor, to path: String, _ options: Options = Options()) throws {
    switch try options.format ?? Format(path: path) {
    case .npy:
      try check(options, path, .npy)
      try NPYFile.write(tensor, to: path)
    case .npz: try save([NamedArray("arr_0", tensor)], to: path, options)
    case .safetensors, .h5: try save([NamedArray("tensor", tensor)], to: path, options)
    case .csv: try save([NamedArray("column", tensor)], to: path, options)
    }
  }

  /// Writes tensors by name.
  public static func save(_ arrays: [NamedArray], to path: String, _ options: Options = Options()) throws {
    let format = try options.format ?? Format(path: path)
    try check(options, path, format)
    switch format {
    case .npy:
      throw CallerError("\(printable(path)): one tensor expected, got a table; a .npz, .safetensors or .h5 file holds several")
    case .npz: try NPZFile.write(arrays, to: path, level: options.level)
    case .safetensors: try SafetensorsFile.write(arrays, metadata: options.metadata, to: path)
    case .h5: try HDF5Arrays.write(arrays, to: path, level: options.level)
    case .csv: try CSVFile.write(arrays, to: path)
    }
  }

  /// Reads everything that a file holds.
  public static func load(_ path: String, as format: Format? = nil) throws -> Contents {
    switch try format ?? Format(path: path) {
    case .npy: return .single(try NPYFile.read(ByteSource(path: path)))
    case .npz:
      let file = try NPZFile(ByteSource(path: path))
      return .named(try file.names.map { NamedArray($0, try file.read($0)) }, metadata: [:])
    case .safetensors:
      let file = try SafetensorsFile(ByteSource(path: path))
      return .named(try file.names.map { NamedArray($0, try file.read($0)) }, metadata: file.metadata)
    case .h5:
      let file = try HDF5File(path: path)
      defer { file.close() }
      return .named(try file.arrayNames().map { NamedArray($0, try file.tensor($0)) }, metadata: [:])
    case .csv: return .named(try CSVFile.read(ByteSource(path: path)), metadata: [:])
    }
  }

  /// Reads the array `name`; in an HDF5 file also a group, whose arrays have their names within it.
  public static func load(_ path: String, _ name: String, as format: Format? = nil) throws -> Contents {
    switch try format ?? Format(path: path) {
    case .npy: throw CallerError("\(printable(path)): a .npy file holds one array without a name; leave out \(printable(name))")
    case .npz: return .single(try NPZFile(ByteSource(path: path)).read(name))
    case .safetensors: return .single(try SafetensorsFile(ByteSource(path: path)).read(name))
    case .h5:
      let file = try HDF5File(path: path)
      defer { file.close() }
      let inner = name.split(separator: "/").joined(separator: "/")
      if try file.isArray(inner) { return .single(try file.tensor(inner)) }
      let arrays = try file.arrayNames(in: inner).map { NamedArray(String($0.dropFirst(inner.isEmpty ? 0 : inner.count + 1)), try file.tensor($0)) }
      return .named(arrays, metadata: [:])
    case .csv:
      let columns = try CSVFile.read(ByteSource(path: path))
      guard let column = columns.first(where: { $0.name == name }) else { throw missing(name, in: printable(path), among: columns.map(\.name)) }
      return .single(column.tensor)
    }
  }

  private static func check(_ options: Options, _ path: String, _ format: Format) throws {
    if options.level != 0, format != .npz, format != .h5 {
      throw CallerError("\(printable(path)): option compress: only .npz and .h5 files can be compressed")
    }
    if !options.metadata.isEmpty, format != .safetensors {
      throw CallerError("\(printable(path)): option metadata: only .safetensors files keep it")
    }
  }
}
