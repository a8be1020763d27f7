import CHDF5
import SystemServices
import TensorCore

/// Named tensors in an HDF5 file: one data set each, `group/name` in a group. All functions throw `CallerError` or `SystemError`.
public enum HDF5Arrays {
  /// Writes tensors; `level` from 1 to 9 compresses them with zlib, 0 stores them. Truth values are h5py's.
  public static func write(_ arrays: [NamedArray], to path: String, level: Int = 0) throws {
    let file = try HDF5Writer(path: path)
    for array in arrays {
      switch array.tensor.dtype {
      case .float32: try write(array, Float.self, file, level)
      case .float64: try write(array, Double.self, file, level)
      case .int64: try write(array, Int64.self, file, level)
      case .bool: try write(array, HDF5Truth.self, file, level)
      }
    }
    try file.commit()
  }

  private static func write<T: HDF5Scalar>(_ array: NamedArray, _: T.Type, _ file: HDF5Writer, _ level: Int) throws {
    let shape = Array(array.tensor.shape)
    // A single value and an empty array have no blocks, and only blocks are compressed.
    let output = try file.dataset(array.name, of: T.self, shape: shape, deflate: shape.isEmpty || array.tensor.count == 0 ? 0 : level)
    try array.tensor.withStoredBytes { bytes in
      guard let base = bytes.baseAddress, array.tensor.count > 0 else { return }
      let values = base.assumingMemoryBound(to: T.self), rows = shape.first ?? 1, row = array.tensor.count / rows
      try StoredElement.inPieces(rows, size: row * MemoryLayout<T>.size) { start, count in
        try output.write(rows: start..<(start + count), from: values + start * row)
      }
    }
  }
}

extension HDF5File {
  /// The paths of all data sets, without the leading `/`, sorted within each group; a table of named fields counts as a group of them.
  ///
  /// `group` limits them to those within it. Throws `CallerError` where groups hold each other without end.
  public func arrayNames(in group: String = "") throws -> [String] {
    var names: [String] = []
    func walk(_ path: String, depth: Int) throws {
      guard depth <= 32, names.count <= 100_000 else {
        throw CallerError("\(self.path): \(printable(path)): groups more than 32 deep, or that hold each other; read data sets by name")
      }
      for child in try children(of: path.isEmpty ? "/" : path) {
        let inner = path.isEmpty ? child : "\(path)/\(child)"
        switch try kind(inner) {
        case .group: try walk(inner, depth: depth + 1)
        case .array:
          if case .compound(let fields) = try dataset(inner).element { names += fields.map { "\(inner)/\($0.name)" } } else { names.append(inner) }
        case .other: continue
        }
      }
    }
    switch group.isEmpty ? .group : try kind(group) {
    case .group: try walk(group, depth: 0)
    case .array:
      if case .compound(let fields) = try dataset(group).element { names = fields.map { "\(group)/\($0.name)" } }
    case .other: break
    }
    return names
  }

  /// Whether there is a data set, or a field of one, at `path`; a data set of named fields is none itself.
  public func isArray(_ path: String) throws -> Bool {
    if let (table, _) = try field(path) { return try kind(table) == .array }
    guard try kind(path) == .array else { return false }
    if case .compound = try dataset(path).element { return false }
    return true
  }

