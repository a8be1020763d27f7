import Synchronization

/// Wishes on their way from rank to rank: each goes with the next exchange, whatever that is for, so that all ranks learn of it at the
/// same step.
public enum Wishing {
  private struct State {
    var own: Ranks.Wishes = []
    var told: [Ranks.Wishes] = []
  }
  private static let state = Mutex(State())

  /// Adds to what this rank tells the others with its next exchange.
  public static func tell(_ wishes: Ranks.Wishes) { state.withLock { $0.own.formUnion(wishes) } }

  static func takeOwn() -> Ranks.Wishes {
    state.withLock { state in
      defer { state.own = [] }
      return state.own
    }
  }

  static func learn(_ all: [Ranks.Wishes]) {
    state.withLock { state in
      if state.told.count != all.count { state.told = Array(repeating: [], count: all.count) }
      for (i, wishes) in all.enumerated() { state.told[i].formUnion(wishes) }
    }
  }

  /// What the ranks wished since this was asked last, of `wanted`, and the first rank that did; `nil` for none.
  public static func take(_ wanted: Ranks.Wishes) -> (wishes: Ranks.Wishes, rank: Int)? {
    state.withLock { state in
      var found: (wishes: Ranks.Wishes, rank: Int)?
      for i in state.told.indices {
        let wishes = state.told[i].intersection(wanted)
        state.told[i].subtract(wanted)
        if !wishes.isEmpty { found = (wishes.union(found?.wishes ?? []), found?.rank ?? i) }
      }
      return found
    }
  }
}
