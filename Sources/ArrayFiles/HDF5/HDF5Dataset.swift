import CHDF5
import Synchronization
import TensorCore

/// A data set of an HDF5 file: an array whose first axis is the row.
public final class HDF5Dataset: @unchecked Sendable {
  /// Its path within the file.
  public let name: String
  /// Its shape; `[]` for a single value. An array type of the element adds its axes at the end.
  public let shape: [Int]
  /// What each element is.
  public let element: HDF5Element
  /// Rows of one stored block, which is read as a whole; `nil` where the rows lie one behind the other.
  public let chunkRows: Int?
  /// The file that holds it; it stays open as long as the data set is used.
  public let file: HDF5File

  let handle: HDF5Handle
  let type: HDF5Handle
  /// Number of axes that the data set itself has, without those of its element.
  let rank: Int
  /// The stored blocks where they can be decoded here; `nil` where the library has to.
  let blocks: HDF5Blocks?
  /// The rows where they lie one behind the other in the file.
  let stored: HDF5Rows?
  /// Where the values of a field begin in a stored row of so many bytes, by the field and the type in memory: to ask the library takes
  /// its lock. `nil` where they are to be converted.
  let places = Mutex<[PlaceKey: StoredPlace?]>([:])

  /// Whether lists hold single-precision numbers as memory does, once that was asked, and those who find them that no thread uses now.
  let lists = Mutex<(areFloats: Bool?, idle: [HDF5Lists])>((nil, []))

  struct PlaceKey: Hashable {
    let field: UInt32?
    let kind: HDF5Kind
  }
  struct StoredPlace {
    let offset: Int, size: Int, rowSize: Int
  }

  /// Bytes of decompressed blocks that are kept: a pass over some columns and then one over others, a few thousand rows at a
  /// time, decompresses each block once.
  private static let cacheSize = 16 << 20

  init(_ hdf5: HDF5Functions, file: HDF5File, name: String) throws {
    let fileID = try file.openID()
    let place = "\(file.path): \(name)"
    func open(_ access: hid_t) throws -> HDF5Handle {
      guard let handle = HDF5Handle(hdf5.pointee.H5Dopen2(fileID, name, access), hdf5.pointee.H5Dclose) else {
        throw CallerError(
          "\(place) is no data set that can be read (\(lastHDF5Error(hdf5))); give the path of a data set of this file")
      }
      return handle
    }
    func failure() -> CallerError { CallerError("\(place) cannot be read (\(lastHDF5Error(hdf5))); the file may be damaged") }

    // Opened a first time to learn the size of its blocks, which the size of their cache depends on. Everything that could
    // lead out of the file is refused before the library follows it, which it would on asking a virtual data set's size.
    var first: HDF5Handle? = try open(0)
    guard let probe = first,
      let creation = HDF5Handle(hdf5.pointee.H5Dget_create_plist(probe.id), hdf5.pointee.H5Pclose)
    else { throw failure() }
    try HDF5Dataset.refuseForeignStorage(hdf5, creation.id, place)
    let filters = try HDF5Dataset.checkFilters(hdf5, creation.id, place)
    guard let type = HDF5Handle(hdf5.pointee.H5Dget_type(probe.id), hdf5.pointee.H5Tclose),
      let space = HDF5Handle(hdf5.pointee.H5Dget_space(probe.id), hdf5.pointee.H5Sclose)
    else { throw failure() }
    guard let axes = HDF5Dataset.axes(hdf5, space.id) else {
      throw CallerError("\(place) has no shape that can be read; it holds nothing")
    }
    let described = HDF5Element.describe(hdf5, type: type.id)
    var blockShape: [Int]?
    let layout = hdf5.pointee.H5Pget_layout(creation.id)
    if layout == H5D_CHUNKED, !axes.isEmpty {
      var sizes = [hsize_t](repeating: 0, count: axes.count)
      guard hdf5.pointee.H5Pget_chunk(creation.id, Int32(axes.count), &sizes) == Int32(axes.count) else { throw failure() }
      blockShape = sizes.map { Int(clamping: $0) }
      // The library makes no such blocks, and reads beyond those that it then finds.
      var limits = [hsize_t](repeating: 0, count: axes.count)
      guard hdf5.pointee.H5Sget_simple_extent_dims(space.id, nil, &limits) == Int32(axes.count) else { throw failure() }
      if zip(sizes, limits).contains(where: { $0 > $1 }) {
        throw CallerError("\(place): blocks of shape \(sizes) are larger than the shape \(axes) allows; the file is damaged: copy or download it again")
      }
    }

    guard let access = HDF5Handle(hdf5.pointee.H5Pcreate(hdf5.pointee.datasetAccess), hdf5.pointee.H5Pclose) else { throw failure() }
    let rowSize = HDF5Dataset.rowSize(hdf5, type.id, axes)
    let room = blockShape.flatMap { HDF5Blocks.Layout(shape: $0, axes: axes, rowSize: rowSize, filters: filters) }
    if let blockShape {
      let bytes = blockShape.reduce(hdf5.pointee.H5Tget_size(type.id)) { $0.multipliedReportingOverflow(by: $1).partialValue }
      let size = max(HDF5Dataset.cacheSize, bytes > 0 && bytes < 1 << 28 ? 2 * bytes : 0)
      // 12,421 is a prime, a hundred times the number of usual blocks: two blocks in one slot would push each other out.
      _ = hdf5.pointee.H5Pset_chunk_cache(access.id, 12421, size, 0)
    }
    // The library keeps the first cache while any identifier of the data set is open.
    withExtendedLifetime(probe) {}
    first = nil
    self.file = file
    self.name = name
    self.type = type
    rank = axes.count
    shape = axes + described.shape
    element = described.element
    chunkRows = blockShape?.first
    handle = try open(access.id)
    blocks = room.map { [handle] in HDF5Blocks(handle, $0) }
    if layout == H5D_CONTIGUOUS, let rows = axes.first, let rowSize {
      stored = HDF5Rows(hdf5, file: fileID, dataset: handle.id, rows: rows, rowSize: rowSize)
    } else {
      stored = nil
    }
  }

