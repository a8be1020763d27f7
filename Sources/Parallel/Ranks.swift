import CMPI
import TensorCore

/// The processes that work on one training together, called ranks; a process by itself is the only one.
///
/// Every function but the first few is an exchange: all ranks must call the same ones in the same order, from the thread that runs Lua.
public enum Ranks {
  /// Whether this build can talk to other ranks.
  public static var isBuiltIn: Bool { jmpi_is_built_in() }
  /// How many processes a launcher such as mpirun says it started; 1 where none has.
  public static var launchedCount: Int { Int(jmpi_launched_count()) }
  /// This process's number among them, from 0, as the launcher says.
  public static var launchedNumber: Int { Int(jmpi_launched_rank()) }

  /// Joins the ranks that a launcher started, and takes this rank's share of the machine's processors unless `threadsAreGiven`. From then on
  /// what ranks other than 0 write is not shown.
  ///
  /// Throws CallerError where there are several processes and this build cannot talk to them, or does not find them.
  public static func start(threadsAreGiven: Bool) throws {
    guard isBuiltIn else {
      throw CallerError(
        "a launcher such as mpirun started \(launchedCount) processes, and this jetlua trains in one: it was built without MPI; build it with "
          + "swift build -c release --traits MPI (docs/parallel.md), or start it without the launcher")
    }
    if let problem = jmpi_start() { throw CallerError(String(cString: problem)) }
    if !threadsAreGiven { ThreadPool.threadCount = Int(jmpi_processors()) }
  }

  /// How many ranks there are.
  public static var count: Int { Int(jmpi_size()) }
  /// This rank's number, from 0.
  public static var own: Int { Int(jmpi_rank()) }

  /// What ranks ask of each other with their next exchange.
  public struct Wishes: OptionSet, Sendable {
    /// One bit for each wish.
    public let rawValue: Int32
    /// The wishes of these bits.
    public init(rawValue: Int32) { self.rawValue = rawValue }
    /// The training is to be written to its checkpoint.
    public static let save = Wishes(rawValue: 1)
    /// The training is to end: SIGTERM came.
    public static let terminate = Wishes(rawValue: 2)
    /// The training is to end: SIGUSR1 came.
    public static let user = Wishes(rawValue: 4)
    /// The training is to end: Ctrl-C came.
    public static let interrupt = Wishes(rawValue: 8)
    /// The loss of this rank's jets is not finite.
    public static let wrong = Wishes(rawValue: 16)
  }

  enum Operation: Int32 {
    case meet = 1, numbers, tensor, text, gradients
  }

  // One meeting. Throws CallerError where a rank has ended or came for something else.
  static func meet(
    _ operation: Operation, _ function: String, count: Int = 0, check: Int64 = 0, values: Int64 = 0, share: BatchShare? = nil
  ) throws {
    var errand = jmpi_errand()
    errand.operation = operation.rawValue
    errand.flags = Wishing.takeOwn().rawValue
    errand.count = Int64(count)
    errand.check = check
    errand.check_values = values
    errand.part = Int64(share?.counted ?? 1)
    errand.whole = Int64(share?.whole ?? 1)
    let met = jmpi_meet(&errand)
    if met == Int32(JMPI_VALUES_DIFFER) {
      throw CallerError(
        "\(function): \(problem): the ranks' parameters are not the same; start all with the same seed (tensor.manual_seed), the same data and alike processors")
    }
    guard met == Int32(JMPI_AGREED) else { throw CallerError("\(function): \(problem)") }
    Wishing.learn((0..<count_).map { Wishes(rawValue: jmpi_errand_of(Int32($0)).flags) })
  }

  private static var count_: Int { count }
  static var problem: String { String(cString: jmpi_problem()) }

  /// Waits until all ranks are here, and learns their wishes.
  public static func wait() throws { try meet(.meet, "parallel.wait") }

  /// The sums over all ranks of numbers, in the order of ranks and the same bits everywhere. `names` says what they are: it must be the same
  /// on all ranks.
  public static func sum(_ numbers: [Double], names: String) throws -> [Double] {
    var bytes = Array(names.utf8)
    let check = jmpi_hash(0, &bytes, Int64(bytes.count))
    try meet(.numbers, "parallel.sum", count: numbers.count, check: check)
    var sums = numbers
    guard jmpi_sum_f64(&sums, Int64(sums.count), nil) else { throw CallerError("parallel.sum: \(problem)") }
    return sums
  }

  /// The sum over all ranks of a tensor of floating-point numbers of one shape. Throws CallerError for another type and where shapes differ.
  public static func sum(_ tensor: Tensor) throws -> Tensor {
    guard tensor.dtype.isFloatingPoint else {
      throw CallerError("parallel.sum: expected a tensor of floating-point numbers, got \(tensor.dtype.name); convert it with :to(\"float64\")")
    }
    var shape = tensor.shape.map(Int64.init) + [Int64(tensor.dtype.size)]
    try meet(.tensor, "parallel.sum", count: tensor.count, check: jmpi_hash(1, &shape, Int64(8 * shape.count)))
    let total = try tensor.clone().contiguous()
    let isAdded = total.dtype == .float64
      ? jmpi_sum_f64(total.pointer(as: Double.self), Int64(total.count), nil)
      : jmpi_sum_f32(total.pointer(as: Float.self), Int64(total.count), nil)
    guard isAdded else { throw CallerError("parallel.sum: \(problem)") }
    return total
  }

  /// What rank `rank` says, on all ranks; what the others say is not looked at. Throws CallerError for a rank that does not exist.
  public static func text(_ text: String, from rank: Int) throws -> String {
    guard (0..<count).contains(rank) else { throw CallerError("parallel: expected a rank in 0...\(count - 1), got \(rank)") }
    guard count > 1 else { return text }
    try meet(.text, "parallel", check: Int64(rank))
    // The length first, in a buffer of its own.
    var length = Int64(text.utf8.count)
    guard jmpi_broadcast(&length, 8, Int32(rank)), length >= 0, length < 1 << 30 else { throw CallerError("parallel: \(problem)") }
    var bytes = rank == own ? Array(text.utf8) : [UInt8](repeating: 0, count: Int(length))
    guard jmpi_broadcast(&bytes, length, Int32(rank)) else { throw CallerError("parallel: \(problem)") }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What exchanges have cost this rank so far.
  public static var cost: (exchanges: Int, bytes: Int, waiting: Double, moving: Double) {
    let cost = jmpi_cost_so_far()
    return (Int(cost.exchanges), Int(cost.bytes), cost.waiting, cost.moving)
  }
}
