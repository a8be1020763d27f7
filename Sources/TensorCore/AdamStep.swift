import CVectorMath
import Glibc

/// The settings of one Adam step (Kingma & Ba, arXiv:1412.6980; AdamW: Loshchilov & Hutter, arXiv:1711.05101).
public struct AdamSettings: Sendable {
  public var learningRate = 1e-3
  public var beta1 = 0.9
  public var beta2 = 0.999
  public var epsilon = 1e-8
  public var weightDecay = 0.0
  /// Whether the decay acts on the weights (AdamW) and not on the gradient.
  public var decoupled = false

  public init() {}
}

/// Steps of Adam on several tensors at once.
public enum AdamStep {
  /// One parameter with its gradient and running averages; all of one shape, averages in the parameter's own layout.
  public struct Slot {
    public let parameter: Tensor
    public let gradient: Tensor
    public let mean: Tensor
    public let variance: Tensor

    public init(parameter: Tensor, gradient: Tensor, mean: Tensor, variance: Tensor) {
      self.parameter = parameter
      self.gradient = gradient
      self.mean = mean
      self.variance = variance
    }
  }

  private struct Piece {
    let parameter: UnsafeMutableRawPointer
    let gradient: UnsafeRawPointer
    let mean: UnsafeMutableRawPointer
    let variance: UnsafeMutableRawPointer
    let count: Int
    let isDouble: Bool
  }
  // Small enough that the largest parameter is shared out evenly, whatever small ones stand beside it.
  private static let grain = 4_096

  /// Changes the parameters in place: p −= lr m̂/(√v̂ + ε) after step `step` (from 1).
  public static func apply(_ settings: AdamSettings, step: Int, to slots: [Slot]) throws {
    let correction1 = 1 - pow(settings.beta1, Double(step)), correction2 = 1 - pow(settings.beta2, Double(step))
    // ε above 0 even where 0 is asked for: numbers that have never had a gradient, padding above all, stay as they are.
    var kernelSettings = jvm_adam_settings(
      learning_rate: settings.learningRate, beta1: settings.beta1, beta2: settings.beta2, epsilon: max(settings.epsilon, 1e-37),
      weight_decay: settings.weightDecay, correction1: correction1, correction2_root: correction2.squareRoot(),
      decoupled: settings.decoupled ? 1 : 0)
    var pieces: [Piece] = []
    var kept: [Tensor] = []
    for slot in slots {
      let p = slot.parameter
      guard p.dtype.isFloatingPoint, slot.gradient.shape == p.shape else {
        throw CallerError("step: expected a floating-point parameter and a gradient of its shape, got \(p.dtype.name) \(p.shape.text) and \(slot.gradient.shape.text)")
      }
      for average in [slot.mean, slot.variance] where average.strides != p.strides || average.shape != p.shape || average.dtype != p.dtype {
        throw CallerError("step: the averages of a parameter of shape \(p.shape.text) have another shape, type or layout; make a new optimizer")
      }
      guard let span = p.spanOfDenseBlock else {
        throw CallerError("step: a parameter of shape \(p.shape.text) overlaps itself or skips memory; use a contiguous one")
      }
      let g = slot.gradient.strides == p.strides && slot.gradient.dtype == p.dtype && slot.gradient.spanOfDenseBlock == span
        ? slot.gradient : try p.layoutCopy(of: slot.gradient)
      kept.append(g)
      p.storage.markChanged()
      let size = p.dtype.size
      for start in stride(from: 0, to: span, by: grain) {
        let bytes = start * size
        pieces.append(
          Piece(
            parameter: p.firstByte + bytes, gradient: UnsafeRawPointer(g.firstByte + bytes), mean: slot.mean.firstByte + bytes,
            variance: slot.variance.firstByte + bytes, count: min(grain, span - start), isDouble: p.dtype == .float64))
      }
    }
    let k = jvm_kernels_in_use()
    withUnsafePointer(to: &kernelSettings) { settings in
      ThreadPool.parallel(pieces.count) { i in
        let piece = pieces[i]
        if piece.isDouble {
          k.pointee.adam_f64(settings, piece.parameter.assumingMemoryBound(to: Double.self), piece.gradient.assumingMemoryBound(to: Double.self),
            piece.mean.assumingMemoryBound(to: Double.self), piece.variance.assumingMemoryBound(to: Double.self), piece.count)
        } else {
          k.pointee.adam_f32(settings, piece.parameter.assumingMemoryBound(to: Float.self), piece.gradient.assumingMemoryBound(to: Float.self),
            piece.mean.assumingMemoryBound(to: Float.self), piece.variance.assumingMemoryBound(to: Float.self), piece.count)
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
