import Autodiff
import Foundation
import Models
import TestSupport
import Testing
import TensorCore

/// PyTorch's trajectories of Tests/Fixtures/optimizer_trajectories.json, in float64.
private struct Trajectories {
  let start: [[Double]], shapes: [[Int]]
  let gradients: [[[Double]?]]
  let optimizers: [(name: String, options: [String: OptimizerOption.Value], steps: [[[Double]]])]
  let clipping: [[String: Any]]

  init() throws {
    let all = try Fixture.object("optimizer_trajectories")
    start = (all["start"] as? [Any])?.map(numbers) ?? []
    shapes = (all["shapes"] as? [[Int]]) ?? []
    gradients = (all["gradients"] as? [[Any]])?.map { $0.map { $0 is NSNull ? nil : numbers($0) } } ?? []
    optimizers = (all["optimizers"] as? [[String: Any]])?.map { entry in
      var options: [String: OptimizerOption.Value] = [:]
      for (key, value) in entry["options"] as? [String: Any] ?? [:] {
        if let pair = value as? [NSNumber] {
          options[key] = .pair(pair[0].doubleValue, pair[1].doubleValue)
        } else if let number = value as? NSNumber {
          options[key] = ["nesterov", "centered", "amsgrad", "maximize"].contains(key) ? .flag(number.boolValue) : .number(number.doubleValue)
        }
      }
      return (entry["optimizer"] as? String ?? "", options, (entry["parameters"] as? [[Any]])?.map { $0.map(numbers) } ?? [])
    } ?? []
    clipping = (all["clipping"] as? [[String: Any]]) ?? []
  }

  /// Fresh parameters; the matrix in the layout of linear layers where that is asked for.
  func parameters(featureMajor: Bool, _ dtype: DType = .float64) throws -> [Variable] {
    try zip(start, shapes).map { values, shape in
      var tensor = try Tensor(values, shape: Dimensions(shape)).converted(to: dtype)
      if featureMajor, shape.count == 2 {
        let padded = try Tensor.featureMajor(shape[0], shape[1], dtype)
        padded.copyElements(from: tensor)
        tensor = padded
      }
      return Variable(tensor, requiresGradient: true)
    }
  }

  func setGradients(_ step: Int, _ parameters: [Variable]) throws {
    for (parameter, values) in zip(parameters, gradients[step]) {
      parameter.gradient = try values.map { try Tensor($0, shape: parameter.shape) }
    }
  }
}

@Suite struct OptimizerTests {
  private let reference = try? Trajectories()

