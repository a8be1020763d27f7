import Autodiff
import TensorCore

/// The Dirichlet-VAE on jet images (arXiv:2104.08291, section 4).
///
/// Encoder: `hidden` dense layers with SELU, then μ and ln σ² of R numbers each, linear. Sampling: z = μ + σ ε, r = softmax z.
/// Decoder: softmax(W r) with W [D, R] and no bias. Loss: cross-entropy −Σ x ln x̂ + β KL against the softmax-Gaussian prior
/// (eqs. 14–16). Images are dense [N, D] or sparse rows, non-negative with sum 1.
public final class DirichletVAE: Layer {
  /// How a model is built; the defaults are the authors' published ones.
  public struct Settings: Sendable {
    /// Pixels of an image, D.
    public var input = 1600
    /// Widths of the hidden layers.
    public var hidden = [100]
    /// Concentrations of the prior, one per mixture, above 0.
    public var alpha = [1.0, 1.0]
    /// Prefactor of the KL term.
    public var beta = 0.1
    /// Whether a learnable scale follows each hidden layer: the authors' batch norm without centring, which their code
    /// runs in inference mode, y = γ x/√(1 + 10⁻³).
    public var scale = false
    /// Type of the weights.
    public var dtype = DType.float32

    /// The settings of the paper.
    public init() {}
  }

  /// What the model was made with.
  public let settings: Settings
  /// Prefactor of the KL term, at first that of the settings; a schedule may change it.
  public var beta: Double
  /// How the images were made that it is trained on, where that is known.
  public var origin: AnyHashable?
  /// The Gaussian that stands for the Dirichlet prior.
  public let prior: SoftmaxGaussianPrior
  private let hidden: [(layer: Linear, scale: Variable?)]
  private let mean: Linear, logVariance: Linear
  /// W, [D, R]: one column of logits per mixture.
  public let decoder: Variable
  let priorMean: Tensor, priorVariance: Tensor

  /// Weights are Xavier-uniform, biases 0. Throws CallerError for sizes below 1, α as the prior refuses, and β below 0.
  public init(_ settings: Settings) throws {
    guard settings.input >= 1 else { throw CallerError("DirichletVAE: input: expected at least 1 pixel, got \(settings.input)") }
    guard !settings.hidden.isEmpty, settings.hidden.allSatisfy({ $0 >= 1 }) else {
      throw CallerError("DirichletVAE: hidden: expected widths of at least 1, got {\(settings.hidden.map(String.init).joined(separator: ", "))}")
    }
    guard settings.beta >= 0, settings.beta.isFinite else { throw CallerError("DirichletVAE: beta: expected a number of at least 0, got \(settings.beta)") }
    do { prior = try SoftmaxGaussianPrior(alpha: settings.alpha) } catch let error as CallerError {
      throw CallerError("DirichletVAE: \(error)")
    }
    self.settings = settings
    beta = settings.beta
    let r = prior.count, dtype = settings.dtype
    priorMean = try Tensor(prior.means).converted(to: dtype)
    priorVariance = try Tensor(prior.variances).converted(to: dtype)
    func dense(_ inputs: Int, _ outputs: Int, bias: Bool = true) throws -> Linear {
      let layer = try Linear(inputs, outputs, bias: bias, initialization: .xavierUniform, dtype: dtype)
      layer.bias?.value.fill(0)
      return layer
    }
    let widths = [settings.input] + settings.hidden
    let layers = try zip(widths, widths.dropFirst()).map { try dense($0, $1) }
    let last = widths[widths.count - 1]
    mean = try dense(last, r)
    logVariance = try dense(last, r)
    let output = try dense(r, settings.input, bias: false)
    decoder = output.weight
    let scales = try settings.hidden.map { settings.scale ? try Scale($0, dtype) : nil }
    hidden = zip(layers, scales).map { ($0, $1?.factor) }
    super.init()
    for (i, layer) in layers.enumerated() {
      register(child: "encoder.\(i + 1)", layer)
      if let scale = scales[i] { register(child: "encoder.\(i + 1).scale", scale) }
    }
    register(child: "mu", mean)
    register(child: "logvar", logVariance)
    register(child: "decoder", output)
  }

  /// R.
  public var mixtureCount: Int { prior.count }

  /// μ and ln σ², [N, R] each, of images [N, D].
  public func posterior(_ x: ArgumentValue) throws -> (mean: Variable, logVariance: Variable) {
    try posterior(hidden: hiddenLayer(x))
  }

