// One Adam step over one parameter's numbers: four arrays read, three written, nothing in between.

typedef struct { float decay, beta1, rest1, beta2, rest2, keep, rate, inverse_root, epsilon; } adam_floats;

// The step needs no last bit of a root or a quotient: an estimate of 14 bits and one step of Newton's give 23, at a
// third of the cost of the exact instructions.
static inline vector square_root(vector v) {
#ifdef VARIANT_HAS_ESTIMATES
  const vector positive = __builtin_elementwise_max(v, splat(1e-37f));
  vector r = (vector)_mm512_rsqrt14_ps((__m512)positive);
  r = r * fused(positive * -0.5f * r, r, splat(1.5f));
  return v * r;
#else
  return __builtin_elementwise_sqrt(v);
#endif
}

static inline vector reciprocal(vector v) {
#ifdef VARIANT_HAS_ESTIMATES
  vector r = (vector)_mm512_rcp14_ps((__m512)v);
  return r * fused(-v, r, splat(2.0f));
#else
  return 1.0f / v;
#endif
}

// `largest`, where not null, holds the largest variance so far, which then takes the variance's place (AMSGrad).
static inline vector adam_vector(const adam_floats *s, vector parameter, vector gradient, vector *mean, vector *variance, vector *largest) {
  const vector g = fused(splat(s->decay), parameter, gradient);
  const vector m = *mean = fused(splat(s->beta1), *mean, g * s->rest1);
  const vector v = *variance = fused(splat(s->beta2), *variance, g * g * s->rest2);
  if (largest) *largest = larger(*largest, v);
  const vector root = square_root(largest ? *largest : v) * s->inverse_root;
  return parameter * s->keep - s->rate * m * reciprocal(root + s->epsilon);
}

static void adam_f32(const jvm_adam_settings *s, float *parameter, const float *gradient, float *mean, float *variance, float *largest, ptrdiff_t n) {
  const adam_floats settings = {
      .decay = s->decoupled ? 0 : (float)s->weight_decay,
      .beta1 = (float)s->beta1, .rest1 = (float)(1 - s->beta1),
      .beta2 = (float)s->beta2, .rest2 = (float)(1 - s->beta2),
      .keep = s->decoupled ? (float)(1 - s->learning_rate * s->weight_decay) : 1,
      .rate = (float)(s->learning_rate / s->correction1),
      .inverse_root = (float)(1 / s->correction2_root),
      .epsilon = (float)s->epsilon};
  const unsigned mode = without_denormals();
  ptrdiff_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    vector m = load(mean + i), v = load(variance + i), l = largest ? load(largest + i) : v;
    store(parameter + i, adam_vector(&settings, load(parameter + i), load(gradient + i), &m, &v, largest ? &l : NULL));
    store(mean + i, m);
    store(variance + i, v);
    if (largest) store(largest + i, l);
  }
  if (i < n) {
    const ptrdiff_t rest = n - i;
    vector m = load_partial(mean + i, rest, 0), v = load_partial(variance + i, rest, 0), l = largest ? load_partial(largest + i, rest, 0) : v;
    const vector p = adam_vector(&settings, load_partial(parameter + i, rest, 0), load_partial(gradient + i, rest, 0), &m, &v, largest ? &l : NULL);
    store_partial(parameter + i, p, rest);
    store_partial(mean + i, m, rest);
    store_partial(variance + i, v, rest);
    if (largest) store_partial(largest + i, l, rest);
  }
  with_denormals(mode);
}

static void adam_f64(const jvm_adam_settings *s, double *parameter, const double *gradient, double *mean, double *variance, double *largest, ptrdiff_t n) {
  const double rate = s->learning_rate, b1 = s->beta1, b2 = s->beta2, decay = s->weight_decay;
  for (ptrdiff_t i = 0; i < n; i++) {
    const double g = gradient[i] + (s->decoupled ? 0 : decay * parameter[i]);
    mean[i] = b1 * mean[i] + (1 - b1) * g;
    variance[i] = b2 * variance[i] + (1 - b2) * g * g;
    if (largest && (variance[i] > largest[i] || variance[i] != variance[i])) largest[i] = variance[i];
    const double keep = s->decoupled ? 1 - rate * decay : 1;
    parameter[i] = keep * parameter[i] - rate / s->correction1 * mean[i] / (sqrt(largest ? largest[i] : variance[i]) / s->correction2_root + s->epsilon);
  }
}
