import Synchronization
import TensorCore

/// A recorded op: what its gradient rule needs and where the gradients go.
final class Node {
  /// Where one input's gradient goes.
  enum Edge {
    case none
    case leaf(Variable)
    case node(Node, output: Int)
  }

  let spec: OpSpec
  /// Grows with each recorded op, so that falling order is an order of the backward pass.
  let sequence: Int
  var edges: [Edge]
  let inputTypes: [DType]
  var context: OpContext
  /// Gradients that have arrived, one per result of the op.
  var arrived: [Tensor?]
  /// Set when a backward pass has used up what was saved.
  var isSpent = false
  var visitedBy = 0
  /// Whether its rule, or one it leads back to, is written in Lua.
  let isScripted: Bool
  /// Whether a backward pass that has not ended goes through it.
  var isRunning = false
  /// Where the op ran, for the profile.
  let place = Profile.isOn ? Profile.place : Profile.nowhere

  private static let counter = Atomic<Int>(0)

  init(spec: OpSpec, edges: [Edge], inputTypes: [DType], context: OpContext, outputs: Int) {
    self.spec = spec
    self.edges = edges
    self.inputTypes = inputTypes
    self.context = context
    // One by one: filled at once, the type of such a list is looked up in the runtime each time.
    arrived = []
    arrived.reserveCapacity(outputs)
    for _ in 0..<outputs { arrived.append(nil) }
    isScripted = context.isScripted || edges.contains { if case .node(let node, _) = $0 { node.isScripted } else { false } }
    sequence = Node.counter.wrappingAdd(1, ordering: .relaxed).newValue
  }

  private func takeNodes() -> [Node] {
    let nodes = edges.compactMap { edge -> Node? in
      if case .node(let node, _) = edge { node } else { nil }
    }
    edges = []
    return nodes
  }

  // A chain of a million ops would overflow the stack if each node released the next: take them apart one by one.
  deinit {
    var work = takeNodes()
    while var node = work.popLast() {
      if isKnownUniquelyReferenced(&node) { work.append(contentsOf: node.takeNodes()) }
    }
  }
}
