// The mixture decoder with its softmax and cross-entropy in one pass over the pixels, four jets at a time:
// logits live in registers, the exponentials of four rows in the first-level cache, and no image is ever stored.

// Arrays of vectors have the size of these, never that of a parameter, constant as it may be: only those become registers.
enum { jets_at_once = 4, mixtures_at_once = 4 };

// In units of the exponential, added to `start`.
static inline __attribute__((always_inline)) vector logits(const int R, const vector *spread, const float *r, const float *weight,
                                                           ptrdiff_t stride, ptrdiff_t d, vector start) {
  for (int m = 0; m < R && m < mixtures_at_once; m++) start = fused(load(weight + m * stride + d), spread[m], start);
  for (int m = mixtures_at_once; m < R; m++) start = fused(load(weight + m * stride + d), splat(r[m] * exponent_unit), start);
  return start;
}

// Writes e^(logit − shift) of one jet to e, with zeros in the padding, and returns the sum.
static inline __attribute__((always_inline)) float exponentials(const int R, const float *r, const float *weight, ptrdiff_t stride,
                                                                ptrdiff_t columns, float shift, float *e) {
  const ptrdiff_t whole = columns / lanes * lanes;
  // Spread once: the stores below might, for all the compiler knows, change r.
  vector spread[mixtures_at_once];
  for (int m = 0; m < R && m < mixtures_at_once; m++) spread[m] = splat(r[m] * exponent_unit);
  const power_table table = powers();
  const vector start = splat(-shift * exponent_unit);
  vector sum = {};
  for (ptrdiff_t d = 0; d < whole; d += lanes) {
    const vector v = exponential_in_units(logits(R, spread, r, weight, stride, d, start), table);
    store(e + d, v);
    sum += v;
  }
  float total = sum_of_lanes(sum);
  if (whole < columns) {
    store(e + whole, exponential_in_units(logits(R, spread, r, weight, stride, whole, start), table));
    for (ptrdiff_t d = columns; d < whole + lanes; d++) e[d] = 0;
    for (ptrdiff_t d = whole; d < columns; d++) total += e[d];
  }
  return total;
}

static inline float largest_logit(const int R, const float *r, const float *weight, ptrdiff_t stride, ptrdiff_t columns) {
  float best = -__builtin_inff();
  for (ptrdiff_t d = 0; d < columns; d++) {
    float logit = 0;
    for (int m = 0; m < R; m++) logit += weight[m * stride + d] * r[m];
    best = logit > best || logit != logit ? logit : best;
  }
  return best;
}

// The gradients of `group` of the R mixtures, with the exponentials of `jets` jets in `scratch`.
static inline __attribute__((always_inline)) void mixture_gradients(
    const int group, const int jets, const int R, jvm_sparse_rows x, ptrdiff_t n, const float *r, const float *weight, ptrdiff_t stride,
    ptrdiff_t columns, const float *scale, const float *factor, float *grad_r, float *grad_weight, const float *scratch) {
  vector towards_r[jets_at_once][mixtures_at_once], share[jets_at_once][mixtures_at_once];
  for (int j = 0; j < jets; j++)
    for (int m = 0; m < group; m++) {
      towards_r[j][m] = splat(0);
      share[j][m] = splat(factor[j] * r[(n + j) * R + m]);
    }
  for (ptrdiff_t d = 0; d < columns; d += lanes) {
    vector e[jets_at_once];
    for (int j = 0; j < jets; j++) e[j] = load(scratch + j * stride + d);
    for (int m = 0; m < group; m++) {
      const vector w = load(weight + m * stride + d);
      vector g = load(grad_weight + m * stride + d);
      for (int j = 0; j < jets; j++) {
        g = fused(e[j], share[j][m], g);
        towards_r[j][m] = fused(e[j], w, towards_r[j][m]);
      }
      store(grad_weight + m * stride + d, g);
    }
  }
  for (int j = 0; j < jets; j++) {
    for (int m = 0; m < group; m++) {
      float sum = factor[j] * sum_of_lanes(towards_r[j][m]);
      const float rm = r[(n + j) * R + m];
      for (int64_t k = x.offsets[n + j]; k < x.offsets[n + j + 1]; k++) {
        const float s = x.values[k] * scale[n + j];
        sum -= s * weight[m * stride + x.columns[k]];
        grad_weight[m * stride + x.columns[k]] -= s * rm;
      }
      grad_r[(n + j) * R + m] = sum;
    }
  }
}

