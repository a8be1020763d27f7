import Glibc

/// The command line, by the rules of the standalone interpreter: options up to the first word that is none.
struct Invocation {
  enum Failure {
    /// The position of the option that is wrong or lacks its argument.
    case badOption(Int)
    /// An option of jetlua's own has a value that it cannot take.
    case badValue(String)
  }

  let arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  let count: Int
  /// Position of the script; `count` when there is none.
  private(set) var script: Int
  private(set) var interactive = false
  private(set) var showVersion = false
  private(set) var ignoreEnvironment = false
  private(set) var hasText = false
  private(set) var failure: Failure?
  private(set) var settings = Settings()

  init(_ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, count: Int) {
    self.arguments = arguments
    self.count = count
    script = count
    var position = 1
    while position < count {
      let word = arguments[position].map { String(cString: $0) } ?? ""
      let rest = word.dropFirst(2)
      guard word.hasPrefix("-"), word != "-" else { break }
      switch word.dropFirst().first {
      case "-" where rest.isEmpty:
        script = position + 1
        return
      case "-":
        do {
          guard try settings.take(word, next: position + 1 < count ? arguments[position + 1].map { String(cString: $0) } : nil)
          else {
            failure = .badOption(position)
            return
          }
          if Settings.takesValue(word) { position += 1 }
        } catch {
          failure = .badValue("\(error)")
          return
        }
      case "E" where rest.isEmpty: ignoreEnvironment = true
      case "W" where rest.isEmpty: break
      case "i" where rest.isEmpty:
        interactive = true
        showVersion = true
      case "v" where rest.isEmpty: showVersion = true
      case "e", "l":
        if word.hasPrefix("-e") { hasText = true }
        if rest.isEmpty {
          position += 1
          guard position < count, let next = arguments[position], next[0] != CChar(UInt8(ascii: "-")) else {
            failure = .badOption(position - 1)
            return
          }
        }
      default:
        failure = .badOption(position)
        return
      }
      position += 1
    }
    script = position
  }

  /// As `--quiet`: for a rank whose output is not shown.
  mutating func fallSilent() { settings.fallSilent() }

  enum Action {
    case text(UnsafePointer<CChar>)
    case library(UnsafePointer<CChar>)
    case warnings
  }

  /// What -e, -l and -W ask for, in order.
  var actions: [Action] {
    var actions: [Action] = []
    var position = 1
    while position < script, let word = arguments[position] {
      let letter = word[1]
      if Settings.takesValue(String(cString: word)) { position += 1 }
      if letter == CChar(UInt8(ascii: "W")) { actions.append(.warnings) }
      if letter == CChar(UInt8(ascii: "e")) || letter == CChar(UInt8(ascii: "l")) {
        var operand = UnsafePointer(word + 2)
        if operand[0] == 0, position + 1 < count, let next = arguments[position + 1] {
          position += 1
          operand = UnsafePointer(next)
        }
        actions.append(letter == CChar(UInt8(ascii: "e")) ? .text(operand) : .library(operand))
      }
      position += 1
    }
    return actions
  }
}
