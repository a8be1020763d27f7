import ArrayFiles
import TensorCore

/// Opens a file of jets, recognised by what it holds and not by its name.
///
/// At most `maximumConstituents` of each jet's constituents, the hardest, are read. Today the community top-tagging layout is
/// known. Throws `CallerError` or `SystemError` for a file that is missing, damaged, no HDF5 or of another layout; the message
/// says what was found and what is needed.
public func openJets(path: String, maximumConstituents: Int? = nil) throws -> any JetSource {
  if let maximumConstituents, maximumConstituents < 1 {
    throw CallerError("jets: number of constituents: 1 or more expected, got \(maximumConstituents); leave it out to read all")
  }
  return try TopTaggingJets(file: HDF5File(path: path), maximumConstituents: maximumConstituents)
}
