import CHDF5
import Glibc
import TensorCore

extension HDF5Dataset {
  /// Whether each element is a list of numbers of its own length.
  public var holdsLists: Bool { element == .variableLength }

  /// Hands the lists of `rows` (0-based, half open), for a data set of two axes those in `column`, converted to single precision, to
  /// `body` one after the other.
  ///
  /// The library reads under its lock; `body` runs without it. Throws `CallerError` for rows or a column that are not there, elements that are no lists of numbers, and a damaged file.
  public func readLists(rows: Range<Int>, column: Int? = nil, _ body: (Int, UnsafeBufferPointer<Float>) throws -> Void) throws {
    let place = "\(file.path): \(name)"
    guard holdsLists, rank == (column == nil ? 1 : 2) else { throw CallerError("\(place): lists in \(column == nil ? 1 : 2) axes expected, got \(summary)") }
    guard rows.lowerBound >= 0, rows.upperBound <= shape[0], column.map({ $0 >= 0 && $0 < shape[1] }) ?? true else {
      throw CallerError("\(place): rows \(rows.lowerBound) to \(rows.upperBound) asked for, but the shape is \(shape); ask for rows that are there")
    }
    if rows.isEmpty { return }
    var lists = [hvl_t](repeating: hvl_t(len: 0, p: nil), count: rows.count)
    // The library takes their memory from malloc.
    defer { for list in lists { free(list.p) } }
    try withHDF5 { hdf5 in
      _ = try file.openID()
      func failure() -> CallerError {
        CallerError("\(place): rows \(rows.lowerBound) to \(rows.upperBound) cannot be read (\(lastHDF5Error(hdf5))); the file may be damaged")
      }
      guard let base = HDF5Handle(hdf5.pointee.H5Tget_super(type.id), hdf5.pointee.H5Tclose),
        [H5T_FLOAT, H5T_INTEGER].contains(hdf5.pointee.H5Tget_class(base.id))
      else { throw CallerError("\(place): lists of numbers expected; choose another data set") }
      let starts = [hsize_t(rows.lowerBound)] + (column.map { [hsize_t($0)] } ?? [])
      let sizes = [hsize_t(rows.count)] + (column == nil ? [] : [1])
      guard let memoryType = HDF5Handle(hdf5.pointee.H5Tvlen_create(hdf5.pointee.nativeFloat), hdf5.pointee.H5Tclose),
        let stored = HDF5Handle(hdf5.pointee.H5Dget_space(handle.id), hdf5.pointee.H5Sclose),
        let memory = HDF5Handle(hdf5.pointee.H5Screate_simple(Int32(sizes.count), sizes, nil), hdf5.pointee.H5Sclose),
        hdf5.pointee.H5Sselect_hyperslab(stored.id, H5S_SELECT_SET, starts, nil, sizes, nil) >= 0
      else { throw failure() }
      guard hdf5.pointee.H5Dread(handle.id, memoryType.id, memory.id, stored.id, 0, &lists) >= 0 else { throw failure() }
    }
    for (number, list) in lists.enumerated() {
      try body(number, UnsafeBufferPointer(start: list.p?.assumingMemoryBound(to: Float.self), count: list.p == nil ? 0 : list.len))
    }
  }
}
