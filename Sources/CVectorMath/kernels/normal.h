// Box and Muller's transformation, sixteen pairs at a time.

// cos and sin of 2π t for t in [−½, ½]: with q = round(4 t) and f = t − q/4, quarter turns exchange and negate.
static inline void cosine_and_sine_of_turns(vector t, vector *cosine, vector *sine) {
  const vector magic = splat(12582912.0f);
  vector shifted = t * 4.0f + magic;
  vector_int quarter = (vector_int)shifted;
  vector angle = (t - (shifted - magic) * 0.25f) * 6.28318530717958647692f;  // in [−π/4, π/4]
  vector z = angle * angle;
  vector s = splat(-1.9515295891e-4f);
  s = fused(s, z, splat(8.3321608736e-3f));
  s = fused(s, z, splat(-1.6666654611e-1f));
  s = fused(s * z, angle, angle);
  vector c = splat(2.443315711809948e-5f);
  c = fused(c, z, splat(-1.388731625493765e-3f));
  c = fused(c, z, splat(4.166664568298827e-2f));
  c = fused(c * z, z, 1.0f - 0.5f * z);
  vector_int odd = (quarter & 1) != 0;
  vector_int negative_cosine = ((quarter + 1) & 2) != 0, negative_sine = (quarter & 2) != 0;
  vector a = choose_lanes(odd, s, c), b = choose_lanes(odd, c, s);
  *cosine = choose_lanes(negative_cosine, -a, a);
  *sine = choose_lanes(negative_sine, -b, b);
}

static void normal_pairs(const uint32_t *words, float *out, ptrdiff_t pairs) {
  for (ptrdiff_t i = 0; i < pairs; i += lanes) {
    const ptrdiff_t n = pairs - i < lanes ? pairs - i : lanes;
    float u[lanes], t[lanes], first[lanes], second[lanes];
    for (ptrdiff_t j = 0; j < lanes; j++) {
      const ptrdiff_t source = 2 * (i + (j < n ? j : n - 1));
      u[j] = ((float)words[source] + 0.5f) * 0x1p-32f;
      t[j] = (float)(int32_t)words[source + 1] * 0x1p-32f;
    }
    vector cosine, sine;
    vector radius = __builtin_elementwise_sqrt(-2.0f * choose_lanes(load(u) < 1.0f, logarithm(load(u)), splat(0)));
    cosine_and_sine_of_turns(load(t), &cosine, &sine);
    store(first, radius * cosine);
    store(second, radius * sine);
    for (ptrdiff_t j = 0; j < n; j++) {
      out[2 * (i + j)] = first[j];
      out[2 * (i + j) + 1] = second[j];
    }
  }
}
