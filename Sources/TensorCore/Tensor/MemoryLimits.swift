import Glibc

/// What of the machine's memory this process may have.
enum MemoryLimits {
  /// Bytes: the least of the machine's memory, the limits of the control groups that the process is in, and those of `ulimit -v` and `-d`.
  static var available: Int {
    let pages = sysconf(Int32(_SC_PHYS_PAGES)), size = sysconf(Int32(_SC_PAGESIZE))
    let (bytes, overflows) = pages.multipliedReportingOverflow(by: size)
    let physical = pages > 0 && size > 0 && !overflows ? bytes : 4 << 30
    return ([physical, limit(of: RLIMIT_AS), limit(of: RLIMIT_DATA)] + ofControlGroups).compactMap { $0 }.min() ?? physical
  }

  private static func limit(of resource: __rlimit_resource) -> Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { return nil }
    return Int(exactly: limit.rlim_cur)
  }

  // A group's own limit and those of the groups around it hold. Version 1 writes a number beyond all memory where there is none, version 2 a word.
  private static var ofControlGroups: [Int?] {
    var limits: [Int?] = []
    for line in text(of: "/proc/self/cgroup").split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let isFirst = fields[1].split(separator: ",").contains("memory")
      guard isFirst || fields[1].isEmpty else { continue }
      let root = isFirst ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup", name = isFirst ? "memory.limit_in_bytes" : "memory.max"
      var folders = fields[2].split(separator: "/")
      while true {
        let folder = folders.reduce(root) { $0 + "/" + $1 }
        limits.append(Int(text(of: folder + "/" + name).prefix { $0.isNumber }))
        if folders.popLast() == nil { break }
      }
    }
    return limits
  }

  // The beginning of a small file; empty where it cannot be read.
  private static func text(of path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }
}
