import ArrayFiles
import Foundation
import SystemServices
import TensorCore

/// Little-endian bytes of a number.
func bytes(_ number: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }

/// A safetensors file with this header, padded as it is, and `data` zeros behind it.
func safetensors(_ header: String, data: Int = 0) -> [UInt8] {
  bytes(header.utf8.count, 8) + Array(header.utf8) + [UInt8](repeating: 0, count: data)
}

/// A .npy file of version 1 with this dictionary and `data` zeros behind it.
func npy(_ dictionary: String, data: Int = 0) -> [UInt8] {
  var content = [0x93] + Array("NUMPY".utf8) + [1, 0]
  content += bytes(dictionary.utf8.count, 2) + Array(dictionary.utf8)
  return content + [UInt8](repeating: 0, count: data)
}

/// Reads every array of a file in memory and gives the number of their elements.
func readAll(_ format: ArrayFile.Format, _ content: [UInt8]) throws -> Int {
  let source = ByteSource(content, name: "x.\(format.rawValue)")
  switch format {
  case .npy: return try NPYFile.read(source).count
  case .npz:
    let file = try NPZFile(source)
    return try file.names.reduce(0) { try $0 + file.read($1).count }
  case .safetensors:
    let file = try SafetensorsFile(source)
    return try file.names.reduce(0) { try $0 + file.read($1).count }
  case .csv: return try CSVFile.read(source).reduce(0) { $0 + $1.tensor.count }
  case .h5: return 0
  }
}

/// The bytes of a fixture.
func content(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture(name)))) }

/// A fast generator that repeats itself from its seed.
struct Xorshift {
  private var state: UInt64

  init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }
}
