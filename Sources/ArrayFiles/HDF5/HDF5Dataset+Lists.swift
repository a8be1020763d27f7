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
    try read(rows, of: rows, column, body)
  }

  /// Hands on the lists of `part` of `rows`.
  private func read(_ part: Range<Int>, of rows: Range<Int>, _ column: Int?, _ body: (Int, UnsafeBufferPointer<Float>) throws -> Void) throws {
    if part.isEmpty { return }
    let found = lists.withLock { $0.idle.popLast() } ?? stored.map { HDF5Lists($0) }
    defer { if let found { lists.withLock { $0.idle.append(found) } } }
    switch try search(part, column, found) {
    case .found:
      guard let found else { return }
      for number in 0..<part.count { try body(part.lowerBound - rows.lowerBound + number, found.list(number)) }
    case .apart:
      let middle = part.lowerBound + part.count / 2
      try read(part.lowerBound..<middle, of: rows, column, body)
      try read(middle..<part.upperBound, of: rows, column, body)
    case .unknown: try readWithLibrary(part, of: rows, column, body)
    case .damaged(let number):
      throw CallerError("\(file.path): \(name): the list of row \(part.lowerBound + number) is not where its reference leads; the file is damaged: copy or download it again")
    }
  }

  private func readWithLibrary(
    _ part: Range<Int>, of rows: Range<Int>, _ column: Int?, _ body: (Int, UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let place = "\(file.path): \(name)"
    var lists = [hvl_t](repeating: hvl_t(len: 0, p: nil), count: part.count)
    // The library takes their memory from malloc.
    defer { for list in lists { free(list.p) } }
    try withHDF5 { hdf5 in
      _ = try file.openID()
      func failure() -> CallerError {
        CallerError("\(place): rows \(part.lowerBound) to \(part.upperBound) cannot be read (\(lastHDF5Error(hdf5))); the file may be damaged")
      }
      guard let base = HDF5Handle(hdf5.pointee.H5Tget_super(type.id), hdf5.pointee.H5Tclose),
        [H5T_FLOAT, H5T_INTEGER].contains(hdf5.pointee.H5Tget_class(base.id))
      else { throw CallerError("\(place): lists of numbers expected; choose another data set") }
      let starts = [hsize_t(part.lowerBound)] + (column.map { [hsize_t($0)] } ?? [])
      let sizes = [hsize_t(part.count)] + (column == nil ? [] : [1])
      guard let memoryType = HDF5Handle(hdf5.pointee.H5Tvlen_create(hdf5.pointee.nativeFloat), hdf5.pointee.H5Tclose),
        let stored = HDF5Handle(hdf5.pointee.H5Dget_space(handle.id), hdf5.pointee.H5Sclose),
        let memory = HDF5Handle(hdf5.pointee.H5Screate_simple(Int32(sizes.count), sizes, nil), hdf5.pointee.H5Sclose),
        hdf5.pointee.H5Sselect_hyperslab(stored.id, H5S_SELECT_SET, starts, nil, sizes, nil) >= 0
      else { throw failure() }
      guard hdf5.pointee.H5Dread(handle.id, memoryType.id, memory.id, stored.id, 0, &lists) >= 0 else { throw failure() }
    }
    for (number, list) in lists.enumerated() {
      try body(part.lowerBound - rows.lowerBound + number, UnsafeBufferPointer(start: list.p?.assumingMemoryBound(to: Float.self), count: list.p == nil ? 0 : list.len))
    }
  }

  /// Looks for the lists of `rows` in the file's heaps.
  private func search(_ rows: Range<Int>, _ column: Int?, _ found: HDF5Lists?) throws -> HDF5Lists.Search {
    guard let stored, let found, try holdsFloats() else { return .unknown }
    let rowSize = HDF5Lists.referenceSize * (column == nil ? 1 : shape[1])
    let (size, overflow) = rows.count.multipliedReportingOverflow(by: rowSize)
    guard !overflow, let references = malloc(size) else { return .unknown }
    defer { free(references) }
    guard stored.read(rows, into: references) else { return .unknown }
    return found.find(references + (column ?? 0) * HDF5Lists.referenceSize, count: rows.count, stride: rowSize)
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
