import Foundation
import Jets
import TensorCore
import TestSupport
import Testing

@Suite(.serialized) struct LundImageTests {
  /// The image of the steps that FastJet undoes, straight from the definition.
  private func reference(_ particles: [FourVector], _ recipe: LundImageRecipe) throws -> [Int: Double] {
    var image: [Int: Double] = [:]
    for step in try Clustering.declusterings(particles) where step.plane == recipe.plane - 1 && step.kt > 0 && step.kt >= recipe.minimumKt {
      let size = Double(recipe.size)
      let x = (log(1 / step.delta) - recipe.xRange[0]) / (recipe.xRange[1] - recipe.xRange[0]) * size
      let y = (log(step.kt) - recipe.yRange[0]) / (recipe.yRange[1] - recipe.yRange[0]) * size
      guard x >= 0, x <= size, y >= 0, y <= size else { continue }
      let weight =
        switch recipe.weight {
        case .one: 1.0
        case .kt: step.kt
        case .z: step.z
        case .kappa: step.kappa
        }
      image[min(Int(y), recipe.size - 1) * recipe.size + min(Int(x), recipe.size - 1), default: 0] += weight
    }
    let sum = image.values.reduce(0, +)
    return recipe.normalise && sum > 0 ? image.mapValues { $0 / sum } : image
  }

