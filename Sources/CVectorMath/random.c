#include <math.h>

#include "CVectorMath.h"

static void block(uint64_t seed, uint64_t stream, uint64_t index, uint32_t out[4]) {
  const uint32_t counter[4] = {(uint32_t)index, (uint32_t)(index >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)};
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  jvm_philox(counter, key, out);
}

// Four numbers of 32 bits, each with room for its product with another.
typedef uint64_t lanes __attribute__((vector_size(32)));
enum { blocks_at_once = 4, words_of_block = 4 };

// `jvm_philox` for neighbouring blocks side by side. The upper halves of c1 and c3 hold what the products left there: only lower ones count.
static void blocks(uint64_t seed, uint64_t stream, uint64_t index, uint32_t *out) {
  const lanes low = (lanes){} + 0xFFFFFFFFu;
  // Words are counted modulo 2^64.
  const lanes number = (lanes){index, index + 1, index + 2, index + 3} & UINT64_MAX >> 2;
  lanes c0 = number, c1 = number >> 32, c2 = (lanes){} + stream, c3 = (lanes){} + (stream >> 32);
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    const lanes a = (c0 & low) * 0xD2511F53u, b = (c2 & low) * 0xCD9E8D57u;
    c0 = b >> 32 ^ c1 ^ k0;
    c1 = b;
    c2 = a >> 32 ^ c3 ^ k1;
    c3 = a;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  for (int i = 0; i < blocks_at_once; i++) {
    out[4 * i] = (uint32_t)c0[i];
    out[4 * i + 1] = (uint32_t)c1[i];
    out[4 * i + 2] = (uint32_t)c2[i];
    out[4 * i + 3] = (uint32_t)c3[i];
  }
}

void jvm_random_words(uint64_t seed, uint64_t stream, uint64_t first, uint32_t *out, int64_t count) {
  uint32_t words[words_of_block];
  for (int64_t i = 0; i < count;) {
    const uint64_t word = first + (uint64_t)i;
    if (word % 4 == 0 && count - i >= blocks_at_once * words_of_block) {
      blocks(seed, stream, word / 4, out + i);
      i += blocks_at_once * words_of_block;
      continue;
    }
    block(seed, stream, word / 4, words);
    for (uint64_t j = word % 4; j < 4 && i < count; j++) out[i++] = words[j];
  }
}

enum { words_at_once = 512 };

void jvm_random_uniform_f32(uint64_t seed, uint64_t stream, uint64_t first, float *out, int64_t count) {
  uint32_t words[words_at_once];
  for (int64_t i = 0; i < count; i += words_at_once) {
    const int64_t n = count - i < words_at_once ? count - i : words_at_once;
    jvm_random_words(seed, stream, first + (uint64_t)i, words, n);
    for (int64_t j = 0; j < n; j++) out[i + j] = (float)(words[j] >> 8) * 0x1p-24f;
  }
}

void jvm_random_uniform_f64(uint64_t seed, uint64_t stream, uint64_t first, double *out, int64_t count) {
  uint32_t words[2];
  for (int64_t i = 0; i < count; i++) {
    jvm_random_words(seed, stream, first + 2 * (uint64_t)i, words, 2);
    out[i] = (double)(((uint64_t)words[0] << 32 | words[1]) >> 11) * 0x1p-53;
  }
}

void jvm_random_normal_f32(uint64_t seed, uint64_t stream, uint64_t first, float *out, int64_t count) {
  const jvm_kernels *k = jvm_kernels_in_use();
  uint32_t words[words_at_once];
  float numbers[words_at_once];
  for (int64_t i = 0; i < count; i += words_at_once) {
    const int64_t n = count - i < words_at_once ? count - i : words_at_once;
    const int64_t whole = (n + 1) / 2 * 2;  // both words of the last pair, also where only its first number is wanted
    jvm_random_words(seed, stream, first + (uint64_t)i, words, whole);
    k->normal_pairs(words, numbers, whole / 2);
    for (int64_t j = 0; j < n; j++) out[i + j] = numbers[j];
  }
}

void jvm_random_normal_f64(uint64_t seed, uint64_t stream, uint64_t first, double *out, int64_t count) {
  uint32_t words[4];
  for (int64_t i = 0; i < count; i += 2) {
    jvm_random_words(seed, stream, first + 2 * (uint64_t)i, words, 4);
    const double u = ((double)(((uint64_t)words[0] << 32 | words[1]) >> 11) + 0.5) * 0x1p-53;
    const double v = (double)(((uint64_t)words[2] << 32 | words[3]) >> 11) * 0x1p-53;
    const double radius = sqrt(-2 * log(u)), angle = 6.283185307179586476925 * v;
    out[i] = radius * cos(angle);
    if (i + 1 < count) out[i + 1] = radius * sin(angle);
  }
}
