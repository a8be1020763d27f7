import CLineEditor
import Glibc
import LuaBindings
import SystemServices

/// Reads statements and expressions, runs them and prints what they give, until the input ends; `?name` shows help.
///
/// At a terminal jetlua's Lua library (`internal/prompt`) compiles and shows; otherwise all is as in the standalone interpreter.
struct Prompt {
  let host: LuaHost
  /// jetlua's modules, which are globals here.
  let modules: [String]

  func run() {
    host.makeGlobalsOnDemand(modules)
    line_use_stop(LuaHost.stopQuestion)
    if line_is_terminal() {
      if let path = historyPath {
        History.tidy(path)
        line_use_history(path)
      }
      if let folder = Installation.bundledLocales { line_use_locales(folder) }
      if host.assistPrompt(colours: showsColours) { line_use_completer(LuaHost.promptCompleter, host.promptContext) }
    }
    while let typed = statement() { line_remember(typed) }
    puts("")
    fflush(nil)
  }

  /// Reads lines until they are complete and runs them; nil at the end of the input.
  private func statement() -> [CChar]? {
    var text: [CChar] = []
    var first = true
    while true {
      let prompt = first ? host.prompt("_PROMPT", otherwise: "> ") : host.prompt("_PROMPT2", otherwise: ">> ")
      var line: UnsafeMutablePointer<CChar>?
      switch line_read(prompt, &line) {
      case LINE_READ:
        defer { free(line) }
        if !first { text.append(CChar(UInt8(ascii: "\n"))) }
        if let line { text += UnsafeBufferPointer(start: line, count: strlen(line)) }
      case LINE_INTERRUPTED:
        return [0]
      default:
        if !first, !LuaHost.wasStopped { _ = host.runTyped(text, last: true) }
        return nil
      }
      if first, let question = question(in: text) {
        _ = host.runTyped(question, last: true)
        return text + [0]
      }
      first = false
      if host.runTyped(text, last: false) { return text + [0] }
    }
  }

  /// What `?words` stands for: no statement of Lua begins with a question mark.
  private func question(in text: [CChar]) -> [CChar]? {
    let blank = CChar(UInt8(ascii: " "))
    let words = text.drop { $0 == blank }
    guard words.first == CChar(UInt8(ascii: "?")) else { return nil }
    func characters(_ s: StaticString) -> [CChar] { s.withUTF8Buffer { $0.map { CChar(bitPattern: $0) } } }
    return characters("require('jetlua.help').prompt([=======[") + words.dropFirst() + characters("]=======])")
  }

  /// See no-color.org; a dumb terminal would show the codes.
  private var showsColours: Bool {
    if let wish = getenv("NO_COLOR"), wish[0] != 0 { return false }
    guard let terminal = getenv("TERM") else { return false }
    return strcmp(terminal, "dumb") != 0 && terminal[0] != 0 && isatty(STDERR_FILENO) != 0
  }

  private var historyPath: String? {
    if let path = getenv("JETLUA_HISTORY") { return path[0] == 0 ? nil : String(cString: path) }
    return getenv("HOME").map { String(cString: $0) + "/.jetlua_history" }
  }
}
