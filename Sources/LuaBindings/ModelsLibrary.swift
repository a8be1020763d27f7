import Autodiff
import Jets
import Models
import TensorCore

extension DirichletVAE: LuaObject {
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
          let recipes = (mine.base as? JetImageRecipe, origin.base as? JetImageRecipe)
          let difference = if case let (mine?, origin?) = recipes { mine.difference(from: origin) } else { "another kind of images" }
          throw mistake("\(name): images of another recipe than the model's: \(difference); make them with :images(model.recipe)")
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
  }

  private func openDirichletVAE(_ library: LuaLibrary) throws {
    let model = try declare(DirichletVAE.self, as: "DirichletVAE", userValues: 1)
    func read(_ call: Call) throws -> DirichletVAE { try call.object(at: 1, "self", DirichletVAE.self) }

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

    // Training.
    try model.method("loss") { call in
      let options = try call.options(at: 3, keys: ["weight", "reduction"])
      let model = try read(call)
      let loss = try model.loss(
        call.imageArgument(at: 2, "x", of: model, isTraining: model.isTraining), weight: try options.optional("weight")?.object(Variable.self),
        reduction: try options.choice("reduction", default: "mean", ["mean", "sum", "none"]))
      return try call.returns(.record([("total", .object(loss.total)), ("reconstruction", .object(loss.reconstruction)), ("kl", .object(loss.kl))]))
    }
    try model.method("parameters") { call in try call.returns(.array(try read(call).parameters.map { .object($0) })) }
    try model.method("named_parameters") { call in try call.returns(.record(try read(call).allEntries.map { ($0.name, .object($0.variable)) })) }
    try model.method("parameter_names") { call in try call.returns(.strings(try read(call).allEntries.map(\.name))) }
    for (name, training) in [("train", true), ("eval", false)] {
      try model.method(name) { call in
        try read(call).setTraining(training)
        return try call.returns(call.argument(at: 1, "self"))
      }
    }
    try model.method("state_dict") { call in
      try call.returns(.record(try StateDictionary.copies(of: read(call).allEntries.map { ($0.name, $0.variable) }).map { ($0.name, .object(Variable($0.tensor))) }))
    }
    try model.method("load_state_dict") { call in
      let model = try read(call)
      var given: [String: Tensor] = [:]
      try call.argument(at: 2, "state").forEachField { given[$0] = try $1.object(Variable.self).value }
      try StateDictionary.load(given, into: model.allEntries.map { ($0.name, $0.variable) })
      return try call.returns(call.argument(at: 1, "self"))
    }

    // The image recipe that it was trained on, as options of `images`; nil where it is not known.
    try model.property("recipe") { call in
      guard let recipe = try read(call).origin?.base as? JetImageRecipe else { return call.returnsNil() }
      return try call.returns(recipe.optionTable)
    } set: { call in
      let model = try read(call)
      let given = try call.options(at: 3, keys: JetImageRecipe.optionNames)
      model.origin = call.argument(at: 3, "recipe").isNil ? nil : AnyHashable(try JetImageRecipe(given))
      return call.returns()
    }

    // Evaluation.
    try model.method("encode") { call in
      let (mean, logVariance) = try read(call).encode(call.imageArgument(at: 2, "x", of: read(call)))
      return try call.returns(.object(Variable(mean)), .object(Variable(logVariance)))
    }
    try model.method("decode") { call in
      let z = try call.object(at: 2, "z", Variable.self)
      guard let softmax = OpTable.named("softmax"), z.shape.count == 2 else { throw call.mistake("z: expected shape [N, R], got \(z.shape.text)") }
      return try call.returns(read(call).images(of: Engine.applyOne(softmax, [.tensor(z), .integer(1)])))
    }
    let forward: NativeFunction = { call in try call.returns(read(call).reconstruction(call.imageArgument(at: 2, "x", of: read(call)))) }
    try model.method("forward", forward)
    try model.metamethod("__call", called: "forward", forward)
    try model.method("scores") { call in
      let s = try read(call).scores(call.imageArgument(at: 2, "x", of: read(call)))
      return try call.returns(
        .record([
          ("mse", .object(Variable(s.meanSquaredError))), ("cross_entropy", .object(Variable(s.crossEntropy))),
          ("kl_reconstruction", .object(Variable(s.reconstructionKL))), ("kl", .object(Variable(s.kl))),
          ("prior_distance", .object(Variable(s.priorDistance))), ("latent", .object(Variable(s.latent))), ("weights", .object(Variable(s.weights))),
        ]))
    }
    try model.method("weights") { call in try call.returns(Variable(try read(call).weights(call.imageArgument(at: 2, "x", of: read(call))))) }
    try model.method("mixtures") { call in try call.returns(Variable(try read(call).mixtures())) }
    try model.method("generate") { call in
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
    try model.method("prior_samples") { call in
      let n = try call.integer(at: 2, "n", in: 0...100_000_000)
      let options = try call.options(at: 3, keys: ["kind"])
      let name = try options.choice("kind", default: "softmax_gaussian", SoftmaxGaussianPrior.Kind.allCases.map(\.rawValue))
      return try call.returns(Variable(try read(call).prior.samples(n, kind: SoftmaxGaussianPrior.Kind(rawValue: name) ?? .softmaxGaussian)))
    }
    // anomaly_weight([{signal = "top"|"qcd"}]): QCD jets are the narrower class.
    try model.method("anomaly_weight") { call in
      let options = try call.options(at: 2, keys: ["signal"])
      let signal = try options.choice("signal", default: "top", ["top", "qcd"])
      return call.returns(try read(call).anomalyWeight(signalIsNarrow: signal == "qcd") + 1)
    }
    try model.method("prior") { call in
      let prior = try read(call).prior
      return try call.returns(.record([("alpha", .numbers(prior.alpha)), ("mu", .numbers(prior.means)), ("var", .numbers(prior.variances))]))
    }
    try model.method("options") { call in
      let s = try read(call).settings
      return try call.returns(
        .record([
          ("input", .integer(s.input)), ("hidden", .integers(s.hidden)), ("alpha", .numbers(s.alpha)), ("beta", .number(s.beta)),
          ("scale", .boolean(s.scale)), ("dtype", .string(s.dtype.name)),
        ]))
    }
    try model.metamethod("__tostring") { call in
      let model = try read(call)
      let s = model.settings
      var lines = ["models.DirichletVAE(\(s.input) -> \(s.hidden.map(String.init).joined(separator: " -> ")) -> \(model.mixtureCount) mixtures, alpha {\(s.alpha.map { "\($0)" }.joined(separator: ", "))}, beta \(s.beta))"]
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
