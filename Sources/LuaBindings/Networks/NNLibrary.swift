import Autodiff
import Models
import Parallel
import TensorCore

/// A layer as scripts hold it: one userdata class for all layers.
final class LayerHandle: LuaObject {
  let layer: Layer
  /// Tells it from every other one, those that are gone included.
  let serial = LayerTrail.newSerial()

  init(_ layer: Layer) { self.layer = layer }

  var offHeapBytes: Int { layer.allEntries.reduce(0) { $0 + $1.variable.value.byteCount } }

  /// Each parameter or buffer with its name.
  func named(_ isIncluded: (Layer.Entry) -> Bool) -> [(name: String, variable: Variable)] {
    layer.allEntries.filter(isIncluded).map { ($0.name, $0.variable) }
  }
}

extension LuaHost {
  /// Module `jetlua.core.nn`: layers, and what `nn.Module` needs to treat its fields as a model.
  func openNNLibrary() throws {
    let library = try library("nn")
    try declareLayers()
    try declareNamedTensors()
    try openLayerMakers(library)
    try openImageLayers(library)
    try openNormLayers(library)
    try openInitializers(library)
    try openModuleHelpers(library)
    try openLayerTrail(library)
    try self.library("functional").function("dropout", help: """
      In training each element becomes 0 with probability p and the others are divided by 1 − p; else the identity.
      @param x tensor|sparse_rows
      @param p? number in [0, 1], default 0.5
      @param options? boolean|{p: number, training: boolean} training true by default
      @return tensor|sparse_rows
          nn.functional.dropout(tensor{1, 2}, 0.5, {training = false}) --> [1., 2.]
      """) { call in
      try call.expectAtMost(4)
      let x = try call.rowsArgument(at: 1, "x")
      var given = max(call.argumentCount, 1)
      let hasOptions = given > 1 && call.argument(at: given, "options").kind == .table
      let options = try call.options(at: hasOptions ? given : given + 1, keys: ["p", "training"])
      if hasOptions { given -= 1 }
      let p = try (given >= 2 ? call.optional(at: 2, "p") : nil)?.number(in: 0...1) ?? options.number("p", default: 0.5, in: 0...1)
      let training = try (given >= 3 ? call.optional(at: 3, "training") : nil)?.bool() ?? options.bool("training", default: true)
      guard training else { return try call.returns(call.argument(at: 1, "x")) }
      return try call.returns(layerResult: try Dropout(p)(x))
    }
  }

