// Sums and row-wise softmax.

// Blocks of 1024 are summed in sixteen float lanes, the blocks in double: the error does not grow with n.
static double sum_f32(const float *x, ptrdiff_t n) {
  double total = 0;
  ptrdiff_t i = 0;
  while (i + 4 * lanes <= n) {
    vector s0 = {}, s1 = {}, s2 = {}, s3 = {};
    ptrdiff_t end = n - i > 1024 ? i + 1024 : n;
    for (; i + 4 * lanes <= end; i += 4 * lanes) {
      s0 += load(x + i);
      s1 += load(x + i + lanes);
      s2 += load(x + i + 2 * lanes);
      s3 += load(x + i + 3 * lanes);
    }
    total += (double)sum_of_lanes((s0 + s1) + (s2 + s3));
  }
  if (n - i >= lanes / 2) {
    vector rest = {};
    for (; i + lanes <= n; i += lanes) rest += load(x + i);
    if (i < n) rest += load_partial(x + i, n - i, 0.0f);
    return total + (double)sum_of_lanes(rest);
  }
  for (; i < n; i++) total += (double)x[i];
  return total;
}

// Σ (x − y)², or Σ x² where y is null, in the same blocks.
static double sum_of_squares_f32(const float *x, const float *y, ptrdiff_t n) {
  double total = 0;
  for (ptrdiff_t i = 0; i < n;) {
    const ptrdiff_t end = n - i > 1024 ? i + 1024 : n;
    vector s[4] = {};
    for (; i + 4 * lanes <= end; i += 4 * lanes)
      for (int j = 0; j < 4; j++) {
        const vector v = y ? load(x + i + j * lanes) - load(y + i + j * lanes) : load(x + i + j * lanes);
        s[j] = fused(v, v, s[j]);
      }
    for (; i < end; i += lanes) {
      const ptrdiff_t left = end - i < lanes ? end - i : lanes;
      vector v = load_partial(x + i, left, 0.0f);
      if (y) v -= load_partial(y + i, left, 0.0f);
      s[0] = fused(v, v, s[0]);
    }
    i = end;
    total += (double)sum_of_lanes((s[0] + s[1]) + (s[2] + s[3]));
  }
  return total;
}

static double sum_f64(const double *x, ptrdiff_t n) {
  double lane[8] = {0};
  ptrdiff_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (int j = 0; j < 8; j++) lane[j] += x[i + j];
  double total = ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
  for (; i < n; i++) total += x[i];
  return total;
}

// A strip of columns at a time, 256 rows in float and those in double, so that memory is read once and in order.
static void sum_rows_f32(const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, float *y) {
  enum { strip = 64 };
  for (ptrdiff_t c = 0; c < columns; c += strip) {
    ptrdiff_t width = columns - c < strip ? columns - c : strip;
    double total[strip] = {0};
    for (ptrdiff_t r = 0; r < rows;) {
      float partial[strip] = {0};
      ptrdiff_t end = rows - r > 256 ? r + 256 : rows;
      if (width == strip) {
        for (; r < end; r++)
          for (int j = 0; j < strip; j++) partial[j] += x[r * stride + c + j];
      } else {
        for (; r < end; r++)
          for (ptrdiff_t j = 0; j < width; j++) partial[j] += x[r * stride + c + j];
      }
      for (ptrdiff_t j = 0; j < width; j++) total[j] += (double)partial[j];
    }
    for (ptrdiff_t j = 0; j < width; j++) y[c + j] = (float)total[j];
  }
}

static void sum_rows_f64(const double *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, double *y) {
  for (ptrdiff_t c = 0; c < columns; c++) y[c] = 0;
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t c = 0; c < columns; c++) y[c] += x[r * stride + c];
}

static float row_maximum(const float *x, ptrdiff_t n) {
  ptrdiff_t i = 0;
  float best = -__builtin_inff();
  if (n >= lanes) {
    vector v = load(x);
    for (i = lanes; i + lanes <= n; i += lanes) v = larger(v, load(x + i));
    best = largest_lane(v);
  }
  for (; i < n; i++) best = x[i] > best || x[i] != x[i] ? x[i] : best;
  return best;
}

static inline vector further(vector best, vector v, bool largest) {
  return choose_lanes((largest ? best > v : best < v) | (best != best), best, v);
}

