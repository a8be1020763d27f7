// The decoder of two mixtures. With r₁ + r₂ = 1 the images of all jets lie on one line: with p₁ and p₂ the softmax of either mixture's logits and
// t = r₁ − r₂ the unnormalised image is e_d(t) = p₁^{(1 + t)/2} p₂^{(1 − t)/2}, an entire function of the one number t. From its values at a
// few Chebyshev points in [−1, 1] polynomials give the sums over pixels at every jet's t, and turn the sums over jets into sums over points:
// what grows with jets times pixels is gone. In barycentric form e(t) = Σ_k ℓ_k(t) e(t_k), ℓ_k(t) ∝ share_k / (t − t_k)
// (Berrut & Trefethen, SIAM Review 46 (2004) 501).

// Points that share the loads of the weights.
enum { points_at_once = 4 };

static void mixture_line_extent(const float *weight, ptrdiff_t stride, ptrdiff_t columns, float *norms, float *extent) {
  for (int m = 0; m < 2; m++) {
    const float *w = weight + m * stride, largest = row_maximum(w, columns);
    vector sum = splat(0);
    for (ptrdiff_t d = 0; d < columns; d += lanes)
      sum += exponential_of_nonpositive(load_partial(w + d, columns - d < lanes ? columns - d : lanes, -1e30f) - largest);
    norms[m] = largest + logf(sum_of_lanes(sum));
  }
  vector low = splat(weight[0] - weight[stride]), high = low;
  for (ptrdiff_t d = 0; d < columns; d += lanes) {
    const ptrdiff_t rest = columns - d < lanes ? columns - d : lanes;
    const vector difference = load_partial(weight + d, rest, weight[0]) - load_partial(weight + stride + d, rest, weight[stride]);
    low = __builtin_elementwise_min(low, difference);
    high = __builtin_elementwise_max(high, difference);
  }
  extent[0] = extent[1] = norms[1] - norms[0];
  float least = low[0], most = high[0];
  for (int i = 1; i < lanes; i++) {
    least = low[i] < least ? low[i] : least;
    most = high[i] > most ? high[i] : most;
  }
  extent[0] += least;
  extent[1] += most;
}

static void mixture_line_points(const jvm_mixture_line *line, ptrdiff_t first, ptrdiff_t last, float *exponentials, double *sums, double *slopes) {
  const unsigned mode = without_denormals();
  const power_table table = powers();
  for (ptrdiff_t k = 0; k < line->points; k += points_at_once) {
    vector r1[points_at_once], r2[points_at_once], sum[points_at_once], slope[points_at_once];
    for (int j = 0; j < points_at_once; j++) {
      r1[j] = splat((float)(0.5 + 0.5 * line->places[k + j]) * exponent_unit);
      r2[j] = splat((float)(0.5 - 0.5 * line->places[k + j]) * exponent_unit);
      sum[j] = slope[j] = splat(0);
    }
    for (ptrdiff_t d = first; d < last; d += lanes) {
      const vector w1 = load(line->weight + d) - line->norms[0], w2 = load(line->weight + line->stride + d) - line->norms[1];
      const vector difference = w1 - w2;
      for (int j = 0; j < points_at_once; j++) {
        float *e = exponentials + (k + j) * line->stride + d;
        const vector v = exponential_in_units(fused(r1[j], w1, r2[j] * w2), table);
        if (d + lanes <= line->columns) {
          store(e, v);
          sum[j] += v;
          slope[j] = fused(v, difference, slope[j]);
        } else {
          // The padding has no pixels.
          const ptrdiff_t rest = line->columns - d < 0 ? 0 : line->columns - d;
          store(e, splat(0));
          store_partial(e, v, rest);
          sum[j] += load_partial(e, rest, 0);
          slope[j] = fused(load_partial(e, rest, 0), difference, slope[j]);
        }
      }
    }
    for (int j = 0; j < points_at_once; j++) {
      sums[k + j] = sum_of_lanes(sum[j]);
      slopes[k + j] = sum_of_lanes(slope[j]);
    }
  }
  with_denormals(mode);
}

