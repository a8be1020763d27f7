import Glibc

/// Where time and memory go while `jetlua --profile` is on: nested intervals of the thread that runs Lua, added up by what ran and
/// where the script was.
///
/// Off, it costs one test of a flag per op. The times of an interval include what it waits for: the other threads' share of its loops.
public enum Profile {
  /// What an interval stands for.
  public enum Kind: String, Sendable {
    /// A native function that a script called.
    case call
    /// An op, forward.
    case op
    /// The gradient rule of an op.
    case gradient
    /// A layer or module; its own time is none of an op's.
    case layer
  }

  /// A line of the script and the layers around it, by their numbers.
  public struct Place: Hashable, Sendable {
    let line: Int32
    let layer: Int32
  }

  /// Outside of any script and layer.
  public static let nowhere = Place(line: 0, layer: 0)

  /// What ran at one place, added up.
  public struct Total: Sendable {
    /// What it is.
    public let kind: Kind
    /// The function, op or layer.
    public let name: String
    /// "file.lua:12"; empty where no script was running.
    public let line: String
    /// The path of layers around it, "Net/Linear(64 -> 16)"; empty outside of any.
    public let layer: String
    /// How often it ran.
    public fileprivate(set) var count = 0
    /// From beginning to end, in nanoseconds.
    public fileprivate(set) var nanoseconds = 0
    /// The same without the intervals inside it.
    public fileprivate(set) var ownNanoseconds = 0
    /// Bytes of tensors made meanwhile, without those made in intervals inside it.
    public fileprivate(set) var ownBytes = 0
  }

  private struct Key: Hashable {
    let kind: Kind
    let name: String
    let place: Place
  }

  private struct Open {
    let kind: Kind
    let total: Int
    let started: Int
    let allocated: Int
    let outside: Place
    var nanosecondsInside = 0
    var bytesInside = 0
  }

  private struct Event {
    let total: Int32
    let started: Int
    let nanoseconds: Int
  }

  private struct State {
    let began = Profile.now()
    var ended: Int?
    var totals: [Total] = []
    var numbers: [Key: Int] = [:]
    var open: [Open] = []
    var place = Profile.nowhere
    var lines = [""], lineNumbers: [String: Int32] = ["": 0]
    var layers = [""], layerNumbers: [String: Int32] = ["": 0]
    var events: [Event] = []
    var leftOut = 0
  }

  /// A trace of more intervals than these would be too large for the programs that show it.
  public static let traceLimit = 500_000

  /// Whether intervals are taken down. Only the thread that runs Lua may enter and leave.
  nonisolated(unsafe) public private(set) static var isOn = false
  nonisolated(unsafe) private static var state = State()

  /// Forgets everything and begins.
  public static func start() {
    state = State()
    isOn = true
  }

  /// Ends; intervals that are open are ended too, as when a script calls os.exit.
  public static func stop() {
    guard isOn else { return }
    while !state.open.isEmpty { leave() }
    state.ended = now()
    isOn = false
  }

  /// Begins an interval inside those that are open; `line` is the script's line where that is newly known. Each is ended by `leave`.
  public static func enter(_ kind: Kind, _ name: String, line: String? = nil) {
    let outside = state.place
    var place = outside
    if let line { place = Place(line: number(of: line, in: \.lines, \.lineNumbers), layer: place.layer) }
    if kind == .layer {
      let around = state.layers[Int(place.layer)]
      place = Place(line: place.line, layer: number(of: around.isEmpty ? name : around + "/" + name, in: \.layers, \.layerNumbers))
    }
    open(kind, name, place, outside)
  }

  /// Begins the interval of a gradient rule, at the place where its op ran.
  public static func enter(gradientOf name: String, at place: Place) { open(.gradient, name, place, state.place) }

  /// Ends the interval begun last.
  public static func leave() {
    guard let ended = state.open.popLast() else { return }
    let time = now() - ended.started, bytes = MemoryPool.allocatedBytes - ended.allocated
    state.totals[ended.total].count += 1
    state.totals[ended.total].nanoseconds += time
    state.totals[ended.total].ownNanoseconds += time - ended.nanosecondsInside
    state.totals[ended.total].ownBytes += bytes - ended.bytesInside
    if let last = state.open.indices.last {
      state.open[last].nanosecondsInside += time
      state.open[last].bytesInside += bytes
    }
    if state.events.count < traceLimit {
      state.events.append(Event(total: Int32(truncatingIfNeeded: ended.total), started: ended.started - state.began, nanoseconds: time))
    } else {
      state.leftOut += 1
    }
    state.place = ended.outside
  }

  /// The script's line and the layers of the interval that is open now; for the gradient of an op that runs there.
  public static var place: Place { state.place }

  /// Everything so far, in the order in which it ran first, and the nanoseconds from the start to now or to the stop.
  public static var totals: (list: [Total], nanoseconds: Int) { (state.totals, (state.ended ?? now()) - state.began) }

  /// The first `traceLimit` intervals in the format that chrome://tracing, Perfetto and speedscope open (JSON, times in µs), and how
  /// many there were beyond.
  public static func trace() -> (json: [UInt8], leftOut: Int) {
    var text = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
    // An interval is taken down when it ends; these programs want the outer one first.
    let sorted = state.events.indices.sorted {
      let (a, b) = (state.events[$0], state.events[$1])
      return (a.started, -a.nanoseconds, -$0) < (b.started, -b.nanoseconds, -$1)
    }
    for (position, index) in sorted.enumerated() {
      let event = state.events[index], total = state.totals[Int(event.total)]
      text += position == 0 ? "" : ",\n"
      text += "{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"cat\":\"\(total.kind.rawValue)\",\"name\":\(quoted(total.name)),"
      text += "\"ts\":\(microseconds(event.started)),\"dur\":\(microseconds(event.nanoseconds)),"
      text += "\"args\":{\"line\":\(quoted(total.line)),\"layer\":\(quoted(total.layer))}}"
    }
    text += "\n]}\n"
    return (Array(text.utf8), state.leftOut)
  }

  private static func open(_ kind: Kind, _ name: String, _ place: Place, _ outside: Place) {
    let key = Key(kind: kind, name: name, place: place)
    let total: Int
    if let known = state.numbers[key] {
      total = known
    } else {
      total = state.totals.count
      state.numbers[key] = total
      state.totals.append(Total(kind: kind, name: name, line: state.lines[Int(place.line)], layer: state.layers[Int(place.layer)]))
    }
    state.place = place
    state.open.append(Open(kind: kind, total: total, started: now(), allocated: MemoryPool.allocatedBytes, outside: outside))
  }

  private static func number(of text: String, in list: WritableKeyPath<State, [String]>, _ numbers: WritableKeyPath<State, [String: Int32]>) -> Int32 {
    if let known = state[keyPath: numbers][text] { return known }
    let new = Int32(truncatingIfNeeded: state[keyPath: list].count)
    state[keyPath: list].append(text)
    state[keyPath: numbers][text] = new
    return new
  }

  private static func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec &* 1_000_000_000 &+ time.tv_nsec
  }

  private static func microseconds(_ nanoseconds: Int) -> String {
    let fraction = String(nanoseconds % 1000)
    return "\(nanoseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _ where scalar.value < 0x20: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
