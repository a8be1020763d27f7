import ArrayFiles
import TensorCore

/// Tables of ready images as the tools of arXiv:2104.08291 write them: a field of 1602 numbers, 1600 pixels (row by row), is_signal_new
/// and the jet's mass. The images were made with overwritten pixels, and their jets' pT is not in the file.
enum ImageTable {
  static let size = 40
  static let width = 1602

  /// The field of a table that holds images; `nil` for another table.
  static func field(of table: HDF5Dataset) -> String? {
    guard case .compound(let fields) = table.element, table.shape.count == 1 else { return nil }
    return fields.first { $0.shape == [width] && $0.element.isNumeric }?.name
  }

  /// Reads all images as sparse rows, some hundred at a time. Throws `CallerError` for a label that is no whole number from 0 to 255 and
  /// pixels that are not finite.
  static func images(_ table: HDF5Dataset, field: String, cache: ImageCache) throws -> ImageSet {
    let count = table.shape[0]
    let path = table.file.path
    guard count > 0, count < 1 << 31 else { throw CallerError("\(path): \(table.summary): there are no images in it") }
    var recipe = JetImageRecipe()
    recipe.combine = .overwrite
    let builder = PixelStoreBuilder(rowCount: count, pixelsPerJet: recipe.pixelCount, hasLabels: true, memoryLimit: cache.memoryLimit) {
      try CacheFile(.images, nil, cache)
    }
    // Pieces of stored blocks of their own, each read and searched by one thread.
    let block = min(table.chunkRows ?? 1, 1024)
    let length = max(1, 32 / block) * block
    let pieces = (0..<4 * ThreadPool.threadCount).map { _ in Piece() }
    for round in stride(from: 0, to: count, by: length * pieces.count) {
      try Interrupted.check()
      let used = min(pieces.count, (count - round - 1) / length + 1)
      ThreadPool.parallel(used) { number in
        let start = round + number * length
        pieces[number].read(table, field, start..<min(start + length, count))
      }
      for piece in pieces[..<used] {
        if let problem = piece.problem { throw problem }
        try builder.append(piece.images)
      }
    }
    let store = try builder.finish()
    let jets = PreparedJets(stored: store.jets, rows: nil, labelMap: LabelMap(), weights: nil, hasMomentum: false, noun: "images")
    return ImageSet(store: store, recipe: .jet(recipe), jets: jets, classNames: [0: "qcd", 1: "top"], path: path)
  }

  /// Some images as they are read.
  private final class Piece: @unchecked Sendable {
    private(set) var images = ReadyImages()
    private(set) var problem: (any Error)?
    private let numbers = NumberRoom<Double>()
    private let activePlaces = NumberRoom<UInt16>(), activeValues = NumberRoom<Float>()

    func read(_ table: HDF5Dataset, _ field: String, _ rows: Range<Int>) {
      images.clear()
      problem = nil
      do {
        let values = numbers.room(rows.count * width)
        try table.read(rows: rows, field: field, into: values, capacity: rows.count * width)
        for row in rows { try add(values + (row - rows.lowerBound) * width, row, table.file.path) }
      } catch { problem = error }
    }

    private func add(_ image: UnsafePointer<Double>, _ row: Int, _ path: String) throws {
      let pixels = width - 2
      let places = activePlaces.room(pixels), values = activeValues.room(pixels)
      var active = 0
      for start in stride(from: 0, to: pixels, by: 8) {
        // Most are zero.
        let eight = UnsafeRawPointer(image + start).loadUnaligned(as: SIMD8<Double>.self)
        if eight == .zero { continue }
        for pixel in start..<start + 8 where image[pixel] != 0 {
          guard image[pixel].isFinite else { throw CallerError("\(path): image \(row) has a pixel that is not finite; correct the file") }
          places[active] = UInt16(pixel)
          values[active] = Float(image[pixel])
          active += 1
        }
      }
      images.indices.append(contentsOf: UnsafeBufferPointer(start: places, count: active))
      images.values.append(contentsOf: UnsafeBufferPointer(start: values, count: active))
      guard let label = UInt8(exactly: image[pixels]) else {
        throw CallerError("\(path): the label of image \(row) is \(image[pixels]); whole numbers from 0 to 255 expected: correct the file")
      }
      images.rows.append(UInt32(row))
      images.ends.append(images.indices.count)
      images.masses.append(image[pixels + 1])
      images.labels.append(label)
    }
  }
}
