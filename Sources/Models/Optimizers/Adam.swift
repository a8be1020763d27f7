import Autodiff
import TensorCore

/// Adam (Kingma & Ba, arXiv:1412.6980) and AdamW, whose weight decay acts on the weights (Loshchilov & Hutter, arXiv:1711.05101):
/// m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; p ← p − lr m̂/(√v̂ + eps), m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).
public final class Adam: Optimizer {
  /// The options of Adam.
  public static let declaredOptions = settings(decay: 0)
  /// The options of AdamW.
  public static let declaredDecoupledOptions = settings(decay: 0.01)

  private static func settings(decay: Double) -> [OptimizerOption] {
    [
      OptimizerOption("lr", .number(1e-3), "learning rate"),
      OptimizerOption("betas", .pair(0.9, 0.999), limits: .fraction, "decay of the averages of gradients and of their squares"),
      OptimizerOption("eps", .number(1e-8), "added to the root of the average square"),
      OptimizerOption("weight_decay", .number(decay), "factor of the parameter added to its gradient; in AdamW taken off the parameter, times lr"),
      OptimizerOption("amsgrad", .flag(false), "divide by the largest average square so far"), .maximize,
    ]
  }

  let isDecoupled: Bool

  /// Adam, or AdamW where `decoupled`, for parameters and option values by name. Throws CallerError for an empty list and for options that are unknown or out of range.
  public init(_ parameters: [Variable], _ values: [String: OptimizerOption.Value] = [:], decoupled: Bool = false) throws {
    isDecoupled = decoupled
    try super.init(
      decoupled ? "AdamW" : "Adam", options: decoupled ? Adam.declaredDecoupledOptions : Adam.declaredOptions, averages: ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"],
      parameters: parameters, values: values)
  }

  override func update(_ places: [Int]) throws {
    var settings = AdamSettings()
    settings.learningRate = learningRate
    (settings.beta1, settings.beta2) = pair("betas")
    settings.epsilon = number("eps")
    settings.weightDecay = number("weight_decay")
    settings.decoupled = isDecoupled
    // A parameter that had no gradient for a while is behind the others; each group of one age is one call.
    var groups: [Int: [AdamStep.Slot]] = [:]
    for place in places {
      guard let gradient = try ascent(place) else { continue }
      let slot = AdamStep.Slot(
        parameter: parameters[place].value, gradient: gradient, mean: try average("exp_avg", of: place),
        variance: try average("exp_avg_sq", of: place), largest: flag("amsgrad") ? try average("max_exp_avg_sq", of: place) : nil)
      groups[memories[place].step + 1, default: []].append(slot)
    }
    for (step, slots) in groups { try AdamStep.apply(settings, step: step, to: slots) }
    for place in places { memories[place].step += 1 }
  }
}
