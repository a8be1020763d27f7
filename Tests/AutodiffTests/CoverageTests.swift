import Autodiff
import TensorCore
import Testing

extension AutodiffTests {
  /// Which kinds of tensors the samples of each op bring (promise 32).
  @Suite struct Coverage {
    // Ops for which a kind has no meaning: those of vectors, matrices and images know no number without dimensions, an op that takes
    // something apart needs something, and losses over classes need a class.
    private static let withoutNumbers: Set<String> = [
      "dot", "matmul", "linear", "linear_relu", "dense_layers", "outer", "gather", "scatter_add", "index_select", "slice", "narrow", "select", "unbind", "chunk", "split", "permute", "transpose", "cat",
      "gaussian_kl", "gaussian_heads", "gaussian_posterior", "mixture_nll", "cross_entropy", "nll_loss", "t", "conv2d",
      "conv_transpose2d", "avg_pool2d", "max_pool2d", "upsample", "layer_norm", "batch_norm",
      "distance_correlation", "gaussian_entropy", "gaussian_mixture_log_prob", "gaussian_mixture_responsibilities", "ashman_distance", "squared_error",
    ]
    private static let withoutOverlap: Set<String> = ["view", "cross_entropy", "nll_loss", "gaussian_kl", "mixture_nll", "gaussian_sample", "gaussian_heads", "dot", "outer", "linear", "distance_correlation", "ashman_distance"]

    private func tensors(_ argument: SampleArgument) -> [SampleArgument] {
      switch argument {
      case .list(let parts): parts.flatMap(tensors)
      default: [argument]
      }
    }

    private func shape(_ argument: SampleArgument) -> [Int]? {
      switch argument {
      case .uniform(let shape, _), .transposed(let shape, _), .strided(let shape, _), .expanded(let shape, _), .values(_, let shape), .integers(let shape, _), .bools(let shape),
        .distributions(let shape), .sparse(let shape, _): shape
      default: nil
      }
    }

    @Test func everyOpMeetsNumbersEmptyTensorsAndViews() {
      for spec in OpTable.all {
        let all = spec.samples.flatMap(\.arguments).flatMap(tensors)
        let layouts = all.contains { if case .transposed = $0 { true } else if case .strided = $0 { true } else { false } }
        #expect(layouts, "\(spec.name): no sample with a transposed or strided view")
        if !Self.withoutNumbers.contains(spec.name) { #expect(all.contains { shape($0) == [] }, "\(spec.name): no sample without dimensions") }
        if !Self.withoutOverlap.contains(spec.name) {
          let overlaps = all.contains { if case .expanded = $0 { true } else { false } }
          #expect(overlaps, "\(spec.name): no sample with an expanded view, whose elements overlap")
        }
      }
    }
  }
}
