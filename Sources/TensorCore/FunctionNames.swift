import CVectorMath

// The names of CVectorMath's operations/unary.def as Swift writes them.
extension UnaryFunction {
  public static var neg: UnaryFunction { jvm_unary_neg }
  public static var abs: UnaryFunction { jvm_unary_abs }
  public static var square: UnaryFunction { jvm_unary_square }
  public static var sqrt: UnaryFunction { jvm_unary_sqrt }
  public static var rsqrt: UnaryFunction { jvm_unary_rsqrt }
  public static var reciprocal: UnaryFunction { jvm_unary_reciprocal }
  public static var sign: UnaryFunction { jvm_unary_sign }
  public static var exp: UnaryFunction { jvm_unary_exp }
  public static var expm1: UnaryFunction { jvm_unary_expm1 }
  public static var log: UnaryFunction { jvm_unary_log }
  public static var log1p: UnaryFunction { jvm_unary_log1p }
  public static var sin: UnaryFunction { jvm_unary_sin }
  public static var cos: UnaryFunction { jvm_unary_cos }
  public static var tan: UnaryFunction { jvm_unary_tan }
  public static var sinh: UnaryFunction { jvm_unary_sinh }
  public static var cosh: UnaryFunction { jvm_unary_cosh }
  public static var asinh: UnaryFunction { jvm_unary_asinh }
  public static var tanh: UnaryFunction { jvm_unary_tanh }
  public static var sigmoid: UnaryFunction { jvm_unary_sigmoid }
  public static var relu: UnaryFunction { jvm_unary_relu }
  public static var selu: UnaryFunction { jvm_unary_selu }
  public static var elu: UnaryFunction { jvm_unary_elu }
  public static var leaky_relu: UnaryFunction { jvm_unary_leaky_relu }
  public static var gelu: UnaryFunction { jvm_unary_gelu }
  public static var softplus: UnaryFunction { jvm_unary_softplus }
  public static var erf: UnaryFunction { jvm_unary_erf }
  public static var floor: UnaryFunction { jvm_unary_floor }
  public static var ceil: UnaryFunction { jvm_unary_ceil }
  public static var round: UnaryFunction { jvm_unary_round }
}

extension BinaryFunction {
  public static var add: BinaryFunction { jvm_binary_add }
  public static var sub: BinaryFunction { jvm_binary_sub }
  public static var mul: BinaryFunction { jvm_binary_mul }
  public static var div: BinaryFunction { jvm_binary_div }
  public static var pow: BinaryFunction { jvm_binary_pow }
  public static var maximum: BinaryFunction { jvm_binary_maximum }
  public static var minimum: BinaryFunction { jvm_binary_minimum }
  public static var atan2: BinaryFunction { jvm_binary_atan2 }
}

extension Comparison {
  public static var lt: Comparison { jvm_compare_lt }
  public static var le: Comparison { jvm_compare_le }
  public static var gt: Comparison { jvm_compare_gt }
  public static var ge: Comparison { jvm_compare_ge }
  public static var eq: Comparison { jvm_compare_eq }
  public static var ne: Comparison { jvm_compare_ne }
}
