import Autodiff
import Jets
import TensorCore

extension ImageSet: PreparedSet {
  /// Indices of the jets, and the pixels where they lie in memory and not in the mapped file.
  public var offHeapBytes: Int { isMapped ? count * 4 : activeBytes }
  func column(_ name: String) -> JetColumnValues? { column(name, positions: nil) }
}

extension ImageBatch: PreparedBatch {
  /// Pixels, and the columns that come with them.
  public var offHeapBytes: Int { x.byteCount + count * 8 }
  var text: String { "a batch of \(count) images of \(x.columns) pixels" }
}

extension ImageBatches: PreparedBatches {}

extension PreparedWords {
  fileprivate static let images = PreparedWords(
    set: "jets.Images", batches: "jets.Batches", batch: "jets.Batch", method: "images()", noun: "images",
    printedBatch: "a batch of 10 images of 1600 pixels")
}

extension LuaHost {
  func openImageSets() throws {
    let images = try declare(ImageSet.self, as: "image set", help: """
      @class jets.Images
      @operator len: integer
      Images of jets, one sparse row each, with the columns of their jets. `#images` counts them.
      @field label tensor? of each jet
      @field mass tensor in GeV
      @field pt tensor in GeV
      @field weight tensor of each jet
      @field index tensor row of the source file, from 0
          images = jets.sample():take(100):images()
          images --> 100 images of 40 x 40 pixels, jets of …, 0 without a pixel
      """)
    try images.metamethod("__tostring") { call in
      let set = try call.images
      let size = set.recipe.size
      return try call.returns("\(set.count) images of \(size) x \(size) pixels, jets of \(set.path), \(set.emptyCount) without a pixel")
    }
    try images.property("x", help: """
      @type sparse_rows
      One row of size · size pixels per jet, row by row from the lowest y.
      """) { call in try call.returns(call.images.sparseRows()) }
    try images.property("recipe", help: """
      @type table
      The options that make such images again: `jets.open(path):images(model.recipe)`, or `:lund_images` where its `kind` is "lund".
      """) { call in try call.returns(call.images.recipe.optionTable) }
    try images.property("empty", help: """
      @type integer
      How many images have no pixel.
      """) { call in call.returns(try call.images.emptyCount) }
    try images.method("images", help: """
      The set itself, so that a file of ready images and one of jets are used alike.
      @return jets.Images self
          images = jets.sample():take(10):images()
          images:images() == images --> true
      """) { call in
      _ = try call.images
      return try call.returns(call.argument(at: 1, "self"))
    }
    try images.method("mean", help: """
      The average image [size, size], row 1 at the lowest y.
      @return tensor
          jets.sample():take(100):images():mean().shape --> {40, 40}
      """) { call in  // [size, size], row 1 at the lowest y
      let set = try call.images
      return try call.returns(Variable(Tensor(set.mean(), shape: [set.recipe.size, set.recipe.size])))
    }
    try openPrepared(images, .images)
    try openBatches(ImageBatches.self, as: "batches", batch: "batch", .images).property("x", help: """
      @type sparse_rows
      One row of pixels per jet.
      """) { call in try call.returns(call.object(at: 1, "self", ImageBatch.self).x) }
  }
}

extension Call {
  fileprivate var images: ImageSet { get throws { try object(at: 1, "self", ImageSet.self) } }
}
