import Autodiff
import Foundation
import TensorCore

/// A JSON file under Tests/Fixtures.
func fixture(_ file: String) throws -> [String: Any] {
  let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/\(file).json")
  return try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any] ?? [:]
}

func numbers(_ value: Any?) -> [Double] { (value as? [NSNumber])?.map(\.doubleValue) ?? [] }

/// The message of the error that `body` throws; `"no error"` where it throws none.
func message(of body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch { return "\(error)" }
}

func largestDifference(_ tensor: Tensor, _ expected: [Double]) throws -> Double {
  let got = try tensor.array(of: Double.self)
  guard got.count == expected.count else { return .infinity }
  return zip(got, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
