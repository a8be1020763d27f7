import Autodiff
import Foundation
import Models
import TensorCore
import Testing

/// The loss in one pass against the ops one by one, which the search for NaN asks for.
@Suite(.serialized) struct DirichletVAELossTests {
  private struct Result {
    var losses: [Float] = []
    var gradients: [String: [Float]] = [:]
  }

  private func images(_ jets: Int, pixels: Int) throws -> SparseRows {
    var numbers = [Float](repeating: 0, count: jets * pixels)
    for jet in 0..<jets {
      for k in 0..<(1 + jet % 7) { numbers[jet * pixels + (jet * 13 + k * k * 5) % pixels] = Float(1 + (jet + k) % 5) / 9 }
    }
    return try SparseRows(Tensor(numbers, shape: [jets, pixels]))
  }

  private func model(pixels: Int, hidden: [Int], mixtures: Int) throws -> DirichletVAE {
    RandomStream.seed(9)
    var settings = DirichletVAE.Settings()
    (settings.input, settings.hidden) = (pixels, hidden)
    settings.alpha = (0..<mixtures).map { 1 / Double($0 + 1) }
    let model = try DirichletVAE(settings)
    for entry in model.allEntries where entry.name.hasSuffix("bias") { try RandomStream.script.fillUniform(entry.variable.value) }
    return model
  }

  private func result(_ model: DirichletVAE, _ x: SparseRows, _ reduction: String, _ of: (DirichletVAE.Loss) throws -> Variable) throws -> Result {
    for entry in model.allEntries { entry.variable.gradient = nil }
    RandomStream.seed(4)
    let loss = try model.loss(.sparse(x), reduction: reduction)
    try Engine.backward(from: of(loss))
    var result = Result(losses: try [loss.total, loss.reconstruction, loss.kl].map { Float(try $0.value.item()) })
    for entry in model.allEntries { result.gradients[entry.name] = try entry.variable.gradient?.array(of: Float.self) }
    return result
  }

