import SystemServices
import TensorCore

/// One array in a `.npy` file, as NumPy writes and reads it. All functions throw `CallerError` or `SystemError`.
public enum NPYFile {
  /// Reads an array.
  ///
  /// Fortran order gives a transposed view, big-endian numbers are turned. float16 becomes float32; int8 to int32 and uint8 to
  /// uint64 become int64. Objects, text, times, complex numbers and rows of fields are refused, and so is a file that is longer
  /// or shorter than its header says.
  public static func read(_ source: ByteSource) throws -> Tensor {
    var position = 0
    return try read(size: source.count, place: source.name) { buffer in
      try source.read(at: position, into: buffer)
      position += buffer.count
    }
  }

  /// Writes an array in C order, little-endian.
  public static func write(_ tensor: Tensor, to path: String) throws {
    let file = try AtomicFile(path: path)
    try file.write(NPYHeader.bytes(tensor))
    try tensor.withStoredBytes { bytes in
      try StoredElement.inPieces(bytes.count, size: 1) { start, count in
        try file.write(UnsafeRawBufferPointer(rebasing: bytes[start..<(start + count)]))
      }
    }
    try file.commit()
  }

  /// Reads an array of `size` bytes, header and elements, that come one after the other.
  static func read(size: Int, place: String, _ next: NextBytes) throws -> Tensor {
    let header = try NPYHeader(next, size: size, place: place)
    guard header.isFortranOrder else {
      return try header.element.tensor(header.shape, isBigEndian: header.isBigEndian, place: place, next)
    }
    let reversed = try StoredShape(header.shape.dimensions.reversed(), place: place)
    let tensor = try header.element.tensor(reversed, isBigEndian: header.isBigEndian, place: place, next)
    return Tensor(
      storage: tensor.storage, dtype: tensor.dtype, shape: header.shape.dimensions, strides: Dimensions(tensor.strides.reversed()), offset: 0)
  }
}
