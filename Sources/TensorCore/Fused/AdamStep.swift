import CVectorMath
import Glibc

/// The settings of one Adam step (Kingma & Ba, arXiv:1412.6980; AdamW: Loshchilov & Hutter, arXiv:1711.05101).
public struct AdamSettings: Sendable {
  /// The learning rate.
  public var learningRate = 1e-3
  /// The decay of the average of gradients.
  public var beta1 = 0.9
  /// The decay of the average of squared gradients.
  public var beta2 = 0.999
  /// What is added to the root of the average square.
  public var epsilon = 1e-8
  /// The factor of the parameter that is added to its gradient or, decoupled, taken off the parameter times the learning rate.
  public var weightDecay = 0.0
  /// Whether the decay acts on the weights (AdamW) and not on the gradient.
  public var decoupled = false

  /// The defaults of PyTorch.
  public init() {}
}

/// Steps of Adam on several tensors at once.
public enum AdamStep {
  /// One parameter with its gradient and running averages; all of one shape, averages in the parameter's own layout.
  public struct Slot {
    /// What is moved.
    public let parameter: Tensor
    /// In the shape of the parameter.
    public let gradient: Tensor
    /// The average of gradients so far.
    public let mean: Tensor
    /// The average of squared gradients so far.
    public let variance: Tensor
    /// The largest average square so far, which then takes the place of the present one (AMSGrad: Reddi et al., arXiv:1904.09237).
    public let largest: Tensor?

    /// A parameter with its gradient and averages, all of one shape.
    public init(parameter: Tensor, gradient: Tensor, mean: Tensor, variance: Tensor, largest: Tensor? = nil) {
      self.parameter = parameter
      self.gradient = gradient
      self.mean = mean
      self.variance = variance
      self.largest = largest
    }
  }

  // One parameter's numbers with what belongs to them.
  private struct Block {
    let parameter: UnsafeMutableRawPointer
    let gradient: UnsafeRawPointer
    let mean: UnsafeMutableRawPointer
    let variance: UnsafeMutableRawPointer
    let largest: UnsafeMutableRawPointer?
    let count: Int
    let isDouble: Bool
  }

  // Numbers of a parameter that is worth sharing out.
  private static let grain = 4_096

  /// Changes the parameters in place: p −= lr m̂/(√v̂ + ε) after step `step` (from 1).
  public static func apply(_ settings: AdamSettings, step: Int, to slots: [Slot]) throws {
    let correction1 = 1 - pow(settings.beta1, Double(step)), correction2 = 1 - pow(settings.beta2, Double(step))
    // ε above 0 even where 0 is asked for: numbers that have never had a gradient, padding above all, stay as they are.
    var kernelSettings = jvm_adam_settings(
      learning_rate: settings.learningRate, beta1: settings.beta1, beta2: settings.beta2, epsilon: max(settings.epsilon, 1e-37),
      weight_decay: settings.weightDecay, correction1: correction1, correction2_root: correction2.squareRoot(),
      decoupled: settings.decoupled ? 1 : 0)
    var blocks: [Block] = []
    var kept: [Tensor] = []
    for slot in slots {
      let p = slot.parameter
      guard p.dtype.isFloatingPoint, slot.gradient.shape == p.shape else {
        throw CallerError("step: expected a floating-point parameter and a gradient of its shape, got \(p.dtype.name) \(p.shape.text) and \(slot.gradient.shape.text)")
      }
      for average in [slot.mean, slot.variance, slot.largest ?? slot.mean] where average.strides != p.strides || average.shape != p.shape || average.dtype != p.dtype {
        throw CallerError("step: the averages of a parameter of shape \(p.shape.text) have another shape, type or layout; make a new optimizer")
      }
      guard let span = p.spanOfDenseBlock else {
        throw CallerError("step: a parameter of shape \(p.shape.text) overlaps itself or skips memory; use a contiguous one")
      }
      let g = slot.gradient.strides == p.strides && slot.gradient.dtype == p.dtype && slot.gradient.spanOfDenseBlock == span
        ? slot.gradient : try p.layoutCopy(of: slot.gradient)
      kept.append(g)
      p.storage.markChanged()
      blocks.append(
        Block(
          parameter: p.firstByte, gradient: UnsafeRawPointer(g.firstByte), mean: slot.mean.firstByte, variance: slot.variance.firstByte,
          largest: slot.largest?.firstByte, count: span, isDouble: p.dtype == .float64))
    }
    let k = jvm_kernels_in_use()
    let threads = ThreadPool.threadCount
    withUnsafePointer(to: &kernelSettings) { settings in
      // Every thread has its part of every large parameter, the same in each step: see `ThreadPool.parallelAtHome`.
      ThreadPool.parallel(blocks.reduce(0) { max($0, $1.count) } > grain ? threads : 1) { thread in
        for block in blocks {
          let isShared = block.count > grain, units = (block.count + 15) / 16
          guard isShared || thread == 0 else { continue }
          let first = isShared ? min(block.count, units * thread / threads * 16) : 0
          let count = (isShared ? min(block.count, units * (thread + 1) / threads * 16) : block.count) - first
          if block.isDouble {
            let at = first * 8
            k.pointee.adam_f64(settings, (block.parameter + at).assumingMemoryBound(to: Double.self), (block.gradient + at).assumingMemoryBound(to: Double.self),
              (block.mean + at).assumingMemoryBound(to: Double.self), (block.variance + at).assumingMemoryBound(to: Double.self),
              block.largest.map { ($0 + at).assumingMemoryBound(to: Double.self) }, count)
          } else {
            let at = first * 4
            k.pointee.adam_f32(settings, (block.parameter + at).assumingMemoryBound(to: Float.self), (block.gradient + at).assumingMemoryBound(to: Float.self),
              (block.mean + at).assumingMemoryBound(to: Float.self), (block.variance + at).assumingMemoryBound(to: Float.self),
              block.largest.map { ($0 + at).assumingMemoryBound(to: Float.self) }, count)
          }
        }
      }
    }
    _ = kept
  }
}

extension Tensor {
  var firstByte: UnsafeMutableRawPointer { storage.pointer + offset * dtype.size }

  /// The elements from the first to the last in memory, padding included, if this tensor has them to itself:
  /// contiguous, the transpose of that, or a matrix in the layout of `featureMajor`. Optimizers run over such a block as one row.
  public var spanOfDenseBlock: Int? {
    if isContiguous { return count }
    return isTransposedDense || isFeatureMajor ? shape[1] * strides[1] : nil
  }

  private var isTransposedDense: Bool { rank == 2 && strides[0] == 1 && strides[1] == shape[0] }

  /// Zeros in the memory layout of this tensor, padding included; contiguous where the layout is none of those of `spanOfDenseBlock`.
  public func zerosInSameLayout() throws -> Tensor {
    if isContiguous {
      // The strides too: those of dimensions of size 1 mean nothing, but the optimizer compares them.
      let zeros = try Tensor(filling: shape, with: 0, dtype)
      return Tensor(storage: zeros.storage, dtype: dtype, shape: shape, strides: strides, offset: 0)
    }
    if isTransposedDense { return try Tensor(filling: [shape[1], shape[0]], with: 0, dtype).transposed(0, 1) }
    return try isFeatureMajor ? Tensor.featureMajor(shape[0], shape[1], dtype) : Tensor(filling: shape, with: 0, dtype)
  }

  func layoutCopy(of other: Tensor) throws -> Tensor {
    let copy = try zerosInSameLayout()
    copy.copyElements(from: other)
    return copy
  }
}
