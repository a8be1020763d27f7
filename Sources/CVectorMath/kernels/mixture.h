// The mixture decoder with its softmax and cross-entropy in one pass over the pixels, four jets at a time:
// logits live in registers, the exponentials of four rows in the first-level cache, and no image is ever stored.

enum { jets_at_once = 4 };

// `R` is a constant in the common cases (2, 3), so that the weights of a jet stay in registers.
static inline __attribute__((always_inline)) void mixture_jets(
    const int R, const int jets, jvm_sparse_rows x, ptrdiff_t n, const float *r, const float *weight, ptrdiff_t stride,
    ptrdiff_t columns, const float *scale, float *loss, float *grad_r, float *grad_weight, float *scratch) {
  const ptrdiff_t whole = columns / lanes * lanes, rest = columns - whole;
  float inverse[jets_at_once];
  for (int j = 0; j < jets; j++) {
    const float *rj = r + (n + j) * R;
    float *e = scratch + j * stride;
    vector best = splat(-__builtin_inff());
    for (ptrdiff_t d = 0; d < columns; d += lanes) {
      vector logit = load(weight + d) * rj[0];
      for (int m = 1; m < R; m++) logit = fused(load(weight + m * stride + d), splat(rj[m]), logit);
      if (d == whole) {
        store(e + d, logit);
        for (ptrdiff_t i = rest; i < lanes; i++) e[d + i] = -__builtin_inff();
        logit = load(e + d);
      }
      best = larger(best, logit);
      store(e + d, logit);
    }
    const float shift = largest_lane(best);
    vector sum = {};
    for (ptrdiff_t d = 0; d < columns; d += lanes) {
      vector v = exponential_of_nonpositive(load(e + d) - shift);
      if (d == whole) {
        store(e + d, v);
        for (ptrdiff_t i = rest; i < lanes; i++) e[d + i] = 0;
        v = load(e + d);
      }
      store(e + d, v);
      sum += v;
    }
    const float partition = sum_of_lanes(sum);
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
  // ∂loss/∂logit = mass · softmax − x: the dense part over all pixels, the sparse part at the lit ones.
  vector towards_r[jets_at_once * (R > 0 ? R : 1)];
  for (int j = 0; j < jets * R; j++) towards_r[j] = splat(0);
  for (ptrdiff_t d = 0; d < columns; d += lanes) {
    vector share[jets_at_once];
    for (int j = 0; j < jets; j++) share[j] = load(scratch + j * stride + d) * (inverse[j] * scale[n + j]);
    for (int m = 0; m < R; m++) {
      const vector w = load(weight + m * stride + d);
      vector g = load(grad_weight + m * stride + d);
      for (int j = 0; j < jets; j++) {
        g = fused(share[j], splat(r[(n + j) * R + m]), g);
        towards_r[j * R + m] = fused(share[j], w, towards_r[j * R + m]);
      }
      store(grad_weight + m * stride + d, g);
    }
  }
  for (int j = 0; j < jets; j++) {
    for (int m = 0; m < R; m++) {
      float sum = sum_of_lanes(towards_r[j * R + m]);
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

static inline __attribute__((always_inline)) void mixture_block(
    const int R, jvm_sparse_rows x, ptrdiff_t first, ptrdiff_t last, const float *r, const float *weight, ptrdiff_t stride,
    ptrdiff_t columns, const float *scale, float *loss, float *grad_r, float *grad_weight, float *scratch) {
  ptrdiff_t n = first;
  for (; n + jets_at_once <= last; n += jets_at_once)
    mixture_jets(R, jets_at_once, x, n, r, weight, stride, columns, scale, loss, grad_r, grad_weight, scratch);
  for (; n < last; n++)
    mixture_jets(R, 1, x, n, r, weight, stride, columns, scale, loss, grad_r, grad_weight, scratch);
}

static void mixture_nll(jvm_sparse_rows x, ptrdiff_t first, ptrdiff_t last, const float *r, ptrdiff_t mixtures,
                        const float *weight, ptrdiff_t stride, ptrdiff_t columns, const float *scale, float *loss,
                        float *grad_r, float *grad_weight, float *scratch) {
  if (grad_weight) memset(grad_weight, 0, (size_t)(mixtures * stride) * sizeof(float));
  switch (mixtures) {
    case 2: mixture_block(2, x, first, last, r, weight, stride, columns, scale, loss, grad_r, grad_weight, scratch); break;
    case 3: mixture_block(3, x, first, last, r, weight, stride, columns, scale, loss, grad_r, grad_weight, scratch); break;
    default:
      mixture_block((int)mixtures, x, first, last, r, weight, stride, columns, scale, loss, grad_r, grad_weight, scratch);
  }
}
