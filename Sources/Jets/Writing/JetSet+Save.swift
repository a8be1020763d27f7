import ArrayFiles
import TensorCore

extension JetSet {
  /// Writes the jets in the layout of the community top-tagging set, as pandas' `DataFrame.to_hdf(path, key="table", format="table")` would:
  /// `pandas.read_hdf` reads it, and so does `openJets`.
  ///
  /// E, PX, PY, PZ of the 200 leading constituents in single precision (zero padded), the source's truth momenta (0 where it has none), ttv
  /// 0, is_signal_new the set's label (0 without labels), and the row of the source as the index. The array `/classes` beside the table,
  /// which pandas leaves alone, holds the names of the labels. The file appears under its name whole or not at all. Throws
  /// `CallerError` or `SystemError`.
  public func save(to path: String) throws {
    let writer = try HDF5Writer(path: path)
    do {
      let table = try writer.table(
        "/table/table", fields: [
          HDF5TableField("index", .int64), HDF5TableField("values_block_0", .float, width: CommunityTable.floatColumns.count),
          HDF5TableField("values_block_1", .int64, width: CommunityTable.integerColumns.count),
        ], rows: count, chunkRows: 64, deflate: 4)
      try writeRows(table)
      try CommunityTable.describe(writer, rows: count)
      if hasLabels, let classes = TopTaggingExtras.stored(classNames) { try writer.write(classes.bytes, as: "classes", shape: classes.shape) }
      try writer.commit()
    } catch {
      writer.cancel()
      throw error
    }
  }

  private func writeRows(_ table: HDF5TableOutput) throws {
    let source = self.table.source
    let slots = source.constituentsPerJet
    let kept = min(slots, CommunityTable.constituents)
    var jet = [Float](repeating: 0, count: slots * 4)
    var label: [UInt8] = [0]
    var truth: [Float] = [0, 0, 0, 0]
    var buffer = [UInt8](repeating: 0, count: table.rowSize * CommunityTable.rowsAtOnce)
    var start = 0
    while start < count {
      try Interrupted.check()
      let end = min(start + CommunityTable.rowsAtOnce, count)
      for position in start..<end {
        let row = self.row(position)
        try source.readConstituents(rows: row..<row + 1, into: &jet)
        if source.hasTruth { try source.readTruth(rows: row..<row + 1, into: &truth) }
        if hasLabels { try source.readLabels(rows: row..<row + 1, into: &label) }
        let place = (position - start) * table.rowSize
        buffer.withUnsafeMutableBytes { bytes in
          bytes.storeBytes(of: Int64(row), toByteOffset: place, as: Int64.self)
          for i in 0..<kept * 4 { bytes.storeBytes(of: jet[i], toByteOffset: place + 8 + i * 4, as: Float.self) }
          for i in 0..<4 { bytes.storeBytes(of: truth[i], toByteOffset: place + 8 + CommunityTable.constituents * 16 + i * 4, as: Float.self) }
          let integers = place + 8 + CommunityTable.floatColumns.count * 4
          bytes.storeBytes(of: hasLabels ? Int64(labelMap(label[0])) : 0, toByteOffset: integers + 8, as: Int64.self)
        }
      }
      try buffer.withUnsafeBytes { try table.write(rows: start..<end, from: $0) }
      start = end
    }
  }
}
