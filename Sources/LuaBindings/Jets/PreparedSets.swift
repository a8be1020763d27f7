import Autodiff
import Jets
import Parallel
import TensorCore

/// What image sets and sets of constituents have in common for scripts.
protocol PreparedSet: LuaObject {
  associatedtype Batches: PreparedBatches
  var count: Int { get }
  var path: String { get }
  var classNames: [Int: String] { get }
  func column(_ name: String) -> JetColumnValues?
  func split(_ fraction: Double, permutation: RowPermutation?) throws -> (Self, Self)
  func batches(_ size: Int, permutation: RowPermutation?, forever: Bool, part: BatchPart?) throws -> Batches
}

protocol PreparedBatches: LuaObject {
  associatedtype Batch: PreparedBatch
  var count: Int { get }
  var isForever: Bool { get }
  func nextBatch() throws -> Batch?
  var state: BatchState { get }
  func restore(_ state: BatchState) throws
}

protocol PreparedBatch: LuaObject {
  var count: Int { get }
  var share: BatchShare? { get }
  /// What it is in a few words.
  var text: String { get }
  func column(_ name: String) -> JetColumnValues?
}

/// The words in which the help of one kind of set differs from another's.
struct PreparedWords {
  /// The class that scripts see, and the classes of its batches.
  let set: String, batches: String, batch: String
  /// What makes such a set of jets, and what such sets are called.
  let method: String, noun: String
  /// How a batch of the ten first jets of the sample prints.
  let printedBatch: String
}

extension LuaHost {
  /// Gives `set` its length, path, columns, class names, `split` and `batches`.
  func openPrepared<Set: PreparedSet>(_ set: LuaClass<Set>, _ words: PreparedWords) throws {
    func read(_ call: Call) throws -> Set { try call.object(at: 1, "self", Set.self) }
    try set.metamethod("__len") { call in call.returns(try read(call).count) }
    try set.property("path", help: """
      @type string
      The file the jets come from.
      """) { call in try call.returns(read(call).path) }
    try set.method("class_name", help: """
      The name of a label, "qcd" or "top"; nil for one without a name.
      @param label integer
      @return string?
          jets.sample():take(10):\(words.method):class_name(0) --> qcd
      """) { call in try call.returnsClassName(read(call).classNames) }
    try set.index { call in try call.returnsColumn { try read(call).column($0) } }
    try set.method("split", help: """
      Two disjoint sets, of `fraction` of the \(words.noun) and of the others, drawn by a seeded permutation.
      @param fraction number in (0, 1)
      @param options? {shuffle: boolean} default true
      @return \(words.set)
      @return \(words.set)
          a, b = jets.sample():take(100):\(words.method):split(0.8)
          #a, #b --> 80 20
      """) { call in  // split(fraction [, {shuffle = true}])
      try call.expectAtMost(3)
      let options = try call.options(at: 3, keys: ["shuffle"])
      let (first, second) = try read(call).split(call.number(at: 2, "fraction"), permutation: call.selectionOrder(options))
      return try call.returns(.object(first), .object(second))
    }
    try set.method("batches", help: """
      An iterator over batches: `for batch in \(words.noun):batches(256) do`, with the fields `x label mass pt weight index`. The next one is put
      together on another thread while the present one is worked on.
      @param n integer \(words.noun) in a batch; the last one may have fewer
      @param options? {shuffle: boolean, forever: boolean, part: integer[]} a new order each pass (default true); no end (default false); {i, n}: only the i-th of n contiguous parts of each batch, a batch with fewer \(words.noun) than parts giving one that `#batch` counts as none
      @return \(words.batches)
          jets.sample():take(1000):\(words.method):batches(256) --> 4 batches
      """) { call in  // batches(n [, {shuffle = true, forever = false, part = {i, n}}])
      try call.expectAtMost(3)
      let size = try call.integer(at: 2, "n", in: 1...Int.max)
      let options = try call.options(at: 3, keys: ["shuffle", "forever", "part"])
      let shuffle = try options.bool("shuffle", default: true)
      let part = try options.optional("part").map { argument in
        let numbers = try argument.integers(in: 1...1_000_000)
        guard numbers.count == 2 else { throw argument.mistake(expected: "{i, n}, the i-th of n parts") }
        return try BatchPart(numbers[0] - 1, of: numbers[1])
      }
      return try call.returns(
        read(call).batches(
          size, permutation: shuffle ? { RandomStream.order.permutation($0) } : nil, forever: options.bool("forever", default: false), part: part))
    }
  }

