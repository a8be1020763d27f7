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
