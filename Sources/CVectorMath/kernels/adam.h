// One Adam step over one parameter's numbers: four arrays read, three written, nothing in between.

typedef struct { float decay, rest1, rest2, keep, rate, epsilon; } adam_floats;

// The step needs no last bit of a root or a quotient: an estimate of 14 bits and one step of Newton's give 23, at a
// third of the cost of the exact instructions.
static inline vector square_root(vector v) {
#ifdef VARIANT_HAS_ESTIMATES
  // In this order a NaN stays one.
  const vector positive = (vector)_mm512_max_ps((__m512)splat(1e-37f), (__m512)v);
  const vector inverse = (vector)_mm512_rsqrt14_ps((__m512)positive), root = positive * inverse;
  return fused(root, fused(-root, inverse * 0.5f, splat(0.5f)), root);
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

// `largest`, where not null, holds the largest variance so far, which then takes the variance's place (AMSGrad). Averages move towards what
// is new by its share, an instruction less than the sum of two products; both corrections stand in `rate` and `epsilon`:
// (m / c₁) / (√v / √c₂ + ε) = (√c₂ / c₁) m / (√v + √c₂ ε).
static inline __attribute__((always_inline)) vector adam_vector(const bool decays, const adam_floats *s, vector parameter, vector gradient, vector *mean,
                                                                vector *variance, vector *largest) {
  const vector g = decays ? fused(splat(s->decay), parameter, gradient) : gradient;
  const vector m = *mean = fused(splat(s->rest1), g - *mean, *mean);
  const vector v = *variance = fused(splat(s->rest2), fused(g, g, -*variance), *variance);
  if (largest) *largest = larger(*largest, v);
  const vector step = reciprocal(square_root(largest ? *largest : v) + s->epsilon);
  return fused(m * -s->rate, step, decays ? parameter * s->keep : parameter);
}

// Both conditions are constants, so that the usual loop neither asks nor spills.
static inline __attribute__((always_inline)) void adam_numbers(const bool decays, const bool keeps_largest, const adam_floats *settings, float *parameter, const float *gradient,
                                                               float *mean, float *variance, float *largest, ptrdiff_t n) {
  ptrdiff_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    vector m = load(mean + i), v = load(variance + i), l = v;
    if (keeps_largest) l = load(largest + i);
    store(parameter + i, adam_vector(decays, settings, load(parameter + i), load(gradient + i), &m, &v, keeps_largest ? &l : NULL));
    store(mean + i, m);
    store(variance + i, v);
    if (keeps_largest) store(largest + i, l);
  }
  if (i < n) {
    const ptrdiff_t rest = n - i;
    vector m = load_partial(mean + i, rest, 0), v = load_partial(variance + i, rest, 0), l = v;
    if (keeps_largest) l = load_partial(largest + i, rest, 0);
    const vector p = adam_vector(decays, settings, load_partial(parameter + i, rest, 0), load_partial(gradient + i, rest, 0), &m, &v, keeps_largest ? &l : NULL);
    store_partial(parameter + i, p, rest);
    store_partial(mean + i, m, rest);
    store_partial(variance + i, v, rest);
    if (keeps_largest) store_partial(largest + i, l, rest);
  }
}

static void adam_f32(const jvm_adam_settings *s, float *parameter, const float *gradient, float *mean, float *variance, float *largest, ptrdiff_t n) {
  const adam_floats settings = {
      .decay = s->decoupled ? 0 : (float)s->weight_decay,
      .rest1 = (float)(1 - s->beta1), .rest2 = (float)(1 - s->beta2),
      .keep = s->decoupled ? (float)(1 - s->learning_rate * s->weight_decay) : 1,
      .rate = (float)(s->learning_rate * s->correction2_root / s->correction1),
      // Above 0, so that numbers that never had a gradient stay as they are.
      .epsilon = fmaxf((float)(s->epsilon * s->correction2_root), 1e-37f)};
  const unsigned mode = without_denormals();
  const bool decays = settings.decay != 0 || settings.keep != 1;
  if (largest) adam_numbers(true, true, &settings, parameter, gradient, mean, variance, largest, n);
  else if (decays) adam_numbers(true, false, &settings, parameter, gradient, mean, variance, NULL, n);
  else adam_numbers(false, false, &settings, parameter, gradient, mean, variance, NULL, n);
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
