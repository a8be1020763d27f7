import Glibc
import TensorCore

extension Adam {
  /// One step that divides by the largest average square so far (AMSGrad; Reddi, Kale & Kumar, arXiv:1904.09237), not by the present
  /// one: a loop of its own, because the fused step has no room for a fourth array and few ask for it.
  func updateByLargestVariance(_ places: [Int]) throws {
    let (beta1, beta2) = pair("betas"), decay = number("weight_decay"), lr = learningRate
    for place in places {
      guard let raw = try ascent(place) else { continue }
      let parameter = parameters[place].value, order = MemoryOrder(of: parameter)
      let p = order.view(parameter)
      var g = try order.view(raw).converted(to: p.dtype)
      if decay != 0, !isDecoupled { g = try g.adding(p.multiplied(by: decay)) }
      func follow(_ name: String, _ new: Tensor, _ beta: Double) throws -> Tensor {
        let running = order.view(try average(name, of: place))
        running.copyElements(from: try running.multiplied(by: beta).adding(new.multiplied(by: 1 - beta)))
        return running
      }
      let mean = try follow("exp_avg", g, beta1), variance = try follow("exp_avg_sq", g.multiplied(by: g), beta2)
      let largest = order.view(try average("max_exp_avg_sq", of: place))
      largest.copyElements(from: try Tensor.combined(.maximum, largest, variance, name: "step"))
      let step = memories[place].step + 1
      let correction1 = 1 - pow(beta1, Double(step)), correction2 = 1 - pow(beta2, Double(step))
      let spread = try largest.mapped(.sqrt).multiplied(by: 1 / correction2.squareRoot()).adding(Tensor(scalar: number("eps"), p.dtype))
      let kept = decay != 0 && isDecoupled ? try p.multiplied(by: 1 - lr * decay) : p
      p.copyElements(from: try kept.subtracting(mean.divided(by: spread).multiplied(by: lr / correction1)))
      parameter.storage.markChanged()
      memories[place].step = step
    }
  }
}
