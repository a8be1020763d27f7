// Averages of gradients that stay away decay towards numbers below 2^-126, whose arithmetic is a hundred times slower on
// many processors, and which mean nothing here. The training loops take them as 0; everything else keeps them.
#if defined(__x86_64__)
#include <xmmintrin.h>
static inline unsigned without_denormals(void) {
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040);  // flush results to zero, take operands as zero
  return before;
}
static inline void with_denormals(unsigned before) { _mm_setcsr(before); }
#else
static inline unsigned without_denormals(void) { return 0; }
static inline void with_denormals(unsigned before) { (void)before; }
#endif
