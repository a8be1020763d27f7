import Autodiff
import TensorCore

// The usual step of training, one hidden layer on a batch of sparse images in float32, as one op with one gradient rule. It stands in no
// table, since it is this model's own and nothing else can call it; what it computes is what the ops of the table compute one by one, which
// take over in every other case.
extension DirichletVAE {
  private static let lossSpec = OpSpec(
    "dirichlet_vae_loss", "The loss of the Dirichlet-VAE on sparse images: reconstruction + beta kl, and these two (arXiv:2104.08291, section 4).",
    signature:
      "x [N, D], weight [H, D], bias [H], mu_weight [R, H], mu_bias [R], logvar_weight [R, H], logvar_bias [R], decoder [D, R], noise [N, R], prior_mu [R], prior_var [R], beta, reduction -> [], [], []",
    arguments: [
      .init("x", .rows), .tensor("weight"), .tensor("bias"), .tensor("mu_weight"), .tensor("mu_bias"), .tensor("logvar_weight"), .tensor("logvar_bias"),
      .tensor("decoder"), .tensor("noise"), .tensor("prior_mu"), .tensor("prior_var"), .init("beta", .number(default: nil)),
      .init("reduction", .text(choices: ["mean", "sum"], default: "mean")),
    ], placement: .functional, results: .tuple,
    forward: { call in
      guard let images = call.sparse(0) else { throw CallerError("dirichlet_vae_loss: x: expected sparse images") }
      let inputs = DirichletVAELoss.Inputs(
        images: images, weight: try call.tensor(1), bias: try call.tensor(2), meanWeight: try call.tensor(3), meanBias: try call.tensor(4),
        logVarianceWeight: try call.tensor(5), logVarianceBias: try call.tensor(6), decoder: try call.tensor(7), noise: try call.tensor(8),
        priorMean: try call.tensor(9), priorVariance: try call.tensor(10))
      let mean = try call.text(12) == "mean", beta = Float(try call.number(11)), jets = Float(images.rows)
      let pass = try DirichletVAELoss(inputs, scale: call.isRecording ? mean ? 1 / jets : 1 : nil)
      call.save(object: pass)
      let reconstruction = mean ? pass.crossEntropy / jets : pass.crossEntropy, kl = mean ? pass.divergence / jets : pass.divergence
      func scalar(_ value: Float) throws -> Tensor { try Tensor(scalar: Double(value), .float32) }
      return OpSpec.Outputs(try scalar(reconstruction + kl * beta), [try scalar(reconstruction), try scalar(kl)])
    },
    gradient: .rule { gradients, call in
      guard let pass = call.savedObject as? DirichletVAELoss else { return [] }
      func incoming(_ place: Int) -> Float { Float(gradients[place]?.element(at: 0) ?? 0) }
      let beta = Float(try call.number(11)), total = incoming(0)
      let perJet: Float = try call.text(12) == "mean" ? 1 / Float(pass.jets) : 1
      let towards = try pass.gradients(crossEntropy: total + incoming(1), divergence: (total * beta + incoming(2)) * perJet)
      return [
        nil, towards.weight, towards.bias, towards.meanWeight, towards.meanBias, towards.logVarianceWeight, towards.logVarianceBias, towards.decoder,
      ]
    },
    samples: [])

  // The loss in one pass, or nil where the ops one by one have more to give: another structure or type of model, per-jet losses, a
  // gradient for the noise, and the search for the op that made a NaN.
  func fusedLoss(_ x: ArgumentValue, _ reduction: String, noise: Variable?) throws -> Loss? {
    guard case .sparse(let images) = x, images.columns == settings.input, 1...DirichletVAELoss.mostImages ~= images.rows,
      reduction != "none", isTraining || noise != nil, !(noise?.requiresGradient ?? false), !Anomalies.isWatching, let layers = plainLayers
    else { return nil }
    let drawn = try drawnNoise(noise, jets: images.rows)
    let arguments: [ArgumentValue] = [
      x, .tensor(layers.hidden.weight), .tensor(layers.hiddenBias), .tensor(layers.mean.weight), .tensor(layers.meanBias), .tensor(layers.logVariance.weight),
      .tensor(layers.logVarianceBias), .tensor(decoder), .tensor(drawn), .tensor(Variable(priorMean)), .tensor(Variable(priorVariance)), .number(beta),
      .text(reduction),
    ]
    let results = try Engine.apply(DirichletVAE.lossSpec, arguments)
    return Loss(total: results[0], reconstruction: results[1], kl: results[2])
  }
}
