extension References {
  /// From all pairs, doubly centred, as the definition has it.
  static let dependence: [String: Reference] = [
    "distance_correlation": { arguments in
      let x = arguments[0].array?.values ?? [], y = arguments[1].array?.values ?? []
      let weight = arguments[2].array?.values ?? x.map { _ in 1 }
      let total = weight.reduce(0, +)
      func centred(_ v: [Double]) -> [[Double]] {
        let d = v.map { a in v.map { abs(a - $0) } }
        let row = d.map { zip($0, weight).reduce(0) { $0 + $1.0 * $1.1 } / total }
        let mean = zip(row, weight).reduce(0) { $0 + $1.0 * $1.1 } / total
        return v.indices.map { i in v.indices.map { d[i][$0] - row[i] - row[$0] + mean } }
      }
      let a = centred(x), b = centred(y)
      func covariance(_ p: [[Double]], _ q: [[Double]]) -> Double {
        x.indices.reduce(0) { sum, i in x.indices.reduce(sum) { $0 + weight[i] * weight[$1] * p[i][$1] * q[i][$1] } }
      }
      let square = covariance(a, b) / (covariance(a, a) * covariance(b, b)).squareRoot()
      return [NumberArray(scalar: arguments[3].flag ? square : square.squareRoot())]
    }
  ]
}
