import SystemServices
import TensorCore

/// The header of a `.npy` file (NumPy's format 1.0 to 3.0): type, order and shape of the elements, written as a Python dictionary.
struct NPYHeader {
  let element: StoredElement
  let isBigEndian: Bool
  let isFortranOrder: Bool
  let shape: StoredShape
  /// Bytes in front of the elements.
  let length: Int

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads the header from the beginning of `size` bytes. `place` is what messages call the array.
  init(_ next: NextBytes, size: Int, place: String) throws {
    func damaged(_ what: String) -> CallerError { CallerError("\(place): \(what); the file may be damaged: copy or download it again") }
    func bytes(_ count: Int) throws -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      try bytes.withUnsafeMutableBytes { try next($0) }
      return bytes
    }
    guard size >= 10 else { throw damaged("\(size) bytes are too few for a .npy file") }
    let start = try bytes(8)
    guard start.starts(with: NPYHeader.magic) else { throw damaged("this is no .npy file, it lacks the signature") }
    let version = Int(start[6])
    guard (1...3).contains(version) else { throw damaged("version \(version) of the .npy format is not known") }
    let width = version == 1 ? 2 : 4
    guard size >= 8 + width else { throw damaged("\(size) bytes are too few for a .npy file") }
    let count = try bytes(width).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    // NumPy itself refuses more than 10,000 characters.
    guard count <= 1 << 16, count <= size - 8 - width else { throw damaged("the header claims \(count) bytes") }
    length = 8 + width + count
    var fields: NPYFields
    do { fields = try NPYFields(try bytes(count)) } catch is MalformedText {
      throw damaged("the header cannot be understood")
    }
    (element, isBigEndian) = try NPYHeader.element(fields.type, place)
    isFortranOrder = fields.isFortranOrder
    shape = try StoredShape(fields.shape, place: place)
    guard let byteCount = shape.byteCount(element.size), byteCount == size - length else {
      throw damaged("\(size - length) bytes are not the elements of the shape \(shape.dimensions.text) that the header claims")
    }
  }

  /// The type that NumPy writes as `<f4`; types that no tensor has are refused by name.
  private static func element(_ type: String, _ place: String) throws -> (StoredElement, isBigEndian: Bool) {
    func refuse(_ what: String, _ advice: String) -> CallerError { CallerError("\(place) holds \(what) (\(type)), which no tensor can; \(advice)") }
    var code = Substring(type)
    let order = code.first
    if let order, "<>=|".contains(order) { code = code.dropFirst() }
    let elements: [Substring: StoredElement] = [
      "b1": .bool, "?": .bool, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64, "u1": .uint8, "u2": .uint16, "u4": .uint32,
      "u8": .uint64, "f2": .float16, "f4": .float32, "f8": .float64,
    ]
    if let element = elements[code] { return (element, order == ">") }
    switch code.first {
    case "O": throw refuse("Python objects", "objects are code and are not run: save the numbers in them as an array")
    case "U", "S", "a": throw refuse("text", "save the numbers in it as an array")
    case "M", "m": throw refuse("times", "save them as float64")
    case "c": throw refuse("complex numbers", "save real and imaginary part as two arrays")
    case "[": throw refuse("rows of named fields", "save each field as an array")
    default: throw refuse("elements of another type", "save them as float32 or float64")
    }
  }

  /// The header of format 1.0 for a tensor, padded so that the elements begin at a multiple of 64 bytes, as NumPy writes it.
  static func bytes(_ tensor: Tensor) -> [UInt8] {
    let type = switch tensor.dtype {
    case .bool: "|b1"
    case .int64: "<i8"
    case .float32: "<f4"
    case .float64: "<f8"
    }
    let sizes = tensor.shape.map(String.init)
    let shape = sizes.count == 1 ? "(\(sizes[0]),)" : "(\(sizes.joined(separator: ", ")))"
    var text = Array("{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }".utf8)
    let spaces = 63 - (10 + text.count) % 64
    text += [UInt8](repeating: UInt8(ascii: " "), count: spaces) + [UInt8(ascii: "\n")]
    return magic + [1, 0, UInt8(truncatingIfNeeded: text.count), UInt8(truncatingIfNeeded: text.count >> 8)] + text
  }
}

/// The dictionary in the header of a `.npy` file.
struct NPYFields: TextScanner {
  private(set) var type = ""
  private(set) var isFortranOrder = false
  private(set) var shape: [Int] = []

  let text: [UInt8]
  var place = 0

  /// Reads exactly the keys `descr`, `fortran_order` and `shape`, in any order.
  init(_ text: [UInt8]) throws {
    self.text = text
    var seen: Set<String> = []
    try expect("{")
    while !take("}") {
      let key = try quoted()
      guard seen.insert(key).inserted else { throw MalformedText() }
      try expect(":")
      switch key {
      case "descr": type = try typeText()
      case "fortran_order": isFortranOrder = try truth()
      case "shape": shape = try tuple()
      default: throw MalformedText()
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    guard isAtEnd, seen.count == 3 else { throw MalformedText() }
  }

  private mutating func quoted() throws -> String {
    let mark: UInt8 = take("'") ? UInt8(ascii: "'") : take("\"") ? UInt8(ascii: "\"") : 0
    guard mark != 0, let end = text[place...].firstIndex(of: mark) else { throw MalformedText() }
    let inside = text[place..<end]
    // Types and keys are plain; an escape would need Python to read it.
    guard inside.count <= 200, inside.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }) else { throw MalformedText() }
    place = end + 1
    return String(decoding: inside, as: UTF8.self)
  }

  /// The text of a type; the list that describes rows of fields is not read, it is known by its bracket.
  private mutating func typeText() throws -> String {
    guard take("[") else { return try quoted() }
    var depth = 1
    while depth > 0 {
      guard place < text.count else { throw MalformedText() }
      if text[place] == UInt8(ascii: "[") { depth += 1 }
      if text[place] == UInt8(ascii: "]") { depth -= 1 }
      place += 1
    }
    return "[…]"
  }

  private mutating func truth() throws -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)] where text[place...].starts(with: word.utf8) {
      place += word.utf8.count
      return value
    }
    throw MalformedText()
  }

  private mutating func tuple() throws -> [Int] {
    var sizes: [Int] = []
    try expect("(")
    while !take(")") {
      sizes.append(try size())
      // No array of NumPy has more than 64 dimensions.
      guard sizes.count <= 64 else { throw MalformedText() }
      if !take(",") {
        try expect(")")
        break
      }
    }
    return sizes
  }

  private mutating func size() throws -> Int {
    let size = try digits().value
    // Python 2 marks its long integers.
    if place < text.count, text[place] == UInt8(ascii: "L") { place += 1 }
    return size
  }
}
