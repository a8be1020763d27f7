import SystemServices
import TensorCore

extension LuaHost {
  /// Module `jetlua.core.zip`: ZIP files that are whole or absent, written and read entry by entry.
  func openZipLibrary() throws {
    let library = try library("zip")
    // write(path, {{name =, text = | file =, stored = false}, …}): in this order; the same entries give the same bytes.
    try library.function("write") { call in
      let path = try call.path(at: 1)
      var entries: [(name: String, text: [UInt8]?, file: String?, isStored: Bool)] = []
      try call.argument(at: 2, "entries").forEachItem { _, item in
        var entry: (name: String, text: [UInt8]?, file: String?, isStored: Bool) = ("", nil, nil, false)
        try item.forEachField { key, value in
          switch key {
          case "name": entry.name = try value.path()
          case "text": entry.text = try value.bytes()
          case "file": entry.file = try value.path()
          case "stored": entry.isStored = try value.bool()
          default: throw value.mistake(expected: "the keys name, text, file and stored")
          }
        }
        entries.append(entry)
      }
      try call.system {
        let writer = try ZipWriter(path: path)
        for entry in entries {
          let bytes = try entry.text ?? entry.file.map { try FileSystem.read($0) } ?? []
          try bytes.withUnsafeBytes { try writer.add(entry.name, [$0], level: entry.isStored ? 0 : 6) { Interrupted.isRequested } }
        }
        try writer.commit()
      }
      return call.returns()
    }
    try library.function("list") { call in  // list(path): {{name =, size =, stored_size =, regular =}, …}
      let path = try call.path(at: 1)
      let entries = try call.system { try ZipReader(ByteSource(path: path)).entries }
      return try call.returns(
        .array(
          entries.map {
            .record([
              ("name", .string($0.name)), ("size", .integer($0.size)), ("stored_size", .integer($0.storedSize)), ("regular", .boolean($0.isRegular)),
            ])
          }))
    }
    try library.function("read") { call in  // read(path, name, limit): the bytes of an entry; nil where there is none
      let path = try call.path(at: 1)
      let name = try call.path(at: 2, "name")
      let limit = try call.integer(at: 3, "limit", in: 0...Int.max)
      let bytes: [UInt8]? = try call.system {
        let reader = try ZipReader(ByteSource(path: path))
        guard let entry = reader.entries.first(where: { $0.name == name }) else { return nil }
        guard entry.size <= limit else {
          throw SystemError("\(path): \(name) has \(entry.size) bytes, more than the \(limit) that are read")
        }
        let stream = try reader.open(entry)
        // In pieces: a size that is a lie is found out before the memory is there.
        var bytes: [UInt8] = []
        while bytes.count < entry.size {
          if Interrupted.isRequested { throw SystemError.interrupted }
          var piece = [UInt8](repeating: 0, count: min(1 << 20, entry.size - bytes.count))
          try piece.withUnsafeMutableBytes { try stream.read(into: $0) }
          bytes += piece
        }
        try stream.finish()
        return bytes
      }
      guard let bytes else { return call.returnsNil() }
      return try call.returns(.bytes(bytes))
    }
  }
}
