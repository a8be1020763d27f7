import Autodiff
import Jets
import Models
import TensorCore

extension DirichletVAE: LuaObject {
  /// The parameters.
  public var offHeapBytes: Int { parameters.reduce(0) { $0 + $1.value.byteCount } }
}

extension Call {
  /// Images as a dense tensor or sparse rows. Those of another recipe than the model was trained on raise.
  func imageArgument(at position: Int, _ name: String, of model: DirichletVAE, isTraining: Bool = false) throws -> ArgumentValue {
    let argument = argument(at: position, name)
    if let sparse = argument.objectIfAny(SparseRows.self) {
      if let mine = sparse.origin {
        if isTraining, model.origin == nil { model.origin = mine }
        if let origin = model.origin, origin != mine {
          let recipes = (mine.base as? ImageRecipe, origin.base as? ImageRecipe)
          let difference = if case let (mine?, origin?) = recipes { mine.difference(from: origin) } else { "another kind of images" }
          let maker = if case .lund? = recipes.1 { "lund_images" } else { "images" }
          throw mistake("\(name): images of another recipe than the model's: \(difference); make them with :\(maker)(model.recipe)")
        }
      }
      return .sparse(sparse)
    }
    if let variable = argument.objectIfAny(Variable.self) { return .tensor(variable) }
    throw argument.mistake(expected: "images: a tensor [N, D] or sparse rows")
  }
}

extension LuaHost {
  /// Module `jetlua.core.models`.
  func openModelsLibrary() throws {
    let library = try library("models")
    try openDirichletVAE(library)
    try openConstituentModels(library)
    // noise(shape, dtype): standard normal numbers of the stream that variational models draw from.
    try library.function("noise") { call in
      let shape = try call.argument(at: 1, "shape").integers(in: 0...1_000_000_000)
      let dtype = try call.argument(at: 2, "dtype").choice(["float32", "float64"])
      let noise = try Tensor(uninitialized: Dimensions(shape), DType(name: dtype) ?? .float32)
      try RandomStream.noise.fillNormal(noise)
      return try call.returns(Variable(noise))
    }
    // image_recipe(options): the recipe with everything that was left out.
    try library.function("image_recipe") { call in try call.returns(try call.imageRecipe(at: 1).optionTable) }
  }

