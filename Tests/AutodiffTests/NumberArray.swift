/// Numbers in a shape, row-major: what the references compute with. Nothing of TensorCore is used here.
struct NumberArray: Equatable, Sendable {
  var shape: [Int]
  var values: [Double]

  init(_ shape: [Int], _ values: [Double]) {
    self.shape = shape
    self.values = values
  }

  init(_ shape: [Int], _ value: ([Int]) -> Double) {
    self.shape = shape
    values = NumberArray.places(shape).map(value)
  }

  init(scalar value: Double) { self.init([], [value]) }

  /// Every index of a shape in row-major order.
  static func places(_ shape: [Int]) -> [[Int]] {
    shape.reduce([[]]) { prefixes, size in prefixes.flatMap { prefix in (0..<size).map { prefix + [$0] } } }
  }

  /// The element at an index that may have more leading places than the shape (broadcasting); sizes of 1 repeat.
  subscript(index: [Int]) -> Double {
    let own = index.suffix(shape.count)
    var at = 0
    for (i, size) in zip(own, shape) { at = at * size + (size == 1 ? 0 : i) }
    return values[at]
  }

  func map(_ f: (Double) -> Double) -> NumberArray { NumberArray(shape, values.map(f)) }

  static func broadcast(_ a: [Int], _ b: [Int]) -> [Int] {
    let n = max(a.count, b.count)
    let x = Array(repeating: 1, count: n - a.count) + a, y = Array(repeating: 1, count: n - b.count) + b
    return zip(x, y).map { $0 == 1 ? $1 : $0 }
  }

  static func combine(_ a: NumberArray, _ b: NumberArray, _ f: (Double, Double) -> Double) -> NumberArray {
    NumberArray(broadcast(a.shape, b.shape)) { f(a[$0], b[$0]) }
  }

  /// The numbers met when only the place on dimension `d` moves, for each place of the others.
  func line(_ d: Int, at index: [Int]) -> [Double] {
    (0..<shape[d]).map { i in
      var place = index
      place[d] = i
      return self[place]
    }
  }

  /// One number from each line along `d`, or from all elements.
  func reduced(_ d: Int?, keep: Bool, _ f: ([Double]) -> Double) -> NumberArray {
    guard let d else { return NumberArray(scalar: f(values)) }
    var kept = shape
    kept[d] = 1
    let result = NumberArray(kept) { f(line(d, at: $0)) }
    if keep { return result }
    kept.remove(at: d)
    return NumberArray(kept, result.values)
  }

  /// As many numbers for each line along `d`, each in its place.
  func mappedLines(_ d: Int, length: Int? = nil, _ f: ([Double]) -> [Double]) -> NumberArray {
    // A number without dimensions is a line of one.
    if shape.isEmpty { return NumberArray([], f(values)) }
    var sizes = shape
    if let length { sizes[d] = length }
    return NumberArray(sizes) { index in f(line(d, at: index))[index[d]] }
  }

  var largestMagnitude: Double { values.filter { $0.isFinite }.map { abs($0) }.max() ?? 0 }
}

/// Random numbers that depend on a name and two places alone (SplitMix64 from an FNV-1a hash).
struct NamedGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ name: String, _ sample: Int, _ argument: Int) {
    state = 14_695_981_039_346_656_037
    for byte in "\(name)/\(sample)/\(argument)".utf8 { state = (state ^ UInt64(byte)) &* 1_099_511_628_211 }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Rounded to float32, so that calls in both types see the same numbers.
  mutating func uniform(_ range: ClosedRange<Double>) -> Double { Double(Float(Double.random(in: range, using: &self))) }
}
