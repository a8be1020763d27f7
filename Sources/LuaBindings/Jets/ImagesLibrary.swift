import Autodiff
import Jets
import TensorCore

extension ImageSet: LuaObject {
  /// Indices of the jets, and the pixels where they lie in memory and not in the mapped file.
  public var offHeapBytes: Int { isMapped ? count * 4 : activeBytes }
}

extension ImageBatch: LuaObject {
  /// Pixels, and the columns that come with them.
  public var offHeapBytes: Int { x.byteCount + count * 8 }
}

extension ImageBatches: LuaObject {}

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
    try images.metamethod("__len") { call in call.returns(try call.images.count) }
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
    try images.method("class_name", help: """
      The name of a label, "qcd" or "top"; nil for one without a name.
      @param label integer
      @return string?
          jets.sample():take(10):images():class_name(0) --> qcd
      """) { call in try call.returnsClassName(call.images.classNames) }
    try images.property("path", help: """
      @type string
      The file the jets come from.
      """) { call in try call.returns(call.images.path) }
    try images.property("empty", help: """
      @type integer
      How many images have no pixel.
      """) { call in call.returns(try call.images.emptyCount) }
    try images.index { call in
      guard call.argument(at: 2, "column").kind == .string, let column = try call.images.column(call.string(at: 2, "column")) else {
        return call.returnsNil()
      }
      return try call.returns(column.variable())
    }
    try images.method("images", help: """
      The set itself, so that a file of ready images and one of jets are used alike.
      @return jets.Images self
          images = jets.sample():take(10):images()
          images:images() == images --> true
      """) { call in
      _ = try call.images
      return try call.returns(call.argument(at: 1, "self"))
    }
    try images.method("split", help: """
      Two disjoint sets, of `fraction` of the images and of the others, drawn by a seeded permutation.
      @param fraction number in (0, 1)
      @param options? {shuffle: boolean} default true
      @return jets.Images
      @return jets.Images
          a, b = jets.sample():take(100):images():split(0.8)
          #a, #b --> 80 20
      """) { call in  // split(fraction [, {shuffle = true}])
      try call.expectAtMost(3)
      let options = try call.options(at: 3, keys: ["shuffle"])
      let (first, second) = try call.images.split(call.number(at: 2, "fraction"), permutation: call.selectionOrder(options))
      return try call.returns(.object(first), .object(second))
    }
    try images.method("mean", help: """
      The average image [size, size], row 1 at the lowest y.
      @return tensor
          jets.sample():take(100):images():mean().shape --> {40, 40}
      """) { call in  // [size, size], row 1 at the lowest y
      let set = try call.images
      return try call.returns(Variable(Tensor(set.mean(), shape: [set.recipe.size, set.recipe.size])))
    }
    try images.method("batches", help: """
      An iterator over batches: `for batch in images:batches(256) do`, with the fields `x label mass pt weight index`.
      @param n integer images in a batch; the last one may have fewer
      @param options? {shuffle: boolean, forever: boolean} a new order each pass (default true); no end (default false)
      @return jets.Batches
          jets.sample():take(1000):images():batches(256) --> 4 batches
      """) { call in  // batches(n [, {shuffle = true, forever = false}])
      try call.expectAtMost(3)
      let set = try call.images
      let size = try call.integer(at: 2, "n", in: 1...Int.max)
      let options = try call.options(at: 3, keys: ["shuffle", "forever"])
      let shuffle = try options.bool("shuffle", default: true)
      return try call.returns(
        set.batches(
          size, permutation: shuffle ? { RandomStream.order.permutation($0) } : nil, forever: options.bool("forever", default: false)))
    }
    try openBatches()
  }

  private func openBatches() throws {
    let batches = try declare(ImageBatches.self, as: "batches", help: """
      @class jets.Batches
      @operator len: integer
      @operator call: jets.Batch
      An iterator over batches; `#batches` counts them.
          #jets.sample():take(1000):images():batches(256) --> 4
      """)
    try batches.metamethod("__call", called: "batches") { call in
      guard let batch = try call.object(at: 1, "self", ImageBatches.self).nextBatch() else { return call.returnsNil() }
      return try call.returns(batch)
    }
    try batches.metamethod("__len") { call in
      let object = try call.object(at: 1, "self", ImageBatches.self)
      guard !object.isForever else { throw CallerError("batches: these batches have no end and so no number; say total = in progress") }
      return call.returns(object.count)
    }
    try batches.metamethod("__tostring") { call in
      let object = try call.object(at: 1, "self", ImageBatches.self)
      return try call.returns(object.isForever ? "batches without end, \(object.count) a pass" : "\(object.count) batches")
    }
    let batch = try declare(ImageBatch.self, as: "batch", help: """
      @class jets.Batch
      @operator len: integer
      Some images with the columns of their jets; `#batch` counts them.
      @field label tensor? of each jet
      @field mass tensor in GeV
      @field pt tensor in GeV
      @field weight tensor of each jet
      @field index tensor row of the source file, from 0
          for batch in jets.sample():take(10):images():batches(10) do
            print(batch)
          end
          nil --> a batch of 10 images of 1600 pixels nil
      """)
    try batch.metamethod("__len") { call in call.returns(try call.object(at: 1, "self", ImageBatch.self).count) }
    try batch.metamethod("__tostring") { call in
      let object = try call.object(at: 1, "self", ImageBatch.self)
      return try call.returns("a batch of \(object.count) images of \(object.x.columns) pixels")
    }
    try batch.property("x", help: """
      @type sparse_rows
      One row of pixels per jet.
      """) { call in try call.returns(call.object(at: 1, "self", ImageBatch.self).x) }
    try batch.index { call in
      guard call.argument(at: 2, "column").kind == .string,
        let column = try call.object(at: 1, "self", ImageBatch.self).column(call.string(at: 2, "column"))
      else { return call.returnsNil() }
      return try call.returns(column.variable())
    }
  }
}

extension Call {
  fileprivate var images: ImageSet { get throws { try object(at: 1, "self", ImageSet.self) } }
}