static void mixture_line_jets(const jvm_mixture_line *line, jvm_sparse_rows x, ptrdiff_t first, ptrdiff_t last, const float *r, const float *scale, const double *sums,
                              const double *slopes, float *loss, float *grad_r, double *towards, jvm_mixture_line_range *range) {
  enum { wide = 8 };
  const float *w1 = line->weight, *w2 = line->weight + line->stride;
  const ptrdiff_t K = line->points;
  if (scale) memset(towards, 0, (size_t)(2 * K) * sizeof(double));
  for (ptrdiff_t n = first; n < last; n++) {
    const float r1 = r[2 * n], r2 = r[2 * n + 1];
    const double t = (double)r1 - (double)r2;
    vector_double parts[jvm_most_points / wide], total = splat_double(0), partition = total, slope = total;
    for (ptrdiff_t k = 0; k < K; k += wide) {
      vector_double apart = t - load_double(line->places + k);
      // At a point its share is all there is.
      apart = choose_double_lanes(apart == 0.0, splat_double(1e-200), apart);
      const vector_double part = parts[k / wide] = load_double(line->shares + k) / apart;
      total += part;
      partition = fused_double(part, load_double(sums + k), partition);
      slope = fused_double(part, load_double(slopes + k), slope);
    }
    const double inverse = 1 / sum_of_double_lanes(total), z = sum_of_double_lanes(partition) * inverse;
    // Two sums of each, or every entry waits for the one before.
    float mass[2] = {0, 0}, of_1[2] = {0, 0}, of_2[2] = {0, 0};
    int64_t e = x.offsets[n];
    const int64_t end = x.offsets[n + 1];
    for (; e + 2 <= end; e += 2)
      for (int i = 0; i < 2; i++) {
        mass[i] += x.values[e + i];
        of_1[i] += x.values[e + i] * w1[x.columns[e + i]];
        of_2[i] += x.values[e + i] * w2[x.columns[e + i]];
      }
    if (e < end) {
      mass[0] += x.values[e];
      of_1[0] += x.values[e] * w1[x.columns[e]];
      of_2[0] += x.values[e] * w2[x.columns[e]];
    }
    const float all = mass[0] + mass[1], lit_1 = of_1[0] + of_1[1] - all * line->norms[0], lit_2 = of_2[0] + of_2[1] - all * line->norms[1];
    loss[n] = all * logf((float)z) - (r1 * lit_1 + r2 * lit_2);
    range->lowest = (float)z < range->lowest || z != z ? (float)z : range->lowest;
    range->first = (float)t < range->first ? (float)t : range->first;
    range->last = (float)t > range->last ? (float)t : range->last;
    if (!scale) continue;
    // What both gradients have in common is nothing to a softmax: half of the difference stands for the sums over pixels.
    const double factor = all * scale[n] / z;
    const float dense = (float)(0.5 * factor * inverse * sum_of_double_lanes(slope));
    grad_r[2 * n] = dense - scale[n] * lit_1;
    grad_r[2 * n + 1] = -dense - scale[n] * lit_2;
    const vector_double for_1 = splat_double(factor * inverse * r1), for_2 = splat_double(factor * inverse * r2);
    for (ptrdiff_t k = 0; k < K; k += wide) {
      store_double(towards + k, fused_double(parts[k / wide], for_1, load_double(towards + k)));
      store_double(towards + K + k, fused_double(parts[k / wide], for_2, load_double(towards + K + k)));
    }
  }
}

// `vectors` vectors of pixels from d on, both mixtures' sums in registers.
#define LINE_GRADIENT(vectors)                                                              \
  vector g1[vectors], g2[vectors];                                                          \
  for (int v = 0; v < vectors; v++) g1[v] = g2[v] = splat(0);                               \
  for (ptrdiff_t k = 0; k < K; k++) {                                                       \
    const vector for_1 = splat(towards[k]), for_2 = splat(towards[K + k]);                  \
    for (int v = 0; v < vectors; v++) {                                                     \
      const vector e = load(exponentials + k * line->stride + d + v * lanes);               \
      g1[v] = fused(e, for_1, g1[v]);                                                       \
      g2[v] = fused(e, for_2, g2[v]);                                                       \
    }                                                                                       \
  }                                                                                         \
  for (int v = 0; v < vectors; v++) {                                                     \
    const ptrdiff_t at = d + v * lanes, other = line->stride + at;                          \
    store(gradient + at, (g1[v] - load(lit + at)) * factor);                                \
    store(gradient + other, (g2[v] - load(lit + other)) * factor);                          \
  }

static void mixture_line_gradient(const jvm_mixture_line *line, ptrdiff_t first, ptrdiff_t last, const float *exponentials, const float *towards, const float *lit,
                                  float factor, float *gradient) {
  const unsigned mode = without_denormals();
  const ptrdiff_t K = line->points;
  ptrdiff_t d = first;
  for (; d + 4 * lanes <= last; d += 4 * lanes) { LINE_GRADIENT(4) }
  for (; d < last; d += lanes) { LINE_GRADIENT(1) }
  with_denormals(mode);
}
