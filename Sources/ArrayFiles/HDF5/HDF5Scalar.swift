import CHDF5

/// An element type that HDF5 data sets can be read into and written from.
public protocol HDF5Scalar: BitwiseCopyable {
  /// Which of the types it is.
  static var hdf5Kind: HDF5Kind { get }
  /// The number that a byte stands for.
  init(_ byte: UInt8)
}

/// The element types of memory.
public enum HDF5Kind: Sendable {
  case float, double, int64, int32, uint8

  func type(_ hdf5: HDF5Functions) -> hid_t {
    switch self {
    case .float: return hdf5.pointee.nativeFloat
    case .double: return hdf5.pointee.nativeDouble
    case .int64: return hdf5.pointee.nativeInt64
    case .int32: return hdf5.pointee.nativeInt32
    case .uint8: return hdf5.pointee.nativeUInt8
    }
  }
}

extension Float: HDF5Scalar { public static var hdf5Kind: HDF5Kind { .float } }
extension Double: HDF5Scalar { public static var hdf5Kind: HDF5Kind { .double } }
extension Int64: HDF5Scalar { public static var hdf5Kind: HDF5Kind { .int64 } }
extension Int32: HDF5Scalar { public static var hdf5Kind: HDF5Kind { .int32 } }
extension UInt8: HDF5Scalar { public static var hdf5Kind: HDF5Kind { .uint8 } }
