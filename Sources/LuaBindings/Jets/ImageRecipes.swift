import Jets
import TensorCore

extension JetImageRecipe {
  static let optionNames = ["kind", "size", "deta", "dphi", "weight", "combine", "center", "rotate", "flip", "power", "blur", "normalise"]

  /// The recipe that the options of a script describe.
  init(_ options: Options) throws {
    self.init()
    _ = try options.choice("kind", default: "jet", ["jet"])
    size = try options.integer("size", default: size, in: 1...256)
    deta = try options.number("deta", default: deta)
    dphi = try options.number("dphi", default: dphi)
    let weightName = try options.choice("weight", default: weight.rawValue, Weight.allCases.map(\.rawValue))
    weight = Weight(rawValue: weightName) ?? weight
    let combineName = try options.choice("combine", default: combine.rawValue, Combination.allCases.map(\.rawValue))
    combine = Combination(rawValue: combineName) ?? combine
    center = try options.bool("center", default: center)
    rotate = try options.bool("rotate", default: rotate)
    flip = try options.bool("flip", default: flip)
    power = try options.number("power", default: power)
    blur = try options.number("blur", default: blur)
    normalise = try options.bool("normalise", default: normalise)
    try check()
  }

  /// The options that give this recipe again.
  var optionTable: LuaValue {
    .record([
      ("kind", .string("jet")), ("size", .integer(size)), ("deta", .number(deta)), ("dphi", .number(dphi)),
      ("weight", .string(weight.rawValue)), ("combine", .string(combine.rawValue)), ("center", .boolean(center)), ("rotate", .boolean(rotate)),
      ("flip", .boolean(flip)), ("power", .number(power)), ("blur", .number(blur)), ("normalise", .boolean(normalise)),
    ])
  }
}

extension LundImageRecipe {
  static let optionNames = ["kind", "size", "plane", "x", "y", "weight", "kt_min", "normalise"]

  /// The recipe that the options of a script describe.
  init(_ options: Options) throws {
    self.init()
    _ = try options.choice("kind", default: "lund", ["lund"])
    size = try options.integer("size", default: size, in: 1...256)
    plane = try options.integer("plane", default: plane, in: 1...Int.max)
    xRange = try options.optional("x")?.numbers() ?? xRange
    yRange = try options.optional("y")?.numbers() ?? yRange
    let weightName = try options.choice("weight", default: weight.rawValue, Weight.allCases.map(\.rawValue))
    weight = Weight(rawValue: weightName) ?? weight
    minimumKt = try options.number("kt_min", default: minimumKt)
    normalise = try options.bool("normalise", default: normalise)
    try check()
  }

  /// The options that give this recipe again.
  var optionTable: LuaValue {
    .record([
      ("kind", .string("lund")), ("size", .integer(size)), ("plane", .integer(plane)), ("x", .array(xRange.map { .number($0) })),
      ("y", .array(yRange.map { .number($0) })), ("weight", .string(weight.rawValue)), ("kt_min", .number(minimumKt)),
      ("normalise", .boolean(normalise)),
    ])
  }
}

extension ImageRecipe {
  /// The options that give this recipe again.
  var optionTable: LuaValue {
    switch self {
    case .jet(let recipe): recipe.optionTable
    case .lund(let recipe): recipe.optionTable
    }
  }
}

extension Call {
  /// A recipe of images of any kind, as `optionTable` gives it.
  func imageRecipe(at position: Int) throws -> ImageRecipe {
    var isLund = false
    let table = argument(at: position, "options")
    if table.kind == .table {
      try table.forEachField { key, value in
        if key == "kind", value.kind == .string { isLund = try value.string() == "lund" }
      }
    }
    return isLund
      ? .lund(try LundImageRecipe(options(at: position, keys: LundImageRecipe.optionNames)))
      : .jet(try JetImageRecipe(options(at: position, keys: JetImageRecipe.optionNames)))
  }
}
