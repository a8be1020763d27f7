import SystemServices
import TensorCore

/// The header of a safetensors file: for each tensor its type, shape and place among the bytes behind the header.
struct SafetensorsHeader {
  struct Entry {
    let name: String
    let element: String
    let sizes: [Int]
    let start: Int
    let end: Int
  }

  /// In the order of their bytes.
  let entries: [Entry]
  let metadata: [String: String]
  /// Where the bytes of the tensors begin.
  let length: Int

  /// As in the format's own implementation.
  private static let longest = 100_000_000

  /// Reads and checks the header: names are distinct, and the tensors fill the bytes behind it without overlap, hole or rest.
  init(_ source: ByteSource) throws {
    func damaged(_ what: String) -> CallerError { CallerError("\(source.name): \(what); the file may be damaged: copy or download it again") }
    guard source.count >= 8 else { throw damaged("\(source.count) bytes are too few for a safetensors file") }
    let lengthBytes = try source.bytes(at: 0, count: 8)
    guard lengthBytes[7] == 0, lengthBytes[6] == 0 else { throw damaged("this is no safetensors file, the length of its header is beyond 48 bits") }
    let count = lengthBytes.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    guard count <= SafetensorsHeader.longest else {
      throw damaged("the header claims \(count) bytes, more than the \(SafetensorsHeader.longest) that the format allows")
    }
    guard count <= source.count - 8 else { throw damaged("the header claims \(count) bytes of the \(source.count - 8) behind its length") }
    length = 8 + count
    let text = try source.bytes(at: 8, count: count)
    guard text.first == UInt8(ascii: "{") else { throw damaged("this is no safetensors file, its header does not begin with {") }
    var parser = Parser(most: mostArrays(fileSize: source.count))
    do { try parser.read(text) } catch let problem as Problem { throw damaged(problem.text) } catch is MalformedText {
      throw damaged("the header is not the JSON of a safetensors file, near byte \(8 + parser.place)")
    }
    metadata = parser.metadata
    entries = parser.entries.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    var end = 0
    for entry in entries {
      guard entry.start == end else {
        throw damaged("\(printable(entry.name)) begins at byte \(entry.start) of the data, not at \(end) where the one before it ends")
      }
      end = entry.end
    }
    guard end == source.count - length else { throw damaged("the tensors fill \(end) of \(source.count - length) bytes of data") }
  }

  private struct Problem: Error { let text: String }

  private struct Parser {
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    var place = 0
    private let most: Int
    private var names: Set<String> = []

    init(most: Int) { self.most = most }

    mutating func read(_ text: [UInt8]) throws {
      var scanner = JSONScanner(text)
      defer { place = scanner.place }
      try scanner.object { scanner, name in
        guard names.insert(name).inserted else { throw Problem(text: "\(printable(name)) is there twice") }
        guard names.count <= most else { throw Problem(text: "it claims more than \(most) tensors, too many for its size") }
        if name == "__metadata__" { try readMetadata(&scanner) } else { try readEntry(&scanner, name) }
      }
      guard scanner.isAtEnd else { throw MalformedText() }
    }

    private mutating func readMetadata(_ scanner: inout JSONScanner) throws {
      try scanner.object { scanner, key in
        guard metadata.updateValue(try scanner.string(), forKey: key) == nil else {
          throw Problem(text: "\(printable(key)) is there twice in the metadata")
        }
      }
    }

    private mutating func readEntry(_ scanner: inout JSONScanner, _ name: String) throws {
      var element: String?, sizes: [Int]?, offsets: [Int]?
      try scanner.object { scanner, key in
        switch key {
        case "dtype" where element == nil: element = try scanner.string()
        case "shape" where sizes == nil: sizes = try scanner.numbers(atMost: 64)
        case "data_offsets" where offsets == nil: offsets = try scanner.numbers(atMost: 2)
        default: throw Problem(text: "\(printable(name)) has an unknown or repeated field \(printable(key))")
        }
      }
      guard let element, let sizes, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
        throw Problem(text: "\(printable(name)) lacks its dtype, shape or data_offsets, or they are in disorder")
      }
      entries.append(Entry(name: name, element: element, sizes: sizes, start: offsets[0], end: offsets[1]))
    }
  }
}
