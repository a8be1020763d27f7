/// The message of the error that `body` throws; `"no error"` where it throws none.
public func message(of body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch { return "\(error)" }
}
