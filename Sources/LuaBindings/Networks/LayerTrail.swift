import Autodiff
import TensorCore

/// The last calls of layers with their shapes, for the error of a model whose shapes do not fit.
///
/// Writing one down costs a few nanoseconds. What was rejected: running a model a second time when it fails, which would draw random
/// numbers and print again.
enum LayerTrail {
  struct Entry {
    let serial: Int
    let from: Dimensions
    let to: Dimensions
  }

  private static let size = 256
  // Only the one thread that runs scripts calls layers.
  nonisolated(unsafe) private static var entries: [Entry] = []
  nonisolated(unsafe) private static var serials = 0
  /// Calls written down so far; the first is number 0.
  nonisolated(unsafe) private(set) static var count = 0

  static func newSerial() -> Int {
    serials += 1
    return serials
  }

  static func add(_ serial: Int, from x: ArgumentValue, to result: ArgumentValue) {
    guard let before = shape(of: x), let after = shape(of: result) else { return }
    add(serial, from: before, to: after)
  }

  static func add(_ serial: Int, from before: Dimensions, to after: Dimensions) {
    let entry = Entry(serial: serial, from: before, to: after)
    if entries.count < size { entries.append(entry) } else { entries[count % size] = entry }
    count += 1
  }

  /// The calls from number `first` on that are still known.
  static func calls(from first: Int) -> [Entry] {
    let known = max(first, count - entries.count)
    return known < count ? (known..<count).map { entries[$0 % size] } : []
  }

  private static func shape(of value: ArgumentValue) -> Dimensions? {
    switch value {
    case .tensor(let x): x.shape
    case .sparse(let rows): [rows.rows, rows.columns]
    default: nil
    }
  }
}

extension LuaHost {
  /// What `nn.place` asks of the trail.
  func openLayerTrail(_ library: LuaLibrary) throws {
    // layer_calls(): how many calls of layers there have been.
    try library.function("layer_calls") { call in call.returns(LayerTrail.count) }
    // layer_trail(first): the calls from number `first` on, as {serial, from = shape, to = shape}.
    try library.function("layer_trail") { call in
      let first = try call.integer(at: 1, "first", in: 0...Int.max)
      return try call.returns(
        .array(LayerTrail.calls(from: first).map {
          .record([("serial", .integer($0.serial)), ("from", .integers(Array($0.from))), ("to", .integers(Array($0.to)))])
        }))
    }
    // layer_serial(layer): its number in the trail; nil for anything else.
    try library.function("layer_serial") { call in
      guard let handle = call.argument(at: 1, "layer").objectIfAny(LayerHandle.self) else { return call.returnsNil() }
      return call.returns(handle.serial)
    }
  }
}
