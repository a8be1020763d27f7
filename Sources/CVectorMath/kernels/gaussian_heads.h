// The bottleneck of a variational autoencoder in one pass over the rows: two linear layers, the sample, the divergence.

// Arrays of vectors have these sizes and not that of a parameter, constant as it may be: only those become registers.
enum { rows_at_once = 4, inputs_at_once = 8, few_outputs = 4 };

// `rows` rows at once share each load of the weights; both heads' sums of 16 outputs stay in registers.
static inline __attribute__((always_inline)) void heads_of_rows(const int rows, const jvm_gaussian_heads *a, ptrdiff_t n, float *z,
                                                                float *kl, float *derivatives) {
  const ptrdiff_t P = a->padded, R = a->outputs;
  vector divergence[rows_at_once];
  for (int j = 0; j < rows; j++) divergence[j] = splat(0);
  for (ptrdiff_t o = 0; o < P; o += lanes) {
    vector mu[rows_at_once], logvar[rows_at_once];
    for (int j = 0; j < rows; j++) {
      mu[j] = load(a->mu_bias + o);
      logvar[j] = load(a->logvar_bias + o);
    }
    for (ptrdiff_t i = 0; i < a->inputs; i++) {
      const vector m = load(a->mu_weight + i * P + o), l = load(a->logvar_weight + i * P + o);
      for (int j = 0; j < rows; j++) {
        const vector x = splat(a->h[(n + j) * a->h_stride + i]);
        mu[j] = fused(x, m, mu[j]);
        logvar[j] = fused(x, l, logvar[j]);
      }
    }
    const vector prior_mean = load(a->prior_mean + o), precision = 1.0f / load(a->prior_variance + o);
    const vector log_prior = logarithm(load(a->prior_variance + o));
    const ptrdiff_t rest = R - o < lanes ? R - o : lanes;
    for (int j = 0; j < rows; j++) {
      const vector deviation = exponential(logvar[j] * 0.5f), variance = deviation * deviation;
      const vector spread = deviation * load_partial(a->noise + (n + j) * R + o, rest, 0);
      const vector by_mu = (mu[j] - prior_mean) * precision;
      store_partial(z + (n + j) * R + o, mu[j] + spread, rest);
      divergence[j] += fused(variance, precision, fused(mu[j] - prior_mean, by_mu, log_prior - logvar[j] - 1.0f));
      if (derivatives) {
        float *of_row = derivatives + (n + j) * 3 * P + o;
        store(of_row, by_mu);
        store(of_row + P, fused(variance, precision, splat(-1)) * 0.5f);
        store(of_row + 2 * P, spread * 0.5f);
      }
    }
  }
  for (int j = 0; j < rows; j++) kl[n + j] = 0.5f * sum_of_lanes(divergence[j]);
}

static void gaussian_heads(const jvm_gaussian_heads *a, ptrdiff_t first, ptrdiff_t last, float *z, float *kl, float *derivatives) {
  ptrdiff_t n = first;
  for (; n + rows_at_once <= last; n += rows_at_once) heads_of_rows(rows_at_once, a, n, z, kl, derivatives);
  for (; n < last; n++) heads_of_rows(1, a, n, z, kl, derivatives);
}

static void gaussian_heads_gradient(const float *derivatives, const float *grad_z, const float *grad_kl, ptrdiff_t first, ptrdiff_t last,
                                    ptrdiff_t outputs, ptrdiff_t P, float *towards_heads) {
  for (ptrdiff_t n = first; n < last; n++) {
    const vector g = splat(grad_kl ? grad_kl[n] : 0);
    for (ptrdiff_t o = 0; o < P; o += lanes) {
      const ptrdiff_t rest = outputs - o < lanes ? outputs - o : lanes;
      const float *of_row = derivatives + n * 3 * P + o;
      const vector towards_z = grad_z ? load_partial(grad_z + n * outputs + o, rest, 0) : splat(0);
      store(towards_heads + n * 2 * P + o, fused(g, load(of_row), towards_z));
      store(towards_heads + n * 2 * P + P + o, fused(g, load(of_row + P), towards_z * load(of_row + 2 * P)));
    }
  }
}

static inline __attribute__((always_inline)) void heads_input_rows(const int rows, const float *towards_heads, ptrdiff_t n, ptrdiff_t outputs,
                                                                   ptrdiff_t P, const float *by_output, ptrdiff_t stride, float *grad_h) {
  for (ptrdiff_t i = 0; i < stride; i += lanes) {
    vector sum[rows_at_once];
    for (int j = 0; j < rows; j++) sum[j] = splat(0);
    for (ptrdiff_t o = 0; o < outputs; o++) {
      const vector m = load(by_output + o * stride + i), l = load(by_output + (outputs + o) * stride + i);
      for (int j = 0; j < rows; j++) {
        sum[j] = fused(splat(towards_heads[(n + j) * 2 * P + o]), m, sum[j]);
        sum[j] = fused(splat(towards_heads[(n + j) * 2 * P + P + o]), l, sum[j]);
      }
    }
    for (int j = 0; j < rows; j++) store(grad_h + (n + j) * stride + i, sum[j]);
  }
}

