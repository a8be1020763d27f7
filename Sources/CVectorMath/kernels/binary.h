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

#define BINARY(name, expression) BINARY_CASE(jvm_binary_##name, ELEMENT, expression)
#define ELEMENT float
static void binary_f32(jvm_binary operation, const float *pa, ptrdiff_t sa, const float *pb, ptrdiff_t sb, float *y, ptrdiff_t n) {
  switch (operation) {
#include "../operations/binary.def"
    case jvm_binary_count: break;
  }
}
#undef ELEMENT
#define ELEMENT double
static void binary_f64(jvm_binary operation, const double *pa, ptrdiff_t sa, const double *pb, ptrdiff_t sb, double *y, ptrdiff_t n) {
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
