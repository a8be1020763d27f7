import TensorCore

/// How often each jet is drawn when as many jets as each class has are drawn from that class with repetition (Efron's bootstrap, stratified).
///
/// `label` is any number per jet. The numbers come from the stream of selections of the root seed.
public func bootstrapCounts(label: [Double]) throws -> [Double] {
  var classes: [Double: [Int]] = [:]
  for (jet, value) in label.enumerated() { classes[value.isNaN ? .infinity : value, default: []].append(jet) }
  var counts = [Double](repeating: 0, count: label.count)
  for (_, jets) in classes.sorted(by: { $0.key < $1.key }) {
    let drawn = try Tensor(uninitialized: [jets.count], .int64)
    try RandomStream.selection.fillIntegers(drawn, from: 0, to: Int64(jets.count - 1))
    for place in try drawn.array(of: Int64.self) { counts[jets[Int(place)]] += 1 }
  }
  return counts
}