  private func posterior(hidden h: Variable) throws -> (mean: Variable, logVariance: Variable) {
    (try Operation.linear(.tensor(h), mean.weight, mean.bias), try Operation.linear(.tensor(h), logVariance.weight, logVariance.bias))
  }

  // The layers of the published model, one hidden layer with a bias, in float32; nil for others.
  var plainLayers: (hidden: Linear, hiddenBias: Variable, mean: Linear, meanBias: Variable, logVariance: Linear, logVarianceBias: Variable)? {
    guard hidden.count == 1, hidden[0].scale == nil, let hiddenBias = hidden[0].layer.bias, let meanBias = mean.bias, let logVarianceBias = logVariance.bias
    else { return nil }
    let layers = (hidden[0].layer, hiddenBias, mean, meanBias, logVariance, logVarianceBias)
    let all = [layers.0.weight, hiddenBias, mean.weight, meanBias, logVariance.weight, logVarianceBias, decoder]
    return all.allSatisfy { $0.dtype == .float32 } ? layers : nil
  }

  // What the last hidden layer makes of images [N, D].
  private func hiddenLayer(_ x: ArgumentValue) throws -> Variable {
    try checkImages(x)
    var h = x, last: Variable?
    for layer in hidden {
      var y = try Operation.selu(Operation.linear(h, layer.layer.weight, layer.layer.bias))
      // The batch norm's running variance stays 1 and its ε is 10⁻³, Keras' default.
      if let scale = layer.scale { y = try Operation.mul(y, try Operation.mul(scale, Variable(Tensor(scalar: 1 / 1.001.squareRoot(), settings.dtype)))) }
      (h, last) = (.tensor(y), y)
    }
    guard let last else { throw CallerError("DirichletVAE: hidden: expected at least one layer") }
    return last
  }

  /// A point of the simplex per image and its divergence from the prior, reduced: sampled in training or with the noise given, else
  /// from the mean.
  private func latent(hidden h: Variable, _ reduction: String, noise given: Variable?) throws -> (r: Variable, kl: Variable) {
    let priorMean = Variable(priorMean), priorVariance = Variable(priorVariance)
    guard isTraining || given != nil else {
      let (mean, logVariance) = try posterior(hidden: h)
      return (try Operation.softmax(mean, 1), try Operation.gaussianKL(mean, logVariance, priorMean, priorVariance, reduction))
    }
    let noise = try drawnNoise(given, jets: h.shape[0])
    if let made = try Operation.gaussianHeads(h, mean: mean, logVariance: logVariance, noise: noise, priorMean, priorVariance, reduction) {
      return (try Operation.softmax(made.sample, 1), made.kl)
    }
    let (mean, logVariance) = try posterior(hidden: h)
    let sample = try Operation.gaussianSample(mean, logVariance, noise)
    return (try Operation.softmax(sample, 1), try Operation.gaussianKL(mean, logVariance, priorMean, priorVariance, reduction))
  }

  /// Standard normal numbers [N, R] of the stream of noise.
  private func noise(jets: Int) throws -> Variable {
    let noise = try Tensor(uninitialized: [jets, mixtureCount], settings.dtype)
    try RandomStream.noise.fillNormal(noise)
    return Variable(noise)
  }

  /// The noise given, checked, or noise of the model's own stream.
  func drawnNoise(_ given: Variable?, jets: Int) throws -> Variable {
    guard let given else { return try noise(jets: jets) }
    guard given.shape == [jets, mixtureCount] else {
      throw CallerError("loss: noise: expected shape [\(jets), \(mixtureCount)], got \(given.shape.text)")
    }
    return given.dtype == settings.dtype ? given : Variable(try given.value.converted(to: settings.dtype))
  }

  private func checkImages(_ x: ArgumentValue) throws {
    let shape: Dimensions
    switch x {
    case .sparse(let rows): shape = [rows.rows, rows.columns]
    case .tensor(let variable): shape = variable.shape
    default: throw CallerError("DirichletVAE: x: expected images [N, \(settings.input)]")
    }
    guard shape.count == 2, shape[1] == settings.input else {
      throw CallerError("DirichletVAE: x: expected images [N, \(settings.input)], got shape \(shape.text)")
    }
  }

  /// r = softmax z, with z sampled from the posterior in training and its mean in evaluation.
  private func mixtureWeights(_ mean: Variable, _ logVariance: Variable) throws -> Variable {
    guard isTraining else { return try Operation.softmax(mean, 1) }
    return try Operation.softmax(try Operation.gaussianSample(mean, logVariance, noise(jets: mean.shape[0])), 1)
  }