// The largest or smallest of n > 0 numbers and the place of the first that equals it; a NaN wins.
static ptrdiff_t extreme_f32(const float *x, ptrdiff_t n, bool largest, float *value) {
  ptrdiff_t i = 1;
  float best = x[0];
  if (n >= 4 * lanes) {
    vector a = load(x), b = load(x + lanes), c = load(x + 2 * lanes), d = load(x + 3 * lanes);
    for (i = 4 * lanes; i + 4 * lanes <= n; i += 4 * lanes) {
      a = further(a, load(x + i), largest);
      b = further(b, load(x + i + lanes), largest);
      c = further(c, load(x + i + 2 * lanes), largest);
      d = further(d, load(x + i + 3 * lanes), largest);
    }
    float lane[lanes];
    store(lane, further(further(a, b, largest), further(c, d, largest), largest));
    best = lane[0];
    for (int j = 1; j < lanes; j++)
      if ((largest ? lane[j] > best : lane[j] < best) || lane[j] != lane[j]) best = lane[j];
  }
  for (; i < n; i++)
    if (best == best && ((largest ? x[i] > best : x[i] < best) || x[i] != x[i])) best = x[i];
  ptrdiff_t place = 0;
  for (; place + lanes <= n; place += lanes) {
    const vector v = load(x + place);
    if (any_lane(best == best ? v == best : v != v)) break;
  }
  while (place < n - 1 && !(best == best ? x[place] == best : x[place] != x[place])) place++;
  *value = x[place];
  return place;
}

// The same of each column of [rows, columns], rows > 0, a strip of columns at a time so that memory is read in order.
static void extreme_columns_f32(const float *x, int32_t rows, ptrdiff_t columns, ptrdiff_t stride, bool largest, float *values, int64_t *places) {
  enum { strip = 64 };
  for (ptrdiff_t c = 0; c < columns; c += strip) {
    const ptrdiff_t width = columns - c < strip ? columns - c : strip;
    float best[strip];
    int32_t place[strip] = {0};
    memcpy(best, x + c, (size_t)width * sizeof(float));
    for (int32_t r = 1; r < rows; r++) {
      const float *row = x + r * stride + c;
      for (ptrdiff_t j = 0; j < width; j++) {
        const float v = row[j], b = best[j];
        const bool wins = (largest ? v > b : v < b) | ((v != v) & (b == b));
        best[j] = wins ? v : b;
        place[j] = wins ? r : place[j];
      }
    }
    for (ptrdiff_t j = 0; j < width; j++) {
      values[c + j] = best[j];
      places[c + j] = place[j];
    }
  }
}

// What the exponents of a row are measured from: its largest number, NaN apart, whose exponential is NaN from wherever.
static float largest_of_row(const float *x, ptrdiff_t n) {
  const vector lowest = splat(-__builtin_inff());
  vector a = lowest, b = lowest, c = lowest, d = lowest;
  ptrdiff_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    a = maximum_of(load(x + i), a);
    b = maximum_of(load(x + i + lanes), b);
    c = maximum_of(load(x + i + 2 * lanes), c);
    d = maximum_of(load(x + i + 3 * lanes), d);
  }
  for (; i + lanes <= n; i += lanes) a = maximum_of(load(x + i), a);
  if (i < n) b = maximum_of(load_partial(x + i, n - i, -__builtin_inff()), b);
  a = maximum_of(maximum_of(a, b), maximum_of(c, d));
#ifdef VARIANT_HAS_MASKS
  return _mm512_reduce_max_ps((__m512)a);
#else
  return largest_lane(a);
#endif
}

// Writes e^(x − shift) to y (which may be null) and returns the sum.
static float row_exponentials(const float *x, float *y, ptrdiff_t n, float shift) {
  vector total = {};
  ptrdiff_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    vector e = exponential(load(x + i) - shift);
    if (y) store(y + i, e);
    total += e;
  }
  if (i < n) {
    // The lanes beyond are e^0 and not added: e^−∞ would be made by way of a denormal, which takes as long as the rest of the row.
    vector e = exponential(load_partial(x + i, n - i, shift) - shift);
    if (y) store_partial(y + i, e, n - i);
    const vector_int lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    total += choose_lanes(lane < (int32_t)(n - i), e, splat(0));
  }
  return sum_of_lanes(total);
}

// A row of −∞ alone has no finite shift: 0 lets the exponentials be 0 and the logarithm −∞.
static float usable_shift(float maximum) { return maximum == -__builtin_inff() ? 0 : maximum; }

