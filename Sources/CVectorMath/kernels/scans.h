// Running sums, in double within; once per type as norms.h is.

// y[r, c] = totals[c] += x[r, c] over `rows` rows that lie `step` numbers apart, backwards where that is negative.
static void NAMED(running_rows)(const NUMBER *x, NUMBER *restrict y, double *restrict totals, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t step) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    const NUMBER *from = x + r * step;
    NUMBER *to = y + r * step;
    for (ptrdiff_t c = 0; c < columns; c++) {
      totals[c] += (double)from[c];
      to[c] = (NUMBER)totals[c];
    }
  }
}

// y[i] = carry + x[0] + … + x[i], or carry + x[i] + … + x[n − 1] where `from_end` is set; returns the last of them, y may be null.
static double NAMED(running_line)(const NUMBER *x, NUMBER *y, ptrdiff_t n, bool from_end, double carry) {
  enum { width = double_lanes };
  const vector_double zero = {};
  ptrdiff_t i = 0;
  for (; i + width <= n; i += width) {
    const ptrdiff_t at = from_end ? n - i - width : i;
    NUMBER number[width] __attribute__((aligned(64)));
    memcpy(number, x + at, sizeof number);
    vector_double v;
    for (int j = 0; j < width; j++) v[j] = (double)number[j];
    if (from_end) v = __builtin_shufflevector(v, v, 7, 6, 5, 4, 3, 2, 1, 0);
    v += __builtin_shufflevector(v, zero, 8, 0, 1, 2, 3, 4, 5, 6);
    v += __builtin_shufflevector(v, zero, 8, 8, 0, 1, 2, 3, 4, 5);
    v += __builtin_shufflevector(v, zero, 8, 8, 8, 8, 0, 1, 2, 3);
    v += carry;
    carry = v[width - 1];
    if (!y) continue;
    if (from_end) v = __builtin_shufflevector(v, v, 7, 6, 5, 4, 3, 2, 1, 0);
    for (int j = 0; j < width; j++) number[j] = (NUMBER)v[j];
    memcpy(y + at, number, sizeof number);
  }
  for (; i < n; i++) {
    const ptrdiff_t at = from_end ? n - 1 - i : i;
    carry += (double)x[at];
    if (y) y[at] = (NUMBER)carry;
  }
  return carry;
}
