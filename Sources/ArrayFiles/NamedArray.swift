import TensorCore

/// A tensor and the name it has in a file.
public struct NamedArray {
  /// The name.
  public let name: String
  /// The tensor.
  public let tensor: Tensor

  /// A tensor by name.
  public init(_ name: String, _ tensor: Tensor) {
    self.name = name
    self.tensor = tensor
  }
}

/// The largest number of arrays that a file of so many bytes may hold. One takes about a kilobyte of memory beside its elements:
/// with this limit a file takes no more than twice its size and ten megabytes, however many empty arrays it lists.
func mostArrays(fileSize: Int) -> Int { 8192 + fileSize / 1000 }

/// The error for a name that a file does not hold; it tells the first ones that it does.
func missing(_ name: String, in file: String, among names: [String]) -> CallerError {
  let shown = names.prefix(8).map(printable).joined(separator: ", ")
  let known = names.isEmpty ? "it holds nothing" : "it holds \(shown)\(names.count > 8 ? " and \(names.count - 8) more" : "")"
  return CallerError("\(file): there is no \(printable(name)); \(known)")
}

/// A name on one line: control characters, which would break a message, become `?`, and a long one is cut.
func printable(_ name: String) -> String {
  let clean = String(String.UnicodeScalarView(name.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "?" : $0 }))
  return clean.isEmpty ? "\"\"" : clean.count > 100 ? clean.prefix(100) + "…" : clean
}
