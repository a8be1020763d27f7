import Autodiff
import CLuaBridge
import Parallel
import TensorCore

extension LuaHost {
  /// Module `jetlua.core.parallel`: the ranks that work on one training.
  func openParallelLibrary() throws {
    let library = try library("parallel")
    // ranks(): how many, this one's number from 0, and whether this build can have several.
    try library.function("ranks") { call in
      try call.returns(.integer(Ranks.count), .integer(Ranks.own), .boolean(Ranks.isBuiltIn))
    }
    try library.function("wait") { call in
      try Ranks.wait()
      return call.returns()
    }
    // sum(numbers, names): the sums over ranks; names are the same on all.
    try library.function("sum") { call in
      try call.returns(.numbers(Ranks.sum(call.argument(at: 1, "numbers").numbers(), names: call.string(at: 2, "names"))))
    }
    try library.function("sum_tensor") { call in
      try call.returns(Variable(Ranks.sum(call.object(at: 1, "tensor", Variable.self).value)))
    }
    // text(text, rank): what that rank says.
    try library.function("text") { call in
      try call.returns(.string(Ranks.text(call.string(at: 1, "text"), from: call.integer(at: 2, "rank", in: 0...1_000_000))))
    }
    // gradients(parameters): those of the whole batch in place of this rank's.
    try library.function("gradients") { call in
      let parameters = try call.argument(at: 1, "parameters").objects(Variable.self)
      try SharedGradients.exchange(parameters)
      return call.returns()
    }
    // finish(): the batch that ranks shared is over.
    try library.function("finish") { call in
      SharedGradients.begin(nil)
      return call.returns()
    }
    try library.function("is_sharing") { call in call.returns(BatchShare.current != nil) }
    // whole(): jets of the batch that ranks share, all ranks' together; nil where there is none.
    try library.function("whole") { call in
      guard let share = BatchShare.current else { return call.returnsNil() }
      return call.returns(share.whole)
    }
    // tell(name): a wish that goes with the next exchange; take(name, …): which of these were made since, and the first rank that made one.
    let wishes: [String: Ranks.Wishes] = ["save": .save, "SIGTERM": .terminate, "SIGUSR1": .user, "Ctrl-C": .interrupt, "wrong": .wrong]
    try library.function("tell") { call in
      Wishing.tell(wishes[try call.argument(at: 1, "wish").choice(wishes.keys.sorted())] ?? [])
      return call.returns()
    }
    try library.function("take") { call in
      let name = try call.argument(at: 1, "wish").choice(wishes.keys.sorted())
      guard let found = Wishing.take(wishes[name] ?? []) else { return call.returnsNil() }
      return call.returns(found.rank)
    }
    try library.function("cost") { call in
      let cost = Ranks.cost
      return try call.returns(
        .record([
          ("exchanges", .integer(cost.exchanges)), ("bytes", .integer(cost.bytes)), ("waiting", .number(cost.waiting)), ("moving", .number(cost.moving)),
        ]))
    }
  }
}
