import CHDF5
import Glibc

/// The rows of a data set that lie one behind the other in the file, read without the library's one lock: by any number of threads at once.
final class HDF5Rows: Sendable {
  private let descriptor: Int32
  private let start: Int
  private let rowSize: Int

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
    (self.descriptor, self.start, self.rowSize) = (descriptor, start, rowSize)
  }

  deinit { close(descriptor) }

  /// Reads `rows` as they are stored; false where they are not there any more.
  func read(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) -> Bool {
    let size = rows.count * rowSize
    var filled = 0
    while filled < size {
      let got = pread(descriptor, destination + filled, size - filled, off_t(start + rows.lowerBound * rowSize + filled))
      if got < 0, errno == EINTR { continue }
      if got <= 0 { return false }
      filled += got
    }
    return true
  }
}
