// The Kullback-Leibler divergence of diagonal Gaussians, with its derivatives while the numbers are at hand.

static void gaussian_kl_f32(const float *mu, const float *logvar, const float *prior_mean, const float *prior_variance, ptrdiff_t n,
                            ptrdiff_t width, float *variance, float *kl, float *by_mu, float *by_logvar) {
  unary_f32(jvm_unary_exp, logvar, 1, variance, n * width, 0, 0);
  for (ptrdiff_t row = 0, i = 0; row < n; row++) {
    float total = 0;
    for (ptrdiff_t j = 0; j < width; j++, i++) {
      const float difference = mu[i] - prior_mean[j], v = prior_variance[j];
      total += (variance[i] + difference * difference) / v - 1 + logf(v) - logvar[i];
      if (by_mu) {
        by_mu[i] = difference / v;
        by_logvar[i] = 0.5f * (variance[i] / v - 1);
      }
    }
    kl[row] = 0.5f * total;
  }
}

// Lanes without a jet's number hold mu = ln σ² = 0, whose divergence is 0.
static void gaussian_posterior(const float *x, ptrdiff_t step, const float *noise, ptrdiff_t rows, ptrdiff_t width, float factor, float *z, float *kl,
                               float *by_logvar, float *spread) {
  for (ptrdiff_t row = 0; row < rows; row++) {
    const float *mu = x + row * step, *logvar = mu + width;
    vector total = splat(0);
    for (ptrdiff_t c = 0; c < width; c += lanes) {
      const ptrdiff_t left = width - c < lanes ? width - c : lanes, i = row * width + c;
      const vector m = load_partial(mu + c, left, 0), l = load_partial(logvar + c, left, 0), deviation = exponential(l * 0.5f);
      const vector difference = deviation * load_partial(noise + i, left, 0), excess = fused(deviation, deviation, splat(-1));
      total += fused(m, m, excess - l);
      store_partial(z + i, m + difference, left);
      store_partial(by_logvar + i, excess * 0.5f, left);
      store_partial(spread + i, difference * 0.5f, left);
    }
    kl[row] = 0.5f * factor * sum_of_lanes(total);
  }
}

static void gaussian_posterior_gradient(const float *x, ptrdiff_t step, const float *grad_z, const float *grad_kl, ptrdiff_t rows, ptrdiff_t width, float factor,
                                        const float *by_logvar, const float *spread, float *out) {
  for (ptrdiff_t row = 0; row < rows; row++) {
    const vector g = splat(grad_kl ? factor * grad_kl[row] : 0);
    for (ptrdiff_t c = 0; c < width; c += lanes) {
      const ptrdiff_t left = width - c < lanes ? width - c : lanes, i = row * width + c;
      const vector towards_z = grad_z ? load_partial(grad_z + i, left, 0) : splat(0);
      float *mu = out + 2 * row * width + c;
      store_partial(mu, fused(g, load_partial(x + row * step + c, left, 0), towards_z), left);
      store_partial(mu + width, fused(g, load_partial(by_logvar + i, left, 0), towards_z * load_partial(spread + i, left, 0)), left);
    }
  }
}

// out = scale[r] (x − y).
static void scaled_difference(const float *x, const float *y, const float *scale, ptrdiff_t rows, ptrdiff_t columns, float *out) {
  for (ptrdiff_t row = 0; row < rows; row++) {
    const vector factor = splat(scale[row]);
    ptrdiff_t i = row * columns, c = 0;
    for (; c + lanes <= columns; c += lanes, i += lanes) store(out + i, factor * (load(x + i) - load(y + i)));
    if (c < columns) store_partial(out + i, factor * (load_partial(x + i, columns - c, 0) - load_partial(y + i, columns - c, 0)), columns - c);
  }
}
