import CHDF5
import SystemServices
import TensorCore

/// Writes a new HDF5 file that appears under its name whole, on `commit`, or not at all.
///
/// The file has the library's oldest format, which every reader understands, and the same values give the same bytes. All
/// functions throw `CallerError` or `SystemError`.
public final class HDF5Writer {
  /// The path that the file will have, as the caller gave it.
  public let path: String

  private let replacement: AtomicReplacement
  private var handle: HDF5Handle?

  /// Starts to write the file at `path`, replacing what is there on `commit`.
  public init(path: String) throws {
    self.path = path
    let replacement = try AtomicReplacement(path: path)
    self.replacement = replacement
    let folder = FileSystem.parent(of: path) ?? "."
    guard FileSystem.isFolder(folder) else { throw CallerError("cannot write \(path): there is no folder \(folder); make it first") }
    handle = try withHDF5 { hdf5 in
      guard let access = HDF5Handle(hdf5.pointee.H5Pcreate(hdf5.pointee.fileAccess), hdf5.pointee.H5Pclose) else {
        throw CallerError("\(path): HDF5 fails: \(lastHDF5Error(hdf5))")
      }
      _ = hdf5.pointee.H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG)
      _ = hdf5.pointee.H5Pset_file_locking(access.id, true, true)
      let file = hdf5.pointee.H5Fcreate(replacement.temporaryPath, HDF5Writer.exclusively, 0, access.id)
      guard let handle = HDF5Handle(file, hdf5.pointee.H5Fclose) else {
        let reason = lastHDF5Error(hdf5)
        // A full disk lets the library make the file, but not begin it.
        replacement.discard()
        throw CallerError("cannot write \(path) (\(reason)); free some space, or check who may write in its folder")
      }
      return handle
    }
  }

  deinit { cancel() }

  // The library's macro for it calls a function, which Swift cannot import.
  private static let exclusively: UInt32 = 4

  /// Writes `values` as the data set `name` (`group/name` makes the group) of the shape `shape`, row-major.
  public func write<T: HDF5Scalar>(_ values: [T], as name: String, shape: [Int], chunkRows: Int? = nil, deflate: Int = 0) throws {
    let count = try count(shape, of: name)
    guard values.count == count else {
      throw CallerError("\(path): \(name): \(values.count) values do not fill the shape \(shape); give \(count)")
    }
    let dataset = try dataset(name, of: T.self, shape: shape, chunkRows: chunkRows, deflate: deflate)
    try values.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      try dataset.write(rows: 0..<(shape.first ?? 1), from: base)
    }
  }

  /// Makes the data set `name` of elements `T`, to be filled row by row; rows that are never written hold zeros.
  ///
  /// `chunkRows` rows are stored as one block, which `deflate` from 1 to 9 needs and compresses with zlib; blocks of about
  /// 256 kB are made where it is `nil`. Rows lie one behind the other where `deflate` is 0 and `chunkRows` is `nil`.
  public func dataset<T: HDF5Scalar>(_ name: String, of: T.Type, shape: [Int], chunkRows: Int? = nil, deflate: Int = 0) throws
    -> HDF5Output<T>
  {
    let place = "\(path): \(name)"
    guard (0...9).contains(deflate) else { throw CallerError("\(place): deflate: an integer in 0...9 expected, got \(deflate)") }
    guard !name.utf8.contains(0), name.contains(where: { $0 != "/" }) else {
      throw CallerError("\(place): this is no name for a data set; give one such as jets/images")
    }
    let count = try count(shape, of: name)
    return try withHDF5 { hdf5 in
      let file = try openID()
      func check(_ well: Bool) throws {
        if !well { throw CallerError("\(place): cannot be written (\(lastHDF5Error(hdf5))); free some space or choose another name") }
      }
      let sizes = shape.map { hsize_t($0) }
      let space = sizes.isEmpty ? hdf5.pointee.H5Screate(H5S_SCALAR) : hdf5.pointee.H5Screate_simple(Int32(sizes.count), sizes, nil)
      guard let space = HDF5Handle(space, hdf5.pointee.H5Sclose),
        let links = HDF5Handle(hdf5.pointee.H5Pcreate(hdf5.pointee.linkCreation), hdf5.pointee.H5Pclose),
        let creation = HDF5Handle(hdf5.pointee.H5Pcreate(hdf5.pointee.datasetCreation), hdf5.pointee.H5Pclose)
      else { throw CallerError("\(place): HDF5 fails: \(lastHDF5Error(hdf5))") }
      try check(hdf5.pointee.H5Pset_create_intermediate_group(links.id, 1) >= 0)
      // Times would make two files of the same values differ.
      try check(hdf5.pointee.H5Pset_obj_track_times(creation.id, false) >= 0)
      if let rows = HDF5Writer.block(shape, count: count, element: MemoryLayout<T>.size, wanted: chunkRows, deflate: deflate) {
        let block = [hsize_t(rows)] + sizes.dropFirst()
        try check(hdf5.pointee.H5Pset_chunk(creation.id, Int32(block.count), block) >= 0)
        if deflate > 0 { try check(hdf5.pointee.H5Pset_deflate(creation.id, UInt32(deflate)) >= 0) }
      }
      let type = T.hdf5Kind.type(hdf5)
      let made = hdf5.pointee.H5Dcreate2(file, name, type, space.id, links.id, creation.id, 0)
      guard let handle = HDF5Handle(made, hdf5.pointee.H5Dclose) else {
        throw CallerError("\(place): cannot be made (\(lastHDF5Error(hdf5))); choose a name that is not taken")
      }
      return HDF5Output(writer: self, handle: handle, place: place, shape: shape, count: count)
    }
  }

  /// Makes the file appear under its name; nothing can be written after it.
  public func commit() throws {
    try withHDF5 { hdf5 in
      let file = try openID()
      guard hdf5.pointee.H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0 else {
        let reason = lastHDF5Error(hdf5)
        cancel()
        throw CallerError("cannot write \(path) (\(reason)); free some space or choose another disk")
      }
      handle = nil
    }
    do {
      try replacement.publish()
    } catch {
      replacement.discard()
      throw error
    }
  }

  /// Drops what was written and leaves the old file, if there is one, as it was.
  public func cancel() {
    guard let handle else { return }
    _ = try? withHDF5 { hdf5_divert($0, handle.id) }
    self.handle = nil
    replacement.discard()
  }

  func openID() throws -> hid_t {
    guard let handle else { throw CallerError("\(path): the file is finished; start a new one") }
    return handle.id
  }

  /// Number of elements of the shape.
  private func count(_ shape: [Int], of name: String) throws -> Int {
    guard shape.count <= 32, shape.allSatisfy({ $0 >= 0 }) else {
      throw CallerError("\(path): \(name): at most 32 sizes of 0 or more expected, got \(shape)")
    }
    var count = 1
    for size in shape {
      let (next, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, next < 1 << 56 else { throw CallerError("\(path): \(name): the shape \(shape) is too large; split it") }
      count = next
    }
    return count
  }

  /// Rows of a stored block, or `nil` for none.
  private static func block(_ shape: [Int], count: Int, element: Int, wanted: Int?, deflate: Int) -> Int? {
    guard let rows = shape.first, count > 0, wanted != nil || deflate > 0 else { return nil }
    let row = count / rows * element
    // A block is a 32-bit number of bytes in the file.
    return max(1, min(wanted ?? (1 << 18) / row, rows, (1 << 31) / max(row, 1)))
  }
}

