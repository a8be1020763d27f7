import Autodiff
import TensorCore

extension Call {
  /// A shape given as numbers or one table from argument `first` on, followed by options.
  func shapeAndOptions(from first: Int = 1, keys: [String] = ["dtype"]) throws -> (shape: Dimensions, options: Options) {
    var sizes: [Int] = []
    var position = first
    if case .table = argument(at: first, "shape").kind, try argument(at: first, "shape").length() > 0 || first == argumentCount - 1 {
      sizes = try argument(at: first, "shape").integers()
      position += 1
    } else {
      while position <= argumentCount, case .number = argument(at: position, "shape").kind {
        sizes.append(try integer(at: position, "shape[\(position - first + 1)]"))
        position += 1
      }
    }
    let options = try self.options(at: position, keys: keys)
    try expectAtMost(position)
    return (try shape(sizes), options)
  }

  func shape(_ sizes: [Int]) throws -> Dimensions {
    guard sizes.count <= Dimensions.maximumCount else { throw mistake("shape: expected at most \(Dimensions.maximumCount) sizes, got \(sizes.count)") }
    if let wrong = sizes.first(where: { $0 < 0 }) { throw mistake("shape: expected sizes of at least 0, got \(wrong)") }
    return Dimensions(sizes)
  }

  func dtype(_ options: Options, default value: DType = .float32) throws -> DType {
    DType(name: try options.choice("dtype", default: value.name, DType.allCases.map(\.name))) ?? value
  }
}

