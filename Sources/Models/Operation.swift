import Autodiff
import TensorCore

/// Ops of the table called from Swift, for models: one line each, so that a model reads like its formula.
enum Operation {
  // Looked up once; a training step calls each several times.
  private static let linearSpec = OpTable.named("linear")
  private static let seluSpec = OpTable.named("selu")
  private static let addSpec = OpTable.named("add")
  private static let mulSpec = OpTable.named("mul")
  private static let sumSpec = OpTable.named("sum")
  private static let softmaxSpec = OpTable.named("softmax")
  private static let gaussiansampleSpec = OpTable.named("gaussian_sample")
  private static let gaussianklSpec = OpTable.named("gaussian_kl")
  private static let gaussianheadsSpec = OpTable.named("gaussian_heads")
  private static let mixturenllSpec = OpTable.named("mixture_nll")

  private static func found(_ spec: OpSpec?, _ name: String) throws -> OpSpec {
    guard let spec else { throw CallerError("\(name): there is no such op") }
    return spec
  }

  static func linear(_ x: ArgumentValue, _ weight: Variable, _ bias: Variable?) throws -> Variable {
    try Engine.applyOne(found(linearSpec, "linear"), [x, .tensor(weight), bias.map { .tensor($0) } ?? .absent])
  }
  static func selu(_ x: Variable) throws -> Variable { try Engine.applyOne(found(seluSpec, "selu"), [.tensor(x)]) }
  static func add(_ x: Variable, _ y: Variable) throws -> Variable { try Engine.applyOne(found(addSpec, "add"), [.tensor(x), .tensor(y)]) }
  static func mul(_ x: Variable, _ y: Variable) throws -> Variable { try Engine.applyOne(found(mulSpec, "mul"), [.tensor(x), .tensor(y)]) }
  static func sum(_ x: Variable) throws -> Variable { try Engine.applyOne(found(sumSpec, "sum"), [.tensor(x), .absent, .flag(false)]) }
  /// `d` counts from 0.
  static func softmax(_ x: Variable, _ d: Int) throws -> Variable { try Engine.applyOne(found(softmaxSpec, "softmax"), [.tensor(x), .integer(d)]) }
  static func gaussianSample(_ mean: Variable, _ logVariance: Variable, _ noise: Variable) throws -> Variable {
    try Engine.applyOne(found(gaussiansampleSpec, "gaussian_sample"), [.tensor(mean), .tensor(logVariance), .tensor(noise)])
  }
  static func gaussianKL(_ mean: Variable, _ logVariance: Variable, _ priorMean: Variable, _ priorVariance: Variable, _ reduction: String) throws -> Variable {
    try Engine.applyOne(
      found(gaussianklSpec, "gaussian_kl"), [.tensor(mean), .tensor(logVariance), .tensor(priorMean), .tensor(priorVariance), .text(reduction)])
  }
  /// The sample [N, R] and the reduced divergence.
  static func gaussianHeads(
    _ h: Variable, mean: Linear, logVariance: Linear, noise: Variable, _ priorMean: Variable, _ priorVariance: Variable, _ reduction: String
  ) throws -> (sample: Variable, kl: Variable)? {
    guard let meanBias = mean.bias, let logVarianceBias = logVariance.bias else { return nil }
    let results = try Engine.apply(
      found(gaussianheadsSpec, "gaussian_heads"),
      [
        .tensor(h), .tensor(mean.weight), .tensor(meanBias), .tensor(logVariance.weight), .tensor(logVarianceBias), .tensor(noise), .tensor(priorMean),
        .tensor(priorVariance), .text(reduction),
      ])
    return (results[0], results[1])
  }
  static func mixtureNLL(_ r: Variable, _ weight: Variable, _ x: ArgumentValue, _ reduction: String) throws -> Variable {
    try Engine.applyOne(found(mixturenllSpec, "mixture_nll"), [.tensor(r), .tensor(weight), x, .text(reduction)])
  }
}
