import Autodiff
import Foundation
import Models
import TensorCore
import TestSupport
import Testing

@Suite struct DirichletVAETests {
  private func settings(alpha: [Double], beta: Double = 0.1, scale: Bool = false) -> DirichletVAE.Settings {
    var settings = DirichletVAE.Settings()
    settings.input = 9
    settings.hidden = [4]
    settings.alpha = alpha
    settings.beta = beta
    settings.scale = scale
    settings.dtype = .float64
    return settings
  }

  private let jets: [[Double]] = [
    [0.5, 0, 0.25, 0, 0.25, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 0, 0], [0.1, 0.2, 0.3, 0.1, 0, 0, 0, 0.2, 0.1],
  ]

  private func images() throws -> Variable { Variable(try Tensor(jets.flatMap { $0 }, shape: [3, 9])) }

  @Test func priorEqualsTheVectors() throws {
    for vector in try group("dirichlet_gauss") {
      let prior = try SoftmaxGaussianPrior(alpha: numbers(vector, "alpha"))
      #expect(close(prior.means, numbers(vector, "mu")))
      #expect(close(prior.variances, numbers(vector, "var")))
    }
  }

  /// The whole loss of the posterior mean, written out with plain numbers.
  @Test(arguments: [false, true]) func lossIsTheFormula(scale: Bool) throws {
    RandomStream.seed(5)
    let model = try DirichletVAE(settings(alpha: [1, 0.25, 0.1], scale: scale))
    for entry in model.allEntries where entry.name.hasSuffix("bias") || entry.name.hasSuffix("scale.weight") {
      try RandomStream.script.fillUniform(entry.variable.value)
    }
    model.setTraining(false)
    var parameters: [String: [Double]] = [:]
    for entry in model.allEntries { parameters[entry.name] = try entry.variable.value.array(of: Double.self) }
    func dense(_ x: [Double], _ name: String, bias: Bool = true) -> [Double] {
      let weight = parameters["\(name).weight"] ?? [], shift = parameters["\(name).bias"] ?? []
      return (0..<(weight.count / x.count)).map { h in
        zip(weight[(h * x.count)..<((h + 1) * x.count)], x).reduce(bias ? shift[h] : 0) { $0 + $1.0 * $1.1 }
      }
    }
    func softmax(_ x: [Double]) -> [Double] {
      let e = x.map { exp($0) }
      return e.map { $0 / e.reduce(0, +) }
    }
    var reconstruction = 0.0, divergence = 0.0
    for x in jets {
      var h = dense(x, "encoder.1").map { $0 > 0 ? 1.0507009873554805 * $0 : 1.0507009873554805 * 1.6732632423543772 * (exp($0) - 1) }
      if scale { h = zip(h, parameters["encoder.1.scale.weight"] ?? []).map { $0 * $1 * 0.9995003746877732 } }
      let mean = dense(h, "mu"), logVariance = dense(h, "logvar")
      let output = softmax(dense(softmax(mean), "decoder", bias: false))
      for (pixel, share) in zip(x, output) { reconstruction -= pixel * log(share) / 3 }
      for i in 0..<3 {
        let (m, v) = (model.prior.means[i], model.prior.variances[i])
        divergence += 0.5 * (exp(logVariance[i]) / v + (m - mean[i]) * (m - mean[i]) / v - 1 + log(v) - logVariance[i]) / 3
      }
    }
    let loss = try model.loss(.tensor(images()))
    #expect(abs(try loss.reconstruction.value.item() - reconstruction) < 1e-12)
    #expect(abs(try loss.kl.value.item() - divergence) < 1e-12)
    #expect(abs(try loss.total.value.item() - (reconstruction + 0.1 * divergence)) < 1e-12)
  }

  /// Sampling included: the same seed draws the same noise for every difference.
  @Test func gradientsAreCentralDifferences() throws {
    RandomStream.seed(11)
    let model = try DirichletVAE(settings(alpha: [1, 1], scale: true))
    func loss() throws -> Variable {
      RandomStream.seed(3)
      return try model.loss(.tensor(images())).total
    }
    try Engine.backward(from: loss())
    for entry in model.allEntries {
      let value = entry.variable.value
      let gradient = try #require(entry.variable.gradient, "\(entry.name)")
      for place in 0..<value.count {
        let at = value.rank == 2 ? place / value.shape[1] * value.strides[0] + place % value.shape[1] * value.strides[1] : place * value.strides[0]
        let number = value.pointer(as: Double.self) + at
        let before = number.pointee
        number.pointee = before + 1e-6
        let up = try loss().value.item()
        number.pointee = before - 1e-6
        let down = try loss().value.item()
        number.pointee = before
        #expect(abs(gradient.element(at: place) - (up - down) / 2e-6) < 1e-8, "\(entry.name)[\(place)]")
      }
    }
  }

