#include <string.h>

#include "CMPI.h"

// Four lanes, so that one multiplication does not wait for the other.
int64_t jmpi_hash(int64_t before, const void *bytes, int64_t count) {
  const unsigned char *at = bytes;
  const uint64_t prime = 0x9E3779B97F4A7C15u;
  uint64_t lanes[4] = {(uint64_t)before, 1, 2, 3};
  int64_t left = count;
  for (; left >= 32; left -= 32, at += 32) {
    uint64_t words[4];
    memcpy(words, at, sizeof words);
    for (int i = 0; i < 4; i++) lanes[i] = ((lanes[i] ^ words[i]) * prime) ^ (lanes[i] >> 29);
  }
  uint64_t hash = (uint64_t)count;
  for (int i = 0; i < 4; i++) hash = ((hash ^ lanes[i]) * prime) ^ (hash >> 31);
  for (; left > 0; left--, at++) hash = (hash ^ *at) * prime;
  return (int64_t)(hash ^ hash >> 32);
}
