import ArrayFiles
import Foundation
import Jets
import SystemServices
import TensorCore
import TestSupport
import Testing

/// Every format gives the jets of jets.npy, which Tests/Fixtures/jets/make.py writes in each.
@Suite struct JetFormatTests {
  private func expected() throws -> [[FourVector]] {
    let tensor = try NPYFile.read(ByteSource(path: Fixture.path("jets/jets.npy")))
    let values = try tensor.array(of: Double.self)
    return (0..<12).map { jet in
      (0..<8).compactMap { slot in
        let place = (jet * 8 + slot) * 3
        return values[place] == 0 ? nil : FourVector(pt: values[place], eta: values[place + 1], phi: values[place + 2])
      }
    }
  }

  private func open(_ name: String, _ change: (inout JetReading) -> Void = { _ in }) throws -> any JetSource {
    var reading = JetReading()
    change(&reading)
    guard case .jets(let source) = try openJetFile(path: Fixture.path("jets/\(name)"), reading) else { throw CallerError("images") }
    return source
  }

  private func jet(_ source: any JetSource, _ row: Int) throws -> [FourVector] {
    var values = [Float](repeating: -1, count: source.constituentsPerJet * 4)
    try source.readConstituents(rows: row..<row + 1, into: &values)
    let all = stride(from: 0, to: values.count, by: 4).map {
      FourVector(energy: Double(values[$0]), px: Double(values[$0 + 1]), py: Double(values[$0 + 2]), pz: Double(values[$0 + 3]))
    }
    let used = all.prefix { $0 != .zero }
    #expect(all[used.count...].allSatisfy { $0 == .zero }, "padding lies at the end")
    return Array(used)
  }

  private func expectSame(_ got: [FourVector], _ expected: [FourVector], _ tolerance: Double = 1e-5) {
    #expect(got.count == expected.count)
    for (a, b) in zip(got, expected) {
      #expect(agree(a.energy, b.energy, tolerance) && agree(a.px, b.px, tolerance) && agree(a.py, b.py, tolerance) && agree(a.pz, b.pz, tolerance))
    }
  }

  private func ownLayout() -> JetLayout {
    var layout = JetLayout(constituents: "pfcands", order: [.pt, .eta, .phi, .m])
    layout.unit = 0.001
    layout.mask = "pfmask"
    layout.label = "jets/is_sig"
    layout.weight = "jets/w"
    layout.columns = [("tau21", "jets/fj_tau21", 0)]
    return layout
  }

  @Test(arguments: [
    ("lhc_olympics.h5", "LHC Olympics", true), ("vae_jet_test.h5", "VAE-Jet test set", false), ("vae_jet_prepared.h5", "VAE-Jet prepared", true),
    ("jetnet.hdf5", "JetNet", false), ("energyflow.npz", "EnergyFlow", true), ("own.h5", "described layout", true),
    ("own.npy", "described layout", false), ("own.npz", "described layout", true),
  ]) func everyFormatGivesTheSameJets(name: String, format: String, hasLabels: Bool) throws {
    let source = try open(name) { reading in
      switch name {
      case "own.h5": reading.layout = self.ownLayout()
      case "own.npy": reading.layout = JetLayout(constituents: "", order: [.e, .px, .py, .pz])
      case "own.npz":
        reading.layout = JetLayout(constituents: "constituents", order: [.px, .py, .pz, .e])
        reading.layout?.label = "label"
      default: break
      }
    }
    #expect(source.count == 12 && source.formatName == format && source.hasLabels == hasLabels)
    let jets = try expected()
    // In order, and going back: a compressed entry is then read from its beginning again.
    for row in Array(0..<12) + [3, 11, 0] { expectSame(try jet(source, row), jets[row]) }
    if hasLabels {
      var labels = [UInt8](repeating: 9, count: 12)
      try source.readLabels(rows: 0..<12, into: &labels)
      #expect(labels == (0..<12).map { UInt8($0 % 2) })
    }
    #expect(message { _ = try self.jet(source, 12) }.contains("there are 12 jets"))
    let set = try JetSet(source: source)
    let mass = try set.numbers("mass"), sums = jets.map { $0.reduce(.zero, +) }
    // m² is a difference of squares: single precision leaves 1e-7 of E² of it.
    for row in 0..<12 {
      #expect(abs(mass[row] * mass[row] - sums[row].mass * sums[row].mass) < 1e-6 * sums[row].energy * sums[row].energy)
    }
    #expect(try set.images().count == 12 && set.constituents().count == 12)
  }

