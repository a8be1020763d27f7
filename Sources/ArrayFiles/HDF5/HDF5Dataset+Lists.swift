import CHDF5
import Glibc
import TensorCore

extension HDF5Dataset {
  /// Whether each element is a list of numbers of its own length.
  public var holdsLists: Bool { element == .variableLength }

  /// Hands the lists of `rows` (0-based, half open), for a data set of two axes those in `column`, converted to single precision, to
  /// `body` one after the other.
  ///
  /// Lists of single-precision numbers are found without the library, by any number of threads at once; others the library reads under its
  /// lock, and `body` runs without it. Throws `CallerError` for rows or a column that are not there, elements that are no lists of numbers, and a damaged file.
  public func readLists(rows: Range<Int>, column: Int? = nil, _ body: (Int, UnsafeBufferPointer<Float>) throws -> Void) throws {
    let place = "\(file.path): \(name)"
    guard holdsLists, rank == (column == nil ? 1 : 2) else { throw CallerError("\(place): lists in \(column == nil ? 1 : 2) axes expected, got \(summary)") }
    guard rows.lowerBound >= 0, rows.upperBound <= shape[0], column.map({ $0 >= 0 && $0 < shape[1] }) ?? true else {
      throw CallerError("\(place): rows \(rows.lowerBound) to \(rows.upperBound) asked for, but the shape is \(shape); ask for rows that are there")
    }
    if rows.isEmpty { return }
    if try readHeaps(rows: rows, column: column, body) { return }
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

  /// Finds the lists in the file's heaps; false, with nothing handed on, where they are not found so.
  private func readHeaps(rows: Range<Int>, column: Int?, _ body: (Int, UnsafeBufferPointer<Float>) throws -> Void) throws -> Bool {
    guard let stored, try holdsFloats() else { return false }
    let rowSize = HDF5Lists.referenceSize * (column == nil ? 1 : shape[1])
    let (size, overflow) = rows.count.multipliedReportingOverflow(by: rowSize)
    guard !overflow, let references = malloc(size) else { return false }
    defer { free(references) }
    let found = lists.withLock { $0.idle.popLast() } ?? HDF5Lists(stored)
    defer { lists.withLock { $0.idle.append(found) } }
    guard stored.read(rows, into: references),
      found.find(references + (column ?? 0) * HDF5Lists.referenceSize, count: rows.count, stride: rowSize)
    else { return false }
    for number in 0..<rows.count { try body(number, found.list(number)) }
    return true
  }

  private func holdsFloats() throws -> Bool {
    if let known = lists.withLock({ $0.areFloats }) { return known }
    let found = try withHDF5 { hdf5 in
      _ = try file.openID()
      guard hdf5.pointee.H5Tget_size(type.id) == HDF5Lists.referenceSize,
        let base = HDF5Handle(hdf5.pointee.H5Tget_super(type.id), hdf5.pointee.H5Tclose)
      else { return false }
      return hdf5.pointee.H5Tequal(base.id, hdf5.pointee.nativeFloat) > 0
    }
    lists.withLock { $0.areFloats = found }
    return found
  }
}
