// Momenta of many particles: sums over those of a jet, and from transverse momentum and angles to components.

// Whether a particle, four lanes, has a component that is not 0: in all of its lanes.
static inline vector_int present_lanes(vector v) {
  vector_int m = v != 0.0f;
  m |= __builtin_shufflevector(m, m, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
  return m | __builtin_shufflevector(m, m, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

static inline vector_double low_doubles(vector v) {
  return __builtin_convertvector(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7), vector_double);
}
static inline vector_double high_doubles(vector v) {
  return __builtin_convertvector(__builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15), vector_double);
}

static ptrdiff_t momentum_sum(const float *p, ptrdiff_t slots, double *sum) {
  vector_double even = splat_double(0), odd = splat_double(0);
  vector_int count = {0}, negative = {0};
  for (ptrdiff_t slot = 0; slot < slots; slot += 4) {
    const vector v = slot + 4 <= slots ? load(p + slot * 4) : load_partial(p + slot * 4, (slots - slot) * 4, 0.0f);
    const vector_int present = present_lanes(v);
    if (!any_lane(present)) continue;
    count -= present;
    negative |= v < 0.0f;
    even += low_doubles(v);
    odd += high_doubles(v);
  }
  even += odd;
  int finite = 1;
  for (int i = 0; i < 4; i++) {
    sum[i] = even[i] + even[i + 4];
    finite &= sum[i] - sum[i] == 0;
  }
  if (!finite || negative[0] | negative[4] | negative[8] | negative[12]) return -1;
  return count[0] + count[4] + count[8] + count[12];
}

static ptrdiff_t packed_slots(const float *p, ptrdiff_t slots) {
  double last = __builtin_inf();
  ptrdiff_t slot = 0;
  for (; slot < slots; slot++) {
    const float *v = p + slot * 4;
    const double x = v[1], y = v[2], squared = x * x + y * y;
    // Neither holds for a NaN; finite squares of single precision do not overflow.
    if (!(squared <= last && v[0] >= 0) || !(v[0] < __builtin_inff()) || v[3] - v[3] != 0 || squared == __builtin_inf()) return -1;
    if (squared == 0 && v[0] == 0 && v[3] == 0) break;
    last = squared;
  }
  const ptrdiff_t count = slot;
  // Zeros must follow, whatever their sign.
  vector_int rest = {0};
  for (; slot + 4 <= slots; slot += 4) rest |= load(p + slot * 4) != 0.0f;
  if (slot < slots) rest |= load_partial(p + slot * 4, (slots - slot) * 4, 0.0f) != 0.0f;
  return any_lane(rest) ? -1 : count;
}

// sin and cos by π/2 in three parts and Taylor's series of what is left, |r| ≤ π/4; relative error some 1e-16 up to 10,000.
static inline void sine_and_cosine(vector_double x, vector_double *sine, vector_double *cosine) {
  const vector_double magic = splat_double(6755399441055744.0);
  const vector_double shifted = fused_double(x, splat_double(0.63661977236758134308), magic);
  const vector_double n = shifted - magic;
  const vector_long quadrant = (vector_long)shifted;
  vector_double r = fused_double(n, splat_double(-1.57079625129699707031), x);
  r = fused_double(n, splat_double(-7.54978941586159635335e-08), r);
  r = fused_double(n, splat_double(-5.39030252995776476554e-15), r);
  const vector_double s = r * r;
  static const double odd[] = {-1.0 / 1307674368000, 1.0 / 6227020800, -1.0 / 39916800, 1.0 / 362880, -1.0 / 5040, 1.0 / 120, -1.0 / 6};
  static const double even[] = {-1.0 / 87178291200, 1.0 / 479001600, -1.0 / 3628800, 1.0 / 40320, -1.0 / 720, 1.0 / 24, -1.0 / 2};
  vector_double a = splat_double(1.0 / 355687428096000), b = splat_double(1.0 / 20922789888000);
  for (int i = 0; i < 7; i++) {
    a = fused_double(a, s, splat_double(odd[i]));
    b = fused_double(b, s, splat_double(even[i]));
  }
  a = fused_double(a * s, r, r);
  b = fused_double(b, s, splat_double(1.0));
  const vector_long swapped = -(quadrant & 1);
  const vector_double first = choose_double_lanes(swapped, b, a), second = choose_double_lanes(swapped, a, b);
  *sine = choose_double_lanes(-((quadrant >> 1) & 1), -first, first);
  *cosine = choose_double_lanes(-(((quadrant + 1) >> 1) & 1), -second, second);
}

static void four_vectors(
  const double *pt, const double *angle, const double *phi, const double *mass, bool is_rapidity, double *const components[4], ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i += double_lanes) {
    const ptrdiff_t present = n - i < double_lanes ? n - i : double_lanes;
    double lane[4][double_lanes] = {0};
    const double *in[4] = {pt + i, angle + i, phi + i, mass + i};
    if (present < double_lanes) {
      for (int k = 0; k < 4; k++) {
        memcpy(lane[k], in[k], (size_t)present * sizeof(double));
        in[k] = lane[k];
      }
    }
    const vector_double t = load_double(in[0]), f = load_double(in[2]), m = load_double(in[3]);
    vector_double sine, cosine;
    sine_and_cosine(f, &sine, &cosine);
    const vector_long far = ~((f <= 10000.0) & (f >= -10000.0));
    if (__builtin_reduce_or(far)) {
      for (int k = 0; k < double_lanes; k++) {
        sine[k] = sin(f[k]);
        cosine[k] = cos(f[k]);
      }
    }
    const vector_double grown = exponential_double(load_double(in[1])), shrunk = 1.0 / grown;
    const vector_double root = __builtin_elementwise_sqrt(t * t + m * m);
    const vector_double pz = (is_rapidity ? root : t) * 0.5 * (grown - shrunk);
    // A negative pT would give a sound four-vector; as a negative energy it is counted among the broken ones.
    vector_double e = is_rapidity ? root * 0.5 * (grown + shrunk) : __builtin_elementwise_sqrt(t * t + pz * pz + m * m);
    e = choose_double_lanes(t < 0.0, -e, e);
    const vector_double out[4] = {e, t * cosine, t * sine, pz};
    for (int k = 0; k < 4; k++) {
      if (present == double_lanes) {
        store_double(components[k] + i, out[k]);
      } else {
        store_double(lane[k], out[k]);
        memcpy(components[k] + i, lane[k], (size_t)present * sizeof(double));
      }
    }
  }
}