// `R` is a constant in the common cases (2, 3), so that the weights of a jet stay in registers.
static inline __attribute__((always_inline)) void mixture_jets(
    const int R, const int jets, jvm_sparse_rows x, ptrdiff_t n, const float *r, const float *weight, ptrdiff_t stride,
    ptrdiff_t columns, const float *largest, const float *scale, float *loss, float *grad_r, float *grad_weight, float *scratch) {
  float inverse[jets_at_once];
  for (int j = 0; j < jets; j++) {
    const float *rj = r + (n + j) * R;
    float *e = scratch + j * stride;
    // Any number at least as large as the largest logit keeps the exponentials finite, and Σ r_m max_d weight_md is one
    // that costs nothing. Only where it lies so far above all logits that they vanish must the largest be searched.
    float shift = 0;
    for (int m = 0; m < R; m++) shift += rj[m] * largest[m];
    float partition = exponentials(R, rj, weight, stride, columns, shift, e);
    if (!(partition > 1e-30f)) {
      shift = largest_logit(R, rj, weight, stride, columns);
      partition = exponentials(R, rj, weight, stride, columns, shift, e);
    }
    const float log_partition = shift + logf(partition);
    float mass = 0, attained = 0;
    for (int64_t k = x.offsets[n + j]; k < x.offsets[n + j + 1]; k++) {
      const float *w = weight + x.columns[k];
      float logit = 0;
      for (int m = 0; m < R; m++) logit += w[m * stride] * rj[m];
      mass += x.values[k];
      attained += x.values[k] * logit;
    }
    loss[n + j] = mass * log_partition - attained;
    inverse[j] = mass / partition;
  }
  if (!grad_r) return;
  // ∂loss/∂logit = mass · softmax − x: the dense part over all pixels, the sparse part at the lit ones. The factor of
  // each jet stands outside the sum over pixels.
  float factor[jets_at_once];
  for (int j = 0; j < jets; j++) factor[j] = inverse[j] * scale[n + j];
  for (int first = 0; first < R; first += mixtures_at_once)
    mixture_gradients(R - first < mixtures_at_once ? R - first : mixtures_at_once, jets, R, x, n, r + first, weight + first * stride, stride,
                      columns, scale, factor, grad_r + first, grad_weight + first * stride, scratch);
}

static inline __attribute__((always_inline)) void mixture_block(
    const int R, jvm_sparse_rows x, ptrdiff_t first, ptrdiff_t last, const float *r, const float *weight, ptrdiff_t stride,
    ptrdiff_t columns, const float *largest, const float *scale, float *loss, float *grad_r, float *grad_weight, float *scratch) {
  ptrdiff_t n = first;
  for (; n + jets_at_once <= last; n += jets_at_once)
    mixture_jets(R, jets_at_once, x, n, r, weight, stride, columns, largest, scale, loss, grad_r, grad_weight, scratch);
  for (; n < last; n++)
    mixture_jets(R, 1, x, n, r, weight, stride, columns, largest, scale, loss, grad_r, grad_weight, scratch);
}

static void mixture_nll(jvm_sparse_rows x, ptrdiff_t first, ptrdiff_t last, const float *r, ptrdiff_t mixtures,
                        const float *weight, ptrdiff_t stride, ptrdiff_t columns, const float *largest, const float *scale,
                        float *loss, float *grad_r, float *grad_weight, float *scratch) {
  const unsigned mode = without_denormals();
  if (grad_weight) memset(grad_weight, 0, (size_t)(mixtures * stride) * sizeof(float));
  switch (mixtures) {
    case 2: mixture_block(2, x, first, last, r, weight, stride, columns, largest, scale, loss, grad_r, grad_weight, scratch); break;
    case 3: mixture_block(3, x, first, last, r, weight, stride, columns, largest, scale, loss, grad_r, grad_weight, scratch); break;
    default:
      mixture_block((int)mixtures, x, first, last, r, weight, stride, columns, largest, scale, loss, grad_r, grad_weight, scratch);
  }
  with_denormals(mode);
}
