import ArrayFiles
import Foundation
import Testing

/// Lists of varying length: 12 rows of two references at byte 3464 of the fixture, whose one heap of 4096 bytes begins at 3848.
struct ListsTests {
  private let references = 3464, heap = 3848, heapSize = 4096
  private let whole: [UInt8]

  init() throws { whole = try content("jets/vae_jet_test.h5") }

  private func read(_ content: [UInt8], column: Int = 0) throws -> [[Float]] {
    let path = NSTemporaryDirectory() + "/jetlua-lists-\(UUID().uuidString).h5"
    defer { unlink(path) }
    try Data(content).write(to: URL(fileURLWithPath: path))
    let data = try HDF5File(path: path).dataset("/objects/jets/constituents")
    var lists = [[Float]](repeating: [], count: data.shape[0])
    try data.readLists(rows: 0..<data.shape[0], column: column) { lists[$0] = Array($1) }
    return lists
  }

  private func changed(_ place: Int, _ new: [UInt8]) -> [UInt8] {
    var content = whole
    content.replaceSubrange(place..<place + new.count, with: new)
    return content
  }

  // The library reads beyond its memory on some of these.
  @Test func aReferenceThatLeadsNowhereIsDamage() throws {
    let damaged: [(row: Int, content: [UInt8])] = [
      (4, changed(references + 4 * 32 + 12, bytes(99, 4))),
      (4, changed(references + 4 * 32, bytes(10_000, 4))),
      (4, changed(references + 4 * 32, bytes(0xffff_ffff, 4))),
      (4, changed(references + 4 * 32 + 4, bytes(heap + 8, 8))),
      (4, changed(references + 4 * 32 + 4, bytes(whole.count - 8, 8))),
      (4, changed(references + 4 * 32 + 4, bytes(-1, 8))),
      (4, changed(references + 4 * 32 + 4, bytes(0, 8))),
      // What was the first object is room that is left, whose size takes no header.
      (0, changed(heap + 16, bytes(0, 2))),
      (11, changed(heap, Array("HCOL".utf8))),
      (11, changed(heap + 8, bytes(1 << 40, 8))),
      (1, changed(heap + 8, bytes(64, 8))),
      // The size of the first object leads behind the heap's end, so that none of the others is found.
      (0, changed(heap + 16 + 8, bytes(heapSize, 8))),
      (4, Array(whole.prefix(heap + 1000)) + [UInt8](repeating: 0, count: whole.count - heap - 1000)),
    ]
    for (number, (row, content)) in damaged.enumerated() {
      let text = message { _ = try read(content) }
      #expect(text.contains("/objects/jets/constituents: the list of row ") && text.contains("the file is damaged"), "\(number): \(text)")
      // That of the heap's last reference, or of the first that is not found.
      #expect(text.contains("row \(row) ") || number == 12, "\(number): \(text)")
    }
  }

  @Test func listsAreFoundWhereverTheyLie() throws {
    let lists = try read(whole), others = try read(whole, column: 1)
    #expect(lists.map(\.count) == [5, 10, 15, 20, 25, 30, 35, 40, 5, 10, 15, 20] && others.allSatisfy { $0.count == 5 })
    // HDF5's part behind 512 other bytes: places count from there, and the library reads them.
    #expect(try read([UInt8](repeating: 0, count: 512) + whole) == lists)
    // Row 5 in a copy of the heap 3 MB away.
    let far = 3 << 20
    var content = changed(references + 5 * 32 + 4, bytes(far, 8))
    content += [UInt8](repeating: 0, count: far - content.count) + whole[heap..<heap + heapSize]
    #expect(try read(content) == lists && read(content, column: 1) == others)
    // A list of no numbers is empty wherever it leads.
    let without = try read(changed(references, bytes(0, 4) + bytes(whole.count, 8)))
    #expect(without[0].isEmpty && Array(without.dropFirst()) == Array(lists.dropFirst()))
  }
}