  /// Reads the data set at `path`, or a field of one, as a tensor.
  ///
  /// float16 becomes float32, whole numbers int64, truth values bool; a uint64 of 2⁶³ or more, text and everything else that is
  /// no number is refused by name. So is a data set that claims far more elements than the file holds.
  public func tensor(_ path: String) throws -> Tensor {
    let table = try field(path)
    let set = try dataset(table?.table ?? path)
    let place = "\(self.path): \(printable(path))"
    var element = set.element, sizes = set.shape
    if case .compound(let fields) = set.element, let inner = fields.first(where: { $0.name == table?.field }) {
      (element, sizes) = (inner.element, sizes + inner.shape)
    }
    let shape = try StoredShape(sizes, place: place)
    guard let bytes = shape.byteCount(8), try set.isPlausible(bytes: bytes) else {
      throw CallerError("\(place): the file holds far fewer bytes than the shape \(shape.dimensions.text) needs; it may be damaged")
    }
    func read<T: HDF5Scalar>(_: T.Type, _ dtype: DType) throws -> Tensor {
      let tensor = try Tensor(uninitialized: shape.dimensions, dtype)
      let values = tensor.storage.pointer.assumingMemoryBound(to: T.self)
      let rows = set.shape.first ?? 1
      guard shape.count > 0 else { return tensor }
      let row = shape.count / rows
      try StoredElement.inPieces(rows, size: row * MemoryLayout<T>.size) { start, count in
        try set.read(rows: start..<(start + count), field: table?.field, into: values + start * row, capacity: count * row)
      }
      return tensor
    }
    switch element {
    case .float(bytes: ...4): return try read(Float.self, .float32)
    case .float(bytes: 8): return try read(Double.self, .float64)
    case .integer where table == nil ? try set.holdsTruth() : false:
      let tensor = try read(UInt8.self, .bool)
      for i in 0..<tensor.count where tensor.pointer(as: UInt8.self)[i] > 1 { tensor.pointer(as: UInt8.self)[i] = 1 }
      return tensor
    case .integer(bytes: 8, signed: false):
      let tensor = try read(UInt64.self, .int64)
      if let wrong = tensor.buffer(as: Int64.self).first(where: { $0 < 0 }) {
        throw CallerError("\(place) holds \(UInt64(bitPattern: wrong)), which int64 does not; save it as float64")
      }
      return tensor
    case .integer(bytes: ...8, _): return try read(Int64.self, .int64)
    default: throw CallerError("\(place) holds \(element), which no tensor can; read the others by name, or save its numbers as an array")
    }
  }

  enum Kind { case group, array, other }

  /// What is at `path`; throws where there is nothing.
  func kind(_ path: String) throws -> Kind {
    try withHDF5 { hdf5 in
      let file = try openID()
      try checkLinks(hdf5, path)
      guard let object = HDF5Handle(hdf5.pointee.H5Oopen(file, path, 0), hdf5.pointee.H5Oclose) else {
        throw CallerError("\(self.path): \(printable(path)) cannot be opened (\(lastHDF5Error(hdf5))); the file may be damaged")
      }
      switch hdf5.pointee.H5Iget_type(object.id) {
      case H5I_GROUP: return .group
      case H5I_DATASET: return .array
      default: return .other
      }
    }
  }

  /// The data set and its field that `path` stands for; `nil` where the path leads to something by itself.
  private func field(_ path: String) throws -> (table: String, field: String)? {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
    let above = String(path[..<slash])
    guard try kind(above) == .array else { return nil }
    let name = String(path[path.index(after: slash)...])
    guard case .compound(let fields) = try dataset(above).element, fields.contains(where: { $0.name == name }) else {
      throw CallerError("\(self.path): \(printable(above)) has no field \(printable(name)); name one that it has")
    }
    return (above, name)
  }
}

extension HDF5Dataset {
  /// Whether the file can hold so many bytes here; what is compressed may come to a thousand times its size in the file.
  fileprivate func isPlausible(bytes: Int) throws -> Bool {
    try withHDF5 { hdf5 in
      _ = try file.openID()
      let stored = Int(clamping: hdf5.pointee.H5Dget_storage_size(handle.id))
      return bytes <= 1 << 20 || bytes / 8192 <= stored
    }
  }

  /// Whether its elements are truth values, of h5py (bytes named FALSE and TRUE) or PyTables (bits).
  fileprivate func holdsTruth() throws -> Bool {
    try withHDF5 { hdf5 in
      switch hdf5.pointee.H5Tget_class(type.id) {
      case H5T_BITFIELD: return true
      case H5T_ENUM: break
      default: return false
      }
      guard hdf5.pointee.H5Tget_nmembers(type.id) == 2 else { return false }
      return (0..<UInt32(2)).allSatisfy { index in
        guard let name = hdf5.pointee.H5Tget_member_name(type.id, index) else { return false }
        defer { _ = hdf5.pointee.H5free_memory(name) }
        return ["FALSE", "TRUE"].contains(String(cString: name))
      }
    }
  }
}
