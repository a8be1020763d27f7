import SystemServices
import TensorCore

/// Columns of numbers as text with commas, the first line their names. All functions throw `CallerError` or `SystemError`.
public enum CSVFile {
  /// Writes columns of one length: tensors [N], or [N, K], which become K columns `name_1`, `name_2`, ….
  ///
  /// Numbers have as many digits as give the same number again; truth values are `true` and `false`.
  public static func write(_ columns: [NamedArray], to path: String) throws {
    guard let first = columns.first else { throw CallerError("\(path): a table of columns expected, got an empty one") }
    var names: [String] = []
    var tensors: [Tensor] = []
    for column in columns {
      let shape = column.tensor.shape
      guard shape.count == 1 || shape.count == 2 else {
        throw CallerError("\(path): \(printable(column.name)): a column [N] or columns [N, K] expected, got shape \(shape.text)")
      }
      guard shape[0] == first.tensor.shape[0] else {
        throw CallerError(
          "\(path): \(printable(column.name)) has \(shape[0]) rows, \(printable(first.name)) \(first.tensor.shape[0]); columns have one length")
      }
      names += shape.count == 1 ? [column.name] : (0..<shape[1]).map { "\(column.name)_\($0 + 1)" }
      let dense = try column.tensor.contiguous()
      for k in 0..<(shape.count == 1 ? 1 : shape[1]) {
        let width = shape.count == 1 ? 1 : shape[1]
        tensors.append(Tensor(storage: dense.storage, dtype: dense.dtype, shape: [shape[0]], strides: [width], offset: dense.offset + k))
      }
    }
    let file = try AtomicFile(path: path)
    try file.write(names.map(quoted).joined(separator: ",") + "\n")
    var line: [UInt8] = []
    for row in 0..<first.tensor.shape[0] {
      if row & 0xfff == 0 { try Interrupted.check() }
      line.removeAll(keepingCapacity: true)
      for (i, tensor) in tensors.enumerated() {
        if i > 0 { line.append(UInt8(ascii: ",")) }
        line += text(tensor, row).utf8
      }
      line.append(UInt8(ascii: "\n"))
      try file.write(line)
    }
    try file.commit()
  }

  /// Reads columns: int64 where all values are whole numbers, bool where all are `true` or `false`, else float64, in which an
  /// empty field is NaN. Throws for a text that is no number, naming its line and column, and for lines of different length.
  public static func read(_ source: ByteSource) throws -> [NamedArray] {
    guard let text = String(validating: try source.bytes(at: 0, count: source.count), as: UTF8.self) else {
      throw CallerError("\(source.name): text in UTF-8 expected; convert it first")
    }
    var reader = CSVReader(text)
    let names = try reader.line().map { $0 } ?? []
    guard !names.isEmpty, !names.contains(where: { Double($0) != nil || $0.isEmpty }) else {
      throw CallerError("\(source.name): names of columns expected in the first line; write them there")
    }
    if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
      throw CallerError("\(source.name): the column \(printable(twice)) is there twice; give it another name")
    }
    var columns = names.map { _ in CSVColumn() }
    while let fields = try reader.line() {
      if fields == [""] { continue }
      guard fields.count == names.count else {
        throw CallerError("\(source.name): line \(reader.number) has \(fields.count) fields, the first line \(names.count)")
      }
      for (i, field) in fields.enumerated() where !columns[i].add(field) {
        throw CallerError("\(source.name): line \(reader.number): \(printable(names[i])): a number expected, got \(printable(field))")
      }
      if reader.number & 0xfff == 0 { try Interrupted.check() }
    }
    return try zip(names, columns).map { NamedArray($0, try $1.tensor()) }
  }

  private static func quoted(_ name: String) -> String {
    guard name.contains(where: { ",\"\n\r".contains($0) }) else { return name }
    return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  private static func text(_ column: Tensor, _ row: Int) -> String {
    let place = row * column.strides[0]
    // A NaN may have a sign, which "-nan" would show.
    func shown<T: BinaryFloatingPoint & CustomStringConvertible>(_ value: T) -> String { value.isNaN ? "nan" : value.description }
    return switch column.dtype {
    case .bool: column.pointer(as: UInt8.self)[place] == 0 ? "false" : "true"
    case .int64: "\(column.pointer(as: Int64.self)[place])"
    case .float32: shown(column.pointer(as: Float.self)[place])
    case .float64: shown(column.pointer(as: Double.self)[place])
    }
  }
}

/// One column while it is read: it holds the narrowest type that all values so far have.
private struct CSVColumn {
  private var numbers: [Double] = []
  private var integers: [Int64] = []
  private var truths: [UInt8] = []
  private var isWhole = true
  private var isTruth = true

  /// Adds a value; `false` for what is no number.
  mutating func add(_ field: String) -> Bool {
    let truth: UInt8? = field == "true" || field == "True" || field == "TRUE" ? 1 : field == "false" || field == "False" || field == "FALSE" ? 0 : nil
    guard let number = field.isEmpty ? .nan : truth.map(Double.init) ?? Double(field) else { return false }
    if let truth, isTruth { truths.append(truth) } else { (isTruth, truths) = (false, []) }
    if isWhole, truth == nil, let integer = Int64(field) { integers.append(integer) } else { (isWhole, integers) = (false, []) }
    numbers.append(number)
    return true
  }

  func tensor() throws -> Tensor {
    if numbers.isEmpty { return try Tensor(numbers) }
    return isTruth ? try Tensor(truths) : isWhole ? try Tensor(integers) : try Tensor(numbers)
  }
}

/// The lines of a text as lists of fields; a field in quotes may hold commas, line breaks and doubled quotes.
private struct CSVReader {
  private let text: String.UTF8View
  private var place: String.UTF8View.Index
  /// The line that was read last, from 1.
  private(set) var number = 0

  init(_ text: String) {
    self.text = text.utf8
    place = self.text.startIndex
    if text.hasPrefix("\u{feff}") { place = self.text.index(place, offsetBy: 3) }
  }

  mutating func line() throws -> [String]? {
    guard place < text.endIndex else { return nil }
    number += 1
    var fields: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    while true {
      let byte = place < text.endIndex ? text[place] : UInt8(ascii: "\n")
      let isEnd = place == text.endIndex
      if !isEnd { text.formIndex(after: &place) }
      if isQuoted, !isEnd {
        if byte != UInt8(ascii: "\"") {
          field.append(byte)
        } else if place < text.endIndex, text[place] == byte {
          field.append(byte)
          text.formIndex(after: &place)
        } else {
          isQuoted = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\"") where field.isEmpty: isQuoted = true
      case UInt8(ascii: ","), UInt8(ascii: "\n"):
        while let last = field.last, last == 0x20 || last == 0x0d || last == 0x09 { field.removeLast() }
        fields.append(String(decoding: field, as: UTF8.self))
        field.removeAll(keepingCapacity: true)
        if byte == UInt8(ascii: "\n") { return fields }
      case 0x20, 0x09: if !field.isEmpty { field.append(byte) }
      default: field.append(byte)
      }
    }
  }
}