  private func declareLayers() throws {
    let layer = try declare(LayerHandle.self, as: "layer", help: """
      @class nn.Layer
      @operator call(tensor|sparse_rows): tensor
      A layer that `nn` makes. `layer(x)` computes; its parameters and buffers are fields: `layer.weight`, `layer.bias`.
          nn.Linear(64, 16) --> nn.Linear(64 -> 16)
      """)
    func read(_ call: Call) throws -> LayerHandle { try call.object(at: 1, "self", LayerHandle.self) }

    let forward: NativeFunction = { call in
      let handle = try read(call)
      let x = try call.rowsArgument(at: 2, "x")
      let result = try handle.layer(x)
      LayerTrail.add(handle.serial, from: x, to: result)
      return try call.returns(layerResult: result)
    }
    try layer.method("forward", help: """
      What the layer makes of its input; `layer(x)` calls it.
      @param x tensor|sparse_rows
      @return tensor|sparse_rows
          nn.ReLU():forward(tensor{-1, 2}) --> [0., 2.]
      """, forward)
    try layer.metamethod("__call", called: "forward", forward)
    try layer.method("parameters", help: """
      Every parameter once, as optimizers take them.
      @return tensor[]
          #nn.Linear(4, 2):parameters() --> 2
      """) { call in try call.returns(.array(try read(call).layer.parameters.map { .object($0) })) }
    try layer.method("named_parameters", help: """
      Every parameter once with its name: `for name, p in layer:named_parameters() do`; also `pairs` and by name.
      @return named_tensors
          nn.Linear(4, 2):named_parameters() --> weight [2, 4] float32 bias [2] float32
      """) { call in
      try call.returns(NamedTensors(distinct: try read(call).named { $0.isParameter }))
    }
    try layer.method("named_buffers", help: """
      Every buffer (state that is not trained) once with its name.
      @return named_tensors
          #nn.Linear(4, 2):named_buffers() --> 0
      """) { call in try call.returns(NamedTensors(distinct: try read(call).named { !$0.isParameter })) }
    // Parameters and buffers under every name they have, as state_dict has them.
    try layer.method("named_state", help: """
      @private
      """) { call in try call.returns(NamedTensors(try read(call).named { _ in true })) }
    try layer.method("state_dict", help: """
      Copies of all parameters and buffers by name.
      @return table<string, tensor>
          nn.Linear(4, 2, {init = "zeros"}):state_dict().bias --> [0., 0.]
      """) { call in try call.returns(stateDictionary: try read(call).named { _ in true }) }
    try layer.method("load_state_dict", help: """
      Takes over numbers by name, as `state_dict` gives them. Raises where names or shapes differ, and then nothing has changed.
      @param state table<string, tensor>
      @return nn.Layer self
          a, b = nn.Linear(2, 1), nn.Linear(2, 1)
          b:load_state_dict(a:state_dict()).weight:eq(a.weight):all():item() --> true
      """) { call in
      try call.loadStateDictionary(at: 2, into: try read(call).named { _ in true })
      return try call.returns(call.argument(at: 1, "self"))
    }
    try layer.method("train", help: """
      Puts the layer in training mode, or out of it.
      @param mode? boolean default true
      @return nn.Layer self
          nn.Dropout(0.5):train(false).training --> false
      """) { call in
      let training = try call.optional(at: 2, "mode")?.bool() ?? true
      try read(call).layer.setTraining(training)
      return try call.returns(call.argument(at: 1, "self"))
    }
    try layer.method("eval", help: """
      Puts the layer in evaluation mode: dropout passes everything on.
      @return nn.Layer self
          nn.Dropout(0.5):eval()(tensor{1, 2}) --> [1., 2.]
      """) { call in
      try read(call).layer.setTraining(false)
      return try call.returns(call.argument(at: 1, "self"))
    }
    try layer.method("zero_grad", help: """
      Forgets the gradients of all parameters.
          layer = nn.Linear(2, 1)
          layer(tensor{{1, 2}}):sum():backward()
          layer:zero_grad()
          layer.weight.grad --> nil
      """) { call in
      let parameters = try read(call).layer.parameters
      for parameter in parameters { parameter.gradient = nil }
      SharedGradients.forget(parameters)
      return call.returns()
    }
    try layer.property("training", help: """
      @type boolean
      Whether the layer acts as in training.
      """) { call in call.returns(try read(call).layer.isTraining) }
    try layer.method("requires_grad", help: """
      Says whether all parameters want gradients: `false` freezes the layer.
      @param wanted? boolean default true
      @return nn.Layer self
          nn.Linear(2, 1):requires_grad(false).weight:requires_grad() --> false
      """) { call in
      let wanted = try call.optional(at: 2, "wanted")?.bool() ?? true
      for parameter in try read(call).layer.parameters { try parameter.setRequiresGradient(wanted) }
      return try call.returns(call.argument(at: 1, "self"))
    }
    try layer.method("to", help: """
      Converts all parameters and floating-point buffers, in place.
      @param dtype "float32"|"float64"
      @return nn.Layer self
          nn.Linear(2, 1):to("float64").weight.dtype --> float64
      """) { call in
      try call.convert(try read(call).layer.allEntries.map(\.variable), to: call.argument(at: 2, "dtype"))
      return try call.returns(call.argument(at: 1, "self"))
    }
    try layer.property("__name", help: """
      @type string
      What the layer is, as the classes of modules have it: "nn.Linear".
      """) { call in try call.returns(String(try read(call).layer.summary.prefix { $0 != "(" })) }
    try layer.index { call in
      guard call.argument(at: 2, "key").kind == .string,
        let variable = try read(call).layer.variable(named: try call.string(at: 2, "key"))
      else { return call.returnsNil() }
      return try call.returns(variable)
    }
    try layer.newIndex { call in
      let layer = try read(call).layer
      let name = try call.string(at: 2, "key").onOneLine, value = call.argument(at: 3, name)
      guard let tensor = value.objectIfAny(Variable.self) else {
        throw CallerError("\(layer.summary): \(name): expected a tensor, got \(value.shown)")
      }
      try layer.set(name, to: tensor)
      return call.returns()
    }
    try layer.metamethod("__tostring") { call in try call.returns(try read(call).layer.summary) }
  }