  private func expectSame(_ image: [(pixel: Int, value: Double)], _ expected: [Int: Double]) {
    #expect(image.map(\.pixel) == expected.keys.sorted())
    for (pixel, value) in image { #expect(agree(value, expected[pixel] ?? -1, 1e-9)) }
  }

  @Test func lundVectors() throws {
    for plane in [1, 2] {
      var recipe = LundImageRecipe()
      recipe.plane = plane
      recipe.normalise = false
      let maker = try LundImageMaker(recipe: recipe, constituents: 8)
      for jet in try Fixture.group("lund") {
        let particles = jet.rows("pt_rap_phi_massless").map { FourVector(pt: $0[0], eta: $0[1], phi: $0[2]) }
        var expected: [Int: Double] = [:]
        for step in jet["splittings"] as? [[String: Any]] ?? [] where Int(step.number("plane")) == plane - 1 {
          let bin = step["bin40_x0_7_ym2_5"] as? [Int] ?? []
          expected[bin[1] * 40 + bin[0], default: 0] += 1
        }
        expectSame(maker.image(of: particles), expected)
      }
    }
  }

  @Test func imagesAgreeWithFastJet() throws {
    var random = SeededNumbers(state: 5)
    var recipes = [LundImageRecipe()]
    for weight in LundImageRecipe.Weight.allCases {
      var recipe = LundImageRecipe()
      recipe.weight = weight
      recipe.size = 25
      recipe.xRange = [0.5, 4]
      recipe.yRange = [-1, 3]
      recipe.plane = weight == .z ? 2 : weight == .kappa ? 3 : 1
      recipe.minimumKt = weight == .kt ? 1 : 0
      recipe.normalise = weight != .z
      recipes.append(recipe)
    }
    for recipe in recipes {
      let maker = try LundImageMaker(recipe: recipe, constituents: 60)
      for _ in 0..<150 {
        let axis = (eta: Double.random(in: -2...2, using: &random), phi: Double.random(in: -3.14...3.14, using: &random))
        let particles = (0..<Int.random(in: 2...60, using: &random)).map { _ in
          // Narrow cores and wide rims: all regions of the plane are met.
          let width = pow(10, Double.random(in: -2.5...0, using: &random))
          return FourVector(
            pt: pow(10, Double.random(in: -0.5...2.2, using: &random)), eta: axis.eta + Double.random(in: -width...width, using: &random),
            phi: axis.phi + Double.random(in: -width...width, using: &random), mass: Double.random(in: 0...0.5, using: &random))
        }
        expectSame(maker.image(of: particles), try reference(particles, recipe))
      }
    }
  }

  @Test func threadsDoNotChangeABit() throws {
    let before = ThreadPool.threadCount
    defer { ThreadPool.threadCount = before }
    var results: [[[(pixel: Int, value: Float)]]] = []
    for threads in [1, 2, 4] {
      ThreadPool.threadCount = threads
      let images = try JetSet(source: randomJets(3000, slots: 30)).lundImages()
      results.append(try (0..<images.count).map { try images.pixels(of: $0) })
    }
    for other in results.dropFirst() {
      #expect(zip(results[0], other).allSatisfy { $0.elementsEqual($1, by: ==) })
    }
    #expect(results[0].contains { $0.count > 5 })
  }

  @Test func jetsWithoutSteps() throws {
    let point = FourVector(pt: 50, eta: 0.3, phi: 1)
    let maker = try LundImageMaker(constituents: 4)
    #expect(maker.image(of: []).isEmpty && maker.image(of: [point]).isEmpty && maker.image(of: [point, point, point]).isEmpty)
    #expect(maker.image(of: [point, FourVector(energy: .nan, px: 1, py: 1, pz: 1)]).isEmpty)
    #expect(maker.image(of: [FourVector(energy: 5, px: 0, py: 0, pz: 5), point, FourVector(energy: 7, px: 0, py: 0, pz: -7)]).isEmpty)
    // After a jet that gave nothing the next one is unharmed.
    let two = maker.image(of: [point, FourVector(pt: 10, eta: 0.5, phi: 1.1)])
    #expect(two.count == 1 && two.first?.value == 1)
    let values = packed([[point, FourVector(pt: 10, eta: 0.5, phi: 1)], [point], []], slots: 2)
    let images = try JetSet(source: InMemoryJets(constituents: values, constituentsPerJet: 2)).lundImages()
    #expect(images.emptyCount == 2 && images.activeCount == 1)
    let broken = try InMemoryJets(constituents: values + [.nan, 0, 0, 0, 0, 0, 0, 0], constituentsPerJet: 2)
    #expect(message { _ = try JetSet(source: broken).lundImages() }.contains("1 of 4 jets cannot be used"))
    #expect(try JetSet(source: broken, broken: .drop).lundImages().count == 3)
  }

  @Test func otherSettingsAreOtherFiles() throws {
    let folder = NSTemporaryDirectory() + "jetlua-lund-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data([1]).write(to: URL(fileURLWithPath: folder + "/jets.h5"))
    var values = [Float](repeating: 0, count: 900 * 48)
    try randomJets(900).readConstituents(rows: 0..<900, into: &values)
    let source = CountingSource(try InMemoryJets(constituents: values, constituentsPerJet: 12, path: folder + "/jets.h5"))
    let cache = ImageCache(folder: folder + "/cache", memoryLimit: 100)
    let first = try JetSet(source: source).lundImages(cache: cache)
    let again = try JetSet(source: source).lundImages(cache: cache)
    #expect(first.isMapped && again.isMapped && source.rowsRead == 900)
    #expect(try (0..<900).allSatisfy { try first.pixels(of: $0).elementsEqual(again.pixels(of: $0), by: ==) })
    _ = try JetSet(source: source).images(cache: cache)
    #expect(source.rowsRead == 1800)
    var recipe = LundImageRecipe()
    recipe.minimumKt = 1
    let cut = try JetSet(source: source).lundImages(recipe, cache: cache)
    #expect(source.rowsRead == 2700 && cut.recipe == .lund(recipe) && cut.recipe.difference(from: first.recipe) == "kt_min=1.0, not 0.0")
  }

  @Test func recipes() throws {
    #expect(LundImageRecipe().text == "lund image: size=40 plane=1 x=0.0…7.0 y=-2.0…5.0 weight=one kt_min=0.0 normalise=true")
    #expect(ImageRecipe.lund(LundImageRecipe()).difference(from: .jet(JetImageRecipe())) == "Lund images, not jet images")
    let mistakes: [((inout LundImageRecipe) -> Void, String)] = [
      ({ $0.size = 0 }, "lund_images: size: expected a whole number from 1 to 256, got 0"),
      ({ $0.plane = 0 }, "lund_images: plane: expected 1, the primary plane, or more, got 0"),
      ({ $0.xRange = [1] }, "lund_images: x: expected two ends in ascending order such as {0, 7}, got {1.0}"),
      ({ $0.yRange = [3, 3] }, "lund_images: y: expected two ends in ascending order such as {0, 7}, got {3.0, 3.0}"),
      ({ $0.yRange = [.nan, 3] }, "lund_images: y: expected two ends in ascending order such as {0, 7}, got {nan, 3.0}"),
      ({ $0.minimumKt = -1 }, "lund_images: kt_min: expected a momentum from 0, got -1.0"),
    ]
    for (change, text) in mistakes {
      var recipe = LundImageRecipe()
      change(&recipe)
      #expect(message { _ = try LundImageMaker(recipe: recipe, constituents: 3) } == text)
    }
    let none = try JetSet(source: randomJets(9)).filtered(by: "pt > 1e6")
    #expect(message { _ = try none.lundImages() } == "lund_images: no jets are left (read: 9 -> pt > 1e6: 0); loosen the selection")
  }
}