  private func openDirichletVAE(_ library: LuaLibrary) throws {
    let model = try declare(DirichletVAE.self, as: "DirichletVAE", userValues: 1, help: """
      @class models.DirichletVAE
      @operator call(tensor|sparse_rows): tensor
      A variational autoencoder whose latent space is a simplex: softmax of a Gaussian with the prior that stands for Dir(alpha), and a
      decoder without bias whose weights are the mixtures (arXiv:2104.08291, section 4). `model(x)` reconstructs.
          models.DirichletVAE{input = 16, hidden = {8}, alpha = {1, 1}} --> models.DirichletVAE(16 -> 8 -> 2 mixtures, alpha {1.0, 1.0}, beta 0.1) …
      """)
    func read(_ call: Call) throws -> DirichletVAE { try call.object(at: 1, "self", DirichletVAE.self) }
    func lossArguments(_ call: Call) throws -> (x: ArgumentValue, weight: Variable?, reduction: String, noise: Variable?) {
      let options = try call.options(at: 3, keys: ["weight", "reduction", "noise"]), model = try read(call)
      return (
        try call.imageArgument(at: 2, "x", of: model, isTraining: model.isTraining), try options.optional("weight")?.object(Variable.self),
        try options.choice("reduction", default: "mean", ["mean", "sum", "none"]), try options.optional("noise")?.object(Variable.self)
      )
    }

    try library.function("DirichletVAE") { call in
      let options = try call.options(at: 1, keys: ["input", "hidden", "alpha", "beta", "scale", "dtype"])
      var settings = DirichletVAE.Settings()
      settings.input = try options.integer("input", default: settings.input, in: 1...SparseRows.maximumColumns)
      settings.hidden = try options.optional("hidden")?.integers(in: 1...1_000_000) ?? settings.hidden
      settings.alpha = try options.optional("alpha")?.numbers() ?? settings.alpha
      settings.beta = try options.number("beta", default: settings.beta)
      settings.scale = try options.bool("scale", default: settings.scale)
      settings.dtype = try options.choice("dtype", default: "float32", ["float32", "float64"]) == "float64" ? .float64 : .float32
      return try call.returns(DirichletVAE(settings))
    }

    let terms = try keep(names: ["total", "reconstruction", "kl"])

    // Training.
    try model.method("loss", help: """
      The terms of the loss per jet: reconstruction −Σ x ln x′ and KL divergence from the prior, and total = reconstruction + beta · kl.
      @param x tensor|sparse_rows images [N, input], each summing to 1
      @param options? {weight: tensor, reduction: "mean"|"sum"|"none", noise: tensor} weights of the jets [N]; default "mean" over the batch; standard normal numbers [N, R] instead of the model's own
      @return {total: tensor, reconstruction: tensor, kl: tensor}
          model = models.DirichletVAE{input = 4, hidden = {3}}
          model:loss(tensor{{0, 1, 0, 0}}).total:dim() --> 0
      """) { call in
      let (x, weight, reduction, noise) = try lossArguments(call)
      let loss = try read(call).loss(x, weight: weight, reduction: reduction, noise: noise)
      return try call.returns(terms, [loss.total, loss.reconstruction, loss.kl])
    }
    // For terms that need both, in one pass of the encoder.
    try model.method("loss_and_posterior", help: """
      @private
      """) { call in
      let (x, weight, reduction, noise) = try lossArguments(call)
      let (loss, mean, logVariance) = try read(call).lossAndPosterior(x, weight: weight, reduction: reduction, noise: noise)
      return try call.returns(
        .record([("total", .object(loss.total)), ("reconstruction", .object(loss.reconstruction)), ("kl", .object(loss.kl))]), .object(mean), .object(logVariance))
    }
    try model.method("parameters", help: """
      Every parameter, as optimizers take them.
      @return tensor[]
          #models.DirichletVAE{input = 4, hidden = {3}}:parameters() --> 7
      """) { call in try call.returns(.array(try read(call).parameters.map { .object($0) })) }
    try model.method("named_parameters", help: """
      Every parameter by name.
      @return named_tensors
          models.DirichletVAE{input = 4, hidden = {3}}:named_parameters()["decoder.weight"].shape --> {4, 2}
      """) { call in try call.returns(NamedTensors(distinct: try read(call).allEntries.map { ($0.name, $0.variable) })) }
    try model.method("parameter_names", help: """
      @private
      """) { call in try call.returns(.strings(try read(call).allEntries.map(\.name))) }
    for (name, training) in [("train", true), ("eval", false)] {
      try model.method(name, help: """
        Puts the model in \(training ? "training" : "evaluation") mode.
        @return models.DirichletVAE self
            models.DirichletVAE{input = 4, hidden = {3}}:\(name)() --> models.DirichletVAE(4 -> 3 -> 2 mixtures, …
        """) { call in
        try read(call).setTraining(training)
        return try call.returns(call.argument(at: 1, "self"))
      }
    }
    try model.method("state_dict", help: """
      Copies of all parameters by name.
      @return table<string, tensor>
          models.DirichletVAE{input = 4, hidden = {3}}:state_dict()["decoder.weight"].shape --> {4, 2}
      """) { call in
      try call.returns(.record(try StateDictionary.copies(of: read(call).allEntries.map { ($0.name, $0.variable) }).map { ($0.name, .object(Variable($0.tensor))) }))
    }
    try model.method("load_state_dict", help: """
      Takes over numbers by name, as `state_dict` gives them. Raises where names or shapes differ, and then nothing has changed.
      @param state table<string, tensor>
      @return models.DirichletVAE self
          model = models.DirichletVAE{input = 4, hidden = {3}}
          model:load_state_dict(model:state_dict()) == model --> true
      """) { call in
      let model = try read(call)
      var given: [String: Tensor] = [:]
      try call.argument(at: 2, "state").forEachField { given[$0] = try $1.object(Variable.self).value }
      try StateDictionary.load(given, into: model.allEntries.map { ($0.name, $0.variable) })
      return try call.returns(call.argument(at: 1, "self"))
    }

    // The posterior with its graph, in the mode the model is in.
    try model.method("posterior", help: """
      @private
      """) { call in
      let model = try read(call)
      let (mean, logVariance) = try model.posterior(call.imageArgument(at: 2, "x", of: model, isTraining: model.isTraining))
      return try call.returns(.object(mean), .object(logVariance))
    }

    try model.property("recipe", help: """
      @type table?
      How the images were made that the model was trained on, as options of `images`; nil where that is not known. It comes with the
      images of a training step; `model.recipe = images.recipe` sets it. Images of another recipe raise.
      """) { call in
      guard let recipe = try read(call).origin?.base as? ImageRecipe else { return call.returnsNil() }
      return try call.returns(recipe.optionTable)
    } set: { call in
      let model = try read(call)
      model.origin = call.argument(at: 3, "recipe").isNil ? nil : AnyHashable(try call.imageRecipe(at: 3))
      return call.returns()
    }
    try model.property("beta", help: """
      @type number
      The prefactor of the KL term; it may change while the model is trained.
      """) { call in call.returns(try read(call).beta) } set: { call in
      let beta = try call.argument(at: 3, "beta").number()
      guard beta >= 0, beta.isFinite else { throw CallerError("DirichletVAE: beta: expected a number of at least 0, got \(beta)") }
      try read(call).beta = beta
      return call.returns()
    }

    // Evaluation.
    try model.method("encode", help: """
      Mean and logarithm of the variance of the posterior Gaussian, before the softmax.
      @param x tensor|sparse_rows images [N, input]
      @return tensor mu [N, R]
      @return tensor logvar [N, R]
          model = models.DirichletVAE{input = 4, hidden = {3}}
          #model:encode(tensor.ones(5, 4) / 4) --> 5
      """) { call in
      let (mean, logVariance) = try read(call).encode(call.imageArgument(at: 2, "x", of: read(call)))
      return try call.returns(.object(Variable(mean)), .object(Variable(logVariance)))
    }
    try model.method("decode", help: """
      The images of latent points: softmax over pixels of the decoder at softmax(z).
      @param z tensor [N, R], before the softmax
      @return tensor [N, input], each row a distribution
          model = models.DirichletVAE{input = 4, hidden = {3}}
          model:decode(tensor{{0, 0}}).shape --> {1, 4}
      """) { call in
      let z = try call.object(at: 2, "z", Variable.self)
      guard let softmax = OpTable.named("softmax"), z.shape.count == 2 else { throw call.mistake("z: expected shape [N, R], got \(z.shape.text)") }
      return try call.returns(read(call).images(of: Engine.applyOne(softmax, [.tensor(z), .integer(1)])))
    }
    let forward: NativeFunction = { call in try call.returns(read(call).reconstruction(call.imageArgument(at: 2, "x", of: read(call)))) }
    try model.method("forward", help: """
      The reconstruction: in evaluation mode at the posterior mean, in training mode at a sample.
      @param x tensor|sparse_rows images [N, input]
      @return tensor [N, input]
          model = models.DirichletVAE{input = 4, hidden = {3}}:eval()
          model:forward(tensor.ones(5, 4) / 4).shape --> {5, 4}
      """, forward)
    try model.metamethod("__call", called: "forward", forward)
    try model.method("scores", help: """
      Anomaly scores per jet, higher = more anomalous: `mse`, `cross_entropy`, `kl_reconstruction`, `kl`, `prior_distance` [N], and
      `latent`, `weights` [N, R]. At the posterior mean, without a graph, in chunks: deterministic and safe on a whole set.
      @param x tensor|sparse_rows images [N, input]
      @return table<string, tensor>
          model = models.DirichletVAE{input = 4, hidden = {3}}
          model:scores(tensor.ones(5, 4) / 4).cross_entropy.shape --> {5}
      """) { call in
      let s = try read(call).scores(call.imageArgument(at: 2, "x", of: read(call)))
      return try call.returns(
        .record([
          ("mse", .object(Variable(s.meanSquaredError))), ("cross_entropy", .object(Variable(s.crossEntropy))),
          ("kl_reconstruction", .object(Variable(s.reconstructionKL))), ("kl", .object(Variable(s.kl))),
          ("prior_distance", .object(Variable(s.priorDistance))), ("latent", .object(Variable(s.latent))), ("weights", .object(Variable(s.weights))),
        ]))
    }
    try model.method("weights", help: """
      The mixture weights at the posterior mean, r = softmax(mu).
      @param x tensor|sparse_rows images [N, input]
      @return tensor [N, R], each row sums to 1
          model = models.DirichletVAE{input = 4, hidden = {3}}
          model:weights(tensor.ones(5, 4) / 4).shape --> {5, 2}
      """) { call in try call.returns(Variable(try read(call).weights(call.imageArgument(at: 2, "x", of: read(call))))) }
    try model.method("mixtures", help: """
      The image of each mixture: softmax over pixels of the decoder at the corners of the simplex.
      @return tensor [R, input], each row a distribution
          models.DirichletVAE{input = 4, hidden = {3}}:mixtures().shape --> {2, 4}
      """) { call in try call.returns(Variable(try read(call).mixtures())) }
    try model.method("generate", help: """
      Images at points of the simplex.
      @param r tensor|number[] [N, R] or one point; numbers of at least 0 that sum to 1
      @return tensor [N, input]
          models.DirichletVAE{input = 4, hidden = {3}}:generate({0.5, 0.5}).shape --> {1, 4}
      """) { call in
      let model = try read(call)
      let r: Variable
      if let given = call.argument(at: 2, "r").objectIfAny(Variable.self) {
        r = given
      } else {
        let numbers = try call.argument(at: 2, "r").numbers()
        r = Variable(try Tensor(numbers, shape: [1, numbers.count]).converted(to: model.settings.dtype))
      }
      let points = try r.value.converted(to: .float64).array(of: Double.self)
      guard r.shape.count == 2, r.shape[1] == model.mixtureCount else {
        throw call.mistake("r: expected points [N, \(model.mixtureCount)] of the simplex, got shape \(r.shape.text)")
      }
      for n in 0..<r.shape[0] {
        let row = points[(n * model.mixtureCount)..<((n + 1) * model.mixtureCount)]
        guard row.allSatisfy({ $0 >= 0 }), abs(row.reduce(0, +) - 1) < 1e-3 else {
          throw call.mistake("r[\(n + 1)]: expected numbers of at least 0 that sum to 1, got {\(row.map { "\($0)" }.joined(separator: ", "))}")
        }
      }
      return try call.returns(GradientMode.disabled { try model.images(of: r) })
    }
    try model.method("prior_samples", help: """
      Points of the simplex drawn from the prior.
      @param n integer
      @param options? {kind: "softmax_gaussian"|"dirichlet"} the prior that the KL uses (default), or the Dirichlet distribution it stands for
      @return tensor [n, R]
          models.DirichletVAE{input = 4, hidden = {3}}:prior_samples(3).shape --> {3, 2}
      """) { call in
      let n = try call.integer(at: 2, "n", in: 0...100_000_000)
      let options = try call.options(at: 3, keys: ["kind"])
      let name = try options.choice("kind", default: "softmax_gaussian", SoftmaxGaussianPrior.Kind.allCases.map(\.rawValue))
      return try call.returns(Variable(try read(call).prior.samples(n, kind: SoftmaxGaussianPrior.Kind(rawValue: name) ?? .softmaxGaussian)))
    }
    try model.method("anomaly_weight", help: """
      Which mixture weight is the anomaly score, declared before any label is seen: that of the smallest alpha, and with equal alphas
      that of the wider mixture image (the narrower one for the signal "qcd").
      @param options? {signal: "top"|"qcd"} default "top"
      @return integer from 1
          models.DirichletVAE{input = 4, hidden = {3}, alpha = {1, 0.25}}:anomaly_weight() --> 2
      """) { call in
      let options = try call.options(at: 2, keys: ["signal"])
      let signal = try options.choice("signal", default: "top", ["top", "qcd"])
      return call.returns(try read(call).anomalyWeight(signalIsNarrow: signal == "qcd") + 1)
    }
    try model.method("prior", help: """
      The prior: alpha, and mean and variance of the Gaussian that stands for Dir(alpha).
      @return {alpha: number[], mu: number[], var: number[]}
          models.DirichletVAE{input = 4, hidden = {3}, alpha = {1, 1}}:prior() --> {alpha = {1, 1}, mu = {0, 0}, var = {0.5, 0.5}}
      """) { call in
      let prior = try read(call).prior
      return try call.returns(.record([("alpha", .numbers(prior.alpha)), ("mu", .numbers(prior.means)), ("var", .numbers(prior.variances))]))
    }
    try model.method("options", help: """
      The options that make such a model again, with beta as it is now.
      @return table
          models.DirichletVAE{input = 4, hidden = {3}}:options().hidden --> {3}
      """) { call in
      let model = try read(call), s = model.settings
      return try call.returns(
        .record([
          ("input", .integer(s.input)), ("hidden", .integers(s.hidden)), ("alpha", .numbers(s.alpha)), ("beta", .number(model.beta)),
          ("scale", .boolean(s.scale)), ("dtype", .string(s.dtype.name)),
        ]))
    }
    try model.metamethod("__tostring") { call in
      let model = try read(call)
      let s = model.settings
      var lines = ["models.DirichletVAE(\(s.input) -> \(s.hidden.map(String.init).joined(separator: " -> ")) -> \(model.mixtureCount) mixtures, alpha {\(s.alpha.map { "\($0)" }.joined(separator: ", "))}, beta \(model.beta))"]
      for entry in model.allEntries {
        lines.append("  " + entry.name.padded(to: 24) + entry.variable.shape.text.padded(to: 14) + String(entry.variable.value.count))
      }
      lines.append("  " + "parameters".padded(to: 38) + String(model.parameters.reduce(0) { $0 + $1.value.count }))
      return try call.returns(lines.joined(separator: "\n"))
    }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
