import Autodiff
import TensorCore

/// Stochastic gradient descent, with momentum as in PyTorch:
/// g ← g + weight_decay p; b ← momentum b + (1 − dampening) g (b = g at first); p ← p − lr (g + momentum b if nesterov, else b).
public final class SGD: Optimizer {
  /// Its options.
  public static let declaredOptions = [
    OptimizerOption("lr", .number(1e-3), "learning rate"),
    OptimizerOption("momentum", .number(0), "factor on the running average of gradients"),
    OptimizerOption("dampening", .number(0), limits: .finite, "1 minus the factor on a new gradient in that average"),
    OptimizerOption("weight_decay", .number(0), "factor of the parameter added to its gradient"),
    OptimizerOption("nesterov", .flag(false), "look ahead along the average"), .maximize,
  ]

  /// For parameters and option values by name. Throws CallerError for an empty list, for options that are unknown or out of range, and for `nesterov` without momentum.
  public init(_ parameters: [Variable], _ values: [String: OptimizerOption.Value] = [:]) throws {
    try super.init("SGD", options: SGD.declaredOptions, averages: ["momentum_buffer"], parameters: parameters, values: values)
    try checkNesterov()
  }

  private func checkNesterov() throws {
    guard !flag("nesterov") || (number("momentum") > 0 && number("dampening") == 0) else {
      throw CallerError("SGD: nesterov: expected a momentum above 0 and dampening 0 with it, got momentum \(shortText(number("momentum"))) and dampening \(shortText(number("dampening")))")
    }
  }

  override func update(_ places: [Int]) throws {
    try checkNesterov()
    let momentum = number("momentum"), decay = number("weight_decay")
    for place in places {
      guard let raw = try ascent(place) else { continue }
      let parameter = parameters[place].value, order = MemoryOrder(of: parameter)
      let p = order.view(parameter)
      var g = order.view(raw)
      if decay != 0 { g = try g.adding(p.multiplied(by: decay)) }
      if momentum != 0 {
        let isFirst = memories[place].averages["momentum_buffer"] == nil
        let b = order.view(try average("momentum_buffer", of: place))
        b.copyElements(from: isFirst ? g : try b.multiplied(by: momentum).adding(g.multiplied(by: 1 - number("dampening"))))
        g = flag("nesterov") ? try g.adding(b.multiplied(by: momentum)) : b
      }
      p.copyElements(from: try p.subtracting(g.multiplied(by: learningRate)))
      parameter.storage.markChanged()
      memories[place].step += 1
    }
  }
}
