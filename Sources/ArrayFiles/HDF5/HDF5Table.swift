import CHDF5
import TensorCore

/// A column, or a group of columns of one type, of a table that is written.
public struct HDF5TableField: Sendable {
  /// Its name.
  public let name: String
  /// The type of its numbers.
  public let kind: HDF5Kind
  /// How many numbers each row has; `nil` for a single one.
  public let width: Int?

  /// A field of `width` numbers in each row, `nil` for a single number.
  public init(_ name: String, _ kind: HDF5Kind, width: Int? = nil) {
    self.name = name
    self.kind = kind
    self.width = width
  }
}

/// A small value beside a group or data set.
public enum HDF5Attribute: Sendable {
  /// Text, stored as UTF-8.
  case text(String)
  /// Text stored as ASCII, which PyTables takes for bytes.
  case bytes(String)
  /// A whole number.
  case integer(Int64)
  /// A number in single precision.
  case float(Float)
}

extension HDF5Writer {
  /// Makes the data set `name` of `rows` rows of named fields, one behind the other in each row, in blocks of `chunkRows` rows compressed
  /// with zlib by `deflate` from 1 to 9.
  public func table(_ name: String, fields: [HDF5TableField], rows: Int, chunkRows: Int, deflate: Int) throws -> HDF5TableOutput {
    let place = "\(path): \(name)"
    guard rows >= 0, chunkRows > 0, (1...9).contains(deflate), fields.allSatisfy({ ($0.width ?? 1) > 0 && !$0.name.isEmpty }) else {
      throw CallerError("\(place): a table needs rows, blocks of at least a row, deflate in 1...9 and fields that hold something")
    }
    return try withHDF5 { hdf5 in
      let file = try openID()
      let type = try rowType(hdf5, fields, place)
      // A table without rows still needs an axis that could grow, as PyTables makes it.
      guard let space = HDF5Handle(hdf5.pointee.H5Screate_simple(1, [hsize_t(rows)], [hsize_t.max]), hdf5.pointee.H5Sclose),
        let links = HDF5Handle(hdf5.pointee.H5Pcreate(hdf5.pointee.linkCreation), hdf5.pointee.H5Pclose),
        let creation = HDF5Handle(hdf5.pointee.H5Pcreate(hdf5.pointee.datasetCreation), hdf5.pointee.H5Pclose),
        hdf5.pointee.H5Pset_create_intermediate_group(links.id, 1) >= 0,
        hdf5.pointee.H5Pset_obj_track_times(creation.id, false) >= 0,
        hdf5.pointee.H5Pset_chunk(creation.id, 1, [hsize_t(chunkRows)]) >= 0,
        hdf5.pointee.H5Pset_deflate(creation.id, UInt32(deflate)) >= 0,
        let made = HDF5Handle(hdf5.pointee.H5Dcreate2(file, name, type.id, space.id, links.id, creation.id, 0), hdf5.pointee.H5Dclose)
      else { throw CallerError("\(place): cannot be made (\(lastHDF5Error(hdf5))); choose a name that is not taken") }
      return HDF5TableOutput(
        writer: self, handle: made, type: type, place: place, count: rows, rowSize: hdf5.pointee.H5Tget_size(type.id))
    }
  }

