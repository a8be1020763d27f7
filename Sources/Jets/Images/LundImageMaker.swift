import Glibc

/// Makes one sparse Lund image after another in buffers it reuses; one per thread.
public final class LundImageMaker: PixelMaker {
  /// The recipe every image follows.
  public let recipe: LundImageRecipe

  let pixels: PixelAccumulator
  private let scratch: ConstituentScratch
  private let tree: Recombination

  /// A maker for jets of at most `constituents` slots. Throws `CallerError` for a recipe out of range.
  public init(recipe: LundImageRecipe = LundImageRecipe(), constituents: Int) throws {
    try recipe.check()
    self.recipe = recipe
    scratch = ConstituentScratch(capacity: constituents)
    tree = Recombination(capacity: scratch.capacity)
    pixels = PixelAccumulator(pixelCount: recipe.pixelCount, capacity: scratch.capacity)
  }

  /// The image of one jet as (pixel, value) pairs in ascending order of pixel = row · size + column, counted from 0.
  ///
  /// Empty for a jet of fewer than two constituents, with all of them in one point, with a defect (NaN, infinite, negative energy), or
  /// without a step in the window.
  public func image(of constituents: [FourVector]) -> [(pixel: Int, value: Double)] {
    guard constituents.count <= scratch.capacity, JetKinematics(constituents: constituents).defect == nil else { return [] }
    tree.load(constituents)
    let active = fillPixels()
    return (0..<active).map { (Int(pixels.indices[$0]), pixels.values[$0]) }
  }

  func load(_ values: UnsafePointer<Float>, slots: Int) -> JetKinematics {
    let kinematics = scratch.load(values, slots: slots, angles: false)
    if kinematics.defect == nil { tree.load(values, slots: slots) } else { tree.clear() }
    return kinematics
  }

  func fillPixels() -> Int {
    tree.run(.cambridgeAachen)
    guard let jet = tree.hardest else { return 0 }
    let size = Double(recipe.size)
    tree.forEachSplitting(of: jet, lastPlane: recipe.plane - 1) { step in
      guard step.plane == recipe.plane - 1, step.kt > 0, step.kt >= recipe.minimumKt else { return }
      guard let column = bin(-log(step.delta), recipe.xRange[0], recipe.xRange[1], size),
        let row = bin(log(step.kt), recipe.yRange[0], recipe.yRange[1], size)
      else { return }
      let weight =
        switch recipe.weight {
        case .one: 1.0
        case .kt: step.kt
        case .z: step.z
        case .kappa: step.z * step.delta
        }
      pixels.add(weight, to: row * recipe.size + column)
    }
    return pixels.finish(normalise: recipe.normalise)
  }

  /// The bin of `value` among `count` equal ones, the last with its upper end; `nil` outside.
  @inline(__always)
  private func bin(_ value: Double, _ low: Double, _ high: Double, _ count: Double) -> Int? {
    guard value >= low, value <= high else { return nil }
    return Int(min(((value - low) / (high - low) * count).rounded(.down), count - 1))
  }
}