  private func trajectories() throws -> Trajectories { try #require(reference) }

  @Test(arguments: [false, true]) func followsPyTorch(featureMajor: Bool) throws {
    let all = try trajectories()
    #expect(all.optimizers.count == 21)
    for (name, options, steps) in all.optimizers {
      let parameters = try all.parameters(featureMajor: featureMajor)
      let optimizer = try OptimizerTable.make(name, parameters, options)
      #expect(steps.count == all.gradients.count)
      for (step, expected) in steps.enumerated() {
        try all.setGradients(step, parameters)
        try optimizer.step()
        for (parameter, values) in zip(parameters, expected) {
          #expect(try largestDifference(parameter.value, values) < 1e-10, "\(name) \(options) step \(step + 1)")
        }
      }
    }
  }

  /// Single precision follows as far as it can.
  @Test func followsPyTorchInSinglePrecision() throws {
    let all = try trajectories()
    for (name, options, steps) in all.optimizers {
      let parameters = try all.parameters(featureMajor: true, .float32)
      let optimizer = try OptimizerTable.make(name, parameters, options)
      for step in steps.indices {
        try all.setGradients(step, parameters)
        try optimizer.step()
      }
      for (parameter, values) in zip(parameters, steps[steps.count - 1]) {
        #expect(try largestDifference(parameter.value, values) < 3e-5, "\(name) \(options)")
      }
    }
  }

  @Test func goesOnFromAState() throws {
    let all = try trajectories()
    for (name, options, steps) in all.optimizers {
      let first = try all.parameters(featureMajor: true), second = try all.parameters(featureMajor: false)
      let before = try OptimizerTable.make(name, first, options)
      for step in 0..<4 {
        try all.setGradients(step, first)
        try before.step()
      }
      for (to, from) in zip(second, first) { to.value.copyElements(from: from.value) }
      let after = try OptimizerTable.make(name, second)
      try after.load(Dictionary(uniqueKeysWithValues: try before.stateDictionary().map { ($0.name, $0.tensor) }))
      for step in 4..<steps.count {
        try all.setGradients(step, second)
        try after.step()
      }
      for (parameter, values) in zip(second, steps[steps.count - 1]) {
        #expect(try largestDifference(parameter.value, values) < 1e-10, "\(name) \(options)")
      }
    }
  }

  @Test func forgetsGradients() throws {
    let p = Variable(try Tensor([1.0, 2.0]), requiresGradient: true)
    p.gradient = try Tensor([1.0, 1.0])
    let optimizer = try SGD([p])
    optimizer.zeroGradients()
    #expect(p.gradient == nil)
    try optimizer.step()
    #expect(try p.value.array(of: Double.self) == [1, 2])
  }

  @Test func givenTwiceStepsOnce() throws {
    let p = Variable(try Tensor([1.0]), requiresGradient: true)
    let optimizer = try SGD([p, p], ["lr": .number(0.5)])
    p.gradient = try Tensor([1.0])
    try optimizer.step()
    #expect(try p.value.item() == 0.5)
  }

  /// A step is a change in place that a recorded graph must notice.
  @Test(arguments: ["SGD", "Adam", "AdamW", "RMSprop"]) func marksWhatItChanged(name: String) throws {
    let p = Variable(try Tensor([1.0]), requiresGradient: true)
    p.gradient = try Tensor([1.0])
    let before = p.value.storage.version
    try OptimizerTable.make(name, [p]).step()
    #expect(p.value.storage.version > before)
  }

  @Test func refusesWhatCannotBeTrained() throws {
    let p = Variable(try Tensor([1.0, 2.0]), requiresGradient: true)
    let square = try #require(OpTable.named("square"))
    let result = try Engine.applyOne(square, [.tensor(p)])
    let row = Variable(try Tensor([1.0]).expanded(to: [3]), requiresGradient: true)
    func refusal(_ name: String, _ list: [Variable], _ options: [String: OptimizerOption.Value] = [:]) -> String {
      message { _ = try OptimizerTable.make(name, list, options) }
    }
    #expect(refusal("Adam", []) == "Adam: parameters: expected at least one parameter, got an empty list; pass model:parameters()")
    #expect(refusal("SGD", [p, result]) == "SGD: parameters[2]: expected a parameter, got the result of an op of shape [2]; pass model:parameters()")
    #expect(
      refusal("SGD", [Variable(try Tensor([1.0]))])
        == "SGD: parameters[1]: expected a parameter, got a tensor of shape [1] that requires no gradient; make it one with nn.Parameter")
    #expect(
      refusal("RMSprop", [row])
        == "RMSprop: parameters[1]: a tensor of shape [3] that overlaps itself or skips memory cannot be trained; pass a :contiguous() one")
    #expect(refusal("Adam", [p], ["lr": .number(-1)]) == "Adam: lr: expected a number of at least 0, got -1")
    #expect(refusal("Adam", [p], ["lr": .number(.nan)]) == "Adam: lr: expected a number of at least 0, got NaN")
    #expect(refusal("AdamW", [p], ["betas": .pair(0.9, 1)]) == "AdamW: betas: expected two numbers of at least 0 and below 1, got {0.9, 1}")
    #expect(refusal("AdamW", [p], ["betas": .number(0.9)]) == "AdamW: betas: expected two numbers of at least 0 and below 1, got 0.9")
    #expect(refusal("SGD", [p], ["nesterov": .number(1)]) == "SGD: nesterov: expected true or false, got 1")
    #expect(refusal("SGD", [p], ["alpha": .number(1)]) == "SGD: alpha: no such option; known: lr, momentum, dampening, weight_decay, nesterov, maximize")
    #expect(
      refusal("SGD", [p], ["nesterov": .flag(true)])
        == "SGD: nesterov: expected a momentum above 0 and dampening 0 with it, got momentum 0 and dampening 0")
    #expect(refusal("Sgd", [p]) == "optim: no optimizer Sgd; known: SGD, Adam, AdamW, RMSprop")
  }

  @Test func refusesAStateThatDoesNotFit() throws {
    let p = Variable(try Tensor([1.0, 2.0]), requiresGradient: true)
    let adam = try Adam([p], ["lr": .number(0.5)])
    func refusal(_ changes: [String: Tensor?]) throws -> String {
      var state: [String: Tensor] = ["1.step": try Tensor(scalar: 3, .int64), "Adam.lr": try Tensor(scalar: 0.1, .float64)]
      for (key, tensor) in changes { state[key] = tensor }
      return message { try adam.load(state) }
    }
    let three = try Tensor([1.0, 2, 3]), two = try Tensor([1.0, 2])
    #expect(
      try refusal(["1.step": nil])
        == "load_state_dict: 1.step is missing; the state is of another optimizer or of fewer than 1 parameters")
    #expect(try refusal(["1.exp_avg": three]) == "load_state_dict: 1.exp_avg: expected a floating-point tensor of shape [2], got float64 [3]")
    #expect(try refusal(["1.square_avg": two]) == "load_state_dict: 1.square_avg: Adam keeps no such tensor; it keeps exp_avg, exp_avg_sq, max_exp_avg_sq")
    #expect(try refusal(["2.exp_avg": two]) == "load_state_dict: 2.exp_avg: there are 1 parameters")
    #expect(try refusal(["1.step": Tensor(scalar: -1, .int64)]) == "load_state_dict: 1.step: expected an integer of at least 0")
    #expect(try refusal(["1.step": Tensor(scalar: .nan, .float64)]) == "load_state_dict: 1.step: expected an integer of at least 0")
    #expect(try refusal(["SGD.lr": two]) == "load_state_dict: expected the state of Adam, got that of SGD")
    #expect(try refusal(["Adam.alpha": two]) == "load_state_dict: Adam has no option alpha")
    #expect(try refusal(["Adam.eps": two]) == "load_state_dict: Adam.eps: expected a number of at least 0, got a tensor of shape [2]")
    #expect(try refusal(["Adam.eps": Tensor(scalar: -1)]) == "Adam: eps: expected a number of at least 0, got -1")
    #expect(try refusal(["lr": two]) == "load_state_dict: unknown name lr")
    #expect(adam.learningRate == 0.5)
    #expect(adam.memories[0].step == 0)
    #expect(try refusal([:]) == "no error")
    #expect(adam.learningRate == 0.1)
    #expect(adam.memories[0].step == 3)
  }

  @Test func refusesAGradientOfAnotherShape() throws {
    let p = Variable(try Tensor([1.0, 2.0]), requiresGradient: true)
    p.gradient = try Tensor([1.0])
    #expect(message { try Adam([p]).step() } == "step: parameter 1: expected a gradient of shape [2], got [1]")
  }

  /// Parameters may get other memory between two steps; the averages follow, and no loop runs beyond them.
  @Test(arguments: ["SGD", "Adam", "RMSprop"]) func followsAParameterToOtherMemory(name: String) throws {
    let all = try trajectories()
    let options: [String: OptimizerOption.Value] = name == "SGD" ? ["momentum": .number(0.9)] : [:]
    let moved = try all.parameters(featureMajor: false), kept = try all.parameters(featureMajor: false)
    let a = try OptimizerTable.make(name, moved, options), b = try OptimizerTable.make(name, kept, options)
    for step in all.gradients.indices {
      if step == 2 {
        let padded = try Tensor.featureMajor(3, 2, .float64)
        padded.copyElements(from: moved[0].value)
        moved[0].replaceValue(padded)
      }
      for (optimizer, parameters) in [(a, moved), (b, kept)] {
        try all.setGradients(step, parameters)
        try optimizer.step()
      }
    }
    #expect(try moved[0].value.array(of: Double.self) == kept[0].value.array(of: Double.self))
    moved[0].replaceValue(try Tensor([1.0]))
    moved[0].gradient = try Tensor([1.0])
    #expect(message { try a.step() } == "step: parameter 1: its shape changed from [3, 2] to [1]; make a new optimizer")
  }

  @Test func printsItself() throws {
    let p = Variable(try Tensor([1.0, 2.0]), requiresGradient: true)
    #expect(try Adam([p]).summary == "optim.Adam(1 parameter, 2 numbers, lr = 0.001, betas = {0.9, 0.999}, eps = 1e-08, weight_decay = 0, amsgrad = false, maximize = false)")
    #expect(
      try SGD([p], ["momentum": .number(0.5), "nesterov": .flag(true)]).summary
        == "optim.SGD(1 parameter, 2 numbers, lr = 0.001, momentum = 0.5, dampening = 0, weight_decay = 0, nesterov = true, maximize = false)")
  }
}

