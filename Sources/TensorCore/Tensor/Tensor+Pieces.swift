// Long loops are cut into pieces by shape alone, never by the number of threads, so that the bits do not depend on it.

/// Elements of one piece: half a millisecond of work at most, which is how soon a loop notices Ctrl-C.
let pieceGrain = 1 << 18

extension Tensor {
  /// Views that together cover this tensor, each of about `pieceGrain` elements: cut along leading dimensions, each piece
  /// with the place of its first element in row-major order. One piece for a small tensor.
  func pieces() -> [(view: Tensor, place: Int)] {
    var found: [(view: Tensor, place: Int)] = []
    func cut(_ x: Tensor, _ d: Int, _ place: Int) {
      guard x.count > pieceGrain, d < x.rank else { return found.append((x, place)) }
      let behind = x.count / x.shape[d]
      let length = max(1, pieceGrain / behind)
      guard length < x.shape[d] else { return cut(x, d + 1, place) }
      for first in stride(from: 0, to: x.shape[d], by: length) {
        cut(x.narrowed(d, from: first, length: min(length, x.shape[d] - first)), d + 1, place + first * behind)
      }
    }
    if count > 0 { cut(self, 0, 0) }
    return found
  }

  /// Whether two indices may name the same element, so that writes must keep their order.
  var repeatsElements: Bool { (0..<rank).contains { strides[$0] == 0 && shape[$0] > 1 } }

  /// The same part of a tensor of this shape that `piece` is of another one.
  func part(like piece: (view: Tensor, place: Int), of whole: Tensor) -> Tensor {
    var result = self, rest = piece.place
    for d in 0..<rank {
      let behind = shape.dropFirst(d + 1).reduce(1, *)
      let first = behind > 0 ? rest / behind : 0
      rest -= first * behind
      if piece.view.shape[d] != shape[d] { result = result.narrowed(d, from: first, length: piece.view.shape[d]) }
    }
    return result
  }

  /// Runs `body` over pieces of this tensor in parallel. Throws Interrupted once Ctrl-C was pressed, with pieces left out:
  /// only for what makes something new.
  func forEachPiece(_ body: (Tensor, Int) -> Void) throws {
    guard count > pieceGrain else { return body(self, 0) }
    let all = pieces()
    ThreadPool.parallel(all.count) { i in
      if !Interrupted.isRequested { body(all[i].view, all[i].place) }
    }
    try Interrupted.check()
  }
}