  /// The name and what is stored, such as `/table/table: 160000 x {index: int64, values_block_0: float32[804]}`.
  public var summary: String { "\(name): \((shape.map(String.init) + [element.description]).joined(separator: " x "))" }

  private static func refuseForeignStorage(_ hdf5: HDF5Functions, _ creation: hid_t, _ place: String) throws {
    if hdf5.pointee.H5Pget_layout(creation) == H5D_VIRTUAL {
      throw CallerError("\(place) is a virtual data set made of other files, which are not read; copy it into one file first")
    }
    if hdf5.pointee.H5Pget_external_count(creation) > 0 {
      throw CallerError(
        "\(place) keeps its values in another file (external storage), which is not read; copy it into one file first")
    }
  }

  /// Bytes of a row as it is stored; `nil` where the sizes cannot be.
  private static func rowSize(_ hdf5: HDF5Functions, _ type: hid_t, _ axes: [Int]) -> Int? {
    var size = hdf5.pointee.H5Tget_size(type)
    for axis in axes.dropFirst() {
      let (next, overflow) = size.multipliedReportingOverflow(by: axis)
      if overflow { return nil }
      size = next
    }
    return size
  }

  /// The filters in the order in which they were applied, with the first of their numbers. Throws where one is not known.
  private static func checkFilters(_ hdf5: HDF5Functions, _ creation: hid_t, _ place: String) throws -> [HDF5Blocks.Filter] {
    let count = hdf5.pointee.H5Pget_nfilters(creation)
    guard count > 0 else { return [] }
    var filters: [HDF5Blocks.Filter] = []
    for index in 0..<UInt32(count) {
      var flags: UInt32 = 0
      var values = 1
      var first: UInt32 = 0
      var configuration: UInt32 = 0
      var name = [CChar](repeating: 0, count: 64)
      let filter = hdf5.pointee.H5Pget_filter2(creation, index, &flags, &values, &first, name.count - 1, &name, &configuration)
      filters.append(HDF5Blocks.Filter(number: filter, value: Int(first)))
      if filter >= 0, hdf5.pointee.H5Zfilter_avail(filter) > 0 { continue }
      _ = lastHDF5Error(hdf5)
      if filter == H5Z_filter_t(HDF5_FILTER_BLOSC) {
        if hdf5_register_blosc(hdf5) == 1 { continue }
        throw CallerError(
          "\(place) is compressed with Blosc, which this machine cannot read; "
            + "install Debian's package hdf5-filter-plugin-blosc-serial")
      }
      let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let title = text.isEmpty ? "\(filter)" : "\(filter) (\(text))"
      throw CallerError(
        "\(place) is compressed with filter \(title), which is not known here; write it again with zlib or Blosc")
    }
    return filters
  }

  private static func axes(_ hdf5: HDF5Functions, _ space: hid_t) -> [Int]? {
    switch hdf5.pointee.H5Sget_simple_extent_type(space) {
    case H5S_SCALAR: return []
    case H5S_SIMPLE:
      let rank = hdf5.pointee.H5Sget_simple_extent_ndims(space)
      guard rank > 0, rank <= 32 else { return nil }
      var sizes = [hsize_t](repeating: 0, count: Int(rank))
      guard hdf5.pointee.H5Sget_simple_extent_dims(space, &sizes, nil) == rank else { return nil }
      let axes = sizes.compactMap { Int(exactly: $0) }
      return axes.count == sizes.count ? axes : nil
    default: return nil
    }
  }
}
