import TensorCore

/// A setting of an optimizer: from this entry come the option scripts give, its check, the printout and the checkpoint.
public struct OptimizerOption: Sendable {
  /// What scripts call it: `"lr"`.
  public let name: String
  /// The value where none is given, which also fixes the kind.
  public let defaultValue: Value
  /// The numbers that it takes.
  public let limits: Limits
  /// One line for people.
  public let help: String

  /// What an option can hold.
  public enum Value: Sendable, Equatable {
    case number(Double)
    /// Two numbers, as Adam's betas.
    case pair(Double, Double)
    case flag(Bool)
  }

  /// Which numbers an option takes.
  public enum Limits: Sendable {
    case finite
    case notNegative
    /// From 0 to below 1.
    case fraction
  }

  /// What every optimizer has: to go up instead of down.
  static let maximize = OptimizerOption("maximize", .flag(false), "go along the gradients and not against them")

  init(_ name: String, _ defaultValue: Value, limits: Limits = .notNegative, _ help: String) {
    self.name = name
    self.defaultValue = defaultValue
    self.limits = limits
    self.help = help
  }

  /// The value if it is of the option's kind and within its limits; throws CallerError "Adam: lr: expected …, got …".
  func checked(_ value: Value, of optimizer: String) throws -> Value {
    let isGood =
      switch (value, defaultValue) {
      case (.number(let x), .number): allows(x)
      case (.pair(let x, let y), .pair): allows(x) && allows(y)
      case (.flag, .flag): true
      default: false
      }
    guard isGood else { throw CallerError("\(optimizer): \(name): expected \(expectation), got \(value.text)") }
    return value
  }

  private func allows(_ x: Double) -> Bool {
    switch limits {
    case .finite: x.isFinite
    case .notNegative: x.isFinite && x >= 0
    case .fraction: x >= 0 && x < 1
    }
  }

  /// What the option takes, as messages say it.
  public var expectation: String {
    let range =
      switch limits {
      case .finite: ""
      case .notNegative: " of at least 0"
      case .fraction: " of at least 0 and below 1"
      }
    return switch defaultValue {
    case .number: "a number\(range)"
    case .pair: "two numbers\(range)"
    case .flag: "true or false"
    }
  }
}

extension OptimizerOption.Value {
  /// As scripts write it: `0.001`, `{0.9, 0.999}`, `true`.
  public var text: String {
    switch self {
    case .number(let x): shortText(x)
    case .pair(let x, let y): "{\(shortText(x)), \(shortText(y))}"
    case .flag(let on): on ? "true" : "false"
    }
  }
}
