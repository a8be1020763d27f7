import ArrayFiles
import TensorCore

/// How a file of jets is read.
public struct JetReading: Sendable {
  /// The hardest constituents of each jet that are kept; `nil` for all.
  public var maximumConstituents: Int?
  /// How events are clustered.
  public var algorithm = ClusteringAlgorithm.antikt
  /// The radius with which events are clustered.
  public var radius = 1.0
  /// Which jet of an event is read, by pT, from 1.
  public var jet = 1
  /// Where the jets are, for a file of one's own; `nil` for a known format.
  public var layout: JetLayout?
  /// Where the jets of clustered events are kept when they are too many for memory.
  public var cache = ImageCache()

  /// All constituents; the leading anti-kt jet with R = 1 of events.
  public init() {}
}

/// What a file held.
public enum OpenedJets {
  /// Jets, to be read when they are needed.
  case jets(any JetSource)
  /// Ready images.
  case images(ImageSet)
}

/// One format of files: how it is recognised by its content, and read. A new format is one more entry of `all`.
struct JetFormat: Sendable {
  let name: String
  /// `nil` where the file is not of this format.
  let open: @Sendable (RowFile, JetReading) throws -> OpenedJets?

  /// The formats in the order in which they are tried.
  static let all = [imageTable, lhcOlympics, listedJets, prepared, jetNet, energyFlow]

  private static let imageTable = JetFormat(name: "image table") { file, _ in
    guard let hdf5 = file.hdf5, hdf5.exists("/table/table"), let table = try? hdf5.dataset("/table/table"), let field = ImageTable.field(of: table)
    else { return nil }
    return .images(try ImageTable.images(table, field: field, cache: ImageCache()))
  }

  private static let lhcOlympics = JetFormat(name: "LHC Olympics") { file, reading in
    guard let hdf5 = file.hdf5 else { return nil }
    for group in try hdf5.children(of: "/") {
      guard let events = try? file.array("\(group)/block0_values"), events.shape.count == 2, [2100, 2101].contains(events.width) else { continue }
      return .jets(try EventJets(events, path: file.path, reading: reading))
    }
    return nil
  }

  private static let listedJets = JetFormat(name: "VAE-Jet test set") { file, reading in
    guard let hdf5 = file.hdf5, hdf5.exists(ListedJets.constituents), let lists = try? hdf5.dataset(ListedJets.constituents), lists.holdsLists
    else { return nil }
    return .jets(try ListedJets(lists, file: file, reading: reading))
  }

  private static let prepared = JetFormat(name: "VAE-Jet prepared") { file, reading in
    guard file.hdf5 != nil else { return nil }
    for name in ["constituents", "table", "jet1"] {
      guard let array = try? file.array(name), array.shape.count == 2, array.width >= 80 else { continue }
      var layout = JetLayout(constituents: name, order: [.e, .px, .py, .pz])
      layout.name = "VAE-Jet prepared"
      layout.usedWidth = 80
      if let labels = try? file.array("labels"), labels.width == 1, labels.rowCount == array.rowCount { layout.label = "labels" }
      if let observables = try? file.array("obs"), observables.width == 9, observables.rowCount == array.rowCount {
        layout.columns = (1...5).map { ("tau\($0)", "obs", 3 + $0) }
      }
      return .jets(try DescribedJets(file: file, layout: layout, maximumConstituents: reading.maximumConstituents))
    }
    return nil
  }

  private static let jetNet = JetFormat(name: "JetNet") { file, reading in
    guard let particles = try? file.array("particle_features"), let jets = try? file.array("jet_features"), particles.shape.count == 3,
      particles.shape[2] == 4, jets.width == 4
    else { return nil }
    var layout = JetLayout(constituents: "particle_features", order: [.eta, .phi, .pt, .mask])
    layout.name = "JetNet"
    layout.relativeTo = "jet_features"
    return .jets(try DescribedJets(file: file, layout: layout, maximumConstituents: reading.maximumConstituents))
  }

  private static let energyFlow = JetFormat(name: "EnergyFlow") { file, reading in
    guard file.hdf5 == nil, let x = try? file.array("X"), x.shape.count == 3, x.shape[2] == 4 else { return nil }
    var layout = JetLayout(constituents: "X", order: [.pt, .y, .phi, .pdgid])
    layout.name = "EnergyFlow"
    layout.classNames = [0: "gluon", 1: "quark"]
    if let y = try? file.array("y"), y.width == 1 { layout.label = "y" }
    return .jets(try DescribedJets(file: file, layout: layout, maximumConstituents: reading.maximumConstituents))
  }
}
