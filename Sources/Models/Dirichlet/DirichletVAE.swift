import Autodiff
import TensorCore

/// The Dirichlet-VAE on jet images (arXiv:2104.08291, section 4).
///
/// Encoder: `hidden` dense layers with SELU, then μ and ln σ² of R numbers each, linear. Sampling: z = μ + σ ε, r = softmax z.
/// Decoder: softmax(W r) with W [D, R] and no bias. Loss: cross-entropy −Σ x ln x̂ + β KL against the softmax-Gaussian prior
/// (eqs. 14–16). Images are dense [N, D] or sparse rows, non-negative with sum 1.
public final class DirichletVAE {
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

    public init() {}
  }

  public let settings: Settings
  public let prior: SoftmaxGaussianPrior
  /// Whether `loss` and `forward` sample; in evaluation they take the posterior mean.
  public var isTraining = true
  /// Parameters by name, in the order of the forward pass; weights [out, in].
  public let parameters: [(name: String, value: Variable)]

  private let hidden: [(weight: Variable, bias: Variable, scale: Variable?)]
  private let mean: (weight: Variable, bias: Variable), logVariance: (weight: Variable, bias: Variable)
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
    let r = prior.count, dtype = settings.dtype
    var named: [(name: String, value: Variable)] = []
    func parameter(_ name: String, _ value: Tensor) -> Variable {
      let variable = Variable(value, requiresGradient: true)
      named.append((name, variable))
      return variable
    }
    func dense(_ name: String, _ inputs: Int, _ outputs: Int) throws -> (weight: Variable, bias: Variable) {
      let weight = parameter("\(name).weight", try DirichletVAE.xavierUniform(outputs, inputs, dtype))
      return (weight, parameter("\(name).bias", try Tensor(filling: [outputs], with: 0, dtype)))
    }
    var layers: [(weight: Variable, bias: Variable, scale: Variable?)] = []
    var width = settings.input
    for (i, next) in settings.hidden.enumerated() {
      let layer = try dense("encoder.\(i + 1)", width, next)
      let scale = settings.scale ? parameter("encoder.\(i + 1).scale", try Tensor(filling: [next], with: 1, dtype)) : nil
      layers.append((layer.weight, layer.bias, scale))
      width = next
    }
    hidden = layers
    mean = try dense("mu", width, r)
    logVariance = try dense("logvar", width, r)
    decoder = parameter("decoder.weight", try DirichletVAE.xavierUniform(settings.input, r, dtype))
    parameters = named
    priorMean = try Tensor(prior.means).converted(to: dtype)
    priorVariance = try Tensor(prior.variances).converted(to: dtype)
  }

  /// Numbers of U(−a, a), a = √(6/(in + out)) (Glorot & Bengio 2010), in the layout that the sparse kernels read.
  private static func xavierUniform(_ outputs: Int, _ inputs: Int, _ dtype: DType) throws -> Tensor {
    let numbers = try Tensor(uninitialized: [outputs, inputs], dtype)
    try RandomStream.weights.fillUniform(numbers)
    let bound = (6 / Double(inputs + outputs)).squareRoot()
    let weight = try Tensor.featureMajor(outputs, inputs, dtype)
    weight.copyElements(from: try numbers.multiplied(by: 2 * bound).subtracting(Tensor(scalar: bound, dtype)))
    return weight
  }

  /// R.
  public var mixtureCount: Int { prior.count }

  /// μ and ln σ², [N, R] each, of images [N, D].
  public func posterior(_ x: ArgumentValue) throws -> (mean: Variable, logVariance: Variable) {
    try checkImages(x)
    var h = x
    for layer in hidden {
      var y = try Operation.linear(h, layer.weight, layer.bias)
      y = try Operation.selu(y)
      if let scale = layer.scale { y = try Operation.mul(y, try Operation.mul(scale, Variable(Tensor(scalar: 1 / 1.001.squareRoot(), settings.dtype)))) }
      h = .tensor(y)
    }
    return (try Operation.linear(h, mean.weight, mean.bias), try Operation.linear(h, logVariance.weight, logVariance.bias))
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
    let noise = try Tensor(uninitialized: mean.shape, settings.dtype)
    try RandomStream.noise.fillNormal(noise)
    return try Operation.softmax(try Operation.gaussianSample(mean, logVariance, Variable(noise)), 1)
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
  /// with `weight` [N] the mean is Σ w l / Σ w.
  public func loss(_ x: ArgumentValue, weight: Variable? = nil, reduction: String = "mean") throws -> Loss {
    let (mean, logVariance) = try posterior(x)
    let r = try mixtureWeights(mean, logVariance)
    let inner = weight == nil ? reduction : "none"
    var reconstruction = try Operation.mixtureNLL(r, decoder, x, inner)
    var kl = try Operation.gaussianKL(mean, logVariance, Variable(priorMean), Variable(priorVariance), inner)
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
    let total = try Operation.add(reconstruction, try Operation.mul(kl, Variable(Tensor(scalar: settings.beta, settings.dtype))))
    return Loss(total: total, reconstruction: reconstruction, kl: kl)
  }

  /// softmax(W r), [N, D], for points r [N, R] of the simplex.
  public func images(of r: Variable) throws -> Variable {
    guard r.shape.count == 2, r.shape[1] == mixtureCount else {
      throw CallerError("DirichletVAE: r: expected points [N, \(mixtureCount)] of the simplex, got shape \(r.shape.text)")
    }
    return try Operation.softmax(try Operation.linear(.tensor(r), decoder, nil), 1)
  }

  /// The reconstruction [N, D] of images.
  public func forward(_ x: ArgumentValue) throws -> Variable {
    let (mean, logVariance) = try posterior(x)
    return try images(of: try mixtureWeights(mean, logVariance))
  }
}
