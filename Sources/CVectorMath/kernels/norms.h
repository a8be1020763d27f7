// Normalisation, once per type: NUMBER is the type of the elements, NAMED(f) the function's name for it.

// Σ (x − mean)², gathered in double every 1024 numbers. Four sums at a time: one alone would wait for each addition.
static double NAMED(centred_squares)(const NUMBER *x, ptrdiff_t n, NUMBER mean) {
  enum { width = sizeof(WIDE) / sizeof(NUMBER) };
  double total = 0;
  for (ptrdiff_t i = 0; i < n;) {
    const ptrdiff_t end = n - i > 1024 ? i + 1024 : n;
    WIDE sums[4] = {};
    for (; i + 4 * width <= end; i += 4 * width)
      for (int j = 0; j < 4; j++) {
        const WIDE d = LOAD(x + i + j * width) - mean;
        sums[j] += d * d;
      }
    for (; i + width <= end; i += width) {
      const WIDE d = LOAD(x + i) - mean;
      sums[0] += d * d;
    }
    NUMBER lane[width];
    STORE(lane, (sums[0] + sums[1]) + (sums[2] + sums[3]));
    for (int j = 0; i < end; i++, j++) lane[j] += (x[i] - mean) * (x[i] - mean);
    total += (double)SUM_OF_LANES(LOAD(lane));
  }
  return total;
}

// Σ g w and Σ g w (x − mean); w may be null.
static void NAMED(gradient_sums)(const NUMBER *x, const NUMBER *g, const NUMBER *w, ptrdiff_t n, NUMBER mean, double *sum, double *moment) {
  enum { width = sizeof(WIDE) / sizeof(NUMBER) };
  double first = 0, second = 0;
  for (ptrdiff_t i = 0; i < n;) {
    const ptrdiff_t end = n - i > 1024 ? i + 1024 : n;
    WIDE a[2] = {}, b[2] = {};
    for (; i + 2 * width <= end; i += 2 * width)
      for (int j = 0; j < 2; j++) {
        const ptrdiff_t at = i + j * width;
        const WIDE gw = w ? LOAD(g + at) * LOAD(w + at) : LOAD(g + at);
        a[j] += gw;
        b[j] += gw * (LOAD(x + at) - mean);
      }
    NUMBER lane[width], moments[width];
    STORE(lane, a[0] + a[1]);
    STORE(moments, b[0] + b[1]);
    for (int j = 0; i < end; i++, j = (j + 1) % width) {
      const NUMBER gw = w ? g[i] * w[i] : g[i];
      lane[j] += gw;
      moments[j] += gw * (x[i] - mean);
    }
    first += (double)SUM_OF_LANES(LOAD(lane));
    second += (double)SUM_OF_LANES(LOAD(moments));
  }
  *sum = first;
  *moment = second;
}

// Mean and Σ (x − mean)² of each of `channels` over rows of [channels, inner]; with inner = 1 a row is a vector of channels.
static void NAMED(channel_moments)(const NUMBER *x, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t inner, double *mean, double *squares) {
  ptrdiff_t step = channels * inner;
  double n = (double)(rows * inner);
  for (ptrdiff_t c = 0; c < channels; c++) mean[c] = squares[c] = 0;
  if (inner == 1) {
    for (ptrdiff_t r = 0; r < rows; r++)
      for (ptrdiff_t c = 0; c < channels; c++) mean[c] += (double)x[r * step + c];
    for (ptrdiff_t c = 0; c < channels; c++) mean[c] /= n;
    for (ptrdiff_t r = 0; r < rows; r++)
      for (ptrdiff_t c = 0; c < channels; c++) {
        double d = (double)x[r * step + c] - mean[c];
        squares[c] += d * d;
      }
    return;
  }
  for (ptrdiff_t c = 0; c < channels; c++) {
    for (ptrdiff_t r = 0; r < rows; r++) mean[c] += NAMED(sum)(x + r * step + c * inner, inner);
    mean[c] /= n;
    for (ptrdiff_t r = 0; r < rows; r++) squares[c] += NAMED(centred_squares)(x + r * step + c * inner, inner, (NUMBER)mean[c]);
  }
}

// y = (x − mean) scale + shift, channel by channel.
static void NAMED(channel_scale)(const NUMBER *x, NUMBER *y, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t inner, const NUMBER *mean,
                                 const NUMBER *scale, const NUMBER *shift) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    if (inner == 1) {
      for (ptrdiff_t c = 0; c < channels; c++) y[c] = (x[c] - mean[c]) * scale[c] + shift[c];
    } else {
      for (ptrdiff_t c = 0; c < channels; c++) {
        NUMBER m = mean[c], a = scale[c], b = shift[c];
        const NUMBER *from = x + c * inner;
        NUMBER *to = y + c * inner;
        for (ptrdiff_t i = 0; i < inner; i++) to[i] = (from[i] - m) * a + b;
      }
    }
    x += channels * inner;
    y += channels * inner;
  }
}

