// What follows a matrix product in a dense layer, and what precedes one on the way back, each in one pass.

// y[r, c] += bias[c], then 0 where that is negative if `relu`; a NaN stays.
static void add_bias(float *y, const float *bias, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, bool relu) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    float *row = y + r * stride;
    ptrdiff_t c = 0;
    for (; c + lanes <= columns; c += lanes) {
      const vector v = load(row + c) + load(bias + c);
      store(row + c, relu ? choose_lanes(v <= 0.0f, splat(0), v) : v);
    }
    if (c < columns) {
      const vector v = load_partial(row + c, columns - c, 0) + load_partial(bias + c, columns - c, 0);
      store_partial(row + c, relu ? choose_lanes(v <= 0.0f, splat(0), v) : v, columns - c);
    }
  }
}

// out = g where y is above 0 (or NaN), else 0; sums[c] = Σ_r out[r, c], blocked as in sum_rows_f32.
static void relu_gradient(const float *y, const float *g, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, float *out, float *sums) {
  for (ptrdiff_t c = 0; c < columns; c += lanes) {
    const ptrdiff_t width = columns - c < lanes ? columns - c : lanes;
    double total[lanes] = {0};
    for (ptrdiff_t r = 0; r < rows;) {
      vector partial = {};
      const ptrdiff_t end = rows - r > 256 ? r + 256 : rows;
      if (width == lanes) {
        for (; r < end; r++) {
          const ptrdiff_t i = r * stride + c;
          const vector v = choose_lanes(load(y + i) <= 0.0f, splat(0), load(g + i));
          store(out + i, v);
          partial += v;
        }
      } else {
        for (; r < end; r++) {
          const ptrdiff_t i = r * stride + c;
          const vector v = choose_lanes(load_partial(y + i, width, 0) <= 0.0f, splat(0), load_partial(g + i, width, 0));
          store_partial(out + i, v, width);
          partial += v;
        }
      }
      float lane[lanes];
      store(lane, partial);
      for (int j = 0; j < lanes; j++) total[j] += (double)lane[j];
    }
    for (ptrdiff_t j = 0; j < width; j++) sums[c + j] = (float)total[j];
  }
}
