import Autodiff
import Foundation
import TensorCore

func numbers(_ value: Any?) -> [Double] { (value as? [NSNumber])?.map(\.doubleValue) ?? [] }

func largestDifference(_ tensor: Tensor, _ expected: [Double]) throws -> Double {
  let got = try tensor.array(of: Double.self)
  guard got.count == expected.count else { return .infinity }
  return zip(got, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
