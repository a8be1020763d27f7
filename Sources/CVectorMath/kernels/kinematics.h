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

// Eight particles, one of each lane.
typedef struct { vector_double e, x, y, z; } eight_particles;

// Their numbers number k of four, of the first four particles and of those behind.
#define NUMBERS_OF(a, b, k) \
  __builtin_convertvector(__builtin_shufflevector(a, b, k, k + 4, k + 8, k + 12, k + 16, k + 20, k + 24, k + 28), vector_double)

// What is known of a jet whose particles are looked at in their order, eight by eight.
typedef struct {
  vector_double last;       // squared pT of the one before, in the last lane
  vector_long behind;       // whether that one was there, in the last lane
  vector_long broken, count;
} slot_order;

static inline slot_order slots_so_far(void) {
  const vector_long none = {0};
  return (slot_order){splat_double(__builtin_inf()), ~none, none, none};
}

// Whether all of them were in order and sound, and how many there were.
static inline ptrdiff_t ordered_slots(slot_order o) {
  if (__builtin_reduce_or(o.broken)) return -1;
  return -__builtin_reduce_add(o.count);
}

// Numbers that are finite, energies of 0 or more, pT not above that of the one before, and none behind one that is not there: `present`
// tells which are; the others must be zeros.
static inline void look_at_slots(slot_order *o, eight_particles p, vector_long present) {
  const vector_double squared = p.x * p.x + p.y * p.y, all = squared + p.e + p.z;
  const vector_double before = __builtin_shufflevector(o->last, squared, 7, 8, 9, 10, 11, 12, 13, 14);
  const vector_long there = __builtin_shufflevector(o->behind, present, 7, 8, 9, 10, 11, 12, 13, 14);
  // None of these holds for a NaN.
  o->broken |= ~((squared <= before) & (p.e >= 0.0) & (all - all == 0.0)) | (present & ~there);
  o->count += present;
  o->last = squared;
  o->behind = present;
}

static inline void load_slots(const float *p, ptrdiff_t n, vector *a, vector *b) {
  *a = n >= 4 ? load(p) : load_partial(p, n * 4, 0.0f);
  *b = n >= 8 ? load(p + lanes) : n > 4 ? load_partial(p + lanes, (n - 4) * 4, 0.0f) : splat(0);
}