  private func openLayerMakers(_ library: LuaLibrary) throws {
    // Linear(in_features, out_features [, {bias=, init=, dtype=}])
    try library.function("Linear") { call in
      let inputs = try call.integer(at: 1, "in_features"), outputs = try call.integer(at: 2, "out_features")
      let options = try call.options(at: 3, keys: ["bias", "init", "dtype"])
      let start = try options.choice("init", default: Initialization.standard.rawValue, Initialization.allCases.map(\.rawValue))
      let dtype = try options.choice("dtype", default: "float32", ["float32", "float64"])
      return try call.returns(
        LayerHandle(
          try Linear(
            inputs, outputs, bias: try options.bool("bias", default: true), initialization: Initialization(rawValue: start) ?? .standard,
            dtype: DType(name: dtype) ?? .float32)))
    }
    for (name, _) in Activation.kinds {
      let settings = Activation.settings(of: name)
      // Settings in their order, or by name: LeakyReLU(0.2), LeakyReLU{negative_slope = 0.2}.
      try library.function(name) { call in
        var values: [String: Double] = [:]
        var given = call.argumentCount
        if given > 0, call.argument(at: given, "options").kind == .table {
          let options = try call.options(at: given, keys: settings.map(\.name))
          for setting in settings { if let value = options.optional(setting.name) { values[setting.name] = try value.number() } }
          given -= 1
        }
        guard given <= settings.count else {
          throw call.mistake("expected at most \(settings.count) argument\(settings.count == 1 ? "" : "s"), got \(given)")
        }
        for (i, setting) in settings.prefix(given).enumerated() {
          if let value = call.optional(at: i + 1, setting.name) { values[setting.name] = try value.number() }
        }
        return try call.returns(LayerHandle(try Activation(name, values)))
      }
    }
    // Dropout([p] [, {p=}])
    try library.function("Dropout") { call in
      let hasPlace = call.argument(at: 1, "p").kind != .table
      let options = try call.options(at: hasPlace ? 2 : 1, keys: ["p"])
      let p = try (hasPlace ? call.optional(at: 1, "p") : nil)?.number() ?? options.number("p", default: 0.5)
      return try call.returns(LayerHandle(try Dropout(p)))
    }
    // Flatten([start_dim [, end_dim]] [, {start_dim=, end_dim=}])
    try library.function("Flatten") { call in
      var given = call.argumentCount
      let hasOptions = given > 0 && call.argument(at: given, "options").kind == .table
      let options = try call.options(at: hasOptions ? given : given + 1, keys: ["start_dim", "end_dim"])
      if hasOptions { given -= 1 }
      guard given <= 2 else { throw call.mistake("expected at most 2 arguments, got \(given)") }
      let first = try (given >= 1 ? call.optional(at: 1, "start_dim") : nil)?.integer() ?? options.integer("start_dim", default: 2)
      let last = try (given >= 2 ? call.optional(at: 2, "end_dim") : nil)?.integer() ?? options.integer("end_dim", default: -1)
      return try call.returns(LayerHandle(try Flatten(first: first, last: last)))
    }
    // Unflatten(dim, {sizes})
    try library.function("Unflatten") { call in
      try call.expectAtMost(2)
      return try call.returns(LayerHandle(try Unflatten(try call.integer(at: 1, "dim"), try call.argument(at: 2, "sizes").integers())))
    }
  }