/// A data set that is being written.
public final class HDF5Output<T: HDF5Scalar> {
  /// Number of its elements.
  public let count: Int

  private let writer: HDF5Writer
  private let handle: HDF5Handle
  private let place: String
  private let shape: [Int]

  init(writer: HDF5Writer, handle: HDF5Handle, place: String, shape: [Int], count: Int) {
    self.writer = writer
    self.handle = handle
    self.place = place
    self.shape = shape
    self.count = count
  }

  /// Writes `rows` (0-based, half open) from `source`, which holds `rows.count` rows one behind the other.
  public func write(rows: Range<Int>, from source: UnsafePointer<T>) throws {
    guard rows.lowerBound >= 0, rows.upperBound <= shape.first ?? 1 else {
      throw CallerError("\(place): rows \(rows.lowerBound) to \(rows.upperBound) do not fit; there are \(shape.first ?? 1)")
    }
    if count == 0 || rows.isEmpty { return }
    try withHDF5 { hdf5 in
      _ = try writer.openID()
      let type = T.hdf5Kind.type(hdf5)
      var wrote: herr_t = -1
      // Closing what was opened for it would forget the library's reason.
      var reason = ""
      func put(_ memory: hid_t, _ stored: hid_t) {
        wrote = hdf5.pointee.H5Dwrite(handle.id, type, memory, stored, 0, source)
        if wrote < 0 { reason = lastHDF5Error(hdf5) }
      }
      if shape.isEmpty {
        put(0, 0)
      } else {
        let sizes = [hsize_t(rows.count)] + shape.dropFirst().map { hsize_t($0) }
        var starts = [hsize_t](repeating: 0, count: shape.count)
        starts[0] = hsize_t(rows.lowerBound)
        if let stored = HDF5Handle(hdf5.pointee.H5Dget_space(handle.id), hdf5.pointee.H5Sclose),
          let memory = HDF5Handle(hdf5.pointee.H5Screate_simple(Int32(sizes.count), sizes, nil), hdf5.pointee.H5Sclose),
          hdf5.pointee.H5Sselect_hyperslab(stored.id, H5S_SELECT_SET, starts, nil, sizes, nil) >= 0
        {
          put(memory.id, stored.id)
        }
      }
      guard wrote >= 0 else {
        throw CallerError("\(place): cannot be written (\(reason)); free some space or choose another disk")
      }
    }
  }
}
