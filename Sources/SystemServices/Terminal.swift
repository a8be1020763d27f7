import CSystem
import Glibc

/// The terminal, where there is one.
public enum Terminal {
  /// Whether the descriptor (0 input, 1 output, 2 errors) leads to a terminal.
  public static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// The number of columns to write in: the terminal's, else the variable `COLUMNS`, else 80.
  public static var columns: Int {
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      let columns = Int(system_terminal_columns(descriptor))
      if columns > 0 { return columns }
    }
    if let text = Environment.value("COLUMNS"), let columns = Int(text), (1...10_000).contains(columns) { return columns }
    return 80
  }

  /// Writes bytes to the descriptor at once, past every buffer; what cannot be written is dropped.
  public static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var start = 0
    bytes.withUnsafeBytes { buffer in
      while start < buffer.count {
        let written = Glibc.write(descriptor, buffer.baseAddress.map { $0 + start }, buffer.count - start)
        if written < 0, errno == EINTR { continue }
        if written <= 0 { return }
        start += written
      }
    }
  }
}