// The first n of eight particles, in single precision.
static inline void store_slots(float *out, eight_particles p, ptrdiff_t n) {
  typedef float half __attribute__((vector_size(32)));
  const half e = __builtin_convertvector(p.e, half), x = __builtin_convertvector(p.x, half), y = __builtin_convertvector(p.y, half),
             z = __builtin_convertvector(p.z, half);
  const vector ex = __builtin_shufflevector(e, x, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const vector yz = __builtin_shufflevector(y, z, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const vector a = __builtin_shufflevector(ex, yz, 0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27);
  const vector b = __builtin_shufflevector(ex, yz, 4, 12, 20, 28, 5, 13, 21, 29, 6, 14, 22, 30, 7, 15, 23, 31);
  if (n >= 4) store(out, a);
  else if (n > 0) store_partial(out, a, n * 4);
  if (n >= 8) store(out + lanes, b);
  else if (n > 4) store_partial(out + lanes, b, (n - 4) * 4);
}

static inline vector_long there_of(eight_particles p) { return (p.e != 0.0) | (p.x != 0.0) | (p.y != 0.0) | (p.z != 0.0); }

static ptrdiff_t packed_slots(const float *p, ptrdiff_t slots) {
  slot_order order = slots_so_far();
  ptrdiff_t slot = 0;
  for (; slot < slots; slot += 8) {
    vector a, b;
    load_slots(p + slot * 4, slots - slot, &a, &b);
    const eight_particles eight = {NUMBERS_OF(a, b, 0), NUMBERS_OF(a, b, 1), NUMBERS_OF(a, b, 2), NUMBERS_OF(a, b, 3)};
    const vector_long present = there_of(eight);
    look_at_slots(&order, eight, present);
    if (!present[7]) break;
  }
  // Zeros must follow, whatever their sign.
  vector_int rest = {0};
  for (slot += 8; slot + 4 <= slots; slot += 4) rest |= load(p + slot * 4) != 0.0f;
  if (slot < slots) rest |= load_partial(p + slot * 4, (slots - slot) * 4, 0.0f) != 0.0f;
  return any_lane(rest) ? -1 : ordered_slots(order);
}

static ptrdiff_t narrowed_slots(const double *p, ptrdiff_t slots, double unit, float *out, ptrdiff_t kept) {
  slot_order order = slots_so_far();
  const vector_double scale = splat_double(unit);
  ptrdiff_t slot = 0;
  for (; slot < slots; slot += 8) {
    double padded[32];
    const double *from = p + slot * 4;
    if (slots - slot < 8) {
      memset(padded, 0, sizeof padded);
      memcpy(padded, from, (size_t)(slots - slot) * 4 * sizeof(double));
      from = padded;
    }
    // Two particles each; then E and px, py and pz of four.
    const vector_double a = load_double(from) * scale, b = load_double(from + 8) * scale, c = load_double(from + 16) * scale,
                        d = load_double(from + 24) * scale;
    const vector_double ab = __builtin_shufflevector(a, b, 0, 4, 8, 12, 1, 5, 9, 13), cd = __builtin_shufflevector(c, d, 0, 4, 8, 12, 1, 5, 9, 13);
    const vector_double ef = __builtin_shufflevector(a, b, 2, 6, 10, 14, 3, 7, 11, 15), gh = __builtin_shufflevector(c, d, 2, 6, 10, 14, 3, 7, 11, 15);
    const eight_particles eight = {
        __builtin_shufflevector(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11), __builtin_shufflevector(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15),
        __builtin_shufflevector(ef, gh, 0, 1, 2, 3, 8, 9, 10, 11), __builtin_shufflevector(ef, gh, 4, 5, 6, 7, 12, 13, 14, 15)};
    const vector_long present = there_of(eight);
    look_at_slots(&order, eight, present);
    store_slots(out + slot * 4, eight, kept - slot < 8 ? kept - slot : 8);
    if (!present[7]) break;
  }
  slot += 8;
  if (slot < kept) memset(out + slot * 4, 0, (size_t)(kept - slot) * 4 * sizeof(float));
  vector_long rest = {0};
  for (; slot + 2 <= slots; slot += 2) rest |= load_double(p + slot * 4) != 0.0;
  for (ptrdiff_t i = slot * 4; i < slots * 4; i++) rest[0] |= p[i] != 0;
  return __builtin_reduce_or(rest) ? -1 : ordered_slots(order);
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

// Momenta of eight particles by transverse momentum, angle, azimuth and mass; `m` is not looked at where they have none, which spares the root.
static inline eight_particles momenta_of_angles(
  vector_double t, vector_double angle, vector_double f, vector_double m, bool is_rapidity, bool is_massless) {
  vector_double sine, cosine;
  sine_and_cosine(f, &sine, &cosine);
  const vector_long far = ~((f <= 10000.0) & (f >= -10000.0));
  if (__builtin_reduce_or(far)) {
    for (int k = 0; k < double_lanes; k++) {
      sine[k] = sin(f[k]);
      cosine[k] = cos(f[k]);
    }
  }
  const vector_double grown = exponential_double(angle), shrunk = 1.0 / grown;
  if (is_massless) return (eight_particles){t * 0.5 * (grown + shrunk), t * cosine, t * sine, t * 0.5 * (grown - shrunk)};
  const vector_double root = is_rapidity ? __builtin_elementwise_sqrt(t * t + m * m) : t;
  const vector_double z = root * 0.5 * (grown - shrunk);
  // A negative pT would give a sound four-vector; as a negative energy it is counted among the broken ones.
  const vector_double e = is_rapidity ? root * 0.5 * (grown + shrunk) : __builtin_elementwise_sqrt(t * t + z * z + m * m);
  return (eight_particles){choose_double_lanes(t < 0.0, -e, e), t * cosine, t * sine, z};
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
    const eight_particles p = momenta_of_angles(load_double(in[0]), load_double(in[1]), load_double(in[2]), load_double(in[3]), is_rapidity, false);
    const vector_double out[4] = {p.e, p.x, p.y, p.z};
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

static inline ptrdiff_t polar_slots_of(
  const float *p, ptrdiff_t slots, const jvm_polar_form *form, double scale, double shift, float *out, ptrdiff_t kept, bool is_rapidity,
  bool is_massless) {
  slot_order order = slots_so_far();
  const vector_long none = {0};
  for (ptrdiff_t slot = 0; slot < slots; slot += 8) {
    const ptrdiff_t n = slots - slot < 8 ? slots - slot : 8;
    vector_double number[jvm_polar_numbers];
    if (form->size == 4) {
      vector a, b;
      load_slots(p + slot * 4, n, &a, &b);
      number[0] = NUMBERS_OF(a, b, 0);
      number[1] = NUMBERS_OF(a, b, 1);
      number[2] = NUMBERS_OF(a, b, 2);
      number[3] = NUMBERS_OF(a, b, 3);
    } else {
      for (ptrdiff_t k = 0; k < form->size; k++) {
        double lane[double_lanes] = {0};
        for (ptrdiff_t i = 0; i < n; i++) lane[i] = p[(slot + i) * form->size + k];
        number[k] = load_double(lane);
      }
    }
    const vector_double t = number[form->pt] * form->unit * scale;
    vector_long present = t != 0.0;
    if (form->mask >= 0) present &= number[form->mask] > 0.5;
    eight_particles eight = {splat_double(0), splat_double(0), splat_double(0), splat_double(0)};
    if (__builtin_reduce_or(present)) {
      const vector_double m = is_massless ? splat_double(0) : number[form->mass] * form->unit;
      const eight_particles all = momenta_of_angles(t, number[form->angle] + shift, number[form->phi], m, is_rapidity, is_massless);
      eight = (eight_particles){(vector_double)((vector_long)all.e & present), (vector_double)((vector_long)all.x & present),
                                (vector_double)((vector_long)all.y & present), (vector_double)((vector_long)all.z & present)};
      look_at_slots(&order, eight, present);
    } else {
      order.behind = none;
    }
    store_slots(out + slot * 4, eight, kept - slot < 8 ? kept - slot : 8);
  }
  return ordered_slots(order);
}

static ptrdiff_t polar_slots(
  const float *p, ptrdiff_t slots, const jvm_polar_form *form, double scale, double shift, float *out, ptrdiff_t kept) {
  // Without a mass both angles are one.
  if (form->mass < 0) return polar_slots_of(p, slots, form, scale, shift, out, kept, false, true);
  return form->is_rapidity ? polar_slots_of(p, slots, form, scale, shift, out, kept, true, false)
                           : polar_slots_of(p, slots, form, scale, shift, out, kept, false, false);
}

// As a four-vector's properties have them, to the last digit: no product is fused with a sum, and the angles are the C library's.
static void jet_kinematics(const double *sums, ptrdiff_t n, double *pt, double *eta, double *phi, double *mass) {
#pragma clang fp contract(off)
  for (ptrdiff_t i = 0; i < n; i++) {
    const double e = sums[i * 4], x = sums[i * 4 + 1], y = sums[i * 4 + 2], z = sums[i * 4 + 3];
    const double t = sqrt(x * x + y * y), squared = e * e - x * x - y * y - z * z;
    const double angle = t > 0 ? atan2(y, x) : 0;
    pt[i] = t;
    eta[i] = t > 0 ? asinh(z / t) : z == 0 ? 0 : z > 0 ? __builtin_inf() : -__builtin_inf();
    phi[i] = angle <= -3.141592653589793 ? 3.141592653589793 : angle;
    mass[i] = squared > 0 ? sqrt(squared) : 0;
  }
}
