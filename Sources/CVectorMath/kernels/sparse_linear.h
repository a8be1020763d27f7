// The first layer on images of which a few dozen of 1,600 pixels are lit: only their rows of the weight are read.

// Runs STRIP(width) over all features, in as wide strips as there are.
#define OVER_STRIPS(STRIP)                          \
  for (ptrdiff_t h = 0; h < stride;) {              \
    const ptrdiff_t vectors = (stride - h) / lanes; \
    switch (vectors) {                              \
      case 1: { STRIP(1) break; }                   \
      case 2: { STRIP(2) break; }                   \
      case 3: { STRIP(3) break; }                   \
      case 4: { STRIP(4) break; }                   \
      case 5: { STRIP(5) break; }                   \
      case 6: { STRIP(6) break; }                   \
      case 7: { STRIP(7) break; }                   \
      default: { STRIP(8) }                         \
    }                                               \
    h += (vectors < 8 ? vectors : 8) * lanes;       \
  }

// Adds the entries `e` ..< `end` of a row to `sum`, `width` vectors of one row of the output that stay in registers while
// the entries stream past.
#define ADD_ENTRIES(width, sum, end)                                                  \
  for (const int64_t last_entry = (end); e < last_entry; e++) {                       \
    const float *row = weight + (ptrdiff_t)x.columns[e] * stride + h;                 \
    const vector value = splat(x.values[e]);                                          \
    for (int v = 0; v < width; v++) sum[v] = fused(value, load(row + v * lanes), sum[v]); \
  }

// The first entry of a row whose column is not below `middle`.
static inline int64_t entry_from(jvm_sparse_rows x, ptrdiff_t row, ptrdiff_t middle) {
  int64_t low = x.offsets[row], high = x.offsets[row + 1];
  while (low < high) {
    const int64_t between = low + (high - low) / 2;
    if (x.columns[between] < middle) low = between + 1; else high = between;
  }
  return low;
}

#define LOWER_STRIP(width)                                                             \
  for (ptrdiff_t r = first; r < last; r++) {                                           \
    vector sum[width];                                                                 \
    for (int v = 0; v < width; v++) sum[v] = bias ? load(bias + h + v * lanes) : splat(0); \
    int64_t e = x.offsets[r];                                                          \
    ADD_ENTRIES(width, sum, entry_from(x, r, middle))                                  \
    for (int v = 0; v < width; v++) store(out + r * stride + h + v * lanes, sum[v]);   \
  }

#define UPPER_STRIP(width)                                                             \
  for (ptrdiff_t r = first; r < last; r++) {                                           \
    vector sum[width];                                                                 \
    for (int v = 0; v < width; v++) sum[v] = splat(0);                                 \
    int64_t e = entry_from(x, r, middle);                                              \
    ADD_ENTRIES(width, sum, x.offsets[r + 1])                                          \
    for (int v = 0; v < width; v++) store(out + r * stride + h + v * lanes, sum[v]);   \
  }

#define WHOLE_STRIP(width)                                                             \
  for (ptrdiff_t r = first; r < last; r++) {                                           \
    vector lower[width], upper[width];                                                 \
    for (int v = 0; v < width; v++) {                                                  \
      lower[v] = bias ? load(bias + h + v * lanes) : splat(0);                         \
      upper[v] = splat(0);                                                             \
    }                                                                                  \
    int64_t e = x.offsets[r];                                                          \
    ADD_ENTRIES(width, lower, entry_from(x, r, middle))                                \
    ADD_ENTRIES(width, upper, x.offsets[r + 1])                                        \
    for (int v = 0; v < width; v++) store(out + r * stride + h + v * lanes, lower[v] + upper[v]); \
  }

static void sparse_linear(jvm_sparse_rows x, ptrdiff_t first, ptrdiff_t last, const float *weight, const float *bias,
                          ptrdiff_t stride, ptrdiff_t middle, jvm_part part, float *out) {
  const unsigned mode = without_denormals();
  switch (part) {
    case jvm_lower_part: OVER_STRIPS(LOWER_STRIP) break;
    case jvm_upper_part: OVER_STRIPS(UPPER_STRIP) break;
    case jvm_both_parts: OVER_STRIPS(WHOLE_STRIP) break;
  }
  with_denormals(mode);
}

// By columns, each gradient row is written once, without zeroing or reading it first, and its sum runs over the
// batch's rows in order: the bits do not depend on how the columns are shared among threads. The sums of the pairs ride along.
#define GRADIENT_STRIP(width)                                                                          \
  const bool with_pairs = pairs && h == 0;                                                             \
  for (ptrdiff_t c = first; c < last; c++) {                                                           \
    vector sum[width];                                                                                 \
    for (int v = 0; v < width; v++) sum[v] = splat(0);                                                 \
    float pair_1 = 0, pair_2 = 0;                                                                      \
    for (int32_t e = x.offsets[c]; e < x.offsets[c + 1]; e++) {                                        \
      const float *row = g + (ptrdiff_t)x.entries[e].row * stride + h;                                 \
      const vector value = splat(x.entries[e].value);                                                  \
      for (int v = 0; v < width; v++) sum[v] = fused(value, load(row + v * lanes), sum[v]);            \
      if (with_pairs) {                                                                                \
        pair_1 += x.entries[e].value * pairs[2 * (ptrdiff_t)x.entries[e].row];                         \
        pair_2 += x.entries[e].value * pairs[2 * (ptrdiff_t)x.entries[e].row + 1];                     \
      }                                                                                                \
    }                                                                                                  \
    for (int v = 0; v < width; v++) store(gradient + c * stride + h + v * lanes, sum[v]);              \
    if (with_pairs) {                                                                                  \
      pair_sums[c] = pair_1;                                                                           \
      pair_sums[pair_step + c] = pair_2;                                                               \
    }                                                                                                  \
  }

static inline __attribute__((always_inline)) void weight_gradient(jvm_sparse_columns x, ptrdiff_t first, ptrdiff_t last, const float *g, ptrdiff_t stride,
                                                                  float *gradient, const float *pairs, float *pair_sums, ptrdiff_t pair_step) {
  const unsigned mode = without_denormals();
  OVER_STRIPS(GRADIENT_STRIP)
  with_denormals(mode);
}

static void sparse_linear_weight_gradient(jvm_sparse_columns x, ptrdiff_t first, ptrdiff_t last, const float *g,
                                          ptrdiff_t stride, float *gradient) {
  weight_gradient(x, first, last, g, stride, gradient, NULL, NULL, 0);
}

static void sparse_linear_weight_gradient_with_pairs(jvm_sparse_columns x, ptrdiff_t first, ptrdiff_t last, const float *g, ptrdiff_t stride, float *gradient,
                                                     const float *pairs, float *pair_sums, ptrdiff_t pair_step) {
  weight_gradient(x, first, last, g, stride, gradient, pairs, pair_sums, pair_step);
}
