import Autodiff
import CMPI
import Synchronization
import TensorCore

/// Gradients of batches that ranks share: each rank has those of its own jets, and a step needs those of all.
///
/// g = Σ_r (n_r/N) g_r over the ranks, for a loss that is a mean over the n_r jets of a rank, N jets in all; added up in the order of ranks
/// in double precision, so that every rank goes on with the same bits.
public enum SharedGradients {
  private struct State {
    var batches = 0, exchanges = 0, stepsAlone = 0
    // Parameters whose gradients are those of all ranks already.
    var done: Set<ObjectIdentifier> = []
  }
  private static let state = Mutex(State())

  // Comparing all parameters takes a tenth of a step, so it is done in the first exchange and each so many later.
  private static let comparedEach = 100

  /// A batch begins: no gradient is exchanged yet.
  public static func begin(_ share: BatchShare?) {
    BatchShare.current = share
    state.withLock {
      $0.batches += share == nil ? 0 : 1
      $0.done.removeAll(keepingCapacity: true)
    }
  }

  /// The gradients of these parameters begin anew.
  public static func forget(_ parameters: @autoclosure () -> [Variable]) {
    guard Ranks.count > 1 else { return }
    let parameters = parameters()
    state.withLock { for parameter in parameters { $0.done.remove(ObjectIdentifier(parameter)) } }
  }

  /// Whether ranks took steps, each by itself, and none together.
  public static var areUnused: Bool { state.withLock { $0.exchanges == 0 && $0.stepsAlone > 0 } }

  /// Gives every parameter the gradient of the whole batch, unless it has that already. Without a batch that ranks share nothing happens.
  ///
  /// A parameter without a gradient on all ranks keeps none. Throws CallerError where ranks have ended or bring other parameters.
  public static func exchange(_ parameters: @autoclosure () -> [Variable]) throws {
    guard Ranks.count > 1 else { return }
    guard let share = BatchShare.current else { return state.withLock { $0.stepsAlone += 1 } }
    var seen: Set<ObjectIdentifier> = []
    let (done, number) = state.withLock { ($0.done, $0.exchanges) }
    let left = parameters().filter { seen.insert(ObjectIdentifier($0)).inserted && !done.contains(ObjectIdentifier($0)) && $0.dtype.isFloatingPoint }
    if left.isEmpty { return }
    try meet(left, share, compares: number % comparedEach == 0)
    let weights = (0..<Ranks.count).map { rank in
      let errand = jmpi_errand_of(Int32(rank))
      return Double(errand.part) / Double(max(errand.whole, 1))
    }
    for dtype in [DType.float32, .float64] {
      let some = left.filter { $0.dtype == dtype }
      if !some.isEmpty { try add(some, dtype, weights) }
    }
    state.withLock {
      $0.exchanges += 1
      for parameter in left { $0.done.insert(ObjectIdentifier(parameter)) }
    }
  }

  private static func meet(_ parameters: [Variable], _ share: BatchShare, compares: Bool) throws {
    var shapes = parameters.flatMap { $0.shape.map(Int64.init) + [-Int64($0.dtype.size)] }
    var values: Int64 = 0
    if compares {
      values = 1
      for parameter in parameters {
        let all = try parameter.value.contiguous()
        values = jmpi_hash(values, all.storage.pointer + all.offset * all.dtype.size, Int64(all.byteCount))
      }
      if values == 0 { values = 1 }
    }
    try Ranks.meet(
      .gradients, "step", count: parameters.reduce(0) { $0 + $1.value.count }, check: jmpi_hash(2, &shapes, Int64(8 * shapes.count)), values: values,
      share: share)
  }

  // All gradients in one row of numbers, and behind them a 1 for each parameter that has one.
  private static func add(_ parameters: [Variable], _ dtype: DType, _ weights: [Double]) throws {
    let count = parameters.reduce(0) { $0 + $1.value.count }
    let row = try Tensor(uninitialized: [count + parameters.count], dtype)
    func places(_ body: (Variable, Tensor, Int) throws -> Void) throws {
      var first = 0
      for (i, parameter) in parameters.enumerated() {
        let shape = inMemoryOrder(parameter.value, parameter.value).shape
        try body(parameter, row.narrowed(0, from: first, length: parameter.value.count).reshaped(shape), count + i)
        first += parameter.value.count
      }
    }
    try places { parameter, part, flag in
      let own = row.narrowed(0, from: flag, length: 1)
      own.fill(parameter.gradient == nil ? 0 : 1)
      guard let gradient = parameter.gradient else { return part.fill(0) }
      guard gradient.shape == parameter.shape, gradient.dtype == dtype else {
        throw CallerError("step: expected a gradient of shape \(parameter.shape.text) and type \(dtype.name), got \(gradient.shape.text), \(gradient.dtype.name)")
      }
      part.copyElements(from: inMemoryOrder(parameter.value, gradient))
    }
    let isAdded = dtype == .float64
      ? jmpi_sum_f64(row.pointer(as: Double.self), Int64(row.count), weights)
      : jmpi_sum_f32(row.pointer(as: Float.self), Int64(row.count), weights)
    guard isAdded else { throw CallerError("step: \(Ranks.problem)") }
    try places { parameter, part, flag in
      guard row.element(at: flag) != 0 else { return }
      // New memory: a backward pass may leave the same numbers in two parameters.
      let sum = try parameter.value.zerosInSameLayout()
      inMemoryOrder(parameter.value, sum).copyElements(from: part)
      parameter.gradient = sum
    }
  }

  // Along the parameter's memory, where copies are fast.
  private static func inMemoryOrder(_ parameter: Tensor, _ tensor: Tensor) -> Tensor {
    parameter.rank == 2 && parameter.strides[0] < parameter.strides[1] ? tensor.transposed(0, 1) : tensor
  }
}
