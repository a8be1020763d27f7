import SystemServices
import TensorCore

/// Named tensors in a `.safetensors` file (Hugging Face's format): a JSON header and the bytes of the tensors, which no code is run for.
/// All functions throw `CallerError` or `SystemError`.
public final class SafetensorsFile {
  /// The names of the tensors, in the order of their bytes.
  public var names: [String] { header.entries.map(\.name) }
  /// What the file says besides tensors.
  public var metadata: [String: String] { header.metadata }

  private let source: ByteSource
  private let header: SafetensorsHeader
  private let places: [String: Int]

  /// Reads and checks the header: names are distinct, the tensors fill the bytes behind it without overlap, hole or rest.
  public init(_ source: ByteSource) throws {
    self.source = source
    header = try SafetensorsHeader(source)
    places = Dictionary(header.entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Reads the tensor `name`. F16 and BF16 become float32; I8 to I32 and U8 to U64 int64; other types are refused by name.
  public func read(_ name: String) throws -> Tensor {
    guard let place = places[name] else { throw missing(name, in: source.name, among: names) }
    let entry = header.entries[place], shown = "\(source.name): \(printable(name))"
    guard let element = StoredElement(safetensors: entry.element) else {
      throw CallerError("\(shown) holds \(printable(entry.element)), which no tensor can; save it as F32 or F64")
    }
    let shape = try StoredShape(entry.sizes, place: shown)
    guard shape.byteCount(element.size) == entry.end - entry.start else {
      throw CallerError(
        "\(shown): \(entry.end - entry.start) bytes are not \(shape.dimensions.text) elements of type \(entry.element); "
          + "the file may be damaged: copy or download it again")
    }
    var position = header.length + entry.start
    return try element.tensor(shape, place: shown) { buffer in
      try source.read(at: position, into: buffer)
      position += buffer.count
    }
  }

  /// Writes tensors; the bytes of the file are those that Python's safetensors writes. Throws where a name occurs twice.
  public static func write(_ arrays: [NamedArray], metadata: [String: String] = [:], to path: String) throws {
    // The order of the format's own implementation: types by falling alignment, then names.
    let order: [DType] = [.int64, .float64, .float32, .bool]
    func rank(_ dtype: DType) -> Int { order.firstIndex(of: dtype) ?? order.count }
    let sorted = arrays.sorted { a, b in
      let (x, y) = (rank(a.tensor.dtype), rank(b.tensor.dtype))
      return x != y ? x < y : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
    var parts: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      parts.append("\"__metadata__\":{\(pairs.map { "\(JSONScanner.quoted($0.key)):\(JSONScanner.quoted($0.value))" }.joined(separator: ","))}")
    }
    var names: Set<String> = ["__metadata__"]
    var start = 0
    for array in sorted {
      guard names.insert(array.name).inserted else {
        throw CallerError("\(path): \(printable(array.name)) is there twice, or is kept for what the file says besides tensors; choose another name")
      }
      let end = start + array.tensor.byteCount
      let element = StoredElement(array.tensor.dtype).safetensorsName
      parts.append(
        "\(JSONScanner.quoted(array.name)):{\"dtype\":\"\(element)\",\"shape\":[\(array.tensor.shape.map(String.init).joined(separator: ","))],"
          + "\"data_offsets\":[\(start),\(end)]}")
      start = end
    }
    var header = Array("{\(parts.joined(separator: ","))}".utf8)
    header += [UInt8](repeating: UInt8(ascii: " "), count: -header.count & 7)
    let file = try AtomicFile(path: path)
    try file.write((0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) })
    try file.write(header)
    for array in sorted {
      try array.tensor.withStoredBytes { bytes in
        try StoredElement.inPieces(bytes.count, size: 1) { start, count in
          try file.write(UnsafeRawBufferPointer(rebasing: bytes[start..<(start + count)]))
        }
      }
    }
    try file.commit()
  }
}

extension StoredElement {
  private static let safetensorsNames: [(StoredElement, String)] = [
    (.bool, "BOOL"), (.int8, "I8"), (.int16, "I16"), (.int32, "I32"), (.int64, "I64"), (.uint8, "U8"), (.uint16, "U16"), (.uint32, "U32"),
    (.uint64, "U64"), (.float16, "F16"), (.bfloat16, "BF16"), (.float32, "F32"), (.float64, "F64"),
  ]

  /// The type of a name such as `F32`; `nil` for types that no tensor has.
  fileprivate init?(safetensors name: String) {
    guard let found = StoredElement.safetensorsNames.first(where: { $0.1 == name }) else { return nil }
    self = found.0
  }

  /// Its name in a header.
  fileprivate var safetensorsName: String { StoredElement.safetensorsNames.first { $0.0 == self }?.1 ?? "" }
}
