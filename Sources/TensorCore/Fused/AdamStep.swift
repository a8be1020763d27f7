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
  /// A parameter with its running averages, looked at once and used in many steps.
  ///
  /// A class, so that a step counts one reference to it and not one to each of its tensors.
  public final class Place {
    fileprivate let addresses: Addresses
    fileprivate let tensor: Tensor
    private let held: (Tensor, Tensor, Tensor?)

    /// The parameter, the average of gradients, that of squared gradients and, where wanted, the largest of these so far, which then takes
    /// the place of the present one (AMSGrad: Reddi et al., arXiv:1904.09237). Throws CallerError where they are not of one shape, type and
    /// layout, and for a parameter that overlaps itself or skips memory.
    public init(parameter p: Tensor, mean: Tensor, variance: Tensor, largest: Tensor?) throws {
      guard p.dtype.isFloatingPoint else { throw CallerError("step: expected a floating-point parameter, got \(p.dtype.name) \(p.shape.text)") }
      func fits(_ average: Tensor) -> Bool { average.strides == p.strides && average.shape == p.shape && average.dtype == p.dtype }
      guard fits(mean), fits(variance), largest.map(fits) ?? true else {
        throw CallerError("step: the averages of a parameter of shape \(p.shape.text) have another shape, type or layout; make a new optimizer")
      }
      guard let span = p.spanOfDenseBlock else {
        throw CallerError("step: a parameter of shape \(p.shape.text) overlaps itself or skips memory; use a contiguous one")
      }
      addresses = Addresses(
        parameter: p.firstByte, mean: mean.firstByte, variance: variance.firstByte, largest: largest?.firstByte, count: span, isDouble: p.dtype == .float64)
      tensor = p
      held = (mean, variance, largest)
    }

    // Whether a gradient lies in memory as the parameter does.
    fileprivate func fits(_ gradient: Tensor) -> Bool {
      gradient.shape == tensor.shape && gradient.strides == tensor.strides && gradient.dtype == tensor.dtype
        && gradient.spanOfDenseBlock == addresses.count
    }

    // A gradient in the parameter's layout and type. Throws CallerError for one of another shape.
    fileprivate func copy(of gradient: Tensor) throws -> Tensor {
      guard gradient.shape == tensor.shape else {
        throw CallerError("step: expected a gradient of the parameter's shape \(tensor.shape.text), got \(gradient.shape.text)")
      }
      return try tensor.layoutCopy(of: gradient)
    }

    /// Whether it was made of this very tensor.
    public func isOf(_ other: Tensor) -> Bool {
      tensor.storage === other.storage && tensor.offset == other.offset && tensor.dtype == other.dtype && tensor.shape == other.shape
        && tensor.strides == other.strides
    }
  }

  // Where the numbers of a place lie. Threads read no references, which all of them would count.
  fileprivate struct Addresses {
    let parameter: UnsafeMutableRawPointer, mean: UnsafeMutableRawPointer, variance: UnsafeMutableRawPointer, largest: UnsafeMutableRawPointer?
    let count: Int, isDouble: Bool

    func step(_ kernels: UnsafePointer<jvm_kernels>, _ settings: UnsafePointer<jvm_adam_settings>, _ gradient: UnsafeMutableRawPointer, _ range: Range<Int>) {
      func start<T>(_ base: UnsafeMutableRawPointer, _: T.Type) -> UnsafeMutablePointer<T> { base.assumingMemoryBound(to: T.self) + range.lowerBound }
      if isDouble {
        kernels.pointee.adam_f64(
          settings, start(parameter, Double.self), start(gradient, Double.self), start(mean, Double.self), start(variance, Double.self),
          largest.map { start($0, Double.self) }, range.count)
      } else {
        kernels.pointee.adam_f32(
          settings, start(parameter, Float.self), start(gradient, Float.self), start(mean, Float.self), start(variance, Float.self),
          largest.map { start($0, Float.self) }, range.count)
      }
    }
  }

  // Numbers of a parameter that is worth sharing out.
  private static let grain = 4_096

  /// Changes the parameters in place: p −= lr m̂/(√v̂ + ε) after step `step` (from 1). Throws CallerError for a gradient of another shape,
  /// before anything has changed.
  public static func apply(_ settings: AdamSettings, step: Int, to slots: [(place: Place, gradient: Tensor)]) throws {
    let correction1 = 1 - pow(settings.beta1, Double(step)), correction2 = 1 - pow(settings.beta2, Double(step))
    // ε above 0 even where 0 is asked for: numbers that have never had a gradient, padding above all, stay as they are.
    var kernelSettings = jvm_adam_settings(
      learning_rate: settings.learningRate, beta1: settings.beta1, beta2: settings.beta2, epsilon: max(settings.epsilon, 1e-37),
      weight_decay: settings.weightDecay, correction1: correction1, correction2_root: correction2.squareRoot(),
      decoupled: settings.decoupled ? 1 : 0)
    // In the memory layout of the parameters.
    var copies: [Tensor] = []
    try withUnsafeTemporaryAllocation(of: (place: Addresses, gradient: UnsafeMutableRawPointer).self, capacity: slots.count) { all in
      var longest = 0
      for i in slots.indices {
        let (place, gradient) = slots[i]
        if place.fits(gradient) {
          all.initializeElement(at: i, to: (place.addresses, gradient.firstByte))
        } else {
          let copy = try place.copy(of: gradient)
          copies.append(copy)
          all.initializeElement(at: i, to: (place.addresses, copy.firstByte))
        }
        longest = max(longest, place.addresses.count)
      }
      for (place, _) in slots { place.tensor.storage.markChanged() }
      let work = UnsafeBufferPointer(all), kernels = jvm_kernels_in_use(), threads = ThreadPool.threadCount
      withUnsafePointer(to: &kernelSettings) { settings in
        // Every thread has its part of every large parameter, the same in each step: see `ThreadPool.parallelAtHome`.
        ThreadPool.parallel(longest > grain ? threads : 1) { thread in
          for (place, gradient) in work {
            let count = place.count, isShared = count > grain, units = (count + 15) / 16
            guard isShared || thread == 0 else { continue }
            let first = isShared ? min(count, units * thread / threads * 16) : 0
            place.step(kernels, settings, gradient, first..<(isShared ? min(count, units * (thread + 1) / threads * 16) : count))
          }
        }
      }
    }
    withExtendedLifetime((slots, copies)) {}
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
