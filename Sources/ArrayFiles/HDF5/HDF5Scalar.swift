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
  case float, double, int64, int32, uint8, uint64, truth

  func type(_ hdf5: HDF5Functions) -> hid_t {
    switch self {
    case .float: return hdf5.pointee.nativeFloat
    case .double: return hdf5.pointee.nativeDouble
    case .int64: return hdf5.pointee.nativeInt64
    case .int32: return hdf5.pointee.nativeInt32
    case .uint8: return hdf5.pointee.nativeUInt8
    case .uint64: return hdf5.pointee.nativeUInt64
    case .truth: return hdf5.pointee.truth
    }
  }
}

extension Float: HDF5Scalar { public static var hdf5Kind: HDF5Kind { .float } }
extension Double: HDF5Scalar { public static var hdf5Kind: HDF5Kind { .double } }
extension Int64: HDF5Scalar { public static var hdf5Kind: HDF5Kind { .int64 } }
extension Int32: HDF5Scalar { public static var hdf5Kind: HDF5Kind { .int32 } }
extension UInt64: HDF5Scalar { public static var hdf5Kind: HDF5Kind { .uint64 } }
extension UInt8: HDF5Scalar { public static var hdf5Kind: HDF5Kind { .uint8 } }

/// A truth value as h5py keeps it: a byte of 0 or 1, by the names FALSE and TRUE.
public struct HDF5Truth: HDF5Scalar {
  /// An enumeration of FALSE and TRUE.
  public static var hdf5Kind: HDF5Kind { .truth }
  /// 0 or 1.
  public let byte: UInt8

  /// The truth that a byte, 0 or 1, stands for.
  public init(_ byte: UInt8) { self.byte = byte }
}
