import CHDF5
import SystemServices
import TensorCore

typealias HDF5Functions = UnsafePointer<hdf5_functions>

/// Calls `body` with the library's functions, under the one lock of the process.
///
/// Throws `CallerError` naming Debian's package where the library is missing.
func withHDF5<R>(_ body: (HDF5Functions) throws -> R) throws -> R {
  var state = HDF5_MISSING
  guard let functions = hdf5_open_library(&state) else {
    switch state {
    case HDF5_OTHER_VERSION:
      throw CallerError("HDF5: libhdf5_serial.so.103 is not of version 1.10; install Debian's package libhdf5-103-1")
    case HDF5_INCOMPLETE:
      throw CallerError("HDF5: libhdf5_serial.so.103 cannot be used; install Debian's package libhdf5-103-1 again")
    default:
      throw CallerError("HDF5: libhdf5_serial.so.103 is missing; install Debian's package libhdf5-103-1")
    }
  }
  hdf5_lock()
  defer { hdf5_unlock() }
  // The library prints errors by itself unless each thread forbids it.
  _ = functions.pointee.H5Eset_auto2(0, nil, nil)
  return try body(functions)
}

/// What the library says about the last failure of this thread, on one line.
func lastHDF5Error(_ hdf5: HDF5Functions) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 640) { buffer in
    guard let base = buffer.baseAddress else { return "" }
    hdf5_error_text(hdf5, base, buffer.count)
    return String(cString: base)
  }
}

/// Owns one identifier of the library and closes it.
final class HDF5Handle {
  let id: hid_t
  private let close: @convention(c) (hid_t) -> herr_t

  /// Takes over `id`; `nil` for the negative number that stands for a failure.
  init?(_ id: hid_t, _ close: @escaping @convention(c) (hid_t) -> herr_t) {
    guard id >= 0 else { return nil }
    self.id = id
    self.close = close
  }

  deinit {
    hdf5_lock()
    _ = close(id)
    hdf5_unlock()
  }
}