  /// The terms of the loss.
  public struct Loss {
    /// reconstruction + β kl.
    public let total: Variable
    /// Cross-entropy −Σ x ln x̂.
    public let reconstruction: Variable
    /// KL of the posterior from the prior, without β.
    public let kl: Variable
  }

  /// The loss of images [N, D]: means over the batch, sums, or one number per jet (`reduction` "mean", "sum", "none");
  /// with `weight` [N] the mean is Σ w l / Σ w. `noise` [N, R], standard normal, takes the place of the model's own.
  public func loss(_ x: ArgumentValue, weight: Variable? = nil, reduction: String = "mean", noise: Variable? = nil) throws -> Loss {
    if weight == nil, let made = try fusedLoss(x, reduction, noise: noise) { return made }
    return try loss(x, hidden: hiddenLayer(x), weight, reduction, noise)
  }

  /// The loss as `loss` gives it, and μ and ln σ², [N, R] each, of the posterior it was made of, from one pass of the encoder.
  public func lossAndPosterior(_ x: ArgumentValue, weight: Variable? = nil, reduction: String = "mean", noise: Variable? = nil) throws
    -> (loss: Loss, mean: Variable, logVariance: Variable)
  {
    let h = try hiddenLayer(x), (mean, logVariance) = try posterior(hidden: h)
    return (try loss(x, hidden: h, weight, reduction, noise), mean, logVariance)
  }

  private func loss(_ x: ArgumentValue, hidden h: Variable, _ weight: Variable?, _ reduction: String, _ noise: Variable?) throws -> Loss {
    let inner = weight == nil ? reduction : "none"
    var (r, kl) = try latent(hidden: h, inner, noise: noise)
    var reconstruction = try Operation.mixtureNLL(r, decoder, x, inner)
    if let weight {
      guard weight.shape == reconstruction.shape else {
        throw CallerError("loss: weight: expected shape \(reconstruction.shape.text), got \(weight.shape.text)")
      }
      let normalised: Variable
      switch reduction {
      case "mean": normalised = Variable(try weight.value.converted(to: settings.dtype).divided(by: weight.value.converted(to: settings.dtype).sum()))
      default: normalised = Variable(try weight.value.converted(to: settings.dtype))
      }
      reconstruction = try Operation.mul(reconstruction, normalised)
      kl = try Operation.mul(kl, normalised)
      if reduction != "none" { (reconstruction, kl) = (try Operation.sum(reconstruction), try Operation.sum(kl)) }
    }
    let total = try Operation.add(reconstruction, try Operation.mul(kl, Variable(Tensor(scalar: beta, settings.dtype))))
    return Loss(total: total, reconstruction: reconstruction, kl: kl)
  }

  /// softmax(W r), [N, D], for points r [N, R] of the simplex.
  public func images(of r: Variable) throws -> Variable {
    guard r.shape.count == 2, r.shape[1] == mixtureCount else {
      throw CallerError("DirichletVAE: r: expected points [N, \(mixtureCount)] of the simplex, got shape \(r.shape.text)")
    }
    return try Operation.softmax(try Operation.linear(.tensor(r), decoder, nil), 1)
  }

  /// The reconstruction [N, D] of dense images.
  public override func forward(_ x: Variable) throws -> Variable { try reconstruction(.tensor(x)) }
  /// The reconstruction [N, D] of images as sparse rows.
  public override func forward(rows: SparseRows) throws -> ArgumentValue { .tensor(try reconstruction(.sparse(rows))) }

  /// The reconstruction [N, D] of images of either kind.
  public func reconstruction(_ x: ArgumentValue) throws -> Variable {
    let (mean, logVariance) = try posterior(x)
    return try images(of: try mixtureWeights(mean, logVariance))
  }

  /// `models.DirichletVAE(…)` with the widths of its layers.
  public override var summary: String {
    "models.DirichletVAE(\(settings.input) -> \(settings.hidden.map(String.init).joined(separator: " -> ")) -> \(mixtureCount) mixtures)"
  }
}

/// A learnable factor per feature, starting at 1.
private final class Scale: Layer {
  private(set) var factor: Variable

  init(_ features: Int, _ dtype: DType) throws {
    let ones = try Tensor(filling: [features], with: 1, dtype)
    factor = Variable(ones)
    super.init()
    factor = register(parameter: "weight", ones)
  }
}