  @Test func pionsHaveTheirMass() throws {
    let source = try open("energyflow_pions.npz")
    for (row, expected) in try expected().enumerated() {
      for (a, b) in zip(try jet(source, row), expected) {
        // The file's angle is a rapidity.
        #expect(agree(a.pt, b.pt, 1e-5) && agree(a.rapidity, b.eta, 1e-5) && abs(a.energy * a.energy - a.px * a.px - a.py * a.py - a.pz * a.pz - 0.01948) < 0.02 * a.energy)
      }
    }
    #expect(source.classNames == [0: "gluon", 1: "quark"])
  }

  @Test func theJetOfAnEventCanBeChosen() throws {
    let jets = try expected()
    let second = try open("lhc_olympics.h5") { $0.jet = 2 }
    for row in 0..<12 { #expect(agree(try jet(second, row).reduce(.zero, +).pt, jets[row].reduce(.zero, +).pt / 2, 1e-5)) }
    let third = try open("lhc_olympics.h5") { $0.jet = 3 }
    #expect(try jet(third, 4).isEmpty)
    let narrow = try open("lhc_olympics.h5") { $0.radius = 0.001 }
    #expect(try jet(narrow, 7).count == 1)
    let listed = try open("vae_jet_test.h5") { $0.jet = 2 }
    expectSame(try jet(listed, 5), [jets[5][0]])
    #expect(message { _ = try self.open("vae_jet_test.h5") { $0.jet = 3 } }.contains("jet 3 of each event asked for, there are 2"))
  }

  @Test func furtherColumnsAndWeights() throws {
    let set = try JetSet(source: open("own.h5") { $0.layout = self.ownLayout() })
    let weights = (0..<12).map { 0.5 + Double($0) / 4 }
    #expect(try set.numbers("weight") == weights && set.numbers("tau21") == (0..<12).map { Double($0) / 16 })
    let cut = try set.filtered(by: "tau21 >= 0.25 and label == 1")
    #expect(try cut.numbers("index") == [5, 7, 9, 11])
    #expect(try cut.cutflow().map(\.weight) == [weights.reduce(0, +), weights[5] + weights[7] + weights[9] + weights[11]])
    #expect(try cut.images().column("weight") == .numbers([5, 7, 9, 11].map { weights[$0] }))
    let listed = try JetSet(source: open("vae_jet_test.h5"))
    #expect(try listed.numbers("tau2") == (0..<12).map { Double($0 * 10 + 5) })
    #expect(try JetSet(source: open("vae_jet_prepared.h5")).numbers("tau5") == (0..<12).map { Double($0 * 10 + 8) })
  }

  @Test func readyImagesOpenAsImages() throws {
    guard case .images(let images) = try openJetFile(path: Fixture.path("jets/images.h5")) else {
      Issue.record("no images")
      return
    }
    #expect(images.count == 12 && images.recipe.size == 40)
    for row in 1..<12 {
      let pixels = try images.pixels(of: row)
      #expect(pixels.map(\.pixel) == [3 * row, 820] && pixels.map(\.value) == [0.25, 0.75])
    }
    #expect(images.column("mass") == .numbers((0..<12).map { 100 + Double($0) }))
    #expect(images.column("label") == .integers((0..<12).map { Int64($0 % 2) }))
    #expect(images.column("pt") == nil)
    #expect(message { _ = try openJets(path: Fixture.path("jets/images.h5")) }.contains("ready images"))
  }

  @Test func brokenConstituentsAreCounted() throws {
    let layout = JetLayout(constituents: "constituents", order: [.e, .px, .py, .pz])
    let source = try open("bad.npz") { $0.layout = layout }
    #expect(message { _ = try JetSet(source: source).numbers("pt") }.contains("2 of 12 jets cannot be used: the one in row 3"))
    #expect(try JetSet(source: open("bad.npz") { $0.layout = layout }, broken: .drop).count == 10)
  }

  @Test(arguments: [
    ("tree.root", "this is a ROOT file, which is not read; convert it to HDF5 with scripts/convert/to_hdf5.py"),
    ("table.parquet", "this is a Parquet file"), ("own.npz", "no jets recognised among constituents, label, fortran; say where they are with { layout"),
    ("own.h5", "no table of jets found among jets, pfcands, pfmask"), ("missing.h5", "missing.h5"),
  ]) func filesThatAreNotKnown(name: String, fragment: String) {
    #expect(message { _ = try self.open(name) }.contains(fragment))
  }

  @Test func layoutsThatDoNotFit() throws {
    func mistake(_ file: String, _ layout: JetLayout, _ change: (inout JetLayout) -> Void) -> String {
      var layout = layout
      change(&layout)
      return message { _ = try self.open(file) { $0.layout = layout } }
    }
    let own = ownLayout()
    #expect(mistake("own.h5", own) { $0.constituents = "pfcand" }.contains("layout: constituents: there is no array \"pfcand\"; the file holds jets, pfcands, pfmask"))
    #expect(mistake("own.h5", own) { $0.order = [.pt, .eta, .phi] }.contains("shape [12, 8, 4], where jets of constituents (pt, eta, phi) have [N, M, 3]"))
    #expect(mistake("own.h5", own) { $0.order = [.pt, .eta, .e, .m] }.contains("tells no four-momentum"))
    #expect(mistake("own.h5", own) { $0.label = "jets/sig" }.contains("label: there is no array"))
    #expect(mistake("own.h5", own) { $0.mask = "jets/w" }.contains("1 numbers a jet for 8 constituents"))
    #expect(mistake("own.h5", own) { $0.columns = [("pt", "jets/w", 0)] }.contains("every set has a column pt of its own"))
    let momenta: [JetLayout.Quantity] = [.e, .px, .py, .pz]
    #expect(mistake("own.npz", JetLayout(constituents: "fortran", order: momenta)) { _ in }.contains("Fortran order"))
    #expect(mistake("bad.npz", JetLayout(constituents: "objects", order: momenta)) { _ in }.contains("Python objects"))
    for (file, fragment) in [("virtual.h5", "virtual"), ("external_storage.h5", "another file"), ("external_link.h5", "link"), ("unknown_filter.h5", "filter")] {
      let path = Fixture.path("hdf5/\(file)")
      let name = try HDF5File(path: path).children(of: "/").first ?? ""
      var reading = JetReading()
      reading.layout = JetLayout(constituents: name, order: momenta)
      #expect(message { _ = try openJetFile(path: path, reading) }.contains(fragment), "\(file)")
    }
  }

  @Test func cutAndChangedFilesGiveErrorsOrJets() throws {
    let folder = NewFolder()
    var random = SeededNumbers(state: 6)
    for name in ["energyflow_pions.npz", "energyflow.npz", "own.npy", "own.npz"] {
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Fixture.path("jets/\(name)"))))
      for round in 0..<60 {
        var changed = bytes
        if round % 3 == 0 { changed = Array(changed.prefix(Int.random(in: 0..<bytes.count, using: &random))) }
        for _ in 0..<(changed.isEmpty ? 0 : 4) { changed[Int.random(in: 0..<min(changed.count, round % 2 == 0 ? 200 : changed.count), using: &random)] = UInt8.random(in: 0...255, using: &random) }
        let path = folder.path + "/\(name)"
        try Data(changed).write(to: URL(fileURLWithPath: path))
        var reading = JetReading()
        if name.hasPrefix("own") { reading.layout = JetLayout(constituents: "constituents", order: [.e, .px, .py, .pz]) }
        let problem = message {
          guard case .jets(let source) = try openJetFile(path: path, reading) else { return }
          _ = try JetSet(source: source, broken: .drop).numbers("mass")
        }
        #expect(!problem.contains("\n"))
      }
    }
  }
}