  private func openModuleHelpers(_ library: LuaLibrary) throws {
    // Parameter(t [, {requires_grad=}]): the same numbers, sharing memory, as a parameter.
    try library.function("Parameter") { call in
      let source = try call.object(at: 1, "tensor", Variable.self)
      let options = try call.options(at: 2, keys: ["requires_grad"])
      guard source.dtype.isFloatingPoint else {
        throw call.mistake("tensor: expected a floating-point tensor, got \(source.dtype.name); convert it with :to(\"float32\")")
      }
      // Optimizers run along memory, which an expanded or sliced tensor does not have to itself.
      let value = source.value.spanOfDenseBlock == nil ? try source.value.clone() : source.value
      let parameter = Variable(value, requiresGradient: try options.bool("requires_grad", default: true))
      parameter.isParameter = true
      return try call.returns(parameter)
    }
    // kind(value): "parameter", "tensor", "layer" or nil.
    try library.function("kind") { call in
      let value = call.argument(at: 1, "value")
      if let variable = value.objectIfAny(Variable.self) { return try call.returns(variable.isParameter ? "parameter" : "tensor") }
      return value.objectIfAny(LayerHandle.self) != nil ? try call.returns("layer") : call.returnsNil()
    }
    // forward_pair(layer, next, x): what both make of x where one pass does it, else nil: a dense layer and a ReLU that x fits.
    try library.function("forward_pair") { call in
      guard let first = call.argument(at: 1, "layer").objectIfAny(LayerHandle.self), let linear = first.layer as? Linear, let bias = linear.bias,
        let second = call.argument(at: 2, "next").objectIfAny(LayerHandle.self), let next = second.layer as? Activation, next.kind == "ReLU",
        let x = call.argument(at: 3, "x").objectIfAny(Variable.self), x.shape.last == linear.inputs, x.value.dtype.isFloatingPoint,
        let spec = OpTable.named("linear_relu")
      else { return call.returnsNil() }
      let result = try Engine.applyOne(spec, [.tensor(x), .tensor(linear.weight), .tensor(bias)])
      LayerTrail.add(first.serial, from: .tensor(x), to: .tensor(result))
      LayerTrail.add(second.serial, from: .tensor(result), to: .tensor(result))
      return try call.returns(result)
    }
    // forward_dense(layers, first, x): what the dense layers from layers[first] on, with a ReLU behind each but perhaps the last, make of x in one
    // pass, and the place behind them; nil where these are not two at least or x does not fit.
    try library.function("forward_dense") { call in
      let layers = call.argument(at: 1, "layers"), first = try call.argument(at: 2, "first").integer()
      guard let x = call.argument(at: 3, "x").objectIfAny(Variable.self), x.rank == 2, x.dtype == .float32, !Anomalies.isWatching,
        let spec = OpTable.named("dense_layers")
      else { return call.returnsNil() }
      var weights: [Variable] = [], biases: [Variable] = [], trail: [(serial: Int, from: Int, to: Int)] = []
      var place = first, width = x.shape[1], endsWithReLU = true
      while endsWithReLU, let handle = layers.item(place, LayerHandle.self), let linear = handle.layer as? Linear, let bias = linear.bias, linear.inputs == width,
        linear.weight.dtype == .float32
      {
        weights.append(linear.weight)
        biases.append(bias)
        trail.append((handle.serial, width, linear.outputs))
        width = linear.outputs
        place += 1
        let next = layers.item(place, LayerHandle.self)
        endsWithReLU = (next?.layer as? Activation)?.kind == "ReLU"
        if endsWithReLU, let next {
          trail.append((next.serial, width, width))
          place += 1
        } else if weights.count == 1 {
          return call.returnsNil()
        }
      }
      guard weights.count > 1 else { return call.returnsNil() }
      let result = try Engine.applyOne(spec, [.tensor(x), .tensors(weights), .tensors(biases), .flag(endsWithReLU)])
      for layer in trail { LayerTrail.add(layer.serial, from: [x.shape[0], layer.from], to: [x.shape[0], layer.to]) }
      return try call.returns(.object(result), .integer(place))
    }
    // distinct(tensors): each once, in order.
    try library.function("distinct") { call in
      try call.returns(.array(Layer.distinct(try call.argument(at: 1, "tensors").objects(Variable.self)).map { .object($0) }))
    }
    // named(names, tensors [, keep_duplicates])
    try library.function("named") { call in
      let entries = try call.namedTensors(from: 1)
      let keepsAll = try call.optional(at: 3, "keep_duplicates")?.bool() ?? false
      return try call.returns(keepsAll ? NamedTensors(entries) : NamedTensors(distinct: entries))
    }
    try library.function("state_dict") { call in try call.returns(stateDictionary: try call.namedTensors(from: 1)) }
    try library.function("load_state_dict") { call in
      try call.loadStateDictionary(at: 3, into: try call.namedTensors(from: 1))
      return call.returns()
    }
    try library.function("zero_grad") { call in
      let parameters = try call.argument(at: 1, "parameters").objects(Variable.self)
      for parameter in parameters { parameter.gradient = nil }
      SharedGradients.forget(parameters)
      return call.returns()
    }
    // to(tensors, dtype)
    try library.function("to") { call in
      try call.convert(try call.argument(at: 1, "tensors").objects(Variable.self), to: call.argument(at: 2, "dtype"))
      return call.returns()
    }
  }
}

