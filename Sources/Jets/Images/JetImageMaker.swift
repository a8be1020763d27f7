import Glibc

/// Makes one sparse image after another in buffers it reuses; one per thread.
public final class JetImageMaker: PixelMaker {
  /// The recipe every image follows.
  public let recipe: JetImageRecipe

  let pixels: PixelAccumulator
  private let scratch: ConstituentScratch
  private let x: UnsafeMutablePointer<Double>
  private let y: UnsafeMutablePointer<Double>
  private let blur: GaussianBlur?

  /// A maker for jets of at most `constituents` slots. Throws `CallerError` for a recipe out of range.
  public init(recipe: JetImageRecipe = JetImageRecipe(), constituents: Int) throws {
    try recipe.check()
    self.recipe = recipe
    scratch = ConstituentScratch(capacity: constituents)
    let capacity = scratch.capacity
    x = .allocate(capacity: capacity)
    y = .allocate(capacity: capacity)
    blur = recipe.blur > 0 ? GaussianBlur(size: recipe.size, sigma: recipe.blur) : nil
    pixels = PixelAccumulator(pixelCount: recipe.pixelCount, capacity: blur == nil ? capacity : max(capacity, recipe.pixelCount))
  }

  deinit {
    x.deallocate()
    y.deallocate()
  }

  /// The image of one jet as (pixel, value) pairs in ascending order of pixel = row · size + column, counted from 0.
  ///
  /// Empty for a jet without transverse momentum, with a defect (NaN, infinite, negative energy), or wholly outside the crop.
  public func image(of constituents: [FourVector]) -> [(pixel: Int, value: Double)] {
    guard constituents.count <= scratch.capacity, scratch.load(constituents).defect == nil else { return [] }
    let active = fillPixels()
    return (0..<active).map { (Int(pixels.indices[$0]), pixels.values[$0]) }
  }

  func load(_ values: UnsafePointer<Float>, slots: Int) -> JetKinematics { scratch.load(values, slots: slots, angles: true) }

  func fillPixels() -> Int {
    let count = scratch.count
    guard count > 0 else { return 0 }
    align(count)
    return rasterise(count)
  }

  private func align(_ count: Int) {
    var hardest = 0
    for i in 1..<max(1, count) where scratch.pt[i] > scratch.pt[hardest] { hardest = i }
    let originEta = recipe.center ? 0 : scratch.eta[hardest]
    let originPhi = scratch.phi[hardest]
    var total = 0.0, meanX = 0.0, meanY = 0.0
    for i in 0..<count {
      let weight = scratch.pt[i]
      x[i] = scratch.eta[i] - originEta
      y[i] = wrappedAzimuth(scratch.phi[i] - originPhi)
      total += weight
      meanX += weight * x[i]
      meanY += weight * y[i]
    }
    if recipe.center {
      meanX /= total
      meanY /= total
      for i in 0..<count {
        x[i] -= meanX
        y[i] -= meanY
      }
    }
    if recipe.rotate { rotate(count, totalWeight: total) }
    if recipe.flip {
      flip(x, count, heavySide: -1)
      flip(y, count, heavySide: 1)
    }
  }

  /// Turns the leading eigenvector of [[Σwx², Σwxy], [Σwxy, Σwy²]] onto the y axis; its sign does not matter, the flips decide.
  private func rotate(_ count: Int, totalWeight: Double) {
    var xx = 0.0, xy = 0.0, yy = 0.0
    for i in 0..<count {
      let weight = scratch.pt[i] / totalWeight
      xx += weight * x[i] * x[i]
      xy += weight * x[i] * y[i]
      yy += weight * y[i] * y[i]
    }
    // With equal moments every direction is leading, so the jet stays as it is.
    guard xy != 0 || xx != yy else { return }
    let angle = 0.5 * atan2(2 * xy, xx - yy)
    let cosine = cos(angle), sine = sin(angle)
    for i in 0..<count {
      let along = x[i] * cosine + y[i] * sine
      x[i] = x[i] * sine - y[i] * cosine
      y[i] = along
    }
  }

  /// Mirrors `coordinate` unless at least as much pT lies on the side asked for as on the other; a tie stays as it is.
  private func flip(_ coordinate: UnsafeMutablePointer<Double>, _ count: Int, heavySide: Double) {
    var balance = 0.0
    for i in 0..<count where coordinate[i] != 0 {
      balance += (coordinate[i] > 0) == (heavySide > 0) ? scratch.pt[i] : -scratch.pt[i]
    }
    guard balance < 0 else { return }
    for i in 0..<count { coordinate[i] = -coordinate[i] }
  }

  private func rasterise(_ count: Int) -> Int {
    let size = recipe.size
    let limit = Double(size)
    let firstColumn = (2.6 / recipe.deta).rounded() - Double(size / 2)
    let firstRow = (Double.pi / recipe.dphi).rounded() - Double(size / 2)
    for i in 0..<count {
      let column = ((x[i] + 2.6) / recipe.deta).rounded() - firstColumn
      let row = ((y[i] + .pi) / recipe.dphi).rounded() - firstRow
      guard column >= 0, column < limit, row >= 0, row < limit else { continue }
      let pixel = Int(row) * size + Int(column)
      let weight =
        switch recipe.weight {
        case .pt: scratch.pt[i]
        case .energy: scratch.energy[i]
        case .one: 1.0
        }
      pixels.add(weight, to: pixel, replaces: recipe.combine == .overwrite)
    }
    return pixels.finish(power: recipe.power, blur: blur, normalise: recipe.normalise)
  }
}
