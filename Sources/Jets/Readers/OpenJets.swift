import ArrayFiles
import TensorCore

/// Opens a file of jets or of ready images, recognised by what it holds and not by its name; with `reading.layout` as that says.
///
/// Throws `CallerError` or `SystemError` for a file that is missing, damaged, or of no known layout; the message says what was found and
/// what is needed. ROOT and Parquet files are named with the script that converts them.
public func openJetFile(path: String, _ reading: JetReading = JetReading()) throws -> OpenedJets {
  if let maximum = reading.maximumConstituents, maximum < 1 {
    throw CallerError("jets: number of constituents: 1 or more expected, got \(maximum); leave it out to read all")
  }
  guard reading.jet >= 1 else { throw CallerError("jets: jet: expected 1 for the leading jet, 2 for the next and so on, got \(reading.jet)") }
  guard reading.radius > 0, reading.radius <= 1000 else { throw CallerError("jets: R: expected a radius above 0 and at most 1000, got \(reading.radius)") }
  let kind = (try? RowFile.kind(of: path)) ?? .other
  if kind == .root || kind == .parquet {
    throw CallerError(
      "\(path): this is a \(kind == .root ? "ROOT" : "Parquet") file, which is not read; convert it to HDF5 with scripts/convert/to_hdf5.py")
  }
  let file = try RowFile(path: path)
  if let layout = reading.layout {
    return .jets(try DescribedJets(file: file, layout: layout, maximumConstituents: reading.maximumConstituents))
  }
  for format in JetFormat.all {
    if let opened = try format.open(file, reading) { return opened }
  }
  guard let hdf5 = file.hdf5 else {
    throw CallerError("\(path): no jets recognised among \(file.summary()); say where they are with { layout = … }")
  }
  return .jets(try TopTaggingJets(file: hdf5, maximumConstituents: reading.maximumConstituents))
}

/// Opens a file of jets as `openJetFile` does; at most `maximumConstituents` of each jet, the hardest, are read. A file of ready images is
/// refused.
public func openJets(path: String, maximumConstituents: Int? = nil) throws -> any JetSource {
  var reading = JetReading()
  reading.maximumConstituents = maximumConstituents
  switch try openJetFile(path: path, reading) {
  case .jets(let source): return source
  case .images: throw CallerError("\(path): this file holds ready images, no jets; open it with openJetFile")
  }
}
