import Autodiff
import TensorCore

/// RMSprop (Hinton, lecture 6a of 2012) as in PyTorch: s ← α s + (1 − α) g²; p ← p − lr g/(√s + eps); with `centered` the
/// square of the average gradient is taken off s, with `momentum` the steps are averaged.
public final class RMSprop: Optimizer {
  /// Its options.
  public static let declaredOptions = [
    OptimizerOption("lr", .number(1e-2), "learning rate"),
    OptimizerOption("alpha", .number(0.99), limits: .fraction, "decay of the average of squared gradients"),
    OptimizerOption("eps", .number(1e-8), "added to the root of the average square"),
    OptimizerOption("weight_decay", .number(0), "factor of the parameter added to its gradient"),
    OptimizerOption("momentum", .number(0), "factor on the running sum of steps"),
    OptimizerOption("centered", .flag(false), "divide by the estimated deviation, not by the root mean square"), .maximize,
  ]

  /// For parameters and option values by name. Throws CallerError for an empty list and for options that are unknown or out of range.
  public init(_ parameters: [Variable], _ values: [String: OptimizerOption.Value] = [:]) throws {
    try super.init(
      "RMSprop", options: RMSprop.declaredOptions, averages: ["square_avg", "grad_avg", "momentum_buffer"], parameters: parameters, values: values)
  }

  override func update(_ places: [Int]) throws {
    let alpha = number("alpha"), decay = number("weight_decay"), momentum = number("momentum")
    for place in places {
      guard let raw = try ascent(place) else { continue }
      let parameter = parameters[place].value, order = MemoryOrder(of: parameter)
      let p = order.view(parameter)
      var g = order.view(raw)
      if decay != 0 { g = try g.adding(p.multiplied(by: decay)) }
      func follow(_ name: String, _ new: Tensor) throws -> Tensor {
        let running = order.view(try average(name, of: place))
        running.copyElements(from: try running.multiplied(by: alpha).adding(new.multiplied(by: 1 - alpha)))
        return running
      }
      var spread = try follow("square_avg", g.multiplied(by: g))
      if flag("centered") {
        let mean = try follow("grad_avg", g)
        spread = try spread.subtracting(mean.multiplied(by: mean))
      }
      var step = try g.divided(by: spread.mapped(.sqrt).adding(Tensor(scalar: number("eps"), p.dtype)))
      if momentum > 0 {
        let b = order.view(try average("momentum_buffer", of: place))
        b.copyElements(from: try b.multiplied(by: momentum).adding(step))
        step = b
      }
      p.copyElements(from: try p.subtracting(step.multiplied(by: learningRate)))
      parameter.storage.markChanged()
      memories[place].step += 1
    }
  }
}
