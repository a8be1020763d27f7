import ArrayFiles
import Foundation
import SystemServices
import TensorCore
import Testing

private let isSlow = ProcessInfo.processInfo.environment["JETLUA_SLOW_TESTS"] == "1"

private func joined(_ fields: [(Int, Int)]) -> [UInt8] { fields.flatMap { bytes($0.0, $0.1) } }

private func magic(_ rest: UInt8...) -> [UInt8] { [0x93] + Array("NUMPY".utf8) + rest }

/// A file and what the error about it says.
struct Case: Sendable, CustomTestStringConvertible {
  let content: [UInt8]
  let expected: String
  var testDescription: String { expected }

  init(_ content: [UInt8], _ expected: String) {
    self.content = content
    self.expected = expected
  }
}

private let safetensorsCases: [Case] = [
  Case([], "0 bytes are too few for a safetensors file"),
  Case(bytes(Int.max, 8), "the length of its header is beyond 48 bits"),
  Case(bytes(100_000_001, 8), "the header claims 100000001 bytes, more than the 100000000 that the format allows"),
  Case(bytes(1000, 8) + Array("{}".utf8), "the header claims 1000 bytes of the 2 behind its length"),
  Case(safetensors("[]"), "its header does not begin with {"),
  Case(safetensors("{\"a\":"), "the header is not the JSON of a safetensors file"),
  Case(safetensors("{}x"), "the header is not the JSON of a safetensors file"),
  Case(safetensors("{}", data: 1), "the tensors fill 0 of 1 bytes of data"),
  Case(safetensors(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, data: 5), "the tensors fill 4 of 5 bytes of data"),
  Case(safetensors(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, data: 3), "the tensors fill 4 of 3 bytes of data"),
  Case(
    safetensors(#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#, data: 6),
    "b begins at byte 2 of the data, not at 4 where the one before it ends"
  ),
  Case(
    safetensors(#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}}"#, data: 9),
    "b begins at byte 5 of the data, not at 4"
  ),
  Case(safetensors(#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, data: 3), "a begins at byte 1 of the data, not at 0"),
  Case(safetensors(#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[4,2]}}"#, data: 4), "or they are in disorder"),
  Case(safetensors(#"{"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}}"#, data: 2), "the header is not the JSON"),
  Case(safetensors(#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,-1]}}"#, data: 2), "the header is not the JSON"),
  Case(safetensors(#"{"a":{"dtype":"U8","shape":[2.0],"data_offsets":[0,2]}}"#, data: 2), "the header is not the JSON"),
  Case(safetensors(#"{"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,2]}}"#, data: 2), "the header is not the JSON"),
  Case(safetensors(#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,4]}}"#, data: 4), "a: 4 bytes are not [3] elements of type F32"),
  Case(
    safetensors(#"{"a":{"dtype":"F64","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#),
    "a: the shape [4611686018427387904, 4] is too large"
  ),
  Case(
    safetensors(#"{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}"#),
    "a: 0 bytes are not [2305843009213693952] elements of type F64"
  ),
  Case(
    safetensors(#"{"a":{"dtype":"F64","shape":[0,4611686018427387904,4],"data_offsets":[0,0]}}"#),
    "a: the shape [0, 4611686018427387904, 4] is too large"
  ),
  Case(safetensors(#"{"a":{"dtype":"F8_E5M2","shape":[1],"data_offsets":[0,1]}}"#, data: 1), "a holds F8_E5M2, which no tensor can"),
  Case(safetensors(#"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#), "a is there twice"),
  Case(safetensors(#"{"__metadata__":{},"__metadata__":{}}"#), "__metadata__ is there twice"),
  Case(safetensors(#"{"__metadata__":{"k":"v","k":"w"}}"#), "k is there twice in the metadata"),
  Case(safetensors(#"{"__metadata__":{"k":1}}"#), "the header is not the JSON"),
  Case(safetensors(#"{"a":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#), "a has an unknown or repeated field dtype"),
  Case(safetensors(#"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"code":"x"}}"#), "a has an unknown or repeated field code"),
  Case(safetensors(#"{"a":{"dtype":"F32","shape":[0]}}"#), "a lacks its dtype, shape or data_offsets"),
  Case(safetensors(#"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0]}}"#), "a lacks its dtype, shape or data_offsets"),
  Case(safetensors(#"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0,0]}}"#), "the header is not the JSON"),
  Case([4, 0, 0, 0, 0, 0, 0, 0, 123, 34, 255, 34], "the header is not the JSON"),
  Case(safetensors(#"{"\ud800":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#), "the header is not the JSON"),
  Case(safetensors(String(repeating: "{\"a\":", count: 100_000)), "a has an unknown or repeated field a"),
  Case(safetensors("{\"a\":{\"shape\":" + String(repeating: "[", count: 100_000)), "the header is not the JSON"),
  Case(safetensors("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,0],\"shape\":[\(String(repeating: "1,", count: 1000))1]}}"), "the header is not the JSON"),
  Case(safetensors("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1],\"shape\":[1,1,1,1,1,1,1,1,1]}}", data: 1), "a has 9 dimensions"),
]

private let npyCases: [Case] = [
  Case([0x93], "1 bytes are too few for a .npy file"),
  Case(Array("PK not a npy file".utf8), "it lacks the signature"),
  Case(magic(9, 0, 0, 0), "version 9 of the .npy format is not known"),
  Case(magic(1, 0, 255, 255, 0), "the header claims 65535 bytes"),
  Case(magic(2, 0, 255, 255, 255, 255), "the header claims 4294967295 bytes"),
  Case(magic(2, 0), "8 bytes are too few for a .npy file"),
  Case(npy(""), "the header cannot be understood"),
  Case(npy("{'descr': '<f4', 'fortran_order': False}"), "the header cannot be understood"),
  Case(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", data: 4), "the header cannot be understood"),
  Case(npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", data: 4), "the header cannot be understood"),
  Case(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", data: 4), "the header cannot be understood"),
  Case(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}"), "the header cannot be understood"),
  Case(npy("{'descr': '<f4', 'fortran_order': __import__('os'), 'shape': (1,)}", data: 4), "the header cannot be understood"),
  Case(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1" + String(repeating: "(", count: 10000)), "the header cannot be understood"),
  Case(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", data: 4), "4 bytes are not the elements of the shape [2]"),
  Case(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", data: 5), "5 bytes are not the elements of the shape [1]"),
  Case(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,)}"), "0 bytes are not the elements"),
  Case(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4)}"), "is too large"),
  Case(npy("{'descr': '<f8', 'fortran_order': True, 'shape': (0, 4611686018427387904, 4)}"), "is too large"),
  Case(npy("{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}", data: 16), "holds elements of another type (<f16)"),
  Case(npy("{'descr': '|V2', 'fortran_order': False, 'shape': (1,)}", data: 2), "holds elements of another type (|V2)"),
  Case(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", data: 4), "holds rows of named fields"),
  Case(npy("{'descr': [[[[", data: 4), "the header cannot be understood"),
]

/// Files made to mislead their reader.
@Suite struct HostileFilesTests {
  @Test(arguments: safetensorsCases) func hostileSafetensorsAreRefused(_ hostile: Case) {
    let text = message { _ = try readAll(.safetensors, hostile.content) }
    #expect(text.hasPrefix("x.safetensors: ") || text.hasPrefix("cannot read x.safetensors"))
    #expect(text.contains(hostile.expected) && !text.contains("\n"), "\(text)")
  }

  @Test func manyEmptyTensorsAreRefusedBeforeTheyFillTheMemory() {
    let one = (0..<9_000).map { #""\#($0)":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"# }
    let text = message { _ = try SafetensorsFile(ByteSource(safetensors("{\(one.joined(separator: ","))}"), name: "x")) }
    #expect(text.contains("it claims more than 8694 tensors, too many for its size"), "\(text)")
  }

  @Test(arguments: npyCases) func hostileNPYFilesAreRefused(_ hostile: Case) {
    let text = message { _ = try readAll(.npy, hostile.content) }
    #expect(text.hasPrefix("x.npy") && text.contains(hostile.expected) && !text.contains("\n"), "\(text)")
  }

  /// Fields of the end record, the directory and the entry's own header of a ZIP file with one entry, each changed alone.
  @Test func hostileZIPFilesAreRefused() throws {
    let header = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", data: 4)
    let name = Array("a.npy".utf8)
    let sum: [UInt8] = try checksum(header), own = sum
    func local(_ name: [UInt8], method: Int = 0) -> [UInt8] {
      joined([(0x0403_4b50, 4), (20, 2), (0, 2), (method, 2), (0, 4)]) + sum
        + joined([(header.count, 4), (header.count, 4), (name.count, 2), (0, 2)]) + name
    }
    func central(_ name: [UInt8], method: Int = 0, flags: Int = 0, sum: [UInt8]? = nil, stored: Int? = nil, size: Int? = nil, at: Int = 0) -> [UInt8] {
      joined([(0x0201_4b50, 4), (20, 2), (20, 2), (flags, 2), (method, 2), (0, 4)]) + (sum ?? own)
        + joined([(stored ?? header.count, 4), (size ?? header.count, 4), (name.count, 2), (0, 8), (0, 4), (at, 4)]) + name
    }
    func end(_ directory: [UInt8], at start: Int, count: Int = 1, size: Int? = nil, disk: Int = 0) -> [UInt8] {
      joined([(0x0605_4b50, 4), (disk, 2), (0, 2), (count, 2), (count, 2), (size ?? directory.count, 4), (start, 4), (0, 2)])
    }
    let entry = local(name) + header
    func whole(_ directory: [UInt8], _ entries: [UInt8]? = nil, count: Int = 1) -> [UInt8] {
      (entries ?? entry) + directory + end(directory, at: (entries ?? entry).count, count: count)
    }
    #expect(try readAll(.npz, whole(central(name))) == 1)

    let directory = central(name)
    let twoNames = central(name) + central(name, at: entry.count)
    let second = local(Array("b.npy".utf8)) + header
    let cases: [(String, [UInt8], String)] = [
      ("empty", [], "it lacks the directory"),
      ("no end", entry + directory, "it lacks the directory"),
      ("rest behind the end", whole(directory) + [0], "it lacks the directory"),
      ("cut", Array(whole(directory).dropLast(1)), "it lacks the directory"),
      ("parts", entry + directory + end(directory, at: entry.count, disk: 1), "in several parts"),
      ("directory beyond", entry + directory + end(directory, at: 1_000_000), "directory is damaged"),
      ("directory longer", entry + directory + end(directory, at: entry.count, size: 1_000_000), "directory is damaged"),
      ("more entries", whole(directory, count: 2), "directory is damaged"),
      ("fewer entries", whole(directory, count: 0), "directory is damaged"),
      ("64 bits wanted, none there", whole(central(name, stored: 0xffff_ffff, size: 0xffff_ffff)), "reaches beyond the end"),
      ("stored beyond", whole(central(name, stored: 1_000_000, size: 1_000_000)), "reaches beyond the end"),
      ("stored and size differ", whole(central(name, size: header.count + 1)), "cannot have"),
      ("a bomb", whole(central(name, method: 8, stored: 4, size: 1 << 30), local(name, method: 8) + header), "cannot have 1073741824 bytes, 4 in the file"),
      ("not deflated", whole(central(name, method: 8), local(name, method: 8) + header), "holds fewer than the 71 bytes it is said to"),
      ("other method", whole(central(name, method: 12)), "compressed with method 12"),
      ("methods differ", whole(central(name, method: 8)), "is not where the ZIP directory says"),
      ("encrypted", whole(central(name, flags: 1)), "is encrypted"),
      ("checksum", whole(central(name, sum: [1, 2, 3, 4])), "does not have the checksum"),
      ("elsewhere", whole(central(name, at: 3)), "is not where the ZIP directory says"),
      ("far elsewhere", whole(central(name, at: 0xfff_ffff)), "is not where the ZIP directory says"),
      ("other name", whole(central(Array("b.npy".utf8))), "is not where the ZIP directory says"),
      ("bad UTF-8", whole(central([0xff, 0xfe]), local([0xff, 0xfe]) + header), "is no UTF-8"),
      ("twice", whole(twoNames, entry + entry, count: 2), "a.npy is there twice"),
      (
        "overlap", whole(central(name, stored: header.count + second.count, size: header.count + second.count) + central(Array("b.npy".utf8), at: entry.count), entry + second, count: 2),
        "two of its entries overlap"
      ),
      ("no npy inside", whole(central(name, stored: 4, size: 4)), "too few for a .npy file"),
    ]
    for (what, content, expected) in cases {
      let text = message { _ = try readAll(.npz, content) }
      #expect(text.contains(expected) && text.hasPrefix("x.npz: ") && !text.contains("\n"), "\(what): \(text)")
    }
  }

  private func checksum(_ content: [UInt8]) throws -> [UInt8] {
    // Of what zlib computes for a file that the writer makes.
    let path = NSTemporaryDirectory() + "jetlua-\(UUID().uuidString).npz"
    defer { unlink(path) }
    let zip = try ZipWriter(path: path)
    try content.withUnsafeBytes { try zip.add("a", [$0]) }
    try zip.commit()
    return Array(try Data(contentsOf: URL(fileURLWithPath: path))[14..<18])
  }

  @Test(arguments: 1...4) func changedFilesAreReadOrRefused(seed: Int) throws {
    let total = isSlow ? 250_000 : 5_000
    var random = Xorshift(seed: seed)
    let files: [(ArrayFile.Format, String)] = [
      (.safetensors, "types.safetensors"), (.npz, "stored.npz"), (.npz, "deflated.npz"), (.npz, "zip64.npz"), (.npy, "big_endian_fortran.npy"),
      (.safetensors, "own.safetensors"), (.safetensors, "own.safetensors"), (.npy, "float32.npy"), (.csv, ""),
    ]
    let contents = try files.map { $0.1.isEmpty ? Array("a,b,c\n1,true,0.5\n2,false,nan\n".utf8) : try content("arrays/\($0.1)") }
    var read = 0, refused = 0
    let before = Machine.memory.peak
    for turn in 0..<total {
      let format = files[turn % files.count].0
      var bytes = contents[turn % files.count]
      for _ in 0...random.next(6) {
        guard !bytes.isEmpty else { break }
        // Mostly near an end, where the structure is.
        let place = random.next(3) == 0 ? random.next(bytes.count) : random.next(2) == 0 ? random.next(min(300, bytes.count)) : bytes.count - 1 - random.next(min(300, bytes.count))
        switch random.next(6) {
        case 0: bytes[place] = UInt8(random.next(256))
        case 1: bytes[place] ^= UInt8(1 << random.next(8))
        case 2: bytes[place] = [0, 255, 0x7f, 0x80, UInt8(ascii: "9"), UInt8(ascii: "["), UInt8(ascii: "\""), UInt8(ascii: "-")][random.next(8)]
        case 3: bytes.remove(at: place)
        case 4: bytes.insert(UInt8(random.next(256)), at: place)
        default: if random.next(8) == 0 { bytes.removeLast(random.next(bytes.count)) }
        }
      }
      let text = message { _ = try readAll(format, bytes) }
      if text.isEmpty { read += 1 } else { refused += 1 }
      if text.contains("\n") { Issue.record("a message of several lines: \(text)") }
    }
    // The largest of the files has 7 kB.
    #expect(Machine.memory.peak - before < 10 << 20)
    #expect(read > total / 50 && refused > total / 4, "\(read) read, \(refused) refused")
  }
}
