import Foundation
import Jets
import TestSupport
import Testing

@Suite struct JetImageTests {
  private func particles(_ jet: [String: Any]) -> [FourVector] {
    jet.rows("pt_eta_phi").map { FourVector(pt: $0[0], eta: $0[1], phi: $0[2]) }
  }

  @Test(arguments: [JetImageRecipe.Combination.sum, .overwrite])
  func jetImageVectors(combine: JetImageRecipe.Combination) throws {
    let cases = try Fixture.group("jet_image")
    #expect(cases.count == 5)
    var recipe = JetImageRecipe()
    recipe.combine = combine
    let maker = try JetImageMaker(recipe: recipe, constituents: 4)
    for jet in cases {
      let expected = jet.rows("nonzero_row_col_value_\(combine.rawValue)")
      let got = maker.image(of: particles(jet))
      #expect(got.map(\.pixel) == expected.map { Int($0[0]) * 40 + Int($0[1]) })
      for (pixel, row) in zip(got, expected) { #expect(abs(pixel.value - row[2]) < 1e-12) }
    }
  }

  @Test func imageDoesNotChangeUnderRotationAboutTheBeamMirrorAndOrder() throws {
    let maker = try JetImageMaker(constituents: 4)
    let jet = [(300.0, 0.1, 0.2), (150, -0.25, 0.35), (100, 0.3, -0.1), (20, 0.05, 0.25)]
    let reference = maker.image(of: jet.map { FourVector(pt: $0.0, eta: $0.1, phi: $0.2) })
    for shift in [0.0, 1.0, 2.9, 3.1, -3.0] {
      for mirror in [1.0, -1.0] {
        let moved = jet.reversed().map { FourVector(pt: $0.0, eta: mirror * $0.1, phi: mirror * ($0.2 + shift)) }
        let image = maker.image(of: moved)
        #expect(image.map(\.pixel) == reference.map(\.pixel))
        for (a, b) in zip(image, reference) { #expect(abs(a.value - b.value) < 1e-9) }
      }
    }
  }

  @Test func degenerateJets() throws {
    let maker = try JetImageMaker(constituents: 4)
    #expect(maker.image(of: []).isEmpty)
    #expect(maker.image(of: [.zero, .zero]).isEmpty)
    #expect(maker.image(of: [FourVector(energy: 3, px: 0, py: 0, pz: 3)]).isEmpty)
    #expect(maker.image(of: [FourVector(energy: .nan, px: 1, py: 1, pz: 1)]).isEmpty)
    let one = FourVector(pt: 100, eta: 1.5, phi: 3)
    for jet in [[one], [one, one, one]] {
      let image = maker.image(of: jet)
      #expect(image.count == 1 && image.first?.pixel == 20 * 40 + 20 && image.first?.value == 1)
    }
    // Four equal particles in a square have no leading axis.
    let square = [(0.1, 0.1), (0.1, -0.1), (-0.1, 0.1), (-0.1, -0.1)].map { FourVector(pt: 50, eta: $0.0, phi: $0.1) }
    #expect(maker.image(of: square).map(\.value) == [0.25, 0.25, 0.25, 0.25])
  }

  @Test func stepsAndWeightsCanBeSwitched() throws {
    let jet = [FourVector(pt: 200, eta: 0.5, phi: 1), FourVector(pt: 100, eta: 0.6, phi: 1)]
    var recipe = JetImageRecipe()
    recipe.center = false
    recipe.rotate = false
    recipe.flip = false
    recipe.normalise = false
    var image = try JetImageMaker(recipe: recipe, constituents: 2).image(of: jet)
    #expect(image.map(\.pixel) == [20 * 40 + 20, 20 * 40 + 23])
    #expect(agree(image[0].value, 200, 1e-12) && agree(image[1].value, 100, 1e-12))
    recipe.flip = true
    image = try JetImageMaker(recipe: recipe, constituents: 2).image(of: jet)
    #expect(image.map(\.pixel) == [20 * 40 + 16, 20 * 40 + 20])
    recipe.weight = .one
    #expect(try JetImageMaker(recipe: recipe, constituents: 2).image(of: jet).map(\.value) == [1, 1])
    recipe.weight = .energy
    #expect(agree(try JetImageMaker(recipe: recipe, constituents: 2).image(of: jet)[1].value, jet[0].energy, 1e-12))
    recipe.rotate = true
    #expect(Set(try JetImageMaker(recipe: recipe, constituents: 2).image(of: jet).map { $0.pixel % 40 }) == [20])
  }

  @Test func outsideTheCropIsDropped() throws {
    var recipe = JetImageRecipe()
    recipe.center = false
    let jet = [FourVector(pt: 200, eta: 0, phi: 0), FourVector(pt: 100, eta: 2.4, phi: 0)]
    #expect(try JetImageMaker(recipe: recipe, constituents: 2).image(of: jet).map(\.value) == [1])
  }

  @Test func blurSpreadsAndPowerRemaps() throws {
    let jet = [FourVector(pt: 300, eta: 0, phi: 0), FourVector(pt: 100, eta: 0.029 * 5, phi: 0)]
    var recipe = JetImageRecipe()
    recipe.center = false
    recipe.rotate = false
    recipe.flip = false
    recipe.power = 0.5
    let (a, b) = (3.0.squareRoot() / (3.0.squareRoot() + 1), 1 / (3.0.squareRoot() + 1))
    let sharp = try JetImageMaker(recipe: recipe, constituents: 2).image(of: jet)
    #expect(sharp.map(\.pixel) == [820, 825] && agree(sharp[0].value, a, 1e-12) && agree(sharp[1].value, b, 1e-12))
    recipe.blur = 0.7
    let maker = try JetImageMaker(recipe: recipe, constituents: 2)
    let image = maker.image(of: jet)
    // Straight from the definition: g(k) ∝ exp(−k²/2σ²), |k| ≤ 3 = round(4 σ).
    let weights = (-3...3).map { exp(-Double($0 * $0) / (2 * 0.49)) }, total = weights.reduce(0, +)
    func kernel(_ k: Int) -> Double { abs(k) > 3 ? 0 : weights[k + 3] / total }
    #expect(image.count == 7 * 12)
    for (pixel, value) in image {
      let (row, column) = (pixel / 40, pixel % 40)
      #expect(agree(value, kernel(row - 20) * (a * kernel(column - 20) + b * kernel(column - 25)), 1e-12))
    }
    // The next image knows nothing of this one; what is near the edge loses what spreads beyond and is divided by the rest.
    #expect(maker.image(of: []).isEmpty && maker.image(of: jet).elementsEqual(image, by: ==))
    recipe.size = 3
    let small = try JetImageMaker(recipe: recipe, constituents: 2).image(of: jet)
    #expect(small.count == 9 && abs(small.reduce(0) { $0 + $1.value } - 1) < 1e-12)
    recipe.normalise = false
    recipe.power = 0
    let lost = try JetImageMaker(recipe: recipe, constituents: 2).image(of: jet).reduce(0) { $0 + $1.value }
    #expect(agree(lost, (kernel(-1) + kernel(0) + kernel(1)) * (kernel(-1) + kernel(0) + kernel(1)), 1e-12))
  }

  @Test func recipeTextsTellRecipesApart() throws {
    var texts = Set([JetImageRecipe().text])
    let changes: [(inout JetImageRecipe) -> Void] = [
      { $0.size = 41 }, { $0.deta = 0.03 }, { $0.dphi = 0.036 }, { $0.weight = .one }, { $0.combine = .overwrite },
      { $0.center = false }, { $0.rotate = false }, { $0.flip = false }, { $0.normalise = false },
      { $0.power = 0.5 }, { $0.blur = 1 },
    ]
    for change in changes {
      var recipe = JetImageRecipe()
      change(&recipe)
      texts.insert(recipe.text)
    }
    #expect(texts.count == changes.count + 1)
    #expect(
      JetImageRecipe().text
        == "jet image: size=40 deta=0.029 dphi=0.035 weight=pt combine=sum center=true rotate=true flip=true power=1.0 blur=0.0 normalise=true")
  }

  @Test func recipesOutOfRangeAreRefused() {
    for change: (inout JetImageRecipe) -> Void in [
      { $0.size = 0 }, { $0.size = 257 }, { $0.deta = 0 }, { $0.dphi = -1 }, { $0.deta = .nan }, { $0.dphi = .infinity },
      { $0.power = -0.1 }, { $0.power = 4.1 }, { $0.power = .nan }, { $0.blur = -1 }, { $0.blur = 20.1 }, { $0.blur = .nan },
    ] {
      var recipe = JetImageRecipe()
      change(&recipe)
      #expect(throws: (any Error).self) { try JetImageMaker(recipe: recipe, constituents: 1) }
    }
  }
}