// Σ g and Σ g (x − mean) of each channel.
static void NAMED(channel_gradient_sums)(const NUMBER *x, const NUMBER *g, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t inner,
                                         const NUMBER *mean, double *sums, double *moments) {
  ptrdiff_t step = channels * inner;
  for (ptrdiff_t c = 0; c < channels; c++) sums[c] = moments[c] = 0;
  for (ptrdiff_t r = 0; r < rows; r++, x += step, g += step) {
    if (inner == 1) {
      for (ptrdiff_t c = 0; c < channels; c++) {
        sums[c] += (double)g[c];
        moments[c] += (double)g[c] * (double)(x[c] - mean[c]);
      }
      continue;
    }
    for (ptrdiff_t c = 0; c < channels; c++) {
      double sum, moment;
      NAMED(gradient_sums)(x + c * inner, g + c * inner, NULL, inner, mean[c], &sum, &moment);
      sums[c] += sum;
      moments[c] += moment;
    }
  }
}

// out = a g + b (x − mean) + k, channel by channel.
static void NAMED(channel_gradient)(const NUMBER *x, const NUMBER *g, NUMBER *out, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t inner,
                                    const NUMBER *mean, const NUMBER *a, const NUMBER *b, const NUMBER *k) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    if (inner == 1) {
      for (ptrdiff_t c = 0; c < channels; c++) out[c] = a[c] * g[c] + b[c] * (x[c] - mean[c]) + k[c];
    } else {
      for (ptrdiff_t c = 0; c < channels; c++) {
        NUMBER m = mean[c], p = a[c], q = b[c], s = k[c];
        const NUMBER *at = x + c * inner, *from = g + c * inner;
        NUMBER *to = out + c * inner;
        for (ptrdiff_t i = 0; i < inner; i++) to[i] = p * from[i] + q * (at[i] - m) + s;
      }
    }
    x += channels * inner;
    g += channels * inner;
    out += channels * inner;
  }
}

static void NAMED(layer_norm)(const NUMBER *x, const NUMBER *weight, const NUMBER *bias, NUMBER *restrict y, ptrdiff_t rows, ptrdiff_t n, double epsilon,
                              double *mean, double *scale) {
  for (ptrdiff_t r = 0; r < rows; r++, x += n, y += n) {
    mean[r] = NAMED(sum)(x, n) / (double)n;
    NUMBER m = (NUMBER)mean[r];
    scale[r] = 1 / sqrt(NAMED(centred_squares)(x, n, m) / (double)n + epsilon);
    NUMBER s = (NUMBER)scale[r];
    if (weight && bias)
      for (ptrdiff_t i = 0; i < n; i++) y[i] = (x[i] - m) * s * weight[i] + bias[i];
    else
      for (ptrdiff_t i = 0; i < n; i++) {
        NUMBER v = (x[i] - m) * s;
        y[i] = (weight ? v * weight[i] : v) + (bias ? bias[i] : 0);
      }
  }
}

static void NAMED(layer_norm_gradient)(const NUMBER *x, const NUMBER *g, const NUMBER *weight, const double *mean, const double *scale,
                                       ptrdiff_t rows, ptrdiff_t n, NUMBER *by_x, NUMBER *by_weight, NUMBER *by_bias) {
  if (by_weight) memset(by_weight, 0, (size_t)n * sizeof(NUMBER));
  if (by_bias) memset(by_bias, 0, (size_t)n * sizeof(NUMBER));
  for (ptrdiff_t r = 0; r < rows; r++, x += n, g += n) {
    NUMBER m = (NUMBER)mean[r], s = (NUMBER)scale[r];
    if (by_x) {
      double sum, moment;
      NAMED(gradient_sums)(x, g, weight, n, m, &sum, &moment);
      NUMBER k = (NUMBER)(-scale[r] * sum / (double)n), b = (NUMBER)(-scale[r] * scale[r] * scale[r] * moment / (double)n);
      if (weight)
        for (ptrdiff_t i = 0; i < n; i++) by_x[i] = s * g[i] * weight[i] + b * (x[i] - m) + k;
      else
        for (ptrdiff_t i = 0; i < n; i++) by_x[i] = s * g[i] + b * (x[i] - m) + k;
      by_x += n;
    }
    if (by_weight)
      for (ptrdiff_t i = 0; i < n; i++) by_weight[i] += g[i] * (x[i] - m) * s;
    if (by_bias)
      for (ptrdiff_t i = 0; i < n; i++) by_bias[i] += g[i];
  }
}