static void gaussian_heads_input_gradient(const float *towards_heads, ptrdiff_t first, ptrdiff_t last, ptrdiff_t outputs, ptrdiff_t P,
                                          const float *by_output, ptrdiff_t stride, float *grad_h) {
  ptrdiff_t n = first;
  for (; n + rows_at_once <= last; n += rows_at_once) heads_input_rows(rows_at_once, towards_heads, n, outputs, P, by_output, stride, grad_h);
  for (; n < last; n++) heads_input_rows(1, towards_heads, n, outputs, P, by_output, stride, grad_h);
}

// Each sum runs over the rows in order, whoever makes it.
static inline __attribute__((always_inline)) void heads_weights_of(const int inputs, const float *h, ptrdiff_t h_stride, const float *towards_heads,
                                                                   ptrdiff_t rows, ptrdiff_t i, ptrdiff_t P, float *grad_mu, float *grad_logvar) {
  for (ptrdiff_t o = 0; o < P; o += lanes) {
    vector mu[inputs_at_once], logvar[inputs_at_once];
    for (int k = 0; k < inputs; k++) mu[k] = logvar[k] = splat(0);
    for (ptrdiff_t n = 0; n < rows; n++) {
      const vector m = load(towards_heads + n * 2 * P + o), l = load(towards_heads + n * 2 * P + P + o);
      for (int k = 0; k < inputs; k++) {
        const vector x = splat(h[n * h_stride + i + k]);
        mu[k] = fused(x, m, mu[k]);
        logvar[k] = fused(x, l, logvar[k]);
      }
    }
    for (int k = 0; k < inputs; k++) {
      store(grad_mu + (i + k) * P + o, mu[k]);
      store(grad_logvar + (i + k) * P + o, logvar[k]);
    }
  }
}

// With few outputs most of a vector of outputs were padding: the lanes are inputs then. The same sums in the same order.
static inline __attribute__((always_inline)) void heads_weights_of_few(const int outputs, const float *h, ptrdiff_t h_stride, const float *towards_heads,
                                                                       ptrdiff_t rows, ptrdiff_t i, ptrdiff_t inputs, ptrdiff_t P, float *grad_mu,
                                                                       float *grad_logvar) {
  vector mu[few_outputs], logvar[few_outputs];
  for (int o = 0; o < outputs; o++) mu[o] = logvar[o] = splat(0);
  for (ptrdiff_t n = 0; n < rows; n++) {
    const vector x = inputs == lanes ? load(h + n * h_stride + i) : load_partial(h + n * h_stride + i, inputs, 0);
    for (int o = 0; o < outputs; o++) {
      mu[o] = fused(x, splat(towards_heads[n * 2 * P + o]), mu[o]);
      logvar[o] = fused(x, splat(towards_heads[n * 2 * P + P + o]), logvar[o]);
    }
  }
  memset(grad_mu + i * P, 0, (size_t)(inputs * P) * sizeof(float));
  memset(grad_logvar + i * P, 0, (size_t)(inputs * P) * sizeof(float));
  for (int o = 0; o < outputs; o++)
    for (ptrdiff_t k = 0; k < inputs; k++) {
      grad_mu[(i + k) * P + o] = mu[o][k];
      grad_logvar[(i + k) * P + o] = logvar[o][k];
    }
}

static void gaussian_heads_weight_gradient(const float *h, ptrdiff_t h_stride, const float *towards_heads, ptrdiff_t rows, ptrdiff_t outputs, ptrdiff_t first,
                                           ptrdiff_t last, ptrdiff_t P, float *grad_mu, float *grad_logvar) {
  ptrdiff_t i = first;
  if (outputs <= few_outputs) {
    for (; i < last; i += lanes) {
      const ptrdiff_t inputs = last - i < lanes ? last - i : lanes;
      switch (outputs) {
        case 1: heads_weights_of_few(1, h, h_stride, towards_heads, rows, i, inputs, P, grad_mu, grad_logvar); break;
        case 2: heads_weights_of_few(2, h, h_stride, towards_heads, rows, i, inputs, P, grad_mu, grad_logvar); break;
        case 3: heads_weights_of_few(3, h, h_stride, towards_heads, rows, i, inputs, P, grad_mu, grad_logvar); break;
        default: heads_weights_of_few(few_outputs, h, h_stride, towards_heads, rows, i, inputs, P, grad_mu, grad_logvar); break;
      }
    }
    return;
  }
  for (; i + inputs_at_once <= last; i += inputs_at_once) heads_weights_of(inputs_at_once, h, h_stride, towards_heads, rows, i, P, grad_mu, grad_logvar);
  for (; i < last; i++) heads_weights_of(1, h, h_stride, towards_heads, rows, i, P, grad_mu, grad_logvar);
}
