// swift-tools-version: 6.2
import PackageDescription

// The arrows of dependency point one way: C targets → arrays → gradients → models, with jets, files and
// measures beside them; only LuaBindings and jetlua see Lua, and only CLuaBridge may raise a Lua error.
let package = Package(
  name: "jetlua",
  products: [.executable(name: "jetlua", targets: ["jetlua"])],
  traits: [.trait(name: "MPI", description: "Several processes that train one model together (docs/parallel.md); needs Open MPI")],
  targets: [
    // C: system libraries and loops.
    .systemLibrary(name: "CLua54", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .target(name: "CLuaBridge", dependencies: ["CLua54", "CThreads"]),
    .target(name: "CThreads"),
    .target(name: "CVectorMath"),
    .target(name: "CBLAS"),
    .target(name: "CHDF5"),
    .target(name: "CFastJet", linkerSettings: [.linkedLibrary("fastjet"), .linkedLibrary("stdc++"), .linkedLibrary("m")]),
    .target(name: "CSystem"),
    .target(name: "CLineEditor"),
    .target(
      name: "CMPI", cSettings: [.define("JETLUA_MPI", .when(traits: ["MPI"]))], linkerSettings: [.linkedLibrary("mpi", .when(traits: ["MPI"]))]),

    // Swift: what computes.
    .target(name: "SystemServices", dependencies: ["CSystem"]),
    .target(name: "TensorCore", dependencies: ["CThreads", "CVectorMath", "CBLAS"]),
    .target(name: "Autodiff", dependencies: ["TensorCore"]),
    .target(name: "Evaluation", dependencies: ["TensorCore"]),
    .target(name: "Parallel", dependencies: ["Autodiff", "TensorCore", "CMPI"]),
    .target(name: "Models", dependencies: ["Autodiff", "Evaluation"]),
    .target(name: "ArrayFiles", dependencies: ["TensorCore", "SystemServices", "CHDF5"]),
    .target(name: "Jets", dependencies: ["TensorCore", "ArrayFiles", "SystemServices", "CFastJet", "CVectorMath"]),

    // Swift: what speaks Lua.
    .target(
      name: "LuaBindings",
      dependencies: ["CLuaBridge", "Models", "Parallel", "Jets", "Evaluation", "ArrayFiles", "SystemServices"]),
    .executableTarget(name: "jetlua", dependencies: ["LuaBindings", "Parallel", "CLineEditor", "SystemServices", "TensorCore"]),

    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(name: "SystemServicesTests", dependencies: ["SystemServices"]),
    .testTarget(name: "TensorCoreTests", dependencies: ["TensorCore", "CVectorMath", "CBLAS", "CThreads"]),
    .testTarget(name: "AutodiffTests", dependencies: ["Autodiff", "TensorCore"]),
    .testTarget(name: "EvaluationTests", dependencies: ["Evaluation", "TensorCore", "TestSupport"]),
    .testTarget(name: "ModelsTests", dependencies: ["Models", "Autodiff", "TensorCore", "TestSupport"]),
    .testTarget(name: "ArrayFilesTests", dependencies: ["ArrayFiles", "SystemServices", "TensorCore", "TestSupport"]),
    .testTarget(name: "JetsTests", dependencies: ["Jets", "ArrayFiles", "TensorCore", "TestSupport"]),
    .testTarget(name: "LuaBindingsTests", dependencies: ["LuaBindings", "CLuaBridge"]),
    .testTarget(name: "CommandLineTests", dependencies: ["jetlua"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17,
  cxxLanguageStandard: .gnucxx17
)
