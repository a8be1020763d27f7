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

// Of each 2 × 2 pixels of one image x[2 rows, 2 columns] the largest, a NaN before all, and its place in the image.
static inline __attribute__((always_inline)) void largest_of_window(const float *upper, const float *lower, int32_t base, int32_t width, float *out, int64_t *place) {
  float best = upper[0];
  int32_t at = 0;
  if (upper[1] > best || upper[1] != upper[1]) { best = upper[1]; at = 1; }
  if (lower[0] > best || lower[0] != lower[0]) { best = lower[0]; at = width; }
  if (lower[1] > best || lower[1] != lower[1]) { best = lower[1]; at = width + 1; }
  *out = best;
  *place = base + at;
}
static inline __attribute__((always_inline)) void largest_of_windows(const float *upper, const float *lower, int32_t base, int32_t width, float *out, int64_t *places) {
  const vector u0 = load(upper), u1 = load(upper + lanes), l0 = load(lower), l1 = load(lower + lanes);
  const vector candidate[4] = {
      __builtin_shufflevector(u0, u1, EVEN_LANES), __builtin_shufflevector(u0, u1, ODD_LANES),
      __builtin_shufflevector(l0, l1, EVEN_LANES), __builtin_shufflevector(l0, l1, ODD_LANES)};
  const int32_t offset[4] = {0, 1, width, width + 1};
  vector best = candidate[0];
  vector_int at = {};
  for (int i = 1; i < 4; i++) {
    const vector_int wins = (candidate[i] > best) | (candidate[i] != candidate[i]);
    best = choose_lanes(wins, candidate[i], best);
    at = (wins & offset[i]) | (~wins & at);
  }
  store(out, best);
  const vector_int even = {EVEN_LANES};
  int32_t lane[lanes];
  at += even + base;
  memcpy(lane, &at, sizeof lane);
  for (int i = 0; i < lanes; i++) places[i] = lane[i];
}
static void pool_largest(const float *x, int32_t rows, int32_t columns, float *out, int64_t *places) {
  const int32_t width = 2 * columns;
  for (int32_t y = 0; y < rows; y++, out += columns, places += columns) {
    const int32_t row = y * 2 * width;
    int32_t i = 0;
    for (; i + lanes <= columns; i += lanes) largest_of_windows(x + row + 2 * i, x + row + width + 2 * i, row + 2 * i, width, out + i, places + i);
    for (; i < columns; i++) largest_of_window(x + row + 2 * i, x + row + width + 2 * i, row + 2 * i, width, out + i, places + i);
  }
}
// Its gradient, written to every pixel of out[2 rows, 2 columns].
static void pool_largest_gradient(const float *g, const int64_t *places, int32_t rows, int32_t columns, float *out) {
  const int32_t width = 2 * columns;
  for (int32_t y = 0; y < rows; y++, g += columns, places += columns) {
    const int32_t row = y * 2 * width;
    float *upper = out + row, *lower = upper + width;
    for (int32_t i = 0; i < columns; i++) {
      const int32_t at = (int32_t)places[i] - (row + 2 * i);
      const float share = g[i];
      upper[2 * i] = at == 0 ? share : 0;
      upper[2 * i + 1] = at == 1 ? share : 0;
      lower[2 * i] = at == width ? share : 0;
      lower[2 * i + 1] = at == width + 1 ? share : 0;
    }
  }
}
