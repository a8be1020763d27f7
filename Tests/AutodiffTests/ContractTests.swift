import Autodiff
import TensorCore
import Testing

extension AutodiffTests {
  /// Every op of the table against its own entry and an independent reference.
  @Suite struct Contract {
    @Test func everyOpIsNamedOnceAndDescribed() {
      #expect(Set(OpTable.all.map(\.name)).count == OpTable.all.count)
      for spec in OpTable.all {
        #expect(OpTable.named(spec.name)?.name == spec.name)
        #expect(spec.summary.hasSuffix("."), "\(spec.name): the summary is a sentence")
        #expect(Set(spec.arguments.map(\.name)).count == spec.arguments.count, "\(spec.name): two arguments of one name")
      }
    }

    @Test func everyOpHasAReferenceAndSixSamples() {
      for spec in OpTable.all {
        #expect(References.all[spec.name] != nil, "\(spec.name) has no reference")
        #expect(spec.samples.count >= 6, "\(spec.name) has \(spec.samples.count) samples")
        for sample in spec.samples { #expect(sample.arguments.count <= spec.arguments.count, "\(spec.name): a sample with too many arguments") }
      }
      for name in References.all.keys { #expect(OpTable.named(name) != nil, "\(name) is no op") }
    }

    @Test func everyOpIsCalledWithNothing() {
      func isEmpty(_ argument: SampleArgument) -> Bool {
        switch argument {
        case .uniform(let shape, _), .transposed(let shape, _), .strided(let shape, _), .expanded(let shape, _), .values(_, let shape),
          .integers(let shape, _), .bools(let shape), .distributions(let shape), .sparse(let shape, _): shape.contains(0)
        case .list(let parts): parts.contains(where: isEmpty)
        default: false
        }
      }
      for spec in OpTable.all {
        let calls = spec.samples.map(\.arguments) + spec.failures.map(\.arguments)
        #expect(calls.contains { $0.contains(where: isEmpty) }, "\(spec.name) has no sample and no failure with an empty tensor")
      }
    }

    @Test(arguments: [DType.float64, .float32]) func valuesAreThoseOfTheReference(dtype: DType) throws {
      for sample in preparedSamples {
        guard let reference = References.all[sample.spec.name] else { continue }
        let results = try Engine.apply(sample.spec, sample.values(.init(dtype: dtype)).arguments)
        let expected = reference(sample.referenceArguments)
        let hasSparse = sample.arguments.contains { if case .sparse = $0 { true } else { false } }
        #expect(results.count == expected.count, "\(sample): number of results")
        for (result, expected) in zip(results, expected) {
          let got = try NumberArray(result.value)
          #expect(got.shape == expected.shape, "\(sample), \(dtype.name)")
          let scale = max(expected.largestMagnitude, 1e-3)
          let tolerance = (dtype == .float64 && !hasSparse ? 1e-12 : 1e-5) * scale
          #expect(Comparison.firstDifference(got, expected, tolerance) == nil, "\(sample), \(dtype.name)")
        }
      }
    }

    @Test func viewsGiveWhatContiguousCopiesGive() throws {
      for sample in preparedSamples where sample.spec.name != "view" {
        let own = try Engine.apply(sample.spec, sample.values(.init()).arguments)
        let copies = try Engine.apply(sample.spec, sample.values(.init(contiguous: true)).arguments)
        for (a, b) in zip(own, copies) {
          let x = try NumberArray(a.value), y = try NumberArray(b.value)
          #expect(x.shape == y.shape && Comparison.firstDifference(x, y, 1e-13 * max(y.largestMagnitude, 1)) == nil, "\(sample)")
        }
      }
    }

    @Test func shapesAndTypesAreThoseOfTheSignature() throws {
      for sample in preparedSamples {
        let spec = sample.spec
        let signature = try Signature(spec.signature)
        let (arguments, _) = try sample.values(.init(dtype: .float32))
        var bindings = Bindings()
        var given: Set<String> = []
        var texts: [String: String] = [:]
        var types: [DType] = []
        for (declared, argument) in zip(spec.arguments, arguments) {
          switch argument {
          case .absent: continue
          case .integer(let d): bindings.dimension[declared.name] = d
          case .flag(let value): if declared.name == "keepdim" { bindings.keepsDimension = value }
          case .text(let value): texts[declared.name] = value
          default: break
          }
          given.insert(declared.name)
        }
        for input in signature.inputs {
          guard let index = spec.arguments.firstIndex(where: { $0.name == input.name }) else {
            Issue.record("\(spec.name): the signature names \(input.name), which is no argument")
            continue
          }
          switch arguments[index] {
          case .tensor(let x):
            types.append(x.dtype)
            let matches = bindings.match(input.sizes, Array(x.shape))
            #expect(matches, "\(sample): \(input.name) of shape \(x.shape.text) in \(spec.signature)")
          case .sparse(let x):
            let matches = bindings.match(input.sizes, [x.rows, x.columns])
            #expect(matches, "\(sample): \(input.name)")
          case .tensors(let list):
            for x in list {
              types.append(x.dtype)
              var own = bindings
              let matches = own.match(input.sizes, Array(x.shape))
              #expect(matches, "\(sample): \(input.name)")
            }
          case .absent: #expect(input.isOptional, "\(sample): \(input.name)")
          default: Issue.record("\(sample): \(input.name) is no tensor")
          }
        }
        let chosen = signature.alternatives.last { alternative in
          guard let condition = alternative.condition else { return false }
          let sides = condition.components(around: " = ")
          if sides.count == 2 { return texts[sides[0]] == sides[1] }
          return given.contains(String(condition.dropLast(" is given".count)))
        }
        let declared = chosen ?? signature.alternatives[0]
        let results = try Engine.apply(spec, arguments)
        if case .list = spec.results {} else { #expect(results.count == declared.list.count, "\(sample): number of results") }
        let common = types.reduce(types.first ?? .float32) { DType.promoted($0, $1) }
        for (i, result) in results.enumerated() {
          let expected = declared.list[min(i, declared.list.count - 1)]
          var own = bindings
          let matches = own.match(expected.sizes, Array(result.shape))
          #expect(matches, "\(sample): result \(i + 1) of \(spec.signature) has shape \(result.shape.text)")
          #expect(result.dtype.name == expected.type ?? common.name, "\(sample): type of result \(i + 1)")
        }
      }
    }

    @Test func wrongCallsSayWhatIsWrong() throws {
      for spec in OpTable.all {
        for (place, failure) in spec.failures.enumerated() {
          let wrong = PreparedSample(spec, failure.arguments, place: 1000 + place)
          let error = #expect(throws: CallerError.self, "\(spec.name): \(failure.message)") { try Engine.apply(spec, wrong.values(.init(dtype: .float32)).arguments) }
          #expect(error?.description == failure.message)
        }
      }
    }

    @Test func opsWithoutAGradientGiveResultsWithoutHistory() throws {
      for sample in preparedSamples {
        let results = try Engine.apply(sample.spec, sample.values(.init()).arguments)
        switch sample.spec.gradient {
        case .none(let reason):
          #expect(!reason.isEmpty)
          for result in results { #expect(!result.requiresGradient && result.isLeaf, "\(sample)") }
        case .rule:
          let wanted = try sample.values(.init()).variables.contains { $0?.requiresGradient ?? false }
          for result in results { #expect(result.requiresGradient == (wanted && result.dtype.isFloatingPoint), "\(sample)") }
        }
      }
    }
  }
}

enum Comparison {
  /// Where two arrays of one shape differ by more than `tolerance`; equal infinities and two NaNs are no difference.
  static func firstDifference(_ a: NumberArray, _ b: NumberArray, _ tolerance: Double) -> String? {
    for (i, (x, y)) in zip(a.values, b.values).enumerated() where x != y && !(x.isNaN && y.isNaN) {
      if !(abs(x - y) <= tolerance) { return "element \(i): \(x), expected \(y)" }
    }
    return a.values.count == b.values.count ? nil : "\(a.values.count) elements, expected \(b.values.count)"
  }
}

extension PreparedSample: CustomStringConvertible {
  var description: String { "\(spec.name), sample \(place + 1)" }
}
