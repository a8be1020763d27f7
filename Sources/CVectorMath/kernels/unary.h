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
static void unary_f64_scalar(jvm_unary operation, const double *x, ptrdiff_t stride, double *out, ptrdiff_t n, double p, double q) {
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
static void unary_gradient_f32_scalar(jvm_unary operation, const float *saved, const float *g, float *out, ptrdiff_t n, double p_,
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
#ifdef VARIANT_HAS_MASKS
#include "pieces.h"
// a / d from an estimate of 1 / d: the division takes as long as all the rest.
static inline vector quotient(vector a, vector d) {
  const vector estimate = (vector)_mm512_rcp14_ps((__m512)d), first = a * estimate;
  const vector inverse = fused(fused(-d, estimate, splat(1.0f)), estimate, estimate);
  return fused(fused(-first, d, a), inverse, first);
}
static inline vector sigmoid_of(vector x) {
  const vector e = exponential(-magnitude_of(x));
  return quotient(choose_lanes(x > 0.0f, splat(1.0f), e), 1.0f + e);
}
#else
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
#endif
static inline vector log1p_of(vector x) {
  vector u = 1.0f + x;
  vector y = logarithm(u) + choose_lanes(u < 3.0e38f, (x - (u - 1.0f)) / u, splat(0));
  return choose_lanes((u == 1.0f) | (u == 0.0f), choose_lanes(u == 0.0f, splat(-__builtin_inff()), x), y);
}
static inline vector selu_of(vector x) {
  vector negative = exponential_minus_one(choose_lanes(x > 0.0f, splat(0), x)) * 1.7580993408473768599402175208123f;
  return choose_lanes(x > 0.0f, x * 1.0507009873554804934193349852946f, negative);
}
#ifndef VARIANT_HAS_MASKS
// By series in x² near 0 and by erfc x = e^{x p(x)} beyond, least-squares fits; relative error below 1.5e-7, and 1 from 4 on.
static inline vector erf_of(vector x) {
  const vector magnitude = choose_lanes(x < 0.0f, -x, x);
  const vector s = x * x;
  vector near = splat(8.048519521253183e-05f);
  near = fused(near, s, splat(-8.063365239650011e-4f));
  near = fused(near, s, splat(5.193750839680433e-3f));
  near = fused(near, s, splat(-2.6856349781155586e-2f));
  near = fused(near, s, splat(0.11283638328313828f));
  near = fused(near, s, splat(-0.3761262893676758f));
  near = fused(near, s, splat(0.12837916612625122f));
  const vector t = choose_lanes(magnitude > 4.0f, splat(4.0f), magnitude);
  vector far = splat(9.19429908208258e-07f);
  far = fused(far, t, splat(-3.216489858459681e-05f));
  far = fused(far, t, splat(4.826005606446415e-4f));
  far = fused(far, t, splat(-4.240228794515133e-3f));
  far = fused(far, t, splat(2.4995649233460426e-2f));
  far = fused(far, t, splat(-0.10766799747943878f));
  far = fused(far, t, splat(-0.6342782974243164f));
  far = fused(far, t, splat(-1.1288658380508423f));
  far = 1.0f - exponential(far * t);
  return choose_lanes(magnitude < 0.95f, fused(near, x, x), choose_lanes(x < 0.0f, -far, far));
}
#endif
static inline vector gelu_of(vector x) {
  const vector half = x * 0.5f;
  return fused(half, erf_of(x * 0.70710678118654752440f), half);
}
static inline vector gelu_slope(vector x) {
  return 0.5f * (1.0f + erf_of(x * 0.70710678118654752440f)) + x * 0.39894228040143267794f * exponential(-0.5f * x * x);
}

// Up to where the three parts of π/2 below, times a whole number, leave no error.
static const float circle_limit = 8192;
static vector by_lanes(vector x, float (*function)(float)) {
  float lane[lanes];
  store(lane, x);
  for (int i = 0; i < lanes; i++) lane[i] = function(lane[i]);
  return load(lane);
}
// sin(x + quarters π/2): x = n π/2 + r with |r| ≤ π/4, then the series of sine or cosine, by least squares; error below 1.5e-7.
static inline vector sine_from(vector x, int quarters) {
  const vector magic = splat(12582912.0f);
  const vector shifted = fused(x, splat(0.63661977236758134308f), magic);
  const vector n = shifted - magic;
  const vector_int quadrant = (vector_int)shifted + quarters;
  vector r = fused(n, splat(-1.5703125f), x);
  r = fused(n, splat(-4.837512969970703125e-4f), r);
  r = fused(n, splat(-7.549789948768648e-8f), r);
  const vector s = r * r;
  const vector sine = fused(fused(fused(splat(-1.9582892127800733e-4f), s, splat(8.332724682986736e-3f)), s, splat(-0.166666641831398f)) * s, r, r);
  const vector even = fused(fused(splat(2.4542512619518675e-05f), s, splat(-1.388827688060701e-3f)), s, splat(4.16666641831398e-2f));
  const vector cosine = fused(even, s * s, fused(s, splat(-0.5f), splat(1.0f)));
  const vector y = choose_lanes((quadrant & 1) != 0, cosine, sine);
  return choose_lanes((quadrant & 2) != 0, -y, y);
}
static inline vector sin_of(vector x) {
  return any_lane(~((x <= circle_limit) & (x >= -circle_limit))) ? by_lanes(x, sinf) : sine_from(x, 0);
}
static inline vector cos_of(vector x) {
  return any_lane(~((x <= circle_limit) & (x >= -circle_limit))) ? by_lanes(x, cosf) : sine_from(x, 1);
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
      case jvm_unary_tanh: case jvm_unary_selu: case jvm_unary_erf: case jvm_unary_gelu: case jvm_unary_sin: case jvm_unary_cos:
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
    VECTOR_CASE(erf, erf_of(v))
    VECTOR_CASE(gelu, gelu_of(v))
    VECTOR_CASE(sin, sin_of(v))
    VECTOR_CASE(cos, cos_of(v))
    default: unary_f32_scalar(operation, x, 1, y, n, p, q);
  }
}

#define VECTOR_SLOPE_CASE(name, expression)                                                 \
  case jvm_unary_##name:                                                                    \
    for (ptrdiff_t i = 0; i < n; i += lanes) {                                              \
      const bool whole = i + lanes <= n;                                                    \
      const vector x = whole ? load(saved + i) : load_partial(saved + i, n - i, 0.0f);      \
      const vector slope = (expression);                                                    \
      if (whole) store(out + i, load(g + i) * slope);                                       \
      else store_partial(out + i, load_partial(g + i, n - i, 0.0f) * slope, n - i);         \
    }                                                                                       \
    return;

static void unary_gradient_f32(jvm_unary operation, const float *saved, const float *g, float *out, ptrdiff_t n, double p, double q) {
  switch (operation) {
    VECTOR_SLOPE_CASE(sin, cos_of(x))
    VECTOR_SLOPE_CASE(cos, -sin_of(x))
    VECTOR_SLOPE_CASE(gelu, gelu_slope(x))
    VECTOR_SLOPE_CASE(erf, 1.12837916709551257390f * exponential(-x * x))
    default: unary_gradient_f32_scalar(operation, saved, g, out, n, p, q);
  }
}

static inline vector_double sigmoid_double(vector_double x) {
  const vector_double e = exponential_double(choose_double_lanes(x > 0.0, -x, x));
  return choose_double_lanes(x > 0.0, splat_double(1.0), e) / (1.0 + e);
}

#define DOUBLE_LOOP(function)                                                              \
  for (; i + double_lanes <= n; i += double_lanes) store_double(y + i, function(load_double(x + i))); \
  if (i < n) {                                                                             \
    double lane[double_lanes] = {0};                                                       \
    memcpy(lane, x + i, (size_t)(n - i) * sizeof(double));                                 \
    store_double(lane, function(load_double(lane)));                                       \
    memcpy(y + i, lane, (size_t)(n - i) * sizeof(double));                                 \
  }

static void unary_f64(jvm_unary operation, const double *x, ptrdiff_t stride, double *y, ptrdiff_t n, double p, double q) {
  if (operation != jvm_unary_exp && operation != jvm_unary_sigmoid) {
    unary_f64_scalar(operation, x, stride, y, n, p, q);
    return;
  }
  // The same bits whatever the layout: numbers that do not lie one after the other are gathered first.
  if (stride != 1) {
    for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i * stride];
    x = y;
  }
  ptrdiff_t i = 0;
  if (operation == jvm_unary_exp) { DOUBLE_LOOP(exponential_double) } else { DOUBLE_LOOP(sigmoid_double) }
}
