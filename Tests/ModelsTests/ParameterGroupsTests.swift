import Autodiff
import Foundation
import Models
import Testing
import TensorCore

@Suite struct ParameterGroupsTests {
  private func parameter(_ values: [Double]) throws -> Variable { Variable(try Tensor(values), requiresGradient: true) }

  @Test func eachGroupHasItsOwnOptions() throws {
    let a = try parameter([1]), b = try parameter([1])
    let groups = try ParameterGroups("SGD", [([a], ["lr": .number(0.5)]), ([b], [:])], common: ["lr": .number(0.25)])
    for p in [a, b] { p.gradient = try Tensor([1.0]) }
    try groups.step()
    #expect(try a.value.item() == 0.5)
    #expect(try b.value.item() == 0.75)
    #expect(groups.value(of: "lr") == .number(0.5))
    try groups.set("lr", to: .number(1))
    #expect(groups.groups.map(\.learningRate) == [1, 1])
    groups.zeroGradients()
    #expect(a.gradient == nil && b.gradient == nil)
    #expect(groups.parameters.count == 2)
  }

  @Test func refusesWhatIsNoPartition() throws {
    let a = try parameter([1, 2])
    #expect(message { _ = try ParameterGroups("SGD", []) } == "SGD: parameters: expected at least one group of parameters, got none")
    #expect(
      message { _ = try ParameterGroups("SGD", [([a], [:]), ([a], [:])]) }
        == "SGD: parameters[2]: a parameter of shape [2] is in group 1 already; a parameter belongs to one group")
    #expect(try ParameterGroups("SGD", [([a, a], [:])]).parameters.count == 1)
  }

  @Test func goesOnFromAStateOrChangesNothing() throws {
    func made() throws -> (ParameterGroups, [Variable]) {
      let list = try [parameter([1, 2]), parameter([3]), parameter([4])]
      return (try ParameterGroups("Adam", [([list[0]], ["lr": .number(0.1)]), ([list[1], list[2]], ["amsgrad": .flag(true)])]), list)
    }
    func step(_ groups: ParameterGroups, _ list: [Variable], _ times: Int) throws {
      for _ in 0..<times {
        for p in list { p.gradient = try p.value.clone() }
        try groups.step()
      }
    }
    let (whole, all) = try made()
    try step(whole, all, 5)
    let (first, list) = try made()
    try step(first, list, 2)
    var state = Dictionary(uniqueKeysWithValues: try first.stateDictionary().map { ($0.name, $0.tensor) })
    #expect(Set(state.keys).isSuperset(of: ["Adam.1.lr", "Adam.2.amsgrad", "1.step", "2.max_exp_avg_sq", "3.exp_avg"]))
    let (second, copies) = try made()
    for (to, from) in zip(copies, list) { to.value.copyElements(from: from.value) }
    try second.load(state)
    try step(second, copies, 3)
    for (a, b) in zip(copies, all) { #expect(try a.value.array(of: Double.self) == b.value.array(of: Double.self)) }

    // A mistake in the last group leaves the first as it was.
    let (third, _) = try made()
    state["3.exp_avg"] = try Tensor([1.0, 2])
    #expect(message { try third.load(state) } == "load_state_dict: 3.exp_avg: expected a floating-point tensor of shape [1], got float64 [2]")
    #expect(third.groups.allSatisfy { group in group.memories.allSatisfy { $0.step == 0 } })
    state["3.exp_avg"] = nil
    state["4.step"] = try Tensor(scalar: 1, .int64)
    #expect(message { try third.load(state) } == "load_state_dict: 4.step: there are 3 parameters")
    state["4.step"] = nil
    state["Adam.2.beta"] = try Tensor(scalar: 1)
    #expect(message { try third.load(state) } == "load_state_dict: Adam has no option beta")
    state["Adam.2.beta"] = nil
    state["Adam.3.lr"] = try Tensor(scalar: 1)
    #expect(message { try third.load(state) } == "load_state_dict: expected the state of 2 groups of parameters, got that of 3")
  }

  @Test func clipsValues() throws {
    let a = try parameter([1, 2, 3])
    a.gradient = try Tensor([-5.0, 0.1, .nan])
    try GradientNorm.clip(valuesOf: [a], to: 0.5)
    let clipped = try #require(a.gradient).array(of: Double.self)
    #expect(clipped[0] == -0.5 && clipped[1] == 0.1 && clipped[2].isNaN)
    #expect(message { try GradientNorm.clip(valuesOf: [a], to: .nan) } == "clip_grad_value: clip_value: expected a number of at least 0, got NaN")
  }
}
