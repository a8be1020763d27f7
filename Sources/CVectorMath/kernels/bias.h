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

// out = g where y is above 0 (or NaN), else 0; sums[c] += Σ_r out[r, c], 256 rows in float and those in double. The columns of a strip are
// read row by row: a single vector of every row would miss the caches' lines and the table of addresses once for each.
static void relu_gradient(const float *y, const float *g, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, float *out, double *sums) {
  enum { strip = 256 };
  for (ptrdiff_t r = 0; r < rows;) {
    const ptrdiff_t end = rows - r > 256 ? r + 256 : rows;
    for (ptrdiff_t first = 0; first < columns; first += strip) {
      const ptrdiff_t width = columns - first < strip ? columns - first : strip, whole = width / lanes * lanes;
      float partial[strip] = {0};
      for (ptrdiff_t row = r; row < end; row++) {
        const ptrdiff_t at = row * stride + first;
        for (ptrdiff_t c = 0; c < whole; c += lanes) {
          const vector v = choose_lanes(load(y + at + c) <= 0.0f, splat(0), load(g + at + c));
          store(out + at + c, v);
          store(partial + c, load(partial + c) + v);
        }
        if (whole < width) {
          const ptrdiff_t c = whole, rest = width - whole;
          const vector v = choose_lanes(load_partial(y + at + c, rest, 0) <= 0.0f, splat(0), load_partial(g + at + c, rest, 0));
          store_partial(out + at + c, v, rest);
          store_partial(partial + c, load_partial(partial + c, rest, 0) + v, rest);
        }
      }
      for (ptrdiff_t c = 0; c < width; c++) sums[first + c] += (double)partial[c];
    }
    r = end;
  }
}
