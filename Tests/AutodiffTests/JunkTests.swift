import Autodiff
import TensorCore
import Testing

extension AutodiffTests {
  /// Whatever a script can bring through the decoder, an op answers with a result or an error that names it.
  @Suite struct Junk {
    private struct Source {
      var generator: NamedGenerator
      private static let integers = [Int.min, Int.min + 1, -(1 << 40), -9, -2, -1, 0, 1, 2, 3, 7, 1 << 45, Int.max - 1, .max]
      private static let numbers: [Double] = [0, -0.0, 1, -1, 0.5, 1e-300, 1e300, -1e300, .nan, .infinity, -.infinity, .leastNonzeroMagnitude]

      mutating func pick<T>(_ list: [T]) -> T? { list.randomElement(using: &generator) }
      mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < share }
      mutating func integer() -> Int { pick(Self.integers) ?? 0 }
      mutating func side() -> Int { chance(0.8) ? Int.random(in: 0...3, using: &generator) : integer() }
      mutating func number() -> Double { pick(Self.numbers) ?? 0 }

      mutating func tensor(like shape: Dimensions?) throws -> Tensor {
        let ranks = chance(0.8) ? 0...3 : 3...Dimensions.maximumCount
        var sizes = (0..<Int.random(in: ranks, using: &generator)).map { _ in Int.random(in: 0...3, using: &generator) }
        if let shape, chance(0.7) { sizes = Array(shape) }
        let type = chance(0.6) ? .float32 : pick(DType.allCases) ?? .float32
        let x = try Tensor(filling: Dimensions(sizes), with: 0, type)
        let values = try Tensor((0..<x.count).map { _ in chance(0.2) ? number() : Double.random(in: -4...4, using: &generator) }, shape: x.shape)
        x.copyElements(from: values)
        return sizes.count >= 2 && chance(0.3) ? x.transposed(0, sizes.count - 1) : x
      }

      // As the binding decodes: dimensions and positions are there, texts are of the choices, the rest is anything.
      mutating func arguments(_ spec: OpSpec) throws -> [ArgumentValue]? {
        var first: Tensor?
        var dimension = 0
        var values: [ArgumentValue] = []
        for declared in spec.arguments {
          switch declared.kind {
          case .tensor, .tensorOrNumber, .rows:
            let x = try tensor(like: first?.shape)
            if case .rows = declared.kind, x.rank == 2, chance(0.5) {
              values.append(.sparse(try SparseRows(x)))
            } else {
              if first == nil { first = x }
              values.append(.tensor(Variable(x, requiresGradient: chance(0.5))))
            }
          case .optionalTensor: values.append(chance(0.5) ? .absent : .tensor(Variable(try tensor(like: first?.shape))))
          case .tensors:
            let shape = try tensor(like: nil).shape
            values.append(.tensors(try (0..<Int.random(in: 0...3, using: &generator)).map { _ in Variable(try tensor(like: shape), requiresGradient: chance(0.5)) }))
          case .number(let fallback): values.append(fallback == nil && chance(0.3) ? .absent : .number(number()))
          case .integer: values.append(.integer(integer()))
          case .dimension, .optionalDimension:
            if case .optionalDimension = declared.kind, chance(0.4) {
              values.append(.absent)
              continue
            }
            guard let rank = first?.rank, rank > 0 else { return nil }
            dimension = Int.random(in: 0..<rank, using: &generator)
            values.append(.integer(dimension))
          case .position:
            guard let size = first?.shape[dimension], size > 0 else { return nil }
            values.append(.integer(Int.random(in: 0..<size, using: &generator)))
          case .flag: values.append(.flag(chance(0.5)))
          case .text(let choices, let fallback): values.append(.text(pick(choices) ?? fallback))
          case .shape: values.append(.integers((0..<Int.random(in: 0...10, using: &generator)).map { _ in integer() }))
          case .pair(let fallback, let words):
            if let fallback, chance(0.5) { values.append(.integers([fallback, fallback])) } else if let word = pick(words), chance(0.2) { values.append(.text(word)) } else { values.append(.integers([side(), side()])) }
          case .optionalPair: values.append(chance(0.5) ? .absent : .integers([side(), side()]))
          case .optionalFactors: values.append(chance(0.5) ? .absent : .numbers([number(), number()]))
          case .sizes:
            let rank = first?.rank ?? 0
            values.append(.integers(chance(0.7) ? Array(first?.shape.suffix(Int.random(in: 0...rank, using: &generator)) ?? []) : [integer()]))
          case .dimensions:
            guard let rank = first?.rank, rank > 0 else { return nil }
            values.append(.integers((0..<Int.random(in: 0...4, using: &generator)).map { _ in Int.random(in: 0..<rank, using: &generator) }))
          }
        }
        return values
      }
    }

    @Test func junkIsAnsweredWithAnErrorThatNamesTheOp() throws {
      var unanswered: [String] = []
      for spec in OpTable.all {
        var source = Source(generator: NamedGenerator("junk " + spec.name, 0, 0))
        var answered = 0
        for _ in 0..<400 {
          guard let arguments = try source.arguments(spec) else { continue }
          do {
            let results = try Engine.apply(spec, arguments)
            for result in results {
              #expect(result.shape.product == result.value.count, "\(spec.name)")
              guard result.value.count < 10_000 else { continue }
              if result.requiresGradient { try Engine.backward(from: result, gradient: Tensor(filling: result.shape, with: 1, result.dtype), keepGraph: true) }
              _ = try result.value.array(of: Double.self)
            }
            for case .tensor(let x) in arguments { if let gradient = x.gradient { #expect(gradient.shape == x.shape, "\(spec.name)") } }
            answered += 1
          } catch let error as CallerError {
            #expect(error.description.hasPrefix(spec.name + ": "), "\(spec.name) says: \(error)")
            #expect(!error.description.contains("\n"))
          } catch is OutOfMemory {
          }
        }
        if answered == 0 { unanswered.append(spec.name) }
      }
      // Classes, channels and three or more arrays that fit by chance are rare.
      let rare: Set = [
        "cross_entropy", "nll_loss", "conv2d", "conv_transpose2d", "gaussian_heads", "gaussian_posterior", "batch_norm", "linear_relu", "dense_layers",
        "gaussian_mixture_log_prob", "gaussian_mixture_responsibilities",
      ]
      #expect(Set(unanswered).isSubset(of: rare), "no call of \(unanswered) succeeded")
    }
  }
}
