// Images of half and of twice the size, row by row: averages over 2 × 2 pixels and copies into 2 × 2, and the gradients of both.

#define EVEN_LANES 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODD_LANES 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31

static inline __attribute__((always_inline)) void halve_vector(const float *upper, const float *lower, vector factor, float *out) {
  const vector a = load(upper) + load(lower), b = load(upper + lanes) + load(lower + lanes);
  store(out, (__builtin_shufflevector(a, b, EVEN_LANES) + __builtin_shufflevector(a, b, ODD_LANES)) * factor);
}

static void halve_images(const float *x, ptrdiff_t rows, ptrdiff_t columns, float factor, float *out) {
  for (ptrdiff_t y = 0; y < rows; y++, x += 4 * columns, out += columns) {
    const float *lower = x + 2 * columns;
    if (columns < lanes) {
      for (ptrdiff_t i = 0; i < columns; i++) out[i] = ((x[2 * i] + lower[2 * i]) + (x[2 * i + 1] + lower[2 * i + 1])) * factor;
      continue;
    }
    for (ptrdiff_t i = 0; i + lanes <= columns; i += lanes) halve_vector(x + 2 * i, lower + 2 * i, splat(factor), out + i);
    // The last vector overlaps the one before.
    const ptrdiff_t last = columns - lanes;
    halve_vector(x + 2 * last, lower + 2 * last, splat(factor), out + last);
  }
}

static inline __attribute__((always_inline)) void double_vector(const float *x, vector factor, float *upper, float *lower) {
  const vector v = load(x) * factor;
  const vector first = __builtin_shufflevector(v, v, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
  const vector second = __builtin_shufflevector(v, v, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15);
  store(upper, first);
  store(upper + lanes, second);
  store(lower, first);
  store(lower + lanes, second);
}

static void double_images(const float *x, ptrdiff_t rows, ptrdiff_t columns, float factor, float *out) {
  for (ptrdiff_t y = 0; y < rows; y++, x += columns, out += 4 * columns) {
    float *lower = out + 2 * columns;
    if (columns < lanes) {
      for (ptrdiff_t i = 0; i < columns; i++) out[2 * i] = out[2 * i + 1] = lower[2 * i] = lower[2 * i + 1] = x[i] * factor;
      continue;
    }
    for (ptrdiff_t i = 0; i + lanes <= columns; i += lanes) double_vector(x + i, splat(factor), out + 2 * i, lower + 2 * i);
    const ptrdiff_t last = columns - lanes;
    double_vector(x + last, splat(factor), out + 2 * last, lower + 2 * last);
  }
}
