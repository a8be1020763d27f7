/// The cheapest way to carry what sources have to sinks that want it, exactly, by the network simplex in double precision.
///
/// Minimises Σ f_ij c_ij over f ≥ 0 with Σ_j f_ij = supply_i and Σ_i f_ij = demand_j. The basis is a spanning tree kept strongly feasible
/// (Cunningham 1976), which rules out cycling; a pass over a row of costs picks the arc that enters. Everything starts at a root
/// that every source and sink has an arc to, at a cost no optimum pays.
struct TransportProblem {
  private let sources: Int
  private let sinks: Int
  private let costs: [Double]
  private var nodes: [Node] = []

  /// A node of the tree with the arc to its parent.
  private struct Node {
    var parent = -1
    var firstChild = -1
    var nextSibling = -1
    var previousSibling = -1
    var depth = 0
    /// Price: the cost of an arc of the tree is the difference of its ends'.
    var potential = 0.0
    var cost = 0.0
    var flow = 0.0
    /// Whether the arc leads to the parent.
    var leadsUp = false
  }

  /// Supplies and demands above 0 with equal sums; costs from 0 per source and sink, row by row.
  init(supply: [Double], demand: [Double], costs: [Double]) {
    (sources, sinks, self.costs) = (supply.count, demand.count, costs)
    let rootCost = costs.max() ?? 0, root = sources + sinks
    nodes = [Node](repeating: Node(), count: root + 1)
    for node in 0..<root {
      nodes[node].leadsUp = node < sources
      nodes[node].flow = node < sources ? supply[node] : demand[node - sources]
      nodes[node].cost = rootCost
      hang(node, below: root)
      place(node)
    }
  }

  /// Σ f_ij c_ij of the best flow; `nil` where rounding kept the tree from settling.
  mutating func leastCost() -> Double? {
    let tolerance = 1e-13 * (costs.max() ?? 0)
    var row = 0, unchanged = 0, pivots = 0
    let limit = 100 * nodes.count * nodes.count
    var prices = [Double](repeating: 0, count: sinks)
    for j in 0..<sinks { prices[j] = nodes[sources + j].potential }
    while unchanged < sources {
      var best = Double.infinity, at = 0
      costs.withUnsafeBufferPointer { costs in
        for j in 0..<sinks {
          let reduced = costs[row * sinks + j] - prices[j]
          if reduced < best { (best, at) = (reduced, j) }
        }
      }
      if best + nodes[row].potential < -tolerance {
        guard pivots < limit else { return nil }
        enter(row, sources + at, costs[row * sinks + at], &prices)
        pivots += 1
        unchanged = 0
      } else {
        unchanged += 1
      }
      row = row + 1 == sources ? 0 : row + 1
    }
    var total = 0.0
    for node in 0..<(sources + sinks) where nodes[node].parent != sources + sinks { total += nodes[node].flow * nodes[node].cost }
    return total
  }

  /// Brings the arc from a source to a sink into the tree, in place of the first arc of the cycle that runs empty.
  private mutating func enter(_ source: Int, _ sink: Int, _ cost: Double, _ prices: inout [Double]) {
    let join = commonAncestor(source, sink)
    // Of several arcs that run empty the last one in the sense of the flow, counted from the join, keeps the tree strongly feasible.
    var amount = Double.infinity, leaving = -1, isOnSourceSide = true
    var node = source
    while node != join {
      if nodes[node].leadsUp, nodes[node].flow < amount { (amount, leaving) = (nodes[node].flow, node) }
      node = nodes[node].parent
    }
    node = sink
    while node != join {
      if !nodes[node].leadsUp, nodes[node].flow <= amount { (amount, leaving, isOnSourceSide) = (nodes[node].flow, node, false) }
      node = nodes[node].parent
    }
    guard leaving >= 0 else { return }
    node = source
    while node != join {
      nodes[node].flow += nodes[node].leadsUp ? -amount : amount
      node = nodes[node].parent
    }
    node = sink
    while node != join {
      nodes[node].flow += nodes[node].leadsUp ? amount : -amount
      node = nodes[node].parent
    }
    rehang(isOnSourceSide ? source : sink, below: isOnSourceSide ? sink : source, upTo: leaving, cost: cost, flow: amount, leadsUp: isOnSourceSide, &prices)
  }

  private func commonAncestor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while nodes[a].depth > nodes[b].depth { a = nodes[a].parent }
    while nodes[b].depth > nodes[a].depth { b = nodes[b].parent }
    while a != b { (a, b) = (nodes[a].parent, nodes[b].parent) }
    return a
  }

  /// Turns the path from `first` to `last` around, whose arc leaves, and hangs `first` below a node of the other part by the new arc.
  private mutating func rehang(
    _ first: Int, below other: Int, upTo last: Int, cost: Double, flow: Double, leadsUp: Bool, _ prices: inout [Double]
  ) {
    var node = first, parent = other
    var arc = (cost: cost, flow: flow, leadsUp: leadsUp)
    while true {
      let above = nodes[node].parent, own = (cost: nodes[node].cost, flow: nodes[node].flow, leadsUp: !nodes[node].leadsUp)
      unhang(node)
      (nodes[node].cost, nodes[node].flow, nodes[node].leadsUp) = arc
      hang(node, below: parent)
      if node == last { break }
      (parent, node, arc) = (node, above, own)
    }
    // Depths and prices of all that moved, parents first.
    node = first
    while true {
      place(node)
      if node >= sources, node < sources + sinks { prices[node - sources] = nodes[node].potential }
      if nodes[node].firstChild >= 0 {
        node = nodes[node].firstChild
        continue
      }
      while node != first, nodes[node].nextSibling < 0 { node = nodes[node].parent }
      if node == first { break }
      node = nodes[node].nextSibling
    }
  }

  private mutating func unhang(_ node: Int) {
    let before = nodes[node].previousSibling, after = nodes[node].nextSibling
    if before >= 0 { nodes[before].nextSibling = after } else { nodes[nodes[node].parent].firstChild = after }
    if after >= 0 { nodes[after].previousSibling = before }
  }

  private mutating func hang(_ node: Int, below parent: Int) {
    let first = nodes[parent].firstChild
    nodes[node].parent = parent
    nodes[node].previousSibling = -1
    nodes[node].nextSibling = first
    if first >= 0 { nodes[first].previousSibling = node }
    nodes[parent].firstChild = node
  }

  private mutating func place(_ node: Int) {
    let parent = nodes[node].parent
    nodes[node].depth = nodes[parent].depth + 1
    nodes[node].potential = nodes[parent].potential + (nodes[node].leadsUp ? -nodes[node].cost : nodes[node].cost)
  }
}