extension LuaHost {
  func openTensorCreation(_ library: LuaLibrary) throws {
    try library.function("from_table", help: """
      @private
      """) { call in
      let options = try call.options(at: 2, keys: ["dtype"])
      if let variable = call.argument(at: 1, "values").objectIfAny(Variable.self) {
        return try call.returns(Variable(try variable.value.clone().converted(to: call.dtype(options, default: variable.dtype))))
      }
      var nested = try call.argument(at: 1, "values").nested()
      let dtype = try call.dtype(options, default: nested.isBoolean ? .bool : .float32)
      let tensor = try Tensor(uninitialized: try call.shape(nested.shape), dtype)
      switch dtype {
      case .float32: try nested.fill(tensor.buffer(as: Float.self))
      case .float64: try nested.fill(tensor.buffer(as: Double.self))
      case .int64: try nested.fill(tensor.buffer(as: Int64.self))
      case .bool: try nested.fill(tensor.buffer(as: UInt8.self))
      }
      return try call.returns(Variable(tensor))
    }
    for (name, value) in [("zeros", 0.0), ("ones", 1.0)] {
      try library.function(name, help: """
        A tensor of \(name == "zeros" ? "zeros" : "ones").
        @param ... integer|integer[] the sizes, as numbers or one table; none gives a tensor of no dimensions
        @param options? {dtype: "float32"|"float64"|"int64"|"bool"} default "float32"
        @return tensor
            tensor.\(name)(2, 3) --> \(name == "zeros" ? "[[0., 0., 0.], [0., 0., 0.]]" : "[[1., 1., 1.], [1., 1., 1.]]")
            tensor.\(name)({2}, {dtype = "int64"}) --> \(name == "zeros" ? "[0, 0]" : "[1, 1]")
        """) { call in
        let (shape, options) = try call.shapeAndOptions()
        return try call.returns(Variable(try Tensor(filling: shape, with: value, try call.dtype(options))))
      }
      try library.function("\(name)_like", help: """
        A tensor of \(name == "zeros" ? "zeros" : "ones") in the shape and type of another.
        @param x tensor
        @param options? {dtype: "float32"|"float64"|"int64"|"bool"} default that of x
        @return tensor
            tensor.\(name)_like(tensor{3, 4}) --> \(name == "zeros" ? "[0., 0.]" : "[1., 1.]")
        """) { call in
        let x = try call.object(at: 1, "x", Variable.self)
        let options = try call.options(at: 2, keys: ["dtype"])
        return try call.returns(Variable(try Tensor(filling: x.shape, with: value, try call.dtype(options, default: x.dtype))))
      }
    }
    try library.function("full", help: """
      A tensor of one number.
      @param shape integer[]
      @param value number
      @param options? {dtype: "float32"|"float64"|"int64"|"bool"} default "float32"
      @return tensor
          tensor.full({2}, 0.5) --> [0.5, 0.5]
      """) { call in
      let shape = try call.shape(try call.argument(at: 1, "shape").integers())
      let value = try call.number(at: 2, "value")
      let options = try call.options(at: 3, keys: ["dtype"])
      return try call.returns(Variable(try Tensor(filling: shape, with: value, try call.dtype(options))))
    }
    try library.function("eye", help: """
      A matrix [n, m] with ones on its diagonal.
      @param n integer
      @param m? integer default n
      @param options? {dtype: "float32"|"float64"|"int64"|"bool"} default "float32"
      @return tensor
          tensor.eye(2) --> [[1., 0.], [0., 1.]]
      """) { call in
      let n = try call.integer(at: 1, "n", in: 0...1_000_000)
      let m = try call.argument(at: 2, "m").kind == .table ? n : call.optional(at: 2, "m")?.integer(in: 0...1_000_000) ?? n
      let options = try call.options(at: call.argument(at: 2, "m").kind == .table ? 2 : 3, keys: ["dtype"])
      let tensor = try Tensor(filling: [n, m], with: 0, try call.dtype(options))
      let diagonal = Tensor(storage: tensor.storage, dtype: tensor.dtype, shape: [min(n, m)], strides: [m + 1], offset: 0)
      diagonal.fill(1)
      return try call.returns(Variable(tensor))
    }
    try library.function("arange", help: """
      Numbers from `first` to `last`, both included, in steps; `arange(last)` starts at 1. Whole numbers give int64, others float32.
      @param first number
      @param last? number
      @param step? number default 1, not 0
      @param options? {dtype: "float32"|"float64"|"int64"|"bool"}
      @return tensor
          tensor.arange(3) --> [1, 2, 3]
          tensor.arange(0, 1, 0.5) --> [0., 0.5, 1.]
      """) { call in
      var numbers: [Double] = []
      var whole = true
      var position = 1
      while position <= call.argumentCount, position <= 3, case .number = call.argument(at: position, "first").kind {
        numbers.append(try call.number(at: position, ["first", "last", "step"][position - 1]))
        whole = whole && call.argument(at: position, "first").isIntegerSubtype
        position += 1
      }
      let options = try call.options(at: position, keys: ["dtype"])
      guard !numbers.isEmpty else { throw call.argument(at: 1, "last").mistake(expected: "a number") }
      let first = numbers.count == 1 ? 1 : numbers[0], last = numbers.count == 1 ? numbers[0] : numbers[1], step = numbers.count > 2 ? numbers[2] : 1
      guard first.isFinite, last.isFinite, step.isFinite, step != 0 else { throw call.mistake("expected finite numbers and a step other than 0, got \(first), \(last), \(step)") }
      // A last number that rounding has pushed just beyond the end still counts.
      let steps = ((last - first) / step + 1e-9).rounded(.down)
      guard steps < 1e15 else { throw OutOfMemory(bytes: nil) }
      let count = steps < 0 ? 0 : Int(steps) + 1
      let tensor = try Tensor(uninitialized: [count], .float64)
      let out = tensor.pointer(as: Double.self)
      for i in 0..<count { out[i] = first + Double(i) * step }
      return try call.returns(Variable(try tensor.converted(to: try call.dtype(options, default: whole ? .int64 : .float32))))
    }
    try library.function("linspace", help: """
      n numbers from a to b, both included, at equal distances.
      @param a number
      @param b number
      @param n integer
      @param options? {dtype: "float32"|"float64"|"int64"|"bool"} default "float32"
      @return tensor
          tensor.linspace(0, 1, 5) --> [0., 0.25, 0.5, 0.75, 1.]
      """) { call in
      let a = try call.number(at: 1, "a"), b = try call.number(at: 2, "b"), n = try call.integer(at: 3, "n", in: 0...Int.max)
      let options = try call.options(at: 4, keys: ["dtype"])
      let tensor = try Tensor(uninitialized: [n], .float64)
      let out = tensor.pointer(as: Double.self)
      for i in 0..<n { out[i] = n == 1 ? a : i == n - 1 ? b : a + (b - a) * (Double(i) / Double(n - 1)) }
      return try call.returns(Variable(try tensor.converted(to: try call.dtype(options))))
    }
  }

