import CHDF5
import TensorCore

/// What this machine's HDF5 library can do, for reports about the installation.
public enum HDF5Support {
  /// The library's version, "1.10.8"; throws `CallerError` naming Debian's package where it is missing.
  public static func version() throws -> String {
    try withHDF5 { hdf5 in
      let (major, minor, release) = hdf5.pointee.version
      return "\(major).\(minor).\(release)"
    }
  }

  /// Whether data sets compressed with Blosc can be read; throws as `version` does.
  public static func readsBlosc() throws -> Bool {
    try withHDF5 { hdf5_register_blosc($0) == 1 }
  }
}
