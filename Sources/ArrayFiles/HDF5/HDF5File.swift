import CHDF5
import Glibc
import Synchronization
import SystemServices
import TensorCore

/// An HDF5 file, open for reading.
///
/// The file leads to no other: external storage, external links and virtual data sets are refused when they are met, and no
/// plugin is loaded because a file asks for it. Calls are serialised, so a file may be handed from thread to thread; it is
/// closed by `close` or with the last reference to it and its data sets. All functions throw `CallerError` or `SystemError`.
public final class HDF5File: @unchecked Sendable {
  /// The path as it was given.
  public let path: String

  private let handle: HDF5Handle
  // The library's macro for it calls a function, which Swift cannot import.
  private static let readOnly: UInt32 = 0
  private let isClosed = Atomic<Bool>(false)

  /// Opens the file at `path`, which nothing will change through it.
  public init(path: String) throws {
    self.path = path
    try HDF5File.checkReadable(path)
    handle = try withHDF5 { hdf5 in
      let recognised = hdf5.pointee.H5Fis_hdf5(path)
      if recognised < 0 {
        throw CallerError("\(path): cannot be read (\(lastHDF5Error(hdf5))); check the path")
      }
      if recognised == 0 {
        throw CallerError("\(path): this is no HDF5 file, it lacks the signature; check the path or download it again")
      }
      guard let access = HDF5Handle(hdf5.pointee.H5Pcreate(hdf5.pointee.fileAccess), hdf5.pointee.H5Pclose) else {
        throw CallerError("\(path): HDF5 fails: \(lastHDF5Error(hdf5))")
      }
      // Strong: an identifier left open somewhere would keep the file and its lock.
      _ = hdf5.pointee.H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG)
      // A file system without locks is read without them.
      _ = hdf5.pointee.H5Pset_file_locking(access.id, true, true)
      guard let file = HDF5Handle(hdf5.pointee.H5Fopen(path, HDF5File.readOnly, access.id), hdf5.pointee.H5Fclose) else {
        throw HDF5File.openingError(path, lastHDF5Error(hdf5))
      }
      return file
    }
  }

  /// Closes the file; its data sets cannot be read any more.
  public func close() {
    try? withHDF5 { hdf5 in
      if !isClosed.exchange(true, ordering: .relaxed) { _ = hdf5.pointee.H5Fclose(handle.id) }
    }
  }

  /// Whether there is a group or a data set at `path` within the file.
  public func exists(_ path: String) -> Bool {
    let found = try? withHDF5 { hdf5 in
      try checkLinks(hdf5, path)
      return HDF5Handle(hdf5.pointee.H5Oopen(handle.id, path, 0), hdf5.pointee.H5Oclose) != nil
    }
    return found ?? false
  }

  /// The names in the group at `path` within the file (`"/"` for the top), sorted.
  public func children(of group: String) throws -> [String] {
    try withHDF5 { hdf5 in
      try checkLinks(hdf5, group)
      guard let open = HDF5Handle(hdf5.pointee.H5Gopen2(handle.id, group, 0), hdf5.pointee.H5Gclose) else {
        throw CallerError("\(path): \(group) is no group (\(lastHDF5Error(hdf5))); give the path of a group, / for the top")
      }
      return names(hdf5, open.id)
    }
  }

  /// The data set at `path` within the file.
  public func dataset(_ path: String) throws -> HDF5Dataset {
    try withHDF5 { hdf5 in
      try checkLinks(hdf5, path)
      return try HDF5Dataset(hdf5, file: self, name: path)
    }
  }

  /// The identifier, while the file is open.
  func openID() throws -> hid_t {
    if isClosed.load(ordering: .relaxed) { throw CallerError("\(path): the file is closed; open it again") }
    return handle.id
  }

  /// Throws at the first part of `target` that is missing or leads out of the file.
  func checkLinks(_ hdf5: HDF5Functions, _ target: String) throws {
    let file = try openID()
    if target.utf8.contains(0) { throw CallerError("\(path): a name within the file holds a zero byte; give one without it") }
    var place = ""
    for part in target.split(separator: "/") where part != "." {
      let above = place.isEmpty ? "/" : place
      place += "/" + part
      var link = H5L_info_t()
      guard hdf5.pointee.H5Lexists(file, place, 0) > 0, hdf5.pointee.H5Lget_info(file, place, &link, 0) >= 0 else {
        _ = lastHDF5Error(hdf5)
        throw CallerError("\(path): there is no \(place); \(HDF5File.summary(above, contents(hdf5, above)))")
      }
      if link.type.rawValue >= H5L_TYPE_EXTERNAL.rawValue {
        throw CallerError("\(path): \(place) is a link to another file, which is not followed; open that file instead")
      }
    }
  }

  private func contents(_ hdf5: HDF5Functions, _ group: String) -> [String] {
    guard let open = HDF5Handle(hdf5.pointee.H5Gopen2(handle.id, group, 0), hdf5.pointee.H5Gclose) else { return [] }
    return names(hdf5, open.id)
  }

  private func names(_ hdf5: HDF5Functions, _ group: hid_t) -> [String] {
    var info = H5G_info_t()
    guard hdf5.pointee.H5Gget_info(group, &info) >= 0 else { return [] }
    return (0..<info.nlinks).compactMap { index in
      let size = hdf5.pointee.H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, nil, 0, 0)
      guard size > 0, size < 65536 else { return nil }
      var name = [CChar](repeating: 0, count: size + 1)
      let got = hdf5.pointee.H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, &name, name.count, 0)
      guard got == size else { return nil }
      return String(decoding: name.prefix(size).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  /// "/table holds a, b and c", cut where it would flood the line.
  private static func summary(_ group: String, _ names: [String]) -> String {
    if names.isEmpty { return "\(group) holds nothing" }
    let shown = names.prefix(8).joined(separator: ", ")
    return "\(group) holds \(shown)\(names.count > 8 ? " and \(names.count - 8) more" : "")"
  }

  private static func checkReadable(_ path: String) throws {
    if path.isEmpty || path.utf8.contains(0) {
      throw CallerError("cannot read a file whose name is empty or holds a zero byte; give a path")
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw SystemError("read", path, code: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw SystemError("read", path, code: EISDIR)
    case S_IFREG: break
    default: throw CallerError("\(path): this is no regular file; HDF5 cannot be read from a pipe or a device: save it to a file")
    }
    guard access(path, R_OK) == 0 else { throw SystemError("read", path, code: errno) }
    if status.st_size == 0 { throw CallerError("\(path): the file is empty; copy or download it again") }
  }

  private static func openingError(_ path: String, _ reason: String) -> CallerError {
    if reason.contains("unable to lock file") {
      return CallerError(
        "\(path): the file is locked by another program that writes it, or its disk cannot lock; wait for that program, "
          + "or set HDF5_USE_FILE_LOCKING=FALSE to read it all the same")
    }
    let isCut = reason.contains("truncated file")
    if isCut, let have = number(after: "eof = ", in: reason), let want = number(after: "stored_eof = ", in: reason) {
      return CallerError("\(path): the file is cut short: \(have) of \(want) bytes are there; copy or download it again")
    }
    return CallerError("\(path): the file cannot be opened as HDF5 (\(reason)); it may be damaged: copy or download it again")
  }

  private static func number(after mark: String, in text: String) -> String? {
    guard let start = text.utf8.indices.first(where: { text[$0...].hasPrefix(mark) }) else { return nil }
    let digits = text[start...].dropFirst(mark.count).prefix { $0.isNumber }
    return digits.isEmpty ? nil : String(digits)
  }
}
