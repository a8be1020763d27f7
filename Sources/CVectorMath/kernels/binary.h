// Element-wise functions of two numbers. Strides of 0 and 1 get loops of their own, since broadcasting is made of them.

#define BINARY_LOOP(stride_a, stride_b, output, expression)            \
  _Pragma("clang loop vectorize(assume_safety)")                       \
  for (ptrdiff_t i = 0; i < n; i++) {                                  \
    const ELEMENT a = pa[i * (stride_a)], b = pb[i * (stride_b)];      \
    y[i] = (output)(expression);                                       \
  }
#define BINARY_CASE(label, output, expression)                                     \
  case label:                                                                      \
    if (sa == 1 && sb == 1) { BINARY_LOOP(1, 1, output, expression) }              \
    else if (sa == 0 && sb == 1) { BINARY_LOOP(0, 1, output, expression) }         \
    else if (sa == 1 && sb == 0) { BINARY_LOOP(1, 0, output, expression) }         \
    else { BINARY_LOOP(sa, sb, output, expression) }                               \
    break;

// The powers that scripts write most need no logarithm; false for another exponent.
#define WHOLE_POWER(name, T)                                                                        \
  static bool name(const T *x, ptrdiff_t stride, T exponent, T *y, ptrdiff_t n) {                   \
    if (stride != 0 && stride != 1) return false;                                                   \
    if (exponent == 2) { for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i * stride] * x[i * stride]; }  \
    else if (exponent == 3) { for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i * stride] * x[i * stride] * x[i * stride]; } \
    else if (exponent == 1) { for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i * stride]; }             \
    else if (exponent == -1) { for (ptrdiff_t i = 0; i < n; i++) y[i] = 1 / x[i * stride]; }        \
    else return false;                                                                              \
    return true;                                                                                    \
  }
WHOLE_POWER(whole_power_f32, float)
WHOLE_POWER(whole_power_f64, double)

#define BINARY(name, expression) BINARY_CASE(jvm_binary_##name, ELEMENT, expression)
#define ELEMENT float
static void binary_f32(jvm_binary operation, const float *pa, ptrdiff_t sa, const float *pb, ptrdiff_t sb, float *y, ptrdiff_t n) {
  if (operation == jvm_binary_pow && sb == 0 && n > 0 && whole_power_f32(pa, sa, *pb, y, n)) return;
  switch (operation) {
#include "../operations/binary.def"
    case jvm_binary_count: break;
  }
}
#undef ELEMENT
#define ELEMENT double
static void binary_f64(jvm_binary operation, const double *pa, ptrdiff_t sa, const double *pb, ptrdiff_t sb, double *y, ptrdiff_t n) {
  if (operation == jvm_binary_pow && sb == 0 && n > 0 && whole_power_f64(pa, sa, *pb, y, n)) return;
  switch (operation) {
#include "../operations/binary.def"
    case jvm_binary_count: break;
  }
}
#undef ELEMENT
#undef BINARY

#define COMPARE(name, expression) BINARY_CASE(jvm_compare_##name, uint8_t, expression)
#define ELEMENT float
static void compare_f32(jvm_compare operation, const float *pa, ptrdiff_t sa, const float *pb, ptrdiff_t sb, uint8_t *y, ptrdiff_t n) {
  switch (operation) {
#include "../operations/comparisons.def"
    case jvm_compare_count: break;
  }
}
#undef ELEMENT
#define ELEMENT double
static void compare_f64(jvm_compare operation, const double *pa, ptrdiff_t sa, const double *pb, ptrdiff_t sb, uint8_t *y, ptrdiff_t n) {
  switch (operation) {
#include "../operations/comparisons.def"
    case jvm_compare_count: break;
  }
}
#undef ELEMENT
#define ELEMENT int64_t
static void compare_i64(jvm_compare operation, const int64_t *pa, ptrdiff_t sa, const int64_t *pb, ptrdiff_t sb, uint8_t *y, ptrdiff_t n) {
  switch (operation) {
#include "../operations/comparisons.def"
    case jvm_compare_count: break;
  }
}
#undef ELEMENT
#undef COMPARE

// y = a where the mask is not 0, else b; strides of 0 or 1.
#define CHOOSE_LOOP(sa, sb) \
  for (ptrdiff_t i = 0; i < n; i++) y[i] = mask[i] ? a[i * (sa)] : b[i * (sb)];
#define CHOOSE(name, T)                                                                                                  \
  static void name(const uint8_t *mask, const void *pa, ptrdiff_t sa, const void *pb, ptrdiff_t sb, void *py, ptrdiff_t n) { \
    const T *a = pa, *b = pb;                                                                                            \
    T *restrict y = py;                                                                                                  \
    if (sa == 1 && sb == 1) { CHOOSE_LOOP(1, 1) }                                                                        \
    else if (sa == 1) { CHOOSE_LOOP(1, 0) }                                                                              \
    else if (sb == 1) { CHOOSE_LOOP(0, 1) }                                                                              \
    else { CHOOSE_LOOP(0, 0) }                                                                                           \
  }
CHOOSE(choose_1, uint8_t)
CHOOSE(choose_4, uint32_t)
CHOOSE(choose_8, uint64_t)
