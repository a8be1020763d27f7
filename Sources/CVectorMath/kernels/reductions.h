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
  for (; i < n; i++) total += (double)x[i];
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

// Writes e^(x − shift) to y (which may be null) and returns the sum.
static float row_exponentials(const float *x, float *y, ptrdiff_t n, float shift) {
  vector total = {};
  ptrdiff_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    vector e = exponential(load(x + i) - shift);
    if (y) store(y + i, e);
    total += e;
  }
  float sum = sum_of_lanes(total);
  if (i < n) {
    vector e = exponential(load_partial(x + i, n - i, -__builtin_inff()) - shift);
    if (y) store_partial(y + i, e, n - i);
    float lane[lanes];
    store(lane, e);
    for (ptrdiff_t j = 0; j < n - i; j++) sum += lane[j];
  }
  return sum;
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
    float inverse = 1 / row_exponentials(x, y, columns, row_maximum(x, columns));
    for (ptrdiff_t c = 0; c < columns; c++) y[c] *= inverse;
  }
}

static void logsumexp_f32(const float *x, float *out, ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t r = 0; r < rows; r++, x += columns) {
    float shift = usable_shift(row_maximum(x, columns));
    out[r] = shift == __builtin_inff() ? shift : shift + logf(row_exponentials(x, NULL, columns, shift));
  }
}

static void log_softmax_f32(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t r = 0; r < rows; r++, x += columns, y += columns) {
    float shift = row_maximum(x, columns);
    float total = logf(row_exponentials(x, NULL, columns, shift));
    for (ptrdiff_t c = 0; c < columns; c++) y[c] = (x[c] - shift) - total;
  }
}
