// Element-wise functions of one number and their derivatives, from the lines of operations/unary.def.

#define UNARY(name, value, ...)                              \
  case jvm_unary_##name:                                     \
    _Pragma("clang loop vectorize(assume_safety)")           \
    for (ptrdiff_t i = 0; i < n; i++) {                      \
      const ELEMENT v = x[i * stride];                       \
      out[i] = (ELEMENT)(value);                             \
    }                                                        \
    break;

#define ROOT(v) __builtin_elementwise_sqrt((ELEMENT)(v))
#define T ELEMENT
#define ELEMENT float
static void unary_f32_scalar(jvm_unary operation, const float *x, ptrdiff_t stride, float *out, ptrdiff_t n, double p_,
                             double q_) {
  const float p = (float)p_, q = (float)q_;
  switch (operation) {
#include "../operations/unary.def"
    case jvm_unary_count: break;
  }
}
#undef ELEMENT
#define ELEMENT double
static void unary_f64(jvm_unary operation, const double *x, ptrdiff_t stride, double *out, ptrdiff_t n, double p, double q) {
  switch (operation) {
#include "../operations/unary.def"
    case jvm_unary_count: break;
  }
}
#undef ELEMENT
#undef UNARY

// The derivative reads the saved input as x or the saved output as y; which one decides the third field.
#define SAVED_input(i) const ELEMENT x = saved[i]; (void)x;
#define SAVED_output(i) const ELEMENT y = saved[i]; (void)y;
#define SAVED_nothing(i)
#define UNARY(name, value, reads, derivative)                \
  case jvm_unary_##name:                                     \
    _Pragma("clang loop vectorize(assume_safety)")           \
    for (ptrdiff_t i = 0; i < n; i++) {                      \
      SAVED_##reads(i)                                       \
      out[i] = g[i] * (ELEMENT)(derivative);                 \
    }                                                        \
    break;
#define ELEMENT float
static void unary_gradient_f32(jvm_unary operation, const float *saved, const float *g, float *out, ptrdiff_t n, double p_,
                               double q_) {
  const float p = (float)p_, q = (float)q_;
  switch (operation) {
#include "../operations/unary.def"
    case jvm_unary_count: break;
  }
}
#undef ELEMENT
#define ELEMENT double
static void unary_gradient_f64(jvm_unary operation, const double *saved, const double *g, double *out, ptrdiff_t n, double p,
                               double q) {
  switch (operation) {
#include "../operations/unary.def"
    case jvm_unary_count: break;
  }
}
#undef ELEMENT
#undef UNARY
#undef T
#undef ROOT

// The functions worth vectors of polynomials: libm's float versions take four to ten times as long.
static inline vector sigmoid_of(vector x) {
  vector e = exponential(choose_lanes(x > 0.0f, -x, x));
  vector y = 1.0f / (1.0f + e);
  return choose_lanes(x > 0.0f, y, e * y);
}
static inline vector tanh_of(vector x) {
  vector magnitude = choose_lanes(x < 0.0f, -x, x);
  vector t = exponential_minus_one(choose_lanes(magnitude > 10.0f, splat(10.0f), magnitude) * 2.0f);
  vector y = t / (t + 2.0f);
  return choose_lanes(x < 0.0f, -y, y);
}
static inline vector log1p_of(vector x) {
  vector u = 1.0f + x;
  vector y = logarithm(u) + choose_lanes(u < 3.0e38f, (x - (u - 1.0f)) / u, splat(0));
  return choose_lanes((u == 1.0f) | (u == 0.0f), choose_lanes(u == 0.0f, splat(-__builtin_inff()), x), y);
}
static inline vector selu_of(vector x) {
  vector negative = exponential_minus_one(choose_lanes(x > 0.0f, splat(0), x)) * 1.7580993408473768599402175208123f;
  return choose_lanes(x > 0.0f, x * 1.0507009873554804934193349852946f, negative);
}

#define VECTOR_CASE(name, expression)                                     \
  case jvm_unary_##name: {                                                \
    ptrdiff_t i = 0;                                                      \
    for (; i + lanes <= n; i += lanes) {                                  \
      const vector v = load(x + i);                                       \
      store(y + i, expression);                                           \
    }                                                                     \
    if (i < n) {                                                          \
      const vector v = load_partial(x + i, n - i, 1.0f);                  \
      store_partial(y + i, expression, n - i);                            \
    }                                                                     \
    return;                                                               \
  }

static void unary_f32(jvm_unary operation, const float *x, ptrdiff_t stride, float *y, ptrdiff_t n, double p, double q) {
  if (stride != 1) {
    switch (operation) {
      case jvm_unary_exp: case jvm_unary_expm1: case jvm_unary_log: case jvm_unary_log1p: case jvm_unary_sigmoid:
      case jvm_unary_tanh: case jvm_unary_selu:
        // The same bits whatever the layout: gather first, then the vector loop in place.
        for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i * stride];
        x = y;
        break;
      default: unary_f32_scalar(operation, x, stride, y, n, p, q); return;
    }
  }
  switch (operation) {
    VECTOR_CASE(exp, exponential(v))
    VECTOR_CASE(expm1, exponential_minus_one(v))
    VECTOR_CASE(log, logarithm(v))
    VECTOR_CASE(log1p, log1p_of(v))
    VECTOR_CASE(sigmoid, sigmoid_of(v))
    VECTOR_CASE(tanh, tanh_of(v))
    VECTOR_CASE(selu, selu_of(v))
    default: unary_f32_scalar(operation, x, 1, y, n, p, q);
  }
}
