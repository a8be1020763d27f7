import Autodiff
import TensorCore

/// Batch normalisation: (x − mean)/√(variance + eps) · weight + bias, channel by channel (Ioffe & Szegedy, arXiv:1502.03167).
///
/// In training mean and variance are the batch's own and the buffers `running_mean` and `running_var` follow them; in
/// evaluation the buffers are used.
public final class BatchNorm: Layer {
  /// What scripts call the two forms, by the inputs they take.
  public enum Form: String, CaseIterable, Sendable {
    /// [N, C] or [N, C, L].
    case oneDimensional = "BatchNorm1d"
    /// [N, C, H, W].
    case twoDimensional = "BatchNorm2d"
  }

  /// PyTorch's defaults.
  public struct Settings: Sendable {
    /// Added to the variance, at least 0.
    public var epsilon = 1e-5
    /// The fraction, in [0, 1], by which the running statistics move towards a batch's; `nil` makes them the plain average over all batches
    /// seen in training (PyTorch's momentum = None).
    public var momentum: Double? = 0.1
    /// Whether there are `weight` and `bias`, which start as 1 and 0.
    public var affine = true
    /// Whether there are running statistics; without them the batch's own are used in evaluation too.
    public var tracksRunningStatistics = true
    /// float32 or float64, of parameters and running statistics.
    public var dtype = DType.float32

    /// PyTorch's settings: ε = 10⁻⁵, momentum 0.1, with parameters and running statistics, float32.
    public init() {}
  }

  /// Which inputs it takes.
  public let form: Form
  /// Sizes of dimension C of the inputs.
  public let channels: Int
  /// What it was made with.
  public let settings: Settings
  private let spec: OpSpec

  /// A layer for `channels` channels, at least 1. Throws CallerError for settings out of range.
  public init(_ form: Form, _ channels: Int, _ settings: Settings = Settings()) throws {
    let name = form.rawValue
    guard channels >= 1, channels <= Int(Int32.max) else {
      throw CallerError("\(name): num_features: expected an integer in 1...\(Int32.max), got \(channels)")
    }
    guard settings.epsilon >= 0, settings.epsilon.isFinite else {
      throw CallerError("\(name): eps: expected a number of at least 0, got \(shortText(settings.epsilon))")
    }
    if let momentum = settings.momentum, !(0...1).contains(momentum) {
      throw CallerError("\(name): momentum: expected a number in [0, 1], or false for the average over all batches, got \(shortText(momentum))")
    }
    guard settings.dtype.isFloatingPoint else { throw CallerError("\(name): dtype: expected float32 or float64, got \(settings.dtype.name)") }
    self.form = form
    self.channels = channels
    self.settings = settings
    spec = try layerOp("batch_norm")
    super.init()
    if settings.affine {
      register(parameter: "weight", try Tensor(filling: [channels], with: 1, settings.dtype))
      register(parameter: "bias", try Tensor(filling: [channels], with: 0, settings.dtype))
    }
    if settings.tracksRunningStatistics {
      register(buffer: "running_mean", try Tensor(filling: [channels], with: 0, settings.dtype))
      register(buffer: "running_var", try Tensor(filling: [channels], with: 1, settings.dtype))
      register(buffer: "num_batches_tracked", try Tensor(filling: [], with: 0, .int64))
    }
  }

  public override func forward(_ x: Variable) throws -> Variable {
    let fits = form == .oneDimensional ? x.shape.count == 2 || x.shape.count == 3 : x.shape.count == 4
    guard fits, x.shape[1] == channels else {
      let expected = form == .oneDimensional ? "[N, \(channels)] or [N, \(channels), L]" : "[N, \(channels), H, W]"
      throw CallerError("\(form.rawValue): x: expected shape \(expected), got \(x.shape.text)")
    }
    if isTraining, BatchShare.current != nil {
      throw CallerError(
        "\(form.rawValue): expected whole batches: several ranks share this one, and each would take its own jets' mean and variance; "
          + "take nn.LayerNorm, or put the layer in evaluation mode")
    }
    func argument(_ name: String) -> ArgumentValue { variable(named: name).map { .tensor($0) } ?? .absent }
    let tracks = settings.tracksRunningStatistics, seen = variable(named: "num_batches_tracked")?.value
    let momentum = settings.momentum ?? seen.map { 1 / (max(0, $0.element(at: 0)) + 1) } ?? 0
    let result = try Engine.applyOne(
      spec,
      [
        .tensor(x), argument("running_mean"), argument("running_var"), argument("weight"), argument("bias"), .flag(isTraining || !tracks),
        .number(momentum), .number(settings.epsilon),
      ])
    if isTraining, let seen {
      seen.pointer(as: Int64.self).pointee &+= 1
      seen.storage.markChanged()
    }
    return result
  }

  public override var summary: String {
    var text = "nn.\(form.rawValue)(\(channels), eps = \(shortText(settings.epsilon)), momentum = \(settings.momentum.map(shortText) ?? "false")"
    if !settings.affine { text += ", affine = false" }
    if !settings.tracksRunningStatistics { text += ", track_running_stats = false" }
    return text + ")"
  }
}
