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
    let values = NumberRoom()
    var start = 0
    while start < count {
      try Interrupted.check()
      let rows = start..<min(start + 256, count)
      let numbers = values.room(rows.count * width)
      try table.read(rows: rows, field: field, into: numbers, capacity: rows.count * width)
      var images = [[(UInt16, Float)]](repeating: [], count: rows.count)
      images.withUnsafeMutableBufferPointer { images in
        ThreadPool.parallel(rows.count) { image in
          let pixels = numbers + image * width
          for pixel in 0..<1600 where pixels[pixel] != 0 { images[image].append((UInt16(pixel), Float(pixels[pixel]))) }
        }
      }
      for (image, row) in rows.enumerated() {
        let (label, mass) = (numbers[image * width + 1600], numbers[image * width + 1601])
        guard let label = UInt8(exactly: label) else {
          throw CallerError("\(path): the label of image \(row) is \(label); whole numbers from 0 to 255 expected: correct the file")
        }
        guard images[image].allSatisfy({ $0.1.isFinite }) else { throw CallerError("\(path): image \(row) has a pixel that is not finite; correct the file") }
        try builder.append(images[image], row: row, mass: mass, label: label)
      }
      start = rows.upperBound
    }
    let store = try builder.finish()
    let jets = PreparedJets(stored: store.jets, rows: nil, labelMap: LabelMap(), weights: nil, hasMomentum: false, noun: "images")
    return ImageSet(store: store, recipe: .jet(recipe), jets: jets, classNames: [0: "qcd", 1: "top"], path: path)
  }
}
