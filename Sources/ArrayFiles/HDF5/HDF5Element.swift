import CHDF5

/// What one element of a data set is in the file.
public enum HDF5Element: Equatable, Sendable {
  /// A number with a fraction, of so many bytes.
  case float(bytes: Int)
  /// A whole number of so many bytes; truth values and enumerations count as such.
  case integer(bytes: Int, signed: Bool)
  /// A text of so many bytes, `nil` for one of any length.
  case string(bytes: Int?)
  /// A row of named fields.
  case compound([HDF5Field])
  /// A list whose length differs from element to element.
  case variableLength
  /// Anything else, by its name in HDF5.
  case other(String)

  /// Whether `HDF5Dataset.read` can convert it.
  public var isNumeric: Bool {
    switch self {
    case .float, .integer: return true
    default: return false
    }
  }
}

/// One field of a compound element.
public struct HDF5Field: Equatable, Sendable {
  /// Its name.
  public let name: String
  /// What each of its elements is.
  public let element: HDF5Element
  /// Its own shape; `[]` for a single value.
  public let shape: [Int]

  /// A field; `shape` is `[]` for a single value.
  public init(name: String, element: HDF5Element, shape: [Int] = []) {
    self.name = name
    self.element = element
    self.shape = shape
  }
}

extension HDF5Element: CustomStringConvertible {
  /// The name that NumPy users know: `float32`, `int64`, `bytes[16]`, `{a: int64, b: float32[4]}`.
  public var description: String {
    switch self {
    case .float(let bytes): return "float\(bytes * 8)"
    case .integer(let bytes, let signed): return "\(signed ? "int" : "uint")\(bytes * 8)"
    case .string(let bytes?): return "bytes[\(bytes)]"
    case .string: return "text"
    case .compound(let fields): return "{\(fields.map(\.description).joined(separator: ", "))}"
    case .variableLength: return "lists of varying length"
    case .other(let name): return name
    }
  }
}

extension HDF5Field: CustomStringConvertible {
  /// `name: float32[804]`.
  public var description: String {
    let size = shape.isEmpty ? "" : "[\(shape.map(String.init).joined(separator: ", "))]"
    return "\(name): \(element)\(size)"
  }
}

extension HDF5Element {
  /// Describes the type `id`, and the shape that an array type adds to it. `depth` bounds compounds within compounds.
  static func describe(_ hdf5: HDF5Functions, type id: hid_t, depth: Int = 0) -> (element: HDF5Element, shape: [Int]) {
    let size = hdf5.pointee.H5Tget_size(id)
    switch hdf5.pointee.H5Tget_class(id) {
    case H5T_FLOAT: return (.float(bytes: size), [])
    case H5T_INTEGER: return (.integer(bytes: size, signed: hdf5.pointee.H5Tget_sign(id) == H5T_SGN_2), [])
    case H5T_BITFIELD: return size == 1 ? (.integer(bytes: 1, signed: false), []) : (.other("bit field"), [])
    case H5T_STRING: return (.string(bytes: hdf5.pointee.H5Tis_variable_str(id) > 0 ? nil : size), [])
    case H5T_VLEN: return (.variableLength, [])
    case H5T_ENUM:
      guard let base = HDF5Handle(hdf5.pointee.H5Tget_super(id), hdf5.pointee.H5Tclose) else { return (.other("enumeration"), []) }
      return describe(hdf5, type: base.id, depth: depth + 1)
    case H5T_ARRAY:
      guard depth < 8, let base = HDF5Handle(hdf5.pointee.H5Tget_super(id), hdf5.pointee.H5Tclose) else { return (.other("array"), []) }
      let inner = describe(hdf5, type: base.id, depth: depth + 1)
      let rank = hdf5.pointee.H5Tget_array_ndims(id)
      guard rank > 0, rank <= 32 else { return (.other("array"), []) }
      var sizes = [hsize_t](repeating: 0, count: Int(rank))
      guard hdf5.pointee.H5Tget_array_dims2(id, &sizes) == rank else { return (.other("array"), []) }
      return (inner.element, sizes.map { Int(clamping: $0) } + inner.shape)
    case H5T_COMPOUND:
      guard depth < 8 else { return (.other("compound"), []) }
      return (.compound(fields(hdf5, type: id, depth: depth)), [])
    case H5T_OPAQUE: return (.other("opaque bytes"), [])
    case H5T_REFERENCE: return (.other("reference"), [])
    default: return (.other("unknown type"), [])
    }
  }

  private static func fields(_ hdf5: HDF5Functions, type id: hid_t, depth: Int) -> [HDF5Field] {
    let count = hdf5.pointee.H5Tget_nmembers(id)
    guard count > 0 else { return [] }
    return (0..<UInt32(count)).map { index in
      var name = "?"
      if let text = hdf5.pointee.H5Tget_member_name(id, index) {
        name = String(cString: text)
        _ = hdf5.pointee.H5free_memory(text)
      }
      guard let member = HDF5Handle(hdf5.pointee.H5Tget_member_type(id, index), hdf5.pointee.H5Tclose) else {
        return HDF5Field(name: name, element: .other("unknown type"), shape: [])
      }
      let (element, shape) = describe(hdf5, type: member.id, depth: depth + 1)
      return HDF5Field(name: name, element: element, shape: shape)
    }
  }
}
