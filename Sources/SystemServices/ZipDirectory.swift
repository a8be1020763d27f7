/// The directory at the end of a ZIP file (PKWARE's APPNOTE 6.3, sections 4.3.7 to 4.3.16).
struct ZipDirectory {
  private let source: ByteSource
  private let start: Int
  private let size: Int
  private let count: Int

  /// Finds the directory from the record at the end of the file.
  init(_ source: ByteSource) throws {
    self.source = source
    func damaged(_ what: String) -> SystemError { SystemError("\(source.name): \(what); copy or download the file again") }
    // The record is 22 bytes and a comment of at most 65,535.
    let tailStart = max(0, source.count - 22 - 65535)
    let tail = Fields(try source.bytes(at: tailStart, count: source.count - tailStart))
    guard source.count >= 22,
      let place = stride(from: tail.count - 22, through: 0, by: -1).first(where: {
        tail.u32($0) == 0x0605_4b50 && $0 + 22 + tail.u16($0 + 20) == tail.count
      })
    else { throw damaged("this is no ZIP file, it lacks the directory at the end") }
    var count = tail.u16(place + 10), size = tail.u32(place + 12), start = tail.u32(place + 16)
    var end = tailStart + place
    guard tail.u16(place + 4) == tail.u16(place + 6) else { throw damaged("ZIP files in several parts cannot be read") }
    if count == 0xffff || size == 0xffff_ffff || start == 0xffff_ffff {
      guard end >= 20 + 56 else { throw damaged("the ZIP directory is damaged") }
      let locator = Fields(try source.bytes(at: end - 20, count: 20))
      if locator.u32(0) == 0x0706_4b50 {
        guard let at = locator.u64(8), at <= end - 20 - 56 else { throw damaged("the ZIP directory is damaged") }
        let record = Fields(try source.bytes(at: at, count: 56))
        guard record.u32(0) == 0x0606_4b50, let wideCount = record.u64(32), let wideSize = record.u64(40), let wideStart = record.u64(48)
        else { throw damaged("the ZIP directory is damaged") }
        (count, size, start, end) = (wideCount, wideSize, wideStart, at)
      }
    }
    // Each entry of the directory has 46 bytes at least.
    guard start <= end, size == end - start, count <= size / 46 else { throw damaged("the ZIP directory is damaged") }
    (self.start, self.size, self.count) = (start, size, count)
  }

  /// The entries, each found to lie in the file, no two of them over each other or of one name; folders are left out.
  func entries() throws -> [ZipReader.Entry] {
    let fields = Fields(try source.bytes(at: start, count: size))
    var entries: [ZipReader.Entry] = []
    var names: Set<String> = []
    var spans: [(from: Int, to: Int)] = []
    var place = 0
    for _ in 0..<count {
      guard place + 46 <= fields.count, fields.u32(place) == 0x0201_4b50 else { throw damaged("the ZIP directory is damaged") }
      let nameEnd = place + 46 + fields.u16(place + 28), extraEnd = nameEnd + fields.u16(place + 30)
      let next = extraEnd + fields.u16(place + 32)
      guard next <= fields.count else { throw damaged("the ZIP directory is damaged") }
      let nameBytes = fields.bytes[(place + 46)..<nameEnd]
      guard let name = String(validating: nameBytes, as: UTF8.self), !name.utf8.contains(0) else {
        throw damaged("a name in the ZIP directory is no UTF-8")
      }
      let shown = SystemError.printable(name)
      guard names.insert(name).inserted else { throw damaged("\(shown) is there twice") }
      guard fields.u16(place + 8) & 1 == 0 else { throw damaged("\(shown) is encrypted, which cannot be read") }
      let method = fields.u16(place + 10)
      guard method == 0 || method == 8 else {
        throw damaged("\(shown) is compressed with method \(method); only stored and deflated entries can be read")
      }
      guard let (size, storedSize, header) = fields.sizes(place, extra: nameEnd..<extraEnd) else { throw damaged("the size of \(shown) is damaged") }
      let offset = try dataStart(header, name: nameBytes, method: method, shown)
      guard storedSize <= start - offset else { throw damaged("\(shown) reaches beyond the end of the file") }
      guard method == 8 ? size / Deflate.largestRatio <= storedSize : size == storedSize else {
        throw damaged("\(shown) cannot have \(size) bytes, \(storedSize) in the file")
      }
      spans.append((header, offset + storedSize))
      if !name.hasSuffix("/") {
        entries.append(
          ZipReader.Entry(
            name: name, size: size, isDeflated: method == 8, storedSize: storedSize,
            checksum: UInt32(truncatingIfNeeded: fields.u32(place + 16)), offset: offset,
            // Made on a Unix system (3), the upper half of the attributes is the file's mode.
            isRegular: fields.u16(place + 4) >> 8 != 3 || [0, 0o100000].contains(fields.u16(place + 40) & 0o170000)))
      }
      place = next
    }
    guard place == fields.count else { throw damaged("the ZIP directory is damaged") }
    spans.sort { $0.from < $1.from }
    for (a, b) in zip(spans, spans.dropFirst()) where a.to > b.from { throw damaged("two of its entries overlap") }
    return entries
  }

  /// Where the bytes of an entry begin, behind its own header, which must agree with the directory.
  private func dataStart(_ header: Int, name: ArraySlice<UInt8>, method: Int, _ shown: String) throws -> Int {
    let wrong = damaged("\(shown) is not where the ZIP directory says")
    guard header <= start - 30 - name.count else { throw wrong }
    let local = Fields(try source.bytes(at: header, count: 30 + name.count))
    guard local.u32(0) == 0x0403_4b50, local.u16(8) == method, local.u16(26) == name.count, local.bytes[30...] == name else { throw wrong }
    let offset = header + 30 + name.count + local.u16(28)
    guard offset <= start else { throw wrong }
    return offset
  }

  private func damaged(_ what: String) -> SystemError { SystemError("\(source.name): \(what); copy or download the file again") }
}

/// Little-endian numbers in bytes; the caller answers for the bounds.
private struct Fields {
  let bytes: [UInt8]
  var count: Int { bytes.count }

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func u16(_ at: Int) -> Int { Int(bytes[at]) | Int(bytes[at + 1]) << 8 }
  func u32(_ at: Int) -> Int { u16(at) | u16(at + 2) << 16 }
  /// `nil` for a number beyond 63 bits.
  func u64(_ at: Int) -> Int? { bytes[at + 7] < 128 ? u32(at) | u32(at + 4) << 32 : nil }

  /// Size, stored size and place of the directory's entry at `place`, from the ZIP64 field (id 1) where 32 bits do not hold them.
  func sizes(_ place: Int, extra: Range<Int>) -> (size: Int, storedSize: Int, header: Int)? {
    var values = [u32(place + 24), u32(place + 20), u32(place + 42)]
    guard values.contains(0xffff_ffff) else { return (values[0], values[1], values[2]) }
    var at = extra.lowerBound
    while at + 4 <= extra.upperBound {
      let end = at + 4 + u16(at + 2)
      guard end <= extra.upperBound else { return nil }
      if u16(at) == 1 {
        at += 4
        for i in values.indices where values[i] == 0xffff_ffff {
          guard at + 8 <= end, let value = u64(at) else { return nil }
          values[i] = value
          at += 8
        }
        return (values[0], values[1], values[2])
      }
      at = end
    }
    // Without the field the number is what it says.
    return (values[0], values[1], values[2])
  }
}