  /// Puts an attribute on the group or data set `object` (`"/"` for the top).
  public func attribute(_ name: String, of object: String, _ value: HDF5Attribute) throws {
    try withHDF5 { hdf5 in
      let file = try openID()
      func failure() -> CallerError { CallerError("\(path): \(object): attribute \(name) cannot be written (\(lastHDF5Error(hdf5))); free some space") }
      // PyTables stores an empty text as an attribute without a value.
      let isEmpty = if case .text("") = value { true } else { false }
      guard let place = HDF5Handle(hdf5.pointee.H5Oopen(file, object, 0), hdf5.pointee.H5Oclose),
        let space = HDF5Handle(hdf5.pointee.H5Screate(isEmpty ? H5S_NULL : H5S_SCALAR), hdf5.pointee.H5Sclose)
      else { throw failure() }
      func write(_ type: hid_t, _ bytes: UnsafeRawPointer?) throws {
        guard let made = HDF5Handle(hdf5.pointee.H5Acreate2(place.id, name, type, space.id, 0, 0), hdf5.pointee.H5Aclose),
          hdf5.pointee.H5Awrite(made.id, type, bytes) >= 0
        else { throw failure() }
      }
      switch value {
      case .integer(let number): try withUnsafeBytes(of: number) { try write(hdf5.pointee.nativeInt64, $0.baseAddress) }
      case .float(let number): try withUnsafeBytes(of: number) { try write(hdf5.pointee.nativeFloat, $0.baseAddress) }
      case .text(let text), .bytes(let text):
        let set = if case .text = value { H5T_CSET_UTF8 } else { H5T_CSET_ASCII }
        let bytes = Array(text.utf8)
        guard let type = HDF5Handle(hdf5.pointee.H5Tcopy(hdf5.pointee.text), hdf5.pointee.H5Tclose),
          hdf5.pointee.H5Tset_size(type.id, max(bytes.count, 1)) >= 0, hdf5.pointee.H5Tset_cset(type.id, set) >= 0
        else { throw failure() }
        try (bytes.isEmpty ? [0] : bytes).withUnsafeBytes { try write(type.id, $0.baseAddress) }
      }
    }
  }

  private func rowType(_ hdf5: HDF5Functions, _ fields: [HDF5TableField], _ place: String) throws -> HDF5Handle {
    func failure() -> CallerError { CallerError("\(place): HDF5 fails: \(lastHDF5Error(hdf5))") }
    let types = try fields.map { field in
      let base = field.kind.type(hdf5)
      let made = field.width.map { hdf5.pointee.H5Tarray_create2(base, 1, [hsize_t($0)]) } ?? hdf5.pointee.H5Tcopy(base)
      guard let type = HDF5Handle(made, hdf5.pointee.H5Tclose) else { throw failure() }
      return type
    }
    let sizes = types.map { hdf5.pointee.H5Tget_size($0.id) }
    guard let row = HDF5Handle(hdf5.pointee.H5Tcreate(H5T_COMPOUND, sizes.reduce(0, +)), hdf5.pointee.H5Tclose) else { throw failure() }
    var offset = 0
    for (number, field) in fields.enumerated() {
      guard hdf5.pointee.H5Tinsert(row.id, field.name, offset, types[number].id) >= 0 else { throw failure() }
      offset += sizes[number]
    }
    return row
  }
}

/// A table that is being written.
public final class HDF5TableOutput {
  /// Bytes of one row, its fields one behind the other.
  public let rowSize: Int

  private let writer: HDF5Writer
  private let handle: HDF5Handle
  private let type: HDF5Handle
  private let place: String
  private let count: Int

  init(writer: HDF5Writer, handle: HDF5Handle, type: HDF5Handle, place: String, count: Int, rowSize: Int) {
    self.writer = writer
    self.handle = handle
    self.type = type
    self.place = place
    self.count = count
    self.rowSize = rowSize
  }

  /// Writes `rows` (0-based, half open) from `source`, which holds `rows.count` rows of `rowSize` bytes.
  public func write(rows: Range<Int>, from source: UnsafeRawBufferPointer) throws {
    guard rows.lowerBound >= 0, rows.upperBound <= count, source.count >= rows.count * rowSize else {
      throw CallerError("\(place): rows \(rows.lowerBound) to \(rows.upperBound) do not fit; there are \(count)")
    }
    if rows.isEmpty { return }
    try withHDF5 { hdf5 in
      _ = try writer.openID()
      let stored = HDF5Handle(hdf5.pointee.H5Dget_space(handle.id), hdf5.pointee.H5Sclose)
      let memory = HDF5Handle(hdf5.pointee.H5Screate_simple(1, [hsize_t(rows.count)], nil), hdf5.pointee.H5Sclose)
      // Closing the two would forget the library's reason.
      try withExtendedLifetime((stored, memory)) {
        guard let stored, let memory,
          hdf5.pointee.H5Sselect_hyperslab(stored.id, H5S_SELECT_SET, [hsize_t(rows.lowerBound)], nil, [hsize_t(rows.count)], nil) >= 0,
          hdf5.pointee.H5Dwrite(handle.id, type.id, memory.id, stored.id, 0, source.baseAddress) >= 0
        else { throw CallerError("\(place): cannot be written (\(lastHDF5Error(hdf5))); free some space or choose another disk") }
      }
    }
  }
}
