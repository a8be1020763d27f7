import CSystem
import Glibc

/// The computer, the process and the clock.
public enum Machine {
  /// The name of this computer; empty where the system does not say.
  public static var hostName: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
    return buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
  }

  /// The number of this process.
  public static var processID: Int { Int(getpid()) }

  /// The processor's name as the kernel gives it, such as `Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz`.
  public static var processorName: String {
    value(of: "model name", in: "/proc/cpuinfo") ?? "unknown processor"
  }

  /// Number of processors that this process may run on.
  public static var processorCount: Int { Int(system_processor_count()) }

  /// Bytes of memory of this computer; 4 GiB where the kernel does not say.
  public static var physicalMemory: Int {
    let pages = sysconf(Int32(_SC_PHYS_PAGES)), size = sysconf(Int32(_SC_PAGESIZE))
    let (bytes, overflows) = pages.multipliedReportingOverflow(by: size)
    return pages > 0 && size > 0 && !overflows ? bytes : 4 << 30
  }

  /// The local time as names of files have it: `20260131-235959`.
  public static var timeStamp: String {
    var now = Glibc.time(nil)
    var parts = tm()
    localtime_r(&now, &parts)
    func digits(_ number: Int32, _ count: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    return digits(parts.tm_year + 1900, 4) + digits(parts.tm_mon + 1, 2) + digits(parts.tm_mday, 2) + "-"
      + digits(parts.tm_hour, 2) + digits(parts.tm_min, 2) + digits(parts.tm_sec, 2)
  }

  /// The operating system's name, such as `Debian GNU/Linux 12 (bookworm)`.
  public static var operatingSystem: String {
    guard let text = try? FileSystem.readText("/etc/os-release", limit: 1 << 16) else { return "Linux" }
    for line in text.split(separator: "\n") where line.hasPrefix("PRETTY_NAME=") {
      return String(line.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" })
    }
    return "Linux"
  }

  /// Memory of this process in bytes; each is 0 where the kernel does not say.
  public struct Memory: Equatable, Sendable {
    /// What is in memory now.
    public let resident: Int
    /// The part of it that is no file's.
    public let anonymous: Int
    /// The most that was ever in memory.
    public let peak: Int
  }

  /// Memory of this process now.
  public static var memory: Memory {
    func bytes(_ name: String) -> Int {
      guard let first = value(of: name, in: "/proc/self/status")?.split(separator: " ").first, let kilobytes = Int(first) else {
        return 0
      }
      return kilobytes.multipliedReportingOverflow(by: 1024).partialValue
    }
    return Memory(resident: bytes("VmRSS"), anonymous: bytes("RssAnon"), peak: bytes("VmHWM"))
  }

  /// Seconds since the beginning of 1970, to the microsecond.
  public static var unixTime: Double { seconds(CLOCK_REALTIME) }

  /// Seconds on a clock that is never set, from an arbitrary beginning.
  public static var monotonicTime: Double { seconds(CLOCK_MONOTONIC) }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// The text behind the first `name … :` of a file of such lines.
  private static func value(of name: String, in path: String) -> String? {
    guard let text = try? FileSystem.readText(path, limit: 1 << 24) else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let rest = line[line.index(after: colon)...]
      return String(rest.drop { $0 == " " || $0 == "\t" })
    }
    return nil
  }
}
