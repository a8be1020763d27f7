/// A block of memory that tensors share.
public final class Storage {
  /// The first byte; valid as long as the storage lives.
  public let pointer: UnsafeMutableRawPointer
  /// Bytes in use; the block may be larger.
  public let byteCount: Int
  /// Grows with every in-place change, so that a gradient rule can tell that what it saved is gone.
  public private(set) var version = 0
  // Where rows are padded with zeros to whole vectors: how many elements of each row are no padding. 0 for other blocks.
  // Strides alone cannot tell padding from the neighbours of a view.
  let paddedRowWidth: Int
  private let owner: AnyObject?

  /// Memory of its own, contents undefined. Throws OutOfMemory.
  public convenience init(byteCount: Int) throws { try self.init(byteCount: byteCount, paddedRowWidth: 0) }

  init(byteCount: Int, paddedRowWidth: Int) throws {
    pointer = try MemoryPool.allocate(byteCount)
    self.byteCount = byteCount
    self.paddedRowWidth = paddedRowWidth
    owner = nil
  }

  /// Takes over a block of `MemoryPool.allocate(byteCount)`.
  init(adopting pointer: UnsafeMutableRawPointer, byteCount: Int) {
    self.pointer = pointer
    self.byteCount = byteCount
    paddedRowWidth = 0
    owner = nil
  }

  /// Memory that belongs to `owner` (a mapped file, say) and is only lent.
  public init(borrowing pointer: UnsafeMutableRawPointer, byteCount: Int, owner: AnyObject) {
    self.pointer = pointer
    self.byteCount = byteCount
    self.owner = owner
    paddedRowWidth = 0
  }

  deinit { if owner == nil { MemoryPool.deallocate(pointer, bytes: byteCount) } }

  /// Says that the numbers changed, so that a gradient rule which saved them raises.
  public func markChanged() { version &+= 1 }
}
