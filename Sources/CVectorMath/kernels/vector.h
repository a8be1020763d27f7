// Sixteen floats at a time, and the exponential and logarithm of them. A variant with narrower registers splits them.
enum { lanes = 16 };

typedef float vector __attribute__((vector_size(64)));
typedef int32_t vector_int __attribute__((vector_size(64)));
typedef float unaligned_vector __attribute__((vector_size(64), aligned(4)));

static inline vector load(const float *p) { return *(const unaligned_vector *)p; }
static inline void store(float *p, vector v) { *(unaligned_vector *)p = v; }
// Lane by lane: zeros + x would be an addition and a shuffle where one load does.
static inline vector splat(float x) { return (vector){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }

// The first n ≤ 16 numbers; the other lanes are `rest`.
static inline vector load_partial(const float *p, ptrdiff_t n, float rest) {
#ifdef VARIANT_HAS_MASKS
  return (vector)_mm512_mask_loadu_ps((__m512)splat(rest), (__mmask16)((1u << n) - 1), p);
#else
  float lane[lanes];
  for (int i = 0; i < lanes; i++) lane[i] = rest;
  memcpy(lane, p, (size_t)n * sizeof(float));
  return load(lane);
#endif
}
static inline void store_partial(float *p, vector v, ptrdiff_t n) {
#ifdef VARIANT_HAS_MASKS
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
#else
  float lane[lanes];
  store(lane, v);
  memcpy(p, lane, (size_t)n * sizeof(float));
#endif
}

static inline vector fused(vector a, vector b, vector c) {
#ifdef VARIANT_HAS_FMA
  return __builtin_elementwise_fma(a, b, c);
#else
  return a * b + c;  // a software fma would cost a hundred times as much
#endif
}

static inline vector choose_lanes(vector_int mask, vector a, vector b) {
  return (vector)(((vector_int)a & mask) | ((vector_int)b & ~mask));
}
// The larger of two numbers, the second where one is NaN.
static inline vector maximum_of(vector a, vector b) {
#ifdef VARIANT_HAS_MASKS
  return (vector)_mm512_max_ps((__m512)a, (__m512)b);
#else
  return choose_lanes(a > b, a, b);
#endif
}
// NaN wins, as in PyTorch.
static inline vector larger(vector a, vector b) { return choose_lanes((a > b) | (a != a), a, b); }

static inline float sum_of_lanes(vector v) {
#ifdef VARIANT_HAS_MASKS
  return _mm512_reduce_add_ps((__m512)v);
#endif
  float s[lanes];
  store(s, v);
  for (int width = lanes / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) s[i] += s[i + width];
  return s[0];
}
// The same by halves in registers, where many are wanted one after the other.
static inline float folded_lanes(vector v) {
  v += __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  v += __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
  v += __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  return v[0] + v[1];
}
static inline float largest_lane(vector v) {
  float s[lanes];
  store(s, v);
  float best = s[0];
  for (int i = 1; i < lanes; i++) best = s[i] > best || s[i] != s[i] ? s[i] : best;
  return best;
}

// e^r − 1 = r + r² q(r) for |r| ≤ ln 2 / 2, with x = n ln 2 + r; returns r + r² q and 2^n in two factors, so that
// neither overflow nor a denormal result needs a branch. Relative error of e^x below 1.2e-7.
static inline vector exponential_parts(vector x, vector *first_factor, vector *second_factor) {
  const vector magic = splat(12582912.0f);  // 1.5 × 2^23: adding it leaves round(x log2 e) in the low bits
  vector limited = choose_lanes(x > 90.0f, splat(90.0f), x);
  limited = choose_lanes(limited < -105.0f, splat(-105.0f), limited);
  vector shifted = fused(limited, splat(1.44269504088896341f), magic);
  vector n = shifted - magic;
  vector_int exponent = (vector_int)shifted - 0x4B400000;
  vector r = fused(n, splat(-0.693145751953125f), limited);
  r = fused(n, splat(-1.42860682030941723e-6f), r);
  vector q = splat(1.9875691500e-4f);
  q = fused(q, r, splat(1.3981999507e-3f));
  q = fused(q, r, splat(8.3334519073e-3f));
  q = fused(q, r, splat(4.1665795894e-2f));
  q = fused(q, r, splat(1.6666665459e-1f));
  q = fused(q, r, splat(5.0000001201e-1f));
  vector_int half = exponent >> 1;
  *first_factor = (vector)((half + 127) << 23);
  *second_factor = (vector)((exponent - half + 127) << 23);
  return fused(q, r * r, r);
}

#ifdef VARIANT_HAS_MASKS
static inline vector magnitude_of(vector x) { return (vector)((vector_int)x & INT32_MAX); }
// The smaller and the larger of a number and a bound; a NaN stays.
static inline vector at_most(vector x, float bound) { return (vector)_mm512_min_ps((__m512)splat(bound), (__m512)x); }
static inline vector at_least(vector x, float bound) { return (vector)_mm512_max_ps((__m512)splat(bound), (__m512)x); }

// The same polynomial; one instruction multiplies by 2^n whatever n is.
static inline vector exponential(vector x) {
  const vector magic = splat(12582912.0f);
  const vector limited = at_least(at_most(x, 90.0f), -105.0f);
  const vector n = fused(limited, splat(1.44269504088896341f), magic) - magic;
  vector r = fused(n, splat(-0.693145751953125f), limited);
  r = fused(n, splat(-1.42860682030941723e-6f), r);
  vector q = splat(1.9875691500e-4f);
  q = fused(q, r, splat(1.3981999507e-3f));
  q = fused(q, r, splat(8.3334519073e-3f));
  q = fused(q, r, splat(4.1665795894e-2f));
  q = fused(q, r, splat(1.6666665459e-1f));
  q = fused(q, r, splat(5.0000001201e-1f));
  return (vector)_mm512_scalef_ps((__m512)(fused(q, r * r, r) + 1.0f), (__m512)n);
}
#else
static inline vector exponential(vector x) {
  vector a, b, p = exponential_parts(x, &a, &b);
  return (p + 1.0f) * a * b;
}
#endif

// e^x where x ≤ 0 and results below 2^-124 may be that: one factor, no upper clamp. The softmax's inner loop. A NaN is
// taken as −86; who may meet one looks for it elsewhere.
static inline vector exponential_of_nonpositive(vector x) {
  const vector magic = splat(12582912.0f);
  const vector limited = __builtin_elementwise_max(x, splat(-86.0f));
  vector shifted = fused(limited, splat(1.44269504088896341f), magic);
  vector n = shifted - magic;
  vector r = fused(n, splat(-0.693145751953125f), limited);
  r = fused(n, splat(-1.42860682030941723e-6f), r);
  vector q = splat(1.9875691500e-4f);
  q = fused(q, r, splat(1.3981999507e-3f));
  q = fused(q, r, splat(8.3334519073e-3f));
  q = fused(q, r, splat(4.1665795894e-2f));
  q = fused(q, r, splat(1.6666665459e-1f));
  q = fused(q, r, splat(5.0000001201e-1f));
  q = fused(q, r, splat(1.0f));
  q = fused(q, r, splat(1.0f));
  return (vector)((vector_int)q + ((vector_int)shifted << 23));
}

// e^{t / exponent_unit} where t ≤ 0 and results below 2^-124 may be that: the softmax's inner loop, for who multiplies by
// exponent_unit elsewhere. A NaN is taken as a large negative number; who may meet one looks for it elsewhere.
//
// With a table of 32 powers of two in two registers a parabola is enough: 2^{k/32} 2^{r/32}, |r| ≤ ½, relative error below
// 1.2e-7. Half the multiplications of the polynomial, and those are what the loop waits for.
#ifdef VARIANT_HAS_MASKS
static const float exponent_unit = 46.16624130844682903551758979206f;  // 32 / ln 2
static const float thirty_seconds[32] = {
    1.0f, 1.0218971486541166f, 1.0442737824274138f, 1.0671404006768237f, 1.0905077326652577f, 1.1143867425958924f,
    1.1387886347566916f, 1.1637248587775775f, 1.189207115002721f, 1.215247359980469f, 1.241857812073484f, 1.2690509571917332f,
    1.2968395546510096f, 1.3252366431597413f, 1.3542555469368927f, 1.383909881963832f, 1.4142135623730951f, 1.4451808069770467f,
    1.4768261459394993f, 1.5091644275934228f, 1.5422108254079407f, 1.5759808451078865f, 1.6104903319492543f, 1.645755478153965f,
    1.681792830507429f, 1.718619298122478f, 1.7562521603732995f, 1.7947090750031072f, 1.8340080864093424f, 1.8741676341103f,
    1.9152065613971474f, 1.9571441241754002f};
typedef struct { vector low, high; } power_table;
// Each power's bits less its place in the table shifted to where the exponent begins: adding a whole n, shifted there too, then
// raises the exponent by n / 32 without a mask.
static inline power_table powers(void) {
  const vector_int place = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return (power_table){(vector)((vector_int)load(thirty_seconds) - (place << 18)),
                       (vector)((vector_int)load(thirty_seconds + lanes) - ((place + 16) << 18))};
}
static inline vector exponential_in_units(vector t, power_table table) {
  const vector magic = splat(12582912.0f);
  const vector limited = __builtin_elementwise_max(t, splat(-124.0f * 32));
  const vector shifted = limited + magic;
  const vector r = limited - (shifted - magic);
  const vector_int n = (vector_int)shifted;
  const vector power = (vector)_mm512_permutex2var_ps((__m512)table.low, (__m512i)n, (__m512)table.high);
  const vector q = fused(fused(splat(2.3459447842976382e-4f), r, splat(2.1661167056259933e-2f)), r, splat(1.0f));
  // The low five bits chose the power; those above are the exponent.
  return (vector)((vector_int)power + (n << 18)) * q;
}
#else
static const float exponent_unit = 1;
typedef struct { char unused; } power_table;
static inline power_table powers(void) { return (power_table){0}; }
static inline vector exponential_in_units(vector t, power_table table) {
  (void)table;
  return exponential_of_nonpositive(t);
}
#endif

static inline vector exponential_minus_one(vector x) {
  vector a, b, p = exponential_parts(x, &a, &b);
  vector scale = a * b;
  vector y = fused(p, scale, scale - 1.0f);
  return choose_lanes(scale > 3.0e38f, (p + 1.0f) * a * b, y);
}

// ln m for m in [√½, √2) and e ln 2, added: f − f²/2 + f³ q(f) with f = m − 1. The two parts of ln 2 are chosen such that
// e times the first is exact, and both positive, so that an infinite e keeps its sign.
static inline vector logarithm_of_parts(vector m, vector e) {
  const vector f = m - 1.0f;
  vector q = splat(7.0376836292e-2f);
  q = fused(q, f, splat(-1.1514610310e-1f));
  q = fused(q, f, splat(1.1676998740e-1f));
  q = fused(q, f, splat(-1.2420140846e-1f));
  q = fused(q, f, splat(1.4249322787e-1f));
  q = fused(q, f, splat(-1.6668057665e-1f));
  q = fused(q, f, splat(2.0000714765e-1f));
  q = fused(q, f, splat(-2.4999993993e-1f));
  q = fused(q, f, splat(3.3333331174e-1f));
  const vector square = f * f;
  vector y = q * f * square;
  y = fused(e, splat(1.42860682030941723e-6f), y);
  y = fused(square, splat(-0.5f), y);
  return fused(e, splat(0.693145751953125f), f + y);
}

// ln x: x = 2^e m. Zero gives −∞, a negative number NaN.
#ifdef VARIANT_HAS_MASKS
// The instructions that take a float apart know denormals and give ±∞ and NaN where those belong.
static inline vector logarithm(vector x) {
  const __m512 mantissa = _mm512_getmant_ps((__m512)x, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_nan), exponent = _mm512_getexp_ps((__m512)x);
  const __mmask16 large = _mm512_cmp_ps_mask(mantissa, (__m512)splat(1.41421354f), _CMP_GT_OQ);
  const __m512 m = _mm512_mask_mul_ps(mantissa, large, mantissa, (__m512)splat(0.5f));
  return logarithm_of_parts((vector)m, (vector)_mm512_mask_add_ps(exponent, large, exponent, (__m512)splat(1.0f)));
}
#else
static inline vector logarithm(vector x) {
  vector_int tiny = x < 1.17549435e-38f;
  vector scaled = choose_lanes(tiny, x * 8388608.0f, x);
  vector_int bits = (vector_int)scaled;
  vector_int exponent = ((bits - 0x3F3504F3) >> 23);
  vector e = __builtin_convertvector(exponent, vector);
  e = choose_lanes(tiny, e - 23.0f, e);
  vector y = logarithm_of_parts((vector)(bits - (exponent << 23)), e);
  vector infinity = splat(__builtin_inff());
  y = choose_lanes(x == 0.0f, -infinity, y);
  y = choose_lanes(x == infinity, x, y);
  return choose_lanes(x >= 0.0f, y, splat(__builtin_nanf("")));
}
#endif

// Whether any lane of a comparison holds.
static inline bool any_lane(vector_int mask) { return __builtin_reduce_or(mask) != 0; }

// Eight doubles at a time, for the exponential.
enum { double_lanes = 8 };
typedef double vector_double __attribute__((vector_size(64)));
typedef int64_t vector_long __attribute__((vector_size(64)));
typedef double unaligned_vector_double __attribute__((vector_size(64), aligned(8)));

static inline vector_double load_double(const double *p) { return *(const unaligned_vector_double *)p; }
static inline void store_double(double *p, vector_double v) { *(unaligned_vector_double *)p = v; }
static inline vector_double splat_double(double x) { return (vector_double){x, x, x, x, x, x, x, x}; }
static inline double sum_of_double_lanes(vector_double v) {
  return ((v[0] + v[4]) + (v[1] + v[5])) + ((v[2] + v[6]) + (v[3] + v[7]));
}
static inline vector_double fused_double(vector_double a, vector_double b, vector_double c) {
#ifdef VARIANT_HAS_FMA
  return __builtin_elementwise_fma(a, b, c);
#else
  return a * b + c;
#endif
}
static inline vector_double choose_double_lanes(vector_long mask, vector_double a, vector_double b) {
  return (vector_double)(((vector_long)a & mask) | ((vector_long)b & ~mask));
}

#ifdef VARIANT_HAS_MASKS
// e^x = 2^{k/16} 2^n e^r with |r| ≤ ln 2 / 32, where Taylor's series needs 8 terms; the powers 2^{k/16} are in two registers. Relative
// error below 2.3e-16.
static const double sixteenths[16] = {
    1.0,                1.0442737824274138, 1.0905077326652577, 1.1387886347566916, 1.189207115002721,  1.241857812073484,
    1.2968395546510096, 1.3542555469368927, 1.4142135623730951, 1.4768261459394993, 1.5422108254079407, 1.6104903319492543,
    1.681792830507429,  1.7562521603732995, 1.8340080864093424, 1.9152065613971474};
static inline vector_double exponential_double(vector_double x) {
  const vector_double magic = splat_double(6755399441055744.0);  // 1.5 × 2^52
  const __m512d limited = _mm512_max_pd((__m512d)splat_double(-760.0), _mm512_min_pd((__m512d)splat_double(720.0), (__m512d)x));
  const vector_double shifted = fused_double((vector_double)limited, splat_double(16 * 1.4426950408889634074), magic);
  const vector_double n = shifted - magic;
  vector_double r = fused_double(n, splat_double(-6.93147180369123816490e-01 / 16), (vector_double)limited);
  r = fused_double(n, splat_double(-1.90821492927058770002e-10 / 16), r);
  const vector_double power = (vector_double)_mm512_permutex2var_pd(
      (__m512d)load_double(sixteenths), (__m512i)shifted, (__m512d)load_double(sixteenths + double_lanes));
  vector_double q = splat_double(1.0 / 5040);
  q = fused_double(q, r, splat_double(1.0 / 720));
  q = fused_double(q, r, splat_double(1.0 / 120));
  q = fused_double(q, r, splat_double(1.0 / 24));
  q = fused_double(q, r, splat_double(1.0 / 6));
  q = fused_double(q, r, splat_double(0.5));
  q = fused_double(q, r, splat_double(1.0));
  // The exponent is rounded down to a whole number, and the low four bits chose the power.
  return (vector_double)_mm512_scalef_pd((__m512d)fused_double(q, r * power, power), (__m512d)(n * 0.0625));
}
#else
// x = n ln 2 + r with |r| ≤ ln 2 / 2, where Taylor's series needs 13 terms; 2^n in two factors as above. Relative error below 3e-16.
static inline vector_double exponential_double(vector_double x) {
  const vector_double magic = splat_double(6755399441055744.0);  // 1.5 × 2^52
  vector_double limited = choose_double_lanes(x > 720.0, splat_double(720.0), x);
  limited = choose_double_lanes(limited < -760.0, splat_double(-760.0), limited);
  const vector_double shifted = fused_double(limited, splat_double(1.4426950408889634074), magic);
  const vector_double n = shifted - magic;
  const vector_long exponent = (vector_long)shifted - (vector_long)magic;
  vector_double r = fused_double(n, splat_double(-6.93147180369123816490e-01), limited);
  r = fused_double(n, splat_double(-1.90821492927058770002e-10), r);
  static const double inverse_factorials[] = {1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
                                              1.0 / 720,       1.0 / 120,      1.0 / 24,      1.0 / 6,      0.5,         1.0};
  vector_double q = splat_double(1.0 / 6227020800.0);
  for (int i = 0; i < 12; i++) q = fused_double(q, r, splat_double(inverse_factorials[i]));
  const vector_double y = fused_double(q, r, splat_double(1.0));
  const vector_long half = exponent >> 1;
  return y * (vector_double)((half + 1023) << 52) * (vector_double)((exponent - half + 1023) << 52);
}
#endif
