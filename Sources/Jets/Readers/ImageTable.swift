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
      try PixelFile(path: cache.resolvedFolder() + "/images-once.jetlua", key: "once", keepsName: false)
    }
    var values = [Float](repeating: 0, count: 256 * width)
    var start = 0
    while start < count {
      try Interrupted.check()
      let rows = start..<min(start + 256, count)
      try values.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        try table.read(rows: rows, field: field, into: base, capacity: rows.count * width)
      }
      for row in rows {
        let image = (row - start) * width
        guard let label = UInt8(exactly: values[image + 1600]) else {
          throw CallerError("\(path): the label of image \(row) is \(values[image + 1600]); whole numbers from 0 to 255 expected: correct the file")
        }
        var pixels: [(UInt16, Float)] = []
        for pixel in 0..<1600 where values[image + pixel] != 0 {
          guard values[image + pixel].isFinite else { throw CallerError("\(path): image \(row) has a pixel that is not finite; correct the file") }
          pixels.append((UInt16(pixel), values[image + pixel]))
        }
        try builder.append(pixels, row: row, mass: Double(values[image + 1601]), label: label)
      }
      start = rows.upperBound
    }
    return ImageSet(
      store: try builder.finish(), recipe: .jet(recipe), rows: nil, labelMap: LabelMap(), classNames: [0: "qcd", 1: "top"], path: path, weights: nil,
      hasMomentum: false)
  }
}