  func openTensorRandom(_ library: LuaLibrary) throws {
    try library.function("manual_seed", help: """
      Seeds every stream of random numbers: the same script, seed and build then give the same bits, whatever the number of threads.
      @param seed integer
          tensor.manual_seed(7)
          x = tensor.rand(3)
          tensor.manual_seed(7)
          tensor.rand(3):eq(x):all():item() --> true
      """) { call in
      RandomStream.seed(UInt64(bitPattern: Int64(try call.integer(at: 1, "seed"))))
      return call.returns()
    }
    try library.function("initial_seed", help: """
      The seed in use, for a run's record.
      @return integer
          tensor.manual_seed(7)
          tensor.initial_seed() --> 7
      """) { call in call.returns(Int(Int64(bitPattern: RandomStream.currentSeed))) }
    for (name, fill) in [("rand", RandomStream.fillUniform), ("randn", RandomStream.fillNormal)] {
      try library.function(name, help: """
        Numbers \(name == "rand" ? "uniform in [0, 1)" : "of the normal distribution N(0, 1)").
        @param ... integer|integer[] the sizes, as numbers or one table
        @param options? {dtype: "float32"|"float64"} default "float32"
        @return tensor
            tensor.manual_seed(1)
            tensor.\(name)(2, 3) --> \(name == "rand" ? "[[0.8903, 0.8947, 0.5857], [0.7113, 0.672, 0.8741]]" : "[[0.3804, -0.2963, -0.2492], [-1.004, 0.6269, -0.634]]")
        """) { call in
        let (shape, options) = try call.shapeAndOptions()
        let tensor = try Tensor(uninitialized: shape, try call.dtype(options))
        try fill(.script)(tensor)
        return try call.returns(Variable(tensor))
      }
      try library.function("\(name)_like", help: """
        Numbers \(name == "rand" ? "uniform in [0, 1)" : "of the normal distribution N(0, 1)") in the shape and type of another tensor.
        @param x tensor
        @param options? {dtype: "float32"|"float64"} default that of x
        @return tensor
            tensor.\(name)_like(tensor.zeros(2, 3)).shape --> {2, 3}
        """) { call in
        let x = try call.object(at: 1, "x", Variable.self)
        let options = try call.options(at: 2, keys: ["dtype"])
        let tensor = try Tensor(uninitialized: x.shape, try call.dtype(options, default: x.dtype))
        try fill(.script)(tensor)
        return try call.returns(Variable(tensor))
      }
    }
    try library.function("randint", help: """
      Whole numbers from lo to hi, both included, equally likely.
      @param lo integer
      @param hi integer at least lo
      @param ... integer|integer[] the sizes, as numbers or one table
      @param options? {dtype: "float32"|"float64"|"int64"|"bool"} default "int64"
      @return tensor
          tensor.manual_seed(1)
          tensor.randint(1, 6, {3}) --> [6, 5, 2]
      """) { call in
      let low = try call.integer(at: 1, "lo"), high = try call.integer(at: 2, "hi")
      guard low <= high else { throw call.mistake("hi: expected at least lo = \(low), got \(high)") }
      let (shape, options) = try call.shapeAndOptions(from: 3)
      let tensor = try Tensor(uninitialized: shape, .int64)
      RandomStream.script.fillIntegers(tensor, from: Int64(low), to: Int64(high))
      return try call.returns(Variable(try tensor.converted(to: try call.dtype(options, default: .int64))))
    }
    try library.function("randperm", help: """
      The numbers 1 … n in random order, as int64.
      @param n integer
      @return tensor
          tensor.manual_seed(1)
          tensor.randperm(5) --> [2, 1, 4, 3, 5]
      """) { call in
      let n = try call.integer(at: 1, "n", in: 0...Int(Int32.max))
      let tensor = try Tensor(uninitialized: [n], .int64)
      let out = tensor.pointer(as: Int64.self)
      for (i, value) in RandomStream.script.permutation(n).enumerated() { out[i] = Int64(value + 1) }
      return try call.returns(Variable(tensor))
    }
  }
}