extension Call {
  /// A tensor or sparse rows, as layers take them.
  func rowsArgument(at position: Int, _ name: String) throws -> ArgumentValue {
    let argument = argument(at: position, name)
    if let dense = argument.objectIfAny(Variable.self) { return .tensor(dense) }
    if let sparse = argument.objectIfAny(SparseRows.self) { return .sparse(sparse) }
    throw argument.mistake(expected: "a tensor or sparse rows")
  }

  /// What a layer gave.
  func returns(layerResult value: ArgumentValue) throws -> Results {
    switch value {
    case .tensor(let dense): try returns(dense)
    case .sparse(let sparse): try returns(sparse)
    default: returnsNil()
    }
  }

  /// Converts the floating-point ones among parameters and buffers in place, keeping each one's memory layout.
  fileprivate func convert(_ variables: [Variable], to argument: Argument) throws {
    let dtype = DType(name: try argument.choice(["float32", "float64"])) ?? .float32
    let converted = try variables.map { variable -> Tensor in
      let old = variable.value
      guard old.dtype.isFloatingPoint, old.dtype != dtype else { return old }
      guard old.rank == 2, !old.isContiguous else { return try old.converted(to: dtype) }
      let new = try Tensor.featureMajor(old.shape[0], old.shape[1], dtype)
      new.copyElements(from: old)
      return new
    }
    for (variable, value) in zip(variables, converted) where value.dtype != variable.dtype {
      variable.replaceValue(value)
      variable.gradient = nil
    }
  }

  /// A list of names and a list of as many tensors.
  fileprivate func namedTensors(from position: Int) throws -> [(name: String, variable: Variable)] {
    let names = try argument(at: position, "names").strings()
    let tensors = try argument(at: position + 1, "tensors").objects(Variable.self)
    guard names.count == tensors.count else { throw mistake("expected as many tensors as names, got \(tensors.count) and \(names.count)") }
    return Array(zip(names, tensors)).map { (name: $0.0, variable: $0.1) }
  }

  fileprivate func returns(stateDictionary entries: [(name: String, variable: Variable)]) throws -> Results {
    try returns(.record(try StateDictionary.copies(of: entries).map { ($0.name, .object(Variable($0.tensor))) }))
  }

  fileprivate func loadStateDictionary(at position: Int, into entries: [(name: String, variable: Variable)]) throws {
    var state: [String: Tensor] = [:]
    try argument(at: position, "state").forEachField { state[$0] = try $1.object(Variable.self).value }
    try StateDictionary.load(state, into: entries)
  }
}
