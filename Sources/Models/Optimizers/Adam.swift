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

  // What a step looks up by name and checks, kept until options, averages or parameters' memory are others.
  private struct Plan {
    var settings = AdamSettings()
    var keepsLargest = false, turnsRound = false
    var settingsVersion = -1, averagesVersion = -1
    /// By place; nil where the parameter has had no step yet.
    var places: [AdamStep.Place?] = []
  }
  private var plan = Plan()

  private func renewPlan() {
    if plan.settingsVersion != settingsVersion {
      plan = Plan()
      plan.settings.learningRate = learningRate
      (plan.settings.beta1, plan.settings.beta2) = pair("betas")
      plan.settings.epsilon = number("eps")
      plan.settings.weightDecay = number("weight_decay")
      plan.settings.decoupled = isDecoupled
      (plan.keepsLargest, plan.turnsRound) = (flag("amsgrad"), flag("maximize"))
      plan.settingsVersion = settingsVersion
    }
    if plan.averagesVersion != averagesVersion || plan.places.count != parameters.count {
      plan.places = Array(repeating: nil, count: parameters.count)
      plan.averagesVersion = averagesVersion
    }
  }

  private func newPlace(_ i: Int) throws -> AdamStep.Place {
    try AdamStep.Place(
      parameter: parameters[i].value, mean: try average("exp_avg", of: i), variance: try average("exp_avg_sq", of: i),
      largest: plan.keepsLargest ? try average("max_exp_avg_sq", of: i) : nil)
  }

  override func update(_ places: [Int]) throws {
    renewPlan()
    let turnsRound = plan.turnsRound
    var known = plan.places
    // A parameter that had no gradient for a while is behind the others; each group of one age is one call.
    var rest = places
    while let first = rest.first {
      let age = memories[first].step
      var together: [(place: AdamStep.Place, gradient: Tensor)] = []
      together.reserveCapacity(rest.count)
      var others: [Int] = []
      for i in rest {
        guard memories[i].step == age else {
          others.append(i)
          continue
        }
        guard let gradient = turnsRound ? try ascent(i) : parameters[i].gradient else { continue }
        if let place = known[i], place.isOf(parameters[i].value) {
          together.append((place, gradient))
        } else {
          let place = try newPlace(i)
          known[i] = place
          together.append((place, gradient))
        }
      }
      try AdamStep.apply(plan.settings, step: age + 1, to: together)
      rest = others
    }
    plan.places = known
    // New averages were made for places of their own.
    plan.averagesVersion = averagesVersion
    for i in places { memories[i].step += 1 }
  }
}
