import Glibc

/// The regularized incomplete beta function I_x(a, b) for x in [0, 1], a and b above 0, by its continued fraction.
func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  guard x > 0 else { return 0 }
  guard x < 1 else { return 1 }
  let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
  return x < (a + 1) / (a + b + 2) ? front * betaFraction(x, a, b) / a : 1 - front * betaFraction(1 - x, b, a) / b
}

/// The x at which I_x(a, b) is `probability`, by halving the interval.
func incompleteBetaInverse(_ probability: Double, _ a: Double, _ b: Double) -> Double {
  var low = 0.0, high = 1.0
  for _ in 0..<200 {
    let middle = (low + high) / 2
    if middle <= low || middle >= high { break }
    if incompleteBeta(middle, a, b) < probability { low = middle } else { high = middle }
  }
  return (low + high) / 2
}

/// P(F > f) of Fisher's distribution with 1 and n degrees of freedom, which is that of Student's t² : I_{n/(n+f)}(n/2, ½).
public func fisherTail(_ f: Double, _ n: Double) -> Double { f > 0 ? incompleteBeta(n / (n + f), n / 2, 0.5) : 1 }

/// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by Lentz's method.
private func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
  func away(_ value: Double) -> Double { value.magnitude < 1e-300 ? 1e-300 : value }
  var c = 1.0, d = 1 / away(1 - (a + b) * x / (a + 1)), result = d
  // Near the middle it takes about as many terms as the root of the larger parameter.
  for m in stride(from: 1.0, through: 100_000, by: 1) {
    for term in [m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))] {
      d = 1 / away(1 + term * d)
      c = away(1 + term / c)
      result *= c * d
    }
    if (c * d - 1).magnitude < 1e-15 { break }
  }
  return result
}