  @Test func sparseRowsGiveTheSameLossAndGradients() throws {
    RandomStream.seed(2)
    var settings = settings(alpha: [1, 0.25])
    settings.dtype = .float32
    let model = try DirichletVAE(settings)
    let dense = try Tensor(jets.flatMap { $0.map(Float.init) }, shape: [3, 9])
    func gradients(_ x: ArgumentValue) throws -> (loss: Double, gradients: [[Double]]) {
      RandomStream.seed(4)
      for parameter in model.parameters { parameter.gradient = nil }
      let loss = try model.loss(x).total
      try Engine.backward(from: loss)
      return (try loss.value.item(), try model.parameters.map { try $0.gradient?.array(of: Double.self) ?? [] })
    }
    let a = try gradients(.tensor(Variable(dense))), b = try gradients(.sparse(SparseRows(dense)))
    #expect(abs(a.loss - b.loss) < 1e-6)
    for (x, y) in zip(a.gradients, b.gradients) {
      #expect(x.count == y.count && !x.isEmpty)
      for (p, q) in zip(x, y) { #expect(abs(p - q) < 1e-6) }
    }
  }

  @Test func decoderIsAProductOfExperts() throws {
    for vector in try group("decoder") {
      let rows = try #require(vector["W_rows_per_mixture"] as? [[Double]])
      var settings = settings(alpha: Array(repeating: 1, count: rows.count))
      settings.input = rows[0].count
      let model = try DirichletVAE(settings)
      for (i, row) in rows.enumerated() { model.decoder.value.selected(1, i).copyElements(from: try Tensor(row)) }
      let r = numbers(vector, "r")
      let image = try model.images(of: Variable(Tensor(r, shape: [1, r.count])))
      #expect(close(try image.value.array(of: Double.self), numbers(vector, "output")))
      let mixtures = try model.mixtures()
      #expect(mixtures.shape == [rows.count, rows[0].count])
      for i in rows.indices { #expect(abs(try mixtures.selected(0, i).sum().item() - 1) < 1e-12) }
    }
  }

  @Test func weightedLossesAreWeightedMeans() throws {
    RandomStream.seed(2)
    let model = try DirichletVAE(settings(alpha: [1, 1]))
    model.setTraining(false)
    let each = try model.loss(.tensor(images()), reduction: "none").total.value.array(of: Double.self)
    let weight = Variable(try Tensor([1.0, 0, 3]))
    let mean = try model.loss(.tensor(images()), weight: weight).total.value.item()
    #expect(abs(mean - (each[0] + 3 * each[2]) / 4) < 1e-12)
    #expect(abs(try model.loss(.tensor(images()), reduction: "sum").total.value.item() - each.reduce(0, +)) < 1e-12)
  }

  @Test func declaresTheAnomalousWeightBeforeAnyLabel() throws {
    #expect(try DirichletVAE(settings(alpha: [1, 0.1, 0.25])).anomalyWeight() == 1)
    let model = try DirichletVAE(settings(alpha: [1, 1]))
    model.decoder.value.fill(0)
    // Mixture 1 sits in the middle of the 3 × 3 image, mixture 2 in the corners.
    model.decoder.value.selected(1, 0).copyElements(from: try Tensor([0.0, 0, 0, 0, 5, 0, 0, 0, 0]))
    model.decoder.value.selected(1, 1).copyElements(from: try Tensor([5.0, 0, 5, 0, 0, 0, 5, 0, 5]))
    #expect(try model.anomalyWeight() == 1)
    #expect(try model.anomalyWeight(signalIsNarrow: true) == 0)
  }

  @Test(arguments: [(SoftmaxGaussianPrior.Kind.dirichlet, [0.7407407, 0.1851852, 0.0740741]), (.softmaxGaussian, [0.57, 0.25, 0.18])])
  func priorSamplesHaveTheMeansOfTheirKind(kind: SoftmaxGaussianPrior.Kind, means: [Double]) throws {
    RandomStream.seed(1)
    let samples = try SoftmaxGaussianPrior(alpha: [1, 0.25, 0.1]).samples(40_000, kind: kind)
    let found = try samples.converted(to: .float64).sum(0, keep: false).array(of: Double.self).map { $0 / 40_000 }
    // Four standard errors of a mean of 40,000; the softmax-Gaussian's means are known to two digits.
    let tolerance = kind == .dirichlet ? 0.006 : 0.012
    for (a, b) in zip(found, means) { #expect(abs(a - b) < tolerance, "\(found)") }
    let sums = try samples.sum(1, keep: false).array(of: Float.self)
    #expect(sums.allSatisfy { abs($0 - 1) < 1e-5 })
  }

  @Test func scoresAreDeterministicAndChunked() throws {
    RandomStream.seed(2)
    var settings = settings(alpha: [1, 1])
    settings.dtype = .float32
    let model = try DirichletVAE(settings)
    let many = try Tensor((0..<2500).flatMap { jets[$0 % 3].map(Float.init) }, shape: [2500, 9])
    let scores = try model.scores(.tensor(Variable(many)))
    let first = try model.scores(.tensor(Variable(many.narrowed(0, from: 0, length: 3))))
    #expect(model.isTraining)
    for (whole, part) in [(scores.crossEntropy, first.crossEntropy), (scores.kl, first.kl), (scores.reconstructionKL, first.reconstructionKL), (scores.meanSquaredError, first.meanSquaredError)] {
      let numbers = try whole.array(of: Float.self), expected = try part.array(of: Float.self)
      #expect(numbers.count == 2500)
      for (i, number) in numbers.enumerated() { #expect(abs(number - expected[i % 3]) < 2e-6) }
    }
    // A jet in one pixel has no entropy: both reconstruction scores agree on it.
    #expect(abs(try first.crossEntropy.array(of: Float.self)[1] - first.reconstructionKL.array(of: Float.self)[1]) < 1e-6)
  }

  @Test(arguments: [[1.0], [1, 0], [1, -1], [1, .nan]]) func refusesConcentrationsThatAreNone(alpha: [Double]) {
    #expect(throws: CallerError.self) { try DirichletVAE(settings(alpha: alpha)) }
  }

  private func group(_ name: String) throws -> [[String: Any]] { try #require(Fixture.object("vectors")[name] as? [[String: Any]]) }
  private func numbers(_ vector: [String: Any], _ key: String) -> [Double] { (vector[key] as? [NSNumber])?.map(\.doubleValue) ?? [] }
  private func close(_ a: [Double], _ b: [Double]) -> Bool { a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-12 * max(1, abs($1)) } }
}
