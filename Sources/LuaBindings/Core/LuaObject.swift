/// A final class whose instances a script can hold as userdata.
public protocol LuaObject: AnyObject {
  /// Bytes the object keeps outside Lua's heap, read when it is handed to Lua; they make Lua's collector run sooner.
  var offHeapBytes: Int { get }
  /// Whether what it was computed from must stay reachable for Lua's collector while it lives.
  var needsLinks: Bool { get }
}

extension LuaObject {
  /// None, where a class says nothing else.
  public var offHeapBytes: Int { 0 }
  /// It does not, where a class says nothing else.
  public var needsLinks: Bool { false }

  /// Says which class a userdata is of: the address of the type's own description, one per class and process.
  @inline(__always)
  static var tag: UnsafeRawPointer? { UnsafeRawPointer(bitPattern: UInt(bitPattern: ObjectIdentifier(Self.self))) }
}
