import Autodiff
import Foundation
import TensorCore
import Testing

/// Tests/Fixtures/vectors.json: numbers of other programs and of formulas evaluated in float64.
struct Vectors {
  private let groups: [String: Any]

  init() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let data = try Data(contentsOf: folder.appendingPathComponent("Fixtures/vectors.json"))
    groups = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  func cases(_ group: String) throws -> [[String: Any]] { try #require(groups[group] as? [[String: Any]]) }
  func object(_ group: String) throws -> [String: Any] { try #require(groups[group] as? [String: Any]) }
}

extension [String: Any] {
  func number(_ key: String) throws -> Double { try #require((self[key] as? NSNumber)?.doubleValue) }
  func row(_ key: String) throws -> [Double] { try #require(self[key] as? [NSNumber]).map(\.doubleValue) }
  func rows(_ key: String) throws -> [[Double]] { try #require(self[key] as? [[NSNumber]]).map { $0.map(\.doubleValue) } }
}

extension AutodiffTests {
  /// Ops against vectors.json, to 1e-12 in float64.
  @Suite struct VectorFixtures {
    private func run(_ name: String, _ arguments: [ArgumentValue]) throws -> [Double] {
      try Engine.applyOne(#require(OpTable.named(name)), arguments).value.array(of: Double.self)
    }

    private func tensor(_ values: [Double], _ shape: Dimensions? = nil) throws -> ArgumentValue {
      .tensor(Variable(try Tensor(values, shape: shape)))
    }

    private func expectClose(_ got: [Double], _ expected: [Double], _ what: String) {
      #expect(got.count == expected.count, "\(what)")
      for (x, y) in zip(got, expected) { #expect(abs(x - y) <= 1e-12 * max(abs(y), 1), "\(what): \(x), expected \(y)") }
    }

    @Test func selu() throws {
      let fixture = try Vectors().object("selu")
      try expectClose(run("selu", [tensor(fixture.row("x"))]), fixture.row("y"), "selu")
    }

    @Test func gaussianDivergence() throws {
      for (i, fixture) in try Vectors().cases("kl_diag_gauss").enumerated() {
        let mu = try fixture.row("mu")
        let got = try run("gaussian_kl", [
          tensor(mu), tensor(fixture.row("logvar")), tensor(fixture.row("prior_mu")), tensor(fixture.row("prior_var")), .text("sum"),
        ])
        try expectClose(got, [fixture.number("kl_sum")], "case \(i)")
      }
    }

    @Test func softmaxOfDirichletMeans() throws {
      for (i, fixture) in try Vectors().cases("dirichlet_gauss").enumerated() {
        try expectClose(run("softmax", [tensor(fixture.row("mu")), .integer(0)]), fixture.row("softmax_mu"), "case \(i)")
      }
    }

    @Test func mixtureDecoder() throws {
      for (i, fixture) in try Vectors().cases("decoder").enumerated() {
        let rows = try fixture.rows("W_rows_per_mixture"), r = try fixture.row("r")
        let pixels = rows[0].count
        let weight = (0..<pixels).flatMap { d in rows.map { $0[d] } }
        let logits = try run("matmul", [tensor(r), tensor(rows.flatMap { $0 }, [rows.count, pixels])])
        let output = try fixture.row("output")
        try expectClose(run("softmax", [tensor(logits), .integer(0)]), output, "case \(i)")
        // The loss of one lit pixel is −ln of the output there.
        for d in 0..<pixels {
          var x = [Double](repeating: 0, count: pixels)
          x[d] = 1
          let loss = try run("mixture_nll", [tensor(r, [1, r.count]), tensor(weight, [pixels, r.count]), tensor(x, [1, pixels]), .text("sum")])
          expectClose(loss, [-log(output[d])], "case \(i), pixel \(d)")
        }
      }
    }

    @Test func reconstructionCrossEntropy() throws {
      for (i, fixture) in try Vectors().cases("recon").enumerated() {
        let x = try fixture.row("x"), p = try fixture.row("p")
        // One mixture with the logits ln p gives the image p.
        let loss = try run("mixture_nll", [tensor([1], [1, 1]), tensor(p.map { log($0) }, [p.count, 1]), tensor(x, [1, x.count]), .text("sum")])
        try expectClose(loss, [fixture.number("cross_entropy")], "case \(i)")
      }
    }
  }
}
