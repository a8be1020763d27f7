// The first layer on images of which a few dozen of 1,600 pixels are lit: only their rows of the weight are read.

// `width` vectors of one row of the output stay in registers while the row's entries stream past.
#define SPARSE_LINEAR_STRIP(width)                                                                     \
  for (ptrdiff_t r = first; r < last; r++) {                                                           \
    vector sum[width];                                                                                 \
    for (int v = 0; v < width; v++) sum[v] = bias ? load(bias + h + v * lanes) : splat(0);             \
    for (int64_t e = x.offsets[r]; e < x.offsets[r + 1]; e++) {                                        \
      const float *row = weight + (ptrdiff_t)x.columns[e] * stride + h;                                \
      const vector value = splat(x.values[e]);                                                         \
      for (int v = 0; v < width; v++) sum[v] = fused(value, load(row + v * lanes), sum[v]);            \
    }                                                                                                  \
    for (int v = 0; v < width; v++) store(out + r * stride + h + v * lanes, sum[v]);                   \
  }

static void sparse_linear(jvm_sparse_rows x, ptrdiff_t first, ptrdiff_t last, const float *weight, const float *bias,
                          ptrdiff_t stride, float *out) {
  const unsigned mode = without_denormals();
  ptrdiff_t h = 0;
  while (h < stride) {
    ptrdiff_t vectors = (stride - h) / lanes;
    if (vectors == 7) { SPARSE_LINEAR_STRIP(7) h += 7 * lanes; }
    else if (vectors >= 8) { SPARSE_LINEAR_STRIP(8) h += 8 * lanes; }
    else if (vectors >= 4) { SPARSE_LINEAR_STRIP(4) h += 4 * lanes; }
    else if (vectors >= 2) { SPARSE_LINEAR_STRIP(2) h += 2 * lanes; }
    else { SPARSE_LINEAR_STRIP(1) h += lanes; }
  }
  with_denormals(mode);
}

// By columns, each gradient row is written once, without zeroing or reading it first, and its sum runs over the
// batch's rows in order: the bits do not depend on how the columns are shared among threads.
#define SPARSE_GRADIENT_STRIP(width)                                                                   \
  for (ptrdiff_t c = first; c < last; c++) {                                                           \
    vector sum[width];                                                                                 \
    for (int v = 0; v < width; v++) sum[v] = splat(0);                                                 \
    for (int32_t e = x.offsets[c]; e < x.offsets[c + 1]; e++) {                                        \
      const float *row = g + (ptrdiff_t)x.rows[e] * stride + h;                                        \
      const vector value = splat(x.values[e]);                                                         \
      for (int v = 0; v < width; v++) sum[v] = fused(value, load(row + v * lanes), sum[v]);            \
    }                                                                                                  \
    for (int v = 0; v < width; v++) store(gradient + c * stride + h + v * lanes, sum[v]);              \
  }

static void sparse_linear_weight_gradient(jvm_sparse_columns x, ptrdiff_t first, ptrdiff_t last, const float *g,
                                          ptrdiff_t stride, float *gradient) {
  const unsigned mode = without_denormals();
  ptrdiff_t h = 0;
  while (h < stride) {
    ptrdiff_t vectors = (stride - h) / lanes;
    if (vectors == 7) { SPARSE_GRADIENT_STRIP(7) h += 7 * lanes; }
    else if (vectors >= 8) { SPARSE_GRADIENT_STRIP(8) h += 8 * lanes; }
    else if (vectors >= 4) { SPARSE_GRADIENT_STRIP(4) h += 4 * lanes; }
    else if (vectors >= 2) { SPARSE_GRADIENT_STRIP(2) h += 2 * lanes; }
    else { SPARSE_GRADIENT_STRIP(1) h += lanes; }
  }
  with_denormals(mode);
}