  /// Declares the batches of a set, the class of one batch among them, to which `x` is added by the caller.
  func openBatches<Batches: PreparedBatches>(_: Batches.Type, as name: String, batch batchName: String, _ words: PreparedWords) throws
    -> LuaClass<Batches.Batch> {
    let batches = try declare(Batches.self, as: name, help: """
      @class \(words.batches)
      @operator len: integer
      @operator call: \(words.batch)
      An iterator over batches; `#batches` counts them.
          #jets.sample():take(1000):\(words.method):batches(256) --> 4
      """)
    func read(_ call: Call) throws -> Batches { try call.object(at: 1, "self", Batches.self) }
    try batches.metamethod("__call", called: "batches") { call in
      guard let batch = try read(call).nextBatch() else { return call.returnsNil() }
      return try call.returns(batch)
    }
    try batches.method("state_dict", help: """
      Where they stand, as a checkpoint keeps it: jets given out in this pass, and the random streams its order was drawn from.
      @return {next: integer, jets: integer, size: integer, random: {seed: integer, positions: integer[]}}
          batches = jets.sample():take(1000):\(words.method):batches(256)
          batches()
          batches:state_dict().next --> 256
      """) { call in
      let state = try read(call).state
      return try call.returns(
        .record([
          ("next", .integer(state.next)), ("jets", .integer(state.jets)), ("size", .integer(state.size)), ("random", .randomState(state.random)),
        ]))
    }
    try batches.method("load_state_dict", help: """
      Goes on in the pass where `state_dict` was taken of batches of the same jets and size; no random stream moves.
      @param state table
          set = jets.sample():take(1000):\(words.method)
          a, b = set:batches(256), set:batches(256)
          a()
          b:load_state_dict(a:state_dict())
          a().index:eq(b().index):all():item() --> true
      """) { call in
      let options = try call.options(at: 2, keys: ["next", "jets", "size", "random"])
      try read(call).restore(
        BatchState(
          next: options.required("next").integer(), jets: options.required("jets").integer(), size: options.required("size").integer(),
          random: options.required("random").randomState()))
      return call.returns()
    }
    try batches.metamethod("__len") { call in
      let object = try read(call)
      guard !object.isForever else { throw CallerError("batches: these batches have no end and so no number; say total = in progress") }
      return call.returns(object.count)
    }
    try batches.metamethod("__tostring") { call in
      let object = try read(call)
      return try call.returns(object.isForever ? "batches without end, \(object.count) a pass" : "\(object.count) batches")
    }
    let batch = try declare(Batches.Batch.self, as: batchName, help: """
      @class \(words.batch)
      @operator len: integer
      Some \(words.noun) with the columns of their jets; `#batch` counts them.
      @field label tensor? of each jet
      @field mass tensor in GeV
      @field pt tensor in GeV
      @field weight tensor of each jet
      @field index tensor row of the source file, from 0
          for batch in jets.sample():take(10):\(words.method):batches(10) do
            print(batch)
          end
          nil --> \(words.printedBatch) nil
      """)
    func one(_ call: Call) throws -> Batches.Batch { try call.object(at: 1, "self", Batches.Batch.self) }
    try batch.metamethod("__len") { call in call.returns(try one(call).count) }
    try batch.metamethod("__tostring") { call in try call.returns(one(call).text) }
    try batch.method("begin", help: """
      @private
      """) { call in  // until the next batch, noise and gradients are those of this part of it
      SharedGradients.begin(try one(call).share)
      return call.returns()
    }
    try batch.index { call in try call.returnsColumn { try one(call).column($0) } }
    return batch
  }
}

extension Call {
  /// The column that argument 2 names; nil for anything else.
  fileprivate func returnsColumn(_ column: (String) throws -> JetColumnValues?) throws -> Results {
    guard argument(at: 2, "column").kind == .string, let values = try column(string(at: 2, "column")) else { return returnsNil() }
    return try returns(values.variable())
  }
}
