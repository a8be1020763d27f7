import Autodiff
import TensorCore

/// `t[key] = value` for a position, a bool mask or int64 positions as key.
struct Assignment {
  let call: Call
  let target: Variable

  private var value: Argument { call.argument(at: 3, "value") }

  func run() throws {
    let key = call.argument(at: 2, "key"), x = target.value
    let recorded = GradientMode.isEnabled && (target.requiresGradient || value.objectIfAny(Variable.self)?.requiresGradient ?? false)
    if recorded, target.isLeaf, target.requiresGradient {
      throw CallerError("t[i] = v: a leaf tensor that requires a gradient is changed in place; do it inside tensor.no_grad(function() … end)")
    }
    switch key.kind {
    case .number:
      let i = try position(key, in: target, call)
      if recorded { return try record(try rows([i])) }
      try store(into: x.selected(0, i))
    case .object:
      let chosen = try call.object(at: 2, "key", Variable.self).value
      switch chosen.dtype {
      case .bool:
        try requireCover(chosen, x, call)
        if recorded { return try record(chosen) }
        try storeMasked(where: chosen)
      case .int64:
        let places = try positions(chosen)
        if recorded { throw call.mistake("t[positions] = v is not recorded; use tensor.scatter_add or tensor.where, or :detach() the tensor first") }
        try store(at: places)
      default: throw call.mistake("key: expected a position, a bool mask or int64 positions, got a tensor of \(chosen.dtype.name)")
      }
    case .string:
      let name = try key.string()
      throw call.mistake(["shape", "dtype"].contains(name) ? "\(name) cannot be set; use \(name == "shape" ? ":reshape" : ":to")" : "a tensor has no field \(key.shown) to set")
    default: throw call.mistake("key: expected a position, a bool mask or int64 positions, got \(key.shown)")
    }
    x.storage.markChanged()
  }

  // A mask over the rows that is true for these.
  private func rows(_ chosen: [Int]) throws -> Tensor {
    let mask = try Tensor(filling: [target.shape[0]], with: 0, .bool)
    for i in chosen { mask.pointer(as: UInt8.self)[i] = 1 }
    return mask
  }

  // With gradients the change is that of where(mask, value, t), taken over in place.
  private func record(_ mask: Tensor) throws {
    guard let choose = OpTable.named("where"), let convert = OpTable.named("to") else { return }
    var shape = mask.shape
    for _ in 0..<(target.shape.count - mask.rank) { shape.append(1) }
    let source: Variable
    if let given = value.objectIfAny(Variable.self) {
      try requireFit(given.value, Dimensions(target.shape.dropFirst(mask.rank)))
      source = given.dtype == target.dtype ? given : try Engine.applyOne(convert, [.tensor(given), .text(target.dtype.name)])
    } else {
      source = Variable(try Tensor(scalar: try storedNumber(value, for: target.dtype, call), target.dtype))
    }
    let result = try Engine.applyOne(choose, [.tensor(Variable(try mask.reshaped(shape))), .tensor(source), .tensor(target)])
    try target.assign(from: result, name: "t[i] = v")
  }

  private func requireFit(_ source: Tensor, _ shape: Dimensions) throws {
    guard Tensor.broadcastShape(source.shape, shape) == shape else {
      throw call.mistake("value: shape \(source.shape.text) does not broadcast to \(shape.text)")
    }
  }

  // The given tensor in the target's type, with storage of its own where it shares the target's.
  private func source() throws -> Tensor {
    let given = try value.object(Variable.self).value
    guard given.dtype == target.dtype || target.dtype.isFloatingPoint || !given.dtype.isFloatingPoint else {
      throw call.mistake("value: a \(given.dtype.name) tensor does not fit into a \(target.dtype.name) one; convert it with :to(\"\(target.dtype.name)\")")
    }
    let converted = try given.converted(to: target.dtype)
    return converted.storage === target.value.storage ? try converted.clone() : converted
  }

  private func store(into place: Tensor) throws {
    guard value.kind == .object else { return try call.fill(place, with: value) }
    let source = try source()
    try requireFit(source, place.shape)
    place.copyElements(from: try source.expanded(to: place.shape))
  }

  private func positions(_ chosen: Tensor) throws -> [Int] {
    guard chosen.rank == 1, target.shape.count > 0 else { throw call.mistake("key: expected positions [N], got shape \(chosen.shape.text)") }
    return try chosen.positionsFromZero(size: target.shape[0], dimension: 0, of: target.shape, name: "index: key").array(of: Int64.self).map { Int($0) }
  }

  private func store(at places: [Int]) throws {
    guard value.kind == .object else {
      for i in places { try call.fill(target.value.selected(0, i), with: value) }
      return
    }
    var shape = target.shape
    shape[0] = places.count
    let source = try source()
    try requireFit(source, shape)
    let lines = try source.expanded(to: shape)
    for (n, i) in places.enumerated() { target.value.selected(0, i).copyElements(from: lines.selected(0, n)) }
  }

  // One value for all places, or one for each.
  private func storeMasked(where mask: Tensor) throws {
    let x = target.value
    let rest = Dimensions(x.shape.dropFirst(mask.rank))
    var cover = mask.shape
    for _ in rest { cover.append(1) }
    let whole = try mask.reshaped(cover)
    guard value.kind == .object else {
      let number = try Tensor(uninitialized: [], x.dtype)
      try call.fill(number, with: value)
      return x.copyElements(from: try Tensor.chosen(whole, number, x, name: "index"))
    }
    let source = try source(), chosen = Int(try mask.sum().item())
    var each: Dimensions = [chosen]
    for size in rest { each.append(size) }
    if source.shape == each {
      guard !rest.isEmpty else { return x.copyElements(from: try Tensor.chosen(mask, source.spread(over: mask), x, name: "index")) }
      let lines = try x.clone().reshaped(Dimensions([mask.count] + Array(rest)))
      let flags = try mask.array(of: UInt8.self)
      for (n, at) in flags.indices.filter({ flags[$0] != 0 }).enumerated() { lines.selected(0, at).copyElements(from: source.selected(0, n)) }
      return x.copyElements(from: try lines.reshaped(x.shape))
    }
    guard Tensor.broadcastShape(source.shape, rest) == rest || source.count == 1 else {
      throw call.mistake("value: expected shape \(each.text) for the \(chosen) true ones in the mask, or \(rest.text) for each, got \(source.shape.text)")
    }
    let one = source.count == 1 ? try source.reshaped([]) : source
    x.copyElements(from: try Tensor.chosen(whole, one, x, name: "index"))
  }
}
