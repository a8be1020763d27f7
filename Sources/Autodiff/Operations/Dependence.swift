import TensorCore

extension OpSpec {
  static let dependence: [OpSpec] = [distanceCorrelation]

  // Value and gradients share the sorted orders, so a recorded call makes both at once.
  private static let distanceCorrelation = OpSpec(
    "distance_correlation",
    "The distance correlation √(dCov²(x, y)/√(dCov²(x, x) dCov²(y, y))) of the elements of x and y, or its square, the DisCo term of a loss; exact, in O(N log N); the gradient is 0 where the correlation is.",
    example: "nn.distance_correlation(tensor{1, 2, 3}, tensor{2, 4, 6}, {squared = true}) --> 1.",
    signature: "x [*S], y [*S], weight [*S] or nil -> []",
    arguments: [
      .tensor("x"), .tensor("y", "in the shape of x"), .init("weight", .optionalTensor, "of each pair, from 0, in the shape of x"),
      .init("squared", .flag(default: false), "the square, DisCo"),
    ], placement: .loss,
    forward: { call in
      let name = "distance_correlation"
      let x = try call.tensor(0), y = try call.tensor(1), weight = call.optionalTensor(2)
      try requireFloat(x, name)
      guard x.shape == y.shape else { throw CallerError("\(name): x and y: expected one shape, got \(x.shape.text) and \(y.shape.text)") }
      if let weight, weight.shape != x.shape {
        throw CallerError("\(name): weight: expected the shape \(x.shape.text) of x, got \(weight.shape.text)")
      }
      let correlation = try DistanceCorrelation(x.array(of: Double.self), y.array(of: Double.self), weight: weight?.array(of: Double.self), function: name)
      let isSquared = call.flag(3)
      if call.isRecording {
        let slopes = correlation.gradients(squared: isSquared)
        call.save(
          try Tensor(slopes.x).reshaped(x.shape).converted(to: x.dtype), try Tensor(slopes.y).reshaped(x.shape).converted(to: x.dtype),
          try Tensor(slopes.weight).reshaped(x.shape).converted(to: x.dtype))
      }
      return Outputs(try Tensor(scalar: isSquared ? correlation.squared : correlation.value, x.dtype))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      return try (0..<3).map { call.needs[$0] ? try call.saved[$0].multiplied(by: g) : nil }
    },
    samples: [
      Sample(.uniform([7]), .uniform([7]), .absent, .flag(true)), Sample(.uniform([3, 4]), .uniform([3, 4]), .absent, .absent),
      Sample(.uniform([9]), .strided([9]), .uniform([9], 0.5...2), .flag(true)), Sample(.transposed([4, 3]), .uniform([4, 3]), .strided([4, 3], 0.5...2), .absent),
      Sample(.uniform([2]), .uniform([2]), .absent, .flag(true)), Sample(.uniform([8]), .integers([8], 0...3), .absent, .flag(true)),
    ],
    failures: [
      Failure(.uniform([3]), .uniform([3, 1]), .absent, .absent, says: "distance_correlation: x and y: expected one shape, got [3] and [3, 1]"),
      Failure(.uniform([3]), .uniform([3]), .uniform([2]), .absent, says: "distance_correlation: weight: expected the shape [3] of x, got [2]"),
      Failure(.uniform([0]), .uniform([0]), .absent, .absent, says: "distance_correlation: expected at least 2 values, got 0"),
      Failure(.values([1, .nan], [2]), .uniform([2]), .absent, .absent, says: "distance_correlation: x: 1 of 2 values are not finite"),
      Failure(.uniform([2]), .uniform([2]), .values([1, -1], [2]), .absent, says: "distance_correlation: weight: expected numbers from 0 that are not all 0"),
    ])
}