  private func expectSame(_ a: Result, _ b: Result, _ what: String, gradients tolerance: Float = 1e-5) {
    func apart(_ x: [Float], _ y: [Float]) -> Float {
      guard x.count == y.count, !x.isEmpty else { return .infinity }
      return zip(x, y).reduce(0) { max($0, abs($1.0 - $1.1)) } / max(x.reduce(0) { max($0, abs($1)) }, .leastNormalMagnitude)
    }
    #expect(apart(a.losses, b.losses) < 1e-6, "\(what)")
    #expect(a.gradients.count == 7, "\(what)")
    for (name, gradient) in a.gradients { #expect(apart(gradient, b.gradients[name] ?? []) < tolerance, "\(what): \(name)") }
  }

  @Test(arguments: [1, 3, 32, 33, 100, 259]) func equalsTheOpsOneByOne(jets: Int) throws {
    for (pixels, width, mixtures) in [(40, 7, 2), (1600, 100, 3), (33, 32, 5), (17, 1, 18)] {
      let model = try model(pixels: pixels, hidden: [width], mixtures: mixtures), x = try images(jets, pixels: pixels)
      for reduction in ["mean", "sum"] {
        let fused = try result(model, x, reduction) { $0.total }
        let composed = try Anomalies.watched { try result(model, x, reduction) { $0.total } }
        expectSame(fused, composed, "\(jets) jets, \(pixels)-\(width)-\(mixtures), \(reduction)")
      }
    }
  }

  /// Two mixtures near each other and far apart, with jets all over the line between them and crowded in its middle: by points of the line, or
  /// jet by jet where they would not do, every pixel's gradient is as exact as its own size asks for.
  @Test(arguments: [0.01, 1, 3, 6, 12, 30] as [Float], [1, 40] as [Float]) func mixturesMayBeAlikeOrNot(spread: Float, range: Float) throws {
    let pixels = 1600, model = try model(pixels: pixels, hidden: [20], mixtures: 2)
    for (jets, stretch) in [(100, 1), (259, 0.3 as Float)] {
      for entry in model.allEntries {
        let count = entry.variable.value.count
        if entry.name == "decoder.weight" {
          entry.variable.value.copyElements(
            from: try Tensor((0..<count).map { spread * stretch * sin(Float($0 * $0 % 911)) - 3 * sin(Float($0 / 2) / 100) }, shape: [pixels, 2]))
        } else if entry.name == "mu.weight" {
          entry.variable.value.copyElements(from: try Tensor((0..<count).map { range * sin(Float($0 * $0 % 37)) / 10 }, shape: [2, 20]))
        }
      }
      let x = try images(jets, pixels: pixels), what = "\(jets) jets, spread \(spread * stretch)"
      let fused = try result(model, x, "mean") { $0.total }, composed = try Anomalies.watched { try result(model, x, "mean") { $0.total } }
      // Of mixtures that are nearly the same the ops take the difference of two large sums, which the line does not.
      expectSame(fused, composed, what, gradients: 3e-5)
      let gradient = fused.gradients["decoder.weight"] ?? [], other = composed.gradients["decoder.weight"] ?? []
      #expect(gradient.count == 2 * pixels && zip(gradient, other).allSatisfy { abs($0 - $1) <= 1e-4 * abs($1) + 1e-9 }, "\(what): pixels one by one")
    }
  }

  /// A logit that is not a number has no line: the loss tells.
  @Test(arguments: [Float.nan, .infinity, -.infinity]) func logitsMayBeWrong(logit: Float) throws {
    let model = try model(pixels: 40, hidden: [7], mixtures: 2), x = try images(100, pixels: 40)
    let decoder = try #require(model.allEntries.first { $0.name == "decoder.weight" }).variable.value
    decoder.narrowed(0, from: 3, length: 1).copyElements(from: try Tensor([logit, 1], shape: [1, 2]))
    let fused = try model.loss(.sparse(x)).total.value.item()
    let composed = Anomalies.watched { () -> Double in (try? model.loss(.sparse(x)).total.value.item()) ?? .nan }
    #expect(fused.isNaN == composed.isNaN)
  }

  /// Each part has a gradient of its own, and so has any sum of them.
  @Test func partsHaveGradients() throws {
    let model = try model(pixels: 50, hidden: [20], mixtures: 3), x = try images(40, pixels: 50)
    let add = try #require(OpTable.named("add")), mul = try #require(OpTable.named("mul"))
    func times(_ factor: Double, _ x: Variable) throws -> Variable { try Engine.applyOne(mul, [.tensor(x), .tensor(Variable(Tensor(scalar: factor, .float32)))]) }
    let sums: [(DirichletVAE.Loss) throws -> Variable] = [
      { try Engine.applyOne(add, [.tensor(times(3, $0.reconstruction)), .tensor(times(-2, $0.kl))]) },
      { try Engine.applyOne(add, [.tensor(times(0.5, $0.total)), .tensor($0.reconstruction)]) },
      { try Engine.applyOne(add, [.tensor(times(0.25, $0.total)), .tensor($0.kl)]) },
    ]
    for (place, sum) in sums.enumerated() {
      let fused = try result(model, x, "mean", sum), composed = try Anomalies.watched { try result(model, x, "mean", sum) }
      for (name, gradient) in fused.gradients {
        let other = composed.gradients[name] ?? []
        #expect(zip(gradient, other).allSatisfy { abs($0 - $1) < 1e-6 + 1e-5 * abs($1) } && gradient.count == other.count, "sum \(place): \(name)")
      }
    }
  }

  /// A second pass through the same graph finds what the first one needed, and a third finds that it is gone.
  @Test func graphMayBeKept() throws {
    let model = try model(pixels: 50, hidden: [20], mixtures: 2), x = try images(40, pixels: 50)
    let loss = try model.loss(.sparse(x)).total, weight = try #require(model.allEntries.first?.variable)
    try Engine.backward(from: loss, keepGraph: true)
    let once = try #require(try weight.gradient?.array(of: Float.self))
    try Engine.backward(from: loss)
    #expect(try weight.gradient?.array(of: Float.self) == once.map { $0 * 2 })
    #expect(throws: CallerError.self) { try Engine.backward(from: loss) }
  }

  @Test func bitsDoNotDependOnTheThreads() throws {
    let before = ThreadPool.threadCount
    defer { ThreadPool.threadCount = before }
    let model = try model(pixels: 1600, hidden: [100], mixtures: 2), x = try images(300, pixels: 1600)
    var first: Result?
    for threads in [1, 2, 3, 4, 7] {
      ThreadPool.threadCount = threads
      let now = try result(model, x, "mean") { $0.total }
      if let first {
        #expect(now.losses == first.losses, "\(threads) threads")
        #expect(now.gradients == first.gradients, "\(threads) threads")
      }
      first = first ?? now
    }
  }

  /// What the pass does not know is left to the ops: two hidden layers, a gradient for the noise, losses of each jet, evaluation.
  @Test func otherModelsTakeTheOtherWay() throws {
    let x = try images(6, pixels: 30)
    let deep = try model(pixels: 30, hidden: [8, 5], mixtures: 2)
    #expect(try deep.loss(.sparse(x)).total.shape == [])
    let plain = try model(pixels: 30, hidden: [8], mixtures: 2)
    #expect(try plain.loss(.sparse(x), reduction: "none").total.shape == [6])
    let noise = Variable(try Tensor(filling: [6, 2], with: 0.5), requiresGradient: true)
    try Engine.backward(from: plain.loss(.sparse(x), noise: noise).total)
    #expect(noise.gradient?.shape == [6, 2])
    plain.setTraining(false)
    let mean = try plain.loss(.sparse(x)).total.value.item(), again = try plain.loss(.sparse(x)).total.value.item()
    #expect(mean == again)
    #expect(throws: CallerError.self) { try plain.loss(.sparse(images(6, pixels: 31))) }
  }
}
