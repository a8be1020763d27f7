#pragma once
#include <stdint.h>

/// Philox4x32-10 (Salmon et al., SC 2011, https://doi.org/10.1145/2063384.2063405): four 32-bit words that are a
/// function of a 128-bit counter and a 64-bit key alone.
static inline void jvm_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; round++) {
    const uint64_t a = (uint64_t)0xD2511F53u * c0, b = (uint64_t)0xCD9E8D57u * c2;
    c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)b;
    c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)a;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/// Words `first` ... `first + count − 1` of a stream: word i is word i mod 4 of the block with counter (i / 4, stream).
void jvm_random_words(uint64_t seed, uint64_t stream, uint64_t first, uint32_t *out, int64_t count);

/// Numbers uniform in [0, 1) with 24 bits (one word each), or 53 bits (two words each), from word `first` on.
void jvm_random_uniform_f32(uint64_t seed, uint64_t stream, uint64_t first, float *out, int64_t count);
void jvm_random_uniform_f64(uint64_t seed, uint64_t stream, uint64_t first, double *out, int64_t count);

/// Standard normal numbers by Box and Muller; the pair (2k, 2k + 1) takes words first + 2k, first + 2k + 1 (float) or
/// first + 4k ... first + 4k + 3 (double).
void jvm_random_normal_f32(uint64_t seed, uint64_t stream, uint64_t first, float *out, int64_t count);
void jvm_random_normal_f64(uint64_t seed, uint64_t stream, uint64_t first, double *out, int64_t count);