// Rows of a few numbers, as mixture weights are: the exponentials of many rows fill the vectors together.
static void softmax_of_short_rows(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    const float *row = x + r * columns;
    float best = row[0];
    for (ptrdiff_t c = 1; c < columns; c++) best = row[c] > best || row[c] != row[c] ? row[c] : best;
    for (ptrdiff_t c = 0; c < columns; c++) y[r * columns + c] = row[c] - best;
  }
  unary_f32(jvm_unary_exp, y, 1, y, rows * columns, 0, 0);
  for (ptrdiff_t r = 0; r < rows; r++) {
    float total = 0;
    for (ptrdiff_t c = 0; c < columns; c++) total += y[r * columns + c];
    for (ptrdiff_t c = 0; c < columns; c++) y[r * columns + c] /= total;
  }
}

static void softmax_f32(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns) {
  if (columns > 0 && columns < lanes) return softmax_of_short_rows(x, y, rows, columns);
  for (ptrdiff_t r = 0; r < rows; r++, x += columns, y += columns) {
    float inverse = 1 / row_exponentials(x, y, columns, largest_of_row(x, columns));
    for (ptrdiff_t c = 0; c < columns; c++) y[c] *= inverse;
  }
}

static void logsumexp_f32(const float *x, float *out, ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t r = 0; r < rows; r++, x += columns) {
    float shift = usable_shift(largest_of_row(x, columns));
    out[r] = shift == __builtin_inff() ? shift : shift + logf(row_exponentials(x, NULL, columns, shift));
  }
}

static void log_softmax_f32(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t r = 0; r < rows; r++, x += columns, y += columns) {
    float shift = largest_of_row(x, columns);
    float total = logf(row_exponentials(x, NULL, columns, shift));
    for (ptrdiff_t c = 0; c < columns; c++) y[c] = (x[c] - shift) - total;
  }
}

// out = y (g − Σ g y), row by row: the derivative of the softmax y.
static void softmax_gradient_f32(const float *y, const float *g, float *out, ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t r = 0; r < rows; r++, y += columns, g += columns, out += columns) {
    double total = 0;
    for (ptrdiff_t i = 0; i < columns;) {
      const ptrdiff_t end = columns - i > 1024 ? i + 1024 : columns;
      vector a = {}, b = {};
      for (; i + 2 * lanes <= end; i += 2 * lanes) {
        a = fused(load(g + i), load(y + i), a);
        b = fused(load(g + i + lanes), load(y + i + lanes), b);
      }
      for (; i < end; i += lanes) {
        const ptrdiff_t left = end - i < lanes ? end - i : lanes;
        a = fused(load_partial(g + i, left, 0.0f), load_partial(y + i, left, 0.0f), a);
      }
      i = end;
      total += (double)sum_of_lanes(a + b);
    }
    const float sum = (float)total;
    ptrdiff_t i = 0;
    for (; i + lanes <= columns; i += lanes) store(out + i, load(y + i) * (load(g + i) - sum));
    for (; i < columns; i++) out[i] = y[i] * (g[i] - sum);
  }
}

// Whether v comes before w, equal ones aside.
static inline bool leads(float v, float w, bool largest) { return largest ? v > w || (v != v && w == w) : v < w || (w != w && v == v); }

static void leading_f32(const float *x, ptrdiff_t n, ptrdiff_t k, bool largest, float *values, int64_t *places) {
  ptrdiff_t held = 0;
  for (ptrdiff_t i = 0; i < n;) {
    // Most numbers come after the last of those held: sixteen at a time are passed over.
    if (held == k && i + lanes <= n) {
      const vector v = load(x + i), last = splat(values[k - 1]);
      if (!any_lane(largest ? (v > last) | ((v != v) & (last == last)) : (v < last) | ((last != last) & (v == v)))) {
        i += lanes;
        continue;
      }
    }
    for (const ptrdiff_t end = i + lanes <= n ? i + lanes : n; i < end; i++) {
      if (held == k && !leads(x[i], values[k - 1], largest)) continue;
      ptrdiff_t at = held < k ? held++ : k - 1;
      for (; at > 0 && leads(x[i], values[at - 1], largest); at--) {
        values[at] = values[at - 1];
        places[at] = places[at - 1];
      }
      values[at] = x[i];
      places[at] = i;
    }
  }
}
