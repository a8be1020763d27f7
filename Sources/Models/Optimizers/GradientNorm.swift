import Autodiff
import Glibc
import TensorCore

/// The size of all gradients together, and its limit.
public enum GradientNorm {
  /// ‖(‖g₁‖, ‖g₂‖, …)‖ over the gradients that exist, 0 if there are none; `order` above 0, infinity for the largest element.
  public static func total(of parameters: [Variable], order: Double = 2) throws -> Double {
    var total = 0.0
    for parameter in Layer.distinct(parameters) {
      guard let gradient = parameter.gradient else { continue }
      let g = try MemoryOrder(of: gradient).view(gradient).contiguous()
      if order == .infinity {
        // A NaN must show, and comparisons would lose it.
        for x in try g.array(of: Double.self) { total = x.isNaN || total.isNaN ? .nan : max(total, abs(x)) }
      } else if order == 2 {
        total += try g.multiplied(by: g).sum().item()
      } else {
        total += try Tensor.combined(.pow, g.mapped(.abs), Tensor(scalar: order, g.dtype), name: "clip_grad_norm").sum().item()
      }
    }
    return order == .infinity ? total : order == 2 ? total.squareRoot() : pow(total, 1 / order)
  }

  /// Scales all gradients in place by limit/(total + 1e-6) where that is below 1, and gives the total from before.
  ///
  /// Throws CallerError for a limit or an order out of range, and for a total that is not finite if that is asked for.
  public static func clip(_ parameters: [Variable], to limit: Double, order: Double = 2, refusesNonFinite: Bool = false) throws -> Double {
    guard limit >= 0 else { throw CallerError("clip_grad_norm: max_norm: expected a number of at least 0, got \(shortText(limit))") }
    guard order > 0 else { throw CallerError("clip_grad_norm: norm_type: expected a number above 0, got \(shortText(order))") }
    let total = try total(of: parameters, order: order)
    guard total.isFinite || !refusesNonFinite else {
      throw CallerError("clip_grad_norm: the norm of the gradients is \(shortText(total)); look for a NaN or an overflow in the loss")
    }
    let factor = limit / (total + 1e-6)
    if factor >= 1 { return total }
    for gradient in try separate(parameters) {
      let g = MemoryOrder(of: gradient).view(gradient)
      g.copyElements(from: try g.multiplied(by: factor))
      gradient.storage.markChanged()
    }
    return total
  }

  // The gradients, each in memory of its own: a backward pass may leave the same numbers in two parameters, which a change in
  // place would meet twice.
  private static func separate(_ parameters: [Variable]) throws -> [Tensor] {
    var seen: Set<ObjectIdentifier> = []
    for parameter in Layer.distinct(parameters) {
      guard let gradient = parameter.gradient else { continue }
      let isFirst = seen.insert(ObjectIdentifier(gradient.storage)).inserted
      if !isFirst || gradient.spanOfDenseBlock == nil { parameter.gradient = try gradient.clone() }
    }
    return Layer.distinct(parameters).compactMap(\.gradient)
  }

  /// Brings every element of all gradients into [−limit, limit], in place; a NaN stays. Throws CallerError for a limit out of range.
  public static func clip(valuesOf parameters: [Variable], to limit: Double) throws {
    guard limit >= 0 else { throw CallerError("clip_grad_value: clip_value: expected a number of at least 0, got \(shortText(limit))") }
    for gradient in try separate(parameters) {
      let g = MemoryOrder(of: gradient).view(gradient)
      let low = try Tensor(scalar: -limit, g.dtype), high = try Tensor(scalar: limit, g.dtype)
      g.copyElements(from: try Tensor.combined(.minimum, Tensor.combined(.maximum, g, low, name: "clip_grad_value"), high, name: "clip_grad_value"))
      gradient.storage.markChanged()
    }
  }
}
