/// Up to eight integers: the sizes or the strides of a tensor. Inline, so that a view allocates nothing.
public struct Dimensions: RandomAccessCollection, MutableCollection, Equatable, Sendable, ExpressibleByArrayLiteral {
  /// The largest number of dimensions of a tensor.
  public static let maximumCount = 8

  private var values = InlineArray<8, Int>(repeating: 0)
  /// How many there are, at most `maximumCount`.
  public private(set) var count = 0

  /// None.
  public init() {}

  /// At most `maximumCount` integers; further ones are dropped, so callers check the count first.
  public init<S: Sequence>(_ elements: S) where S.Element == Int {
    for element in elements { append(element) }
  }

  /// As written: `[2, 3]`.
  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// The same value `count` times.
  public init(repeating value: Int, count: Int) {
    values = InlineArray<8, Int>(repeating: value)
    self.count = Swift.min(Swift.max(count, 0), Self.maximumCount)
  }

  /// 0.
  public var startIndex: Int { 0 }
  /// The count.
  public var endIndex: Int { count }

  /// The value at a place from 0.
  public subscript(index: Int) -> Int {
    get { values[index] }
    set { values[index] = newValue }
  }

  /// Adds a value at the end; there must be room.
  public mutating func append(_ value: Int) {
    guard count < Self.maximumCount else { return }
    values[count] = value
    count += 1
  }

  /// Puts a value in before the one at a place.
  public mutating func insert(_ value: Int, at index: Int) {
    guard count < Self.maximumCount, index <= count else { return }
    var i = count
    while i > index {
      values[i] = values[i - 1]
      i -= 1
    }
    values[index] = value
    count += 1
  }

  /// Takes out the value at a place.
  public mutating func remove(at index: Int) {
    guard index < count else { return }
    for i in index..<(count - 1) { values[i] = values[i + 1] }
    count -= 1
  }

  /// Whether count and values are equal.
  public static func == (a: Dimensions, b: Dimensions) -> Bool {
    guard a.count == b.count else { return false }
    for i in 0..<a.count where a[i] != b[i] { return false }
    return true
  }

  /// The product of the sizes, or `nil` where it overflows, a size of 0 counting as 1 for that: strides are products of
  /// some of the sizes. 1 for no dimensions.
  public var product: Int? {
    var total = 1
    var isEmpty = false
    for i in 0..<count {
      if values[i] == 0 { isEmpty = true; continue }
      let (next, overflow) = total.multipliedReportingOverflow(by: values[i])
      if overflow { return nil }
      total = next
    }
    return isEmpty ? 0 : total
  }

  /// Strides of a contiguous tensor of these sizes, last dimension fastest.
  public var contiguousStrides: Dimensions {
    var strides = Dimensions(repeating: 1, count: count)
    var step = 1
    for i in stride(from: count - 1, through: 0, by: -1) {
      strides[i] = step
      step &*= Swift.max(values[i], 1)
    }
    return strides
  }

  /// `"[2, 3]"`, as error messages and printouts show a shape.
  public var text: String { "[" + map(String.init).joined(separator: ", ") + "]" }
}
