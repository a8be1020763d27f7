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

  @Test func recipeTextsTellRecipesApart() throws {
    var texts = Set([JetImageRecipe().text])
    let changes: [(inout JetImageRecipe) -> Void] = [
      { $0.size = 41 }, { $0.deta = 0.03 }, { $0.dphi = 0.036 }, { $0.weight = .one }, { $0.combine = .overwrite },
      { $0.center = false }, { $0.rotate = false }, { $0.flip = false }, { $0.normalise = false },
    ]
    for change in changes {
      var recipe = JetImageRecipe()
      change(&recipe)
      texts.insert(recipe.text)
    }
    #expect(texts.count == changes.count + 1)
    #expect(
      JetImageRecipe().text
        == "jet image: size=40 deta=0.029 dphi=0.035 weight=pt combine=sum center=true rotate=true flip=true normalise=true")
  }

  @Test func recipesOutOfRangeAreRefused() {
    for change: (inout JetImageRecipe) -> Void in [
      { $0.size = 0 }, { $0.size = 257 }, { $0.deta = 0 }, { $0.dphi = -1 }, { $0.deta = .nan }, { $0.dphi = .infinity },
    ] {
      var recipe = JetImageRecipe()
      change(&recipe)
      #expect(throws: (any Error).self) { try JetImageMaker(recipe: recipe, constituents: 1) }
    }
  }
}
