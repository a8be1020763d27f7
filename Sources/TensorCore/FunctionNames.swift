import CVectorMath

// The names of CVectorMath's operations/unary.def as Swift writes them.
extension UnaryFunction {
  /// −x.
  public static var neg: UnaryFunction { jvm_unary_neg }
  /// |x|.
  public static var abs: UnaryFunction { jvm_unary_abs }
  /// x².
  public static var square: UnaryFunction { jvm_unary_square }
  /// min(max(x, p), q); neither p nor q is NaN.
  public static var clamp: UnaryFunction { jvm_unary_clamp }
  /// √x.
  public static var sqrt: UnaryFunction { jvm_unary_sqrt }
  /// 1/√x.
  public static var rsqrt: UnaryFunction { jvm_unary_rsqrt }
  /// 1/x.
  public static var reciprocal: UnaryFunction { jvm_unary_reciprocal }
  /// −1, 0 or 1.
  public static var sign: UnaryFunction { jvm_unary_sign }
  /// eˣ.
  public static var exp: UnaryFunction { jvm_unary_exp }
  /// eˣ − 1.
  public static var expm1: UnaryFunction { jvm_unary_expm1 }
  /// ln x.
  public static var log: UnaryFunction { jvm_unary_log }
  /// ln(1 + x).
  public static var log1p: UnaryFunction { jvm_unary_log1p }
  /// sin x.
  public static var sin: UnaryFunction { jvm_unary_sin }
  /// cos x.
  public static var cos: UnaryFunction { jvm_unary_cos }
  /// tan x.
  public static var tan: UnaryFunction { jvm_unary_tan }
  /// sinh x.
  public static var sinh: UnaryFunction { jvm_unary_sinh }
  /// cosh x.
  public static var cosh: UnaryFunction { jvm_unary_cosh }
  /// arsinh x.
  public static var asinh: UnaryFunction { jvm_unary_asinh }
  /// tanh x.
  public static var tanh: UnaryFunction { jvm_unary_tanh }
  /// 1/(1 + e⁻ˣ).
  public static var sigmoid: UnaryFunction { jvm_unary_sigmoid }
  /// max(x, 0).
  public static var relu: UnaryFunction { jvm_unary_relu }
  /// λ x above 0, λ α (eˣ − 1) below (arXiv:1706.02515, eq. 2).
  public static var selu: UnaryFunction { jvm_unary_selu }
  /// x above 0, p (eˣ − 1) below.
  public static var elu: UnaryFunction { jvm_unary_elu }
  /// x above 0, p x below.
  public static var leaky_relu: UnaryFunction { jvm_unary_leaky_relu }
  /// x Φ(x).
  public static var gelu: UnaryFunction { jvm_unary_gelu }
  /// ln(1 + e^{p x})/p, x where p x > q.
  public static var softplus: UnaryFunction { jvm_unary_softplus }
  /// 2/√π ∫₀ˣ e^{−t²} dt.
  public static var erf: UnaryFunction { jvm_unary_erf }
  /// The largest whole number ≤ x.
  public static var floor: UnaryFunction { jvm_unary_floor }
  /// The smallest whole number ≥ x.
  public static var ceil: UnaryFunction { jvm_unary_ceil }
  /// The nearest whole number, ties to even.
  public static var round: UnaryFunction { jvm_unary_round }
}

extension BinaryFunction {
  /// x + y.
  public static var add: BinaryFunction { jvm_binary_add }
  /// x − y.
  public static var sub: BinaryFunction { jvm_binary_sub }
  /// x · y.
  public static var mul: BinaryFunction { jvm_binary_mul }
  /// x / y.
  public static var div: BinaryFunction { jvm_binary_div }
  /// x^y.
  public static var pow: BinaryFunction { jvm_binary_pow }
  /// The larger of two; NaN wins.
  public static var maximum: BinaryFunction { jvm_binary_maximum }
  /// The smaller of two; NaN wins.
  public static var minimum: BinaryFunction { jvm_binary_minimum }
  /// The angle of the point (y, x), in (−π, π].
  public static var atan2: BinaryFunction { jvm_binary_atan2 }
}

extension Comparison {
  /// x < y.
  public static var lt: Comparison { jvm_compare_lt }
  /// x ≤ y.
  public static var le: Comparison { jvm_compare_le }
  /// x > y.
  public static var gt: Comparison { jvm_compare_gt }
  /// x ≥ y.
  public static var ge: Comparison { jvm_compare_ge }
  /// x = y.
  public static var eq: Comparison { jvm_compare_eq }
  /// x ≠ y.
  public static var ne: Comparison { jvm_compare_ne }
}
