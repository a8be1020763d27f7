import Autodiff
import TensorCore

/// Ops of the table called from Swift, for models: one line each, so that a model reads like its formula.
enum Operation {
  private static func spec(_ name: String) throws -> OpSpec {
    guard let spec = OpTable.named(name) else { throw CallerError("\(name): there is no such op") }
    return spec
  }

  static func linear(_ x: ArgumentValue, _ weight: Variable, _ bias: Variable?) throws -> Variable {
    try Engine.applyOne(spec("linear"), [x, .tensor(weight), bias.map { .tensor($0) } ?? .absent])
  }
  static func selu(_ x: Variable) throws -> Variable { try Engine.applyOne(spec("selu"), [.tensor(x)]) }
  static func add(_ x: Variable, _ y: Variable) throws -> Variable { try Engine.applyOne(spec("add"), [.tensor(x), .tensor(y)]) }
  static func mul(_ x: Variable, _ y: Variable) throws -> Variable { try Engine.applyOne(spec("mul"), [.tensor(x), .tensor(y)]) }
  static func sum(_ x: Variable) throws -> Variable { try Engine.applyOne(spec("sum"), [.tensor(x), .absent, .flag(false)]) }
  /// `d` counts from 0.
  static func softmax(_ x: Variable, _ d: Int) throws -> Variable { try Engine.applyOne(spec("softmax"), [.tensor(x), .integer(d)]) }
  static func gaussianSample(_ mean: Variable, _ logVariance: Variable, _ noise: Variable) throws -> Variable {
    try Engine.applyOne(spec("gaussian_sample"), [.tensor(mean), .tensor(logVariance), .tensor(noise)])
  }
  static func gaussianKL(_ mean: Variable, _ logVariance: Variable, _ priorMean: Variable, _ priorVariance: Variable, _ reduction: String) throws -> Variable {
    try Engine.applyOne(
      spec("gaussian_kl"), [.tensor(mean), .tensor(logVariance), .tensor(priorMean), .tensor(priorVariance), .text(reduction)])
  }
  static func mixtureNLL(_ r: Variable, _ weight: Variable, _ x: ArgumentValue, _ reduction: String) throws -> Variable {
    try Engine.applyOne(spec("mixture_nll"), [.tensor(r), .tensor(weight), x, .text(reduction)])
  }
}
