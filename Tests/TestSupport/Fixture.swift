import Foundation

/// Files under Tests/Fixtures.
public enum Fixture {
  /// The path of a file there.
  public static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)").path
  }

  /// The object that `FILE.json` holds.
  public static func object(_ file: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path("\(file).json")))) as? [String: Any] ?? [:]
  }

  /// A list of cases in `FILE.json`.
  public static func group(_ name: String, of file: String = "vectors") throws -> [[String: Any]] {
    guard let group = try object(file)[name] as? [[String: Any]] else { throw MissingGroup(name: name) }
    return group
  }

  struct MissingGroup: Error { let name: String }
}

extension [String: Any] {
  /// The number of a key, NaN where there is none.
  public func number(_ key: String) -> Double { (self[key] as? NSNumber)?.doubleValue ?? .nan }
  /// The numbers of a key, none where there are none.
  public func numbers(_ key: String) -> [Double] { optionalNumbers(key) ?? [] }
  /// The numbers of a key, if they are there.
  public func optionalNumbers(_ key: String) -> [Double]? { (self[key] as? [NSNumber])?.map(\.doubleValue) }
  /// The rows of numbers of a key, none where there are none.
  public func rows(_ key: String) -> [[Double]] { (self[key] as? [[NSNumber]])?.map { $0.map(\.doubleValue) } ?? [] }
}
