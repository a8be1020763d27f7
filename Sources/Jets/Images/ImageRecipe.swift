/// How the images of a set were made.
public enum ImageRecipe: Hashable, Sendable {
  /// pT in the plane of pseudorapidity and azimuth.
  case jet(JetImageRecipe)
  /// A Lund plane.
  case lund(LundImageRecipe)

  /// Rows and columns of an image.
  public var size: Int {
    switch self {
    case .jet(let recipe): recipe.size
    case .lund(let recipe): recipe.size
    }
  }

  /// Number of pixels, `size`².
  public var pixelCount: Int { size * size }

  /// Most active pixels of the image of a jet of `constituents` slots.
  func mostActive(constituents: Int) -> Int {
    if case .jet(let recipe) = self, recipe.blur > 0 { return pixelCount }
    return min(constituents, pixelCount)
  }

  /// The recipe in one line that names every setting; equal recipes have equal texts, in every build.
  public var text: String {
    switch self {
    case .jet(let recipe): recipe.text
    case .lund(let recipe): recipe.text
    }
  }

  /// What differs from `other`, such as `deta=0.03, not 0.029`; "" where nothing does.
  public func difference(from other: ImageRecipe) -> String {
    switch (self, other) {
    case (.jet, .lund): return "jet images, not Lund images"
    case (.lund, .jet): return "Lund images, not jet images"
    default: break
    }
    return zip(text.split(separator: " "), other.text.split(separator: " ")).filter { $0 != $1 }.map { mine, theirs in
      "\(mine), not \(theirs.drop { $0 != "=" }.dropFirst())"
    }.joined(separator: ", ")
  }

  func makePixels(constituents: Int) throws -> any PixelMaker {
    switch self {
    case .jet(let recipe): try JetImageMaker(recipe: recipe, constituents: constituents)
    case .lund(let recipe): try LundImageMaker(recipe: recipe, constituents: constituents)
    }
  }
}