@Suite struct GradientNormTests {
  @Test func clipsAsPyTorch() throws {
    let all = try Trajectories()
    #expect(all.clipping.count == 5)
    for entry in all.clipping {
      let parameters = try all.parameters(featureMajor: false)
      try all.setGradients(1, parameters)
      let order = (entry["norm_type"] as? NSNumber)?.doubleValue ?? .infinity
      let limit = (entry["max_norm"] as? NSNumber)?.doubleValue ?? .nan
      let total = try GradientNorm.clip(parameters, to: limit, order: order)
      #expect(abs(total - ((entry["total"] as? NSNumber)?.doubleValue ?? .nan)) < 1e-12)
      for (parameter, expected) in zip(parameters, (entry["gradients"] as? [Any]) ?? []) {
        #expect(try largestDifference(try #require(parameter.gradient), numbers(expected)) < 1e-12)
      }
    }
  }

  @Test func keepsTheLayoutOfGradients() throws {
    let p = Variable(try Tensor.featureMajor(3, 2, .float64), requiresGradient: true)
    let gradient = try Tensor.featureMajor(3, 2, .float64)
    gradient.copyElements(from: try Tensor([3.0, 0, 0, 0, 0, 4], shape: [3, 2]))
    p.gradient = gradient
    #expect(try GradientNorm.clip([p], to: 1) == 5)
    let clipped = try #require(p.gradient)
    #expect(clipped.strides == gradient.strides)
    #expect(try largestDifference(clipped, [0.6, 0, 0, 0, 0, 0.8]) < 1e-6)
  }

  @Test func refusesWhatItCannotClip() throws {
    let p = Variable(try Tensor([1.0]), requiresGradient: true)
    #expect(try GradientNorm.clip([p], to: 1) == 0)
    p.gradient = try Tensor([Double.nan])
    #expect(message { _ = try GradientNorm.clip([p], to: -1) } == "clip_grad_norm: max_norm: expected a number of at least 0, got -1")
    #expect(message { _ = try GradientNorm.clip([p], to: 1, order: 0) } == "clip_grad_norm: norm_type: expected a number above 0, got 0")
    #expect(
      message { _ = try GradientNorm.clip([p], to: 1, refusesNonFinite: true) }
        == "clip_grad_norm: the norm of the gradients is NaN; look for a NaN or an overflow in the loss")
    #expect(try GradientNorm.clip([p], to: 1, order: .infinity).isNaN)
  }
}
