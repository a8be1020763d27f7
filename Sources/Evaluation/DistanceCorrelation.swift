import TensorCore

/// The distance correlation of two lists of numbers (Székely, Rizzo, Bakirov, arXiv:0803.4101): 0 for independent, 1 for linear relations.
///
/// The square is dCov²(x, y) / √(dVar²(x) dVar²(y)), the DisCo of arXiv:2001.05310, with weights normalised to sum N. Exact, in time that
/// grows with N log N. A constant list gives 0. Throws `CallerError` where lengths differ, there are fewer than two entries, a value is not
/// finite, or the weights are negative, not finite or all 0.
public func distanceCorrelation(_ x: [Double], _ y: [Double], weight: [Double]? = nil, squared: Bool = false) throws -> Double {
  let correlation = try DistanceCorrelation(x, y, weight: weight)
  return squared ? correlation.squared : correlation.value
}
