import CHDF5
import Glibc

/// The rows of a data set that lie one behind the other in the file, read without the library's one lock: by any number of threads at once.
final class HDF5Rows: Sendable {
  private let descriptor: Int32
  private let start: Int
  private let rowSize: Int
  private let fileSize: Int

  /// `nil` where the rows do not lie so, or not within the file.
  ///
  /// The values must have been allocated, and nothing may have been left to say of them by the library: `rows` of `rowSize` bytes.
  init?(_ hdf5: HDF5Functions, file: hid_t, dataset: hid_t, rows: Int, rowSize: Int) {
    var handle: UnsafeMutableRawPointer?
    let place = hdf5.pointee.H5Dget_offset(dataset)
    let (size, overflow) = rows.multipliedReportingOverflow(by: rowSize)
    guard !overflow, size > 0, let start = Int(exactly: place), hdf5.pointee.H5Dget_storage_size(dataset) == hsize_t(size),
      hdf5.pointee.H5Fget_vfd_handle(file, 0, &handle) >= 0, let handle
    else {
      _ = lastHDF5Error(hdf5)
      return nil
    }
    var status = stat()
    // The descriptor of the library's standard driver; one of our own outlives the closing of the file.
    let descriptor = fcntl(handle.load(as: Int32.self), F_DUPFD_CLOEXEC, 0)
    guard descriptor >= 0 else { return nil }
    guard fstat(descriptor, &status) == 0, size <= Int(status.st_size), start <= Int(status.st_size) - size else {
      close(descriptor)
      return nil
    }
    (self.descriptor, self.start, self.rowSize, fileSize) = (descriptor, start, rowSize, Int(status.st_size))
  }

  deinit { close(descriptor) }

  /// Reads `rows` as they are stored; false where they are not there any more.
  func read(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) -> Bool {
    fill(destination, rows.count * rowSize, start + rows.lowerBound * rowSize)
  }

  /// Reads `count` bytes of the file from `place` on; false where there are fewer.
  func readFile(at place: Int, count: Int, into destination: UnsafeMutableRawPointer) -> Bool {
    isInFile(at: place, count: count) && fill(destination, count, place)
  }

  /// Whether the file has `count` bytes from `place` on.
  func isInFile(at place: Int, count: Int) -> Bool { place >= 0 && count >= 0 && place <= fileSize && count <= fileSize - place }

  private func fill(_ destination: UnsafeMutableRawPointer, _ size: Int, _ place: Int) -> Bool {
    var filled = 0
    while filled < size {
      let got = pread(descriptor, destination + filled, size - filled, off_t(place + filled))
      if got < 0, errno == EINTR { continue }
      if got <= 0 { return false }
      filled += got
    }
    return true
  }
}
