#include <string.h>

#include "CVectorMath.h"

// Sorting by bytes from the lowest to the highest, each pass keeping the order of equals: four passes over the keys of floats, where
// comparisons take n log n branches that cannot be foreseen.

// Shorter lists are sorted by insertion.
enum { short_list = 40 };

#define NARROW_KEY(item) ((item) >> 32)
#define WIDE_KEY(item) ((item).key)
#define BYTE(key, pass) ((key) >> (8 * (pass)) & 0xFF)

#define SORTING(name, KEY, BEFORE)                                                                                                \
  void jvm_count_##name(const jvm_##name##_item *items, ptrdiff_t n, int pass, int64_t *counts) {                                 \
    memset(counts, 0, jvm_digits * sizeof(int64_t));                                                                              \
    for (ptrdiff_t i = 0; i < n; i++) counts[BYTE(KEY(items[i]), pass)]++;                                                        \
  }                                                                                                                               \
  void jvm_place_##name(const jvm_##name##_item *items, ptrdiff_t n, int pass, int64_t *places, jvm_##name##_item *to) {          \
    for (ptrdiff_t i = 0; i < n; i++) to[places[BYTE(KEY(items[i]), pass)]++] = items[i];                                         \
  }                                                                                                                               \
  void jvm_sort_##name(jvm_##name##_item *items, jvm_##name##_item *scratch, ptrdiff_t n) {                                       \
    if (n <= short_list) {                                                                                                        \
      for (ptrdiff_t i = 1; i < n; i++) {                                                                                         \
        const jvm_##name##_item item = items[i];                                                                                  \
        ptrdiff_t at = i;                                                                                                         \
        for (; at > 0 && BEFORE(item, items[at - 1]); at--) items[at] = items[at - 1];                                            \
        items[at] = item;                                                                                                         \
      }                                                                                                                           \
      return;                                                                                                                     \
    }                                                                                                                             \
    int64_t counts[jvm_##name##_passes][jvm_digits];                                                                              \
    memset(counts, 0, sizeof counts);                                                                                             \
    for (ptrdiff_t i = 0; i < n; i++)                                                                                             \
      for (int pass = 0; pass < jvm_##name##_passes; pass++) counts[pass][BYTE(KEY(items[i]), pass)]++;                           \
    jvm_##name##_item *from = items, *to = scratch;                                                                               \
    for (int pass = 0; pass < jvm_##name##_passes; pass++) {                                                                      \
      if (counts[pass][BYTE(KEY(from[0]), pass)] == n) continue;                                                                  \
      int64_t place = 0;                                                                                                          \
      for (int digit = 0; digit < jvm_digits; digit++) {                                                                          \
        const int64_t count = counts[pass][digit];                                                                                \
        counts[pass][digit] = place;                                                                                              \
        place += count;                                                                                                           \
      }                                                                                                                           \
      jvm_place_##name(from, n, pass, counts[pass], to);                                                                          \
      jvm_##name##_item *const placed = to;                                                                                       \
      to = from;                                                                                                                  \
      from = placed;                                                                                                              \
    }                                                                                                                             \
    if (from != items) memcpy(items, from, (size_t)n * sizeof *items);                                                            \
  }

// Of narrow items no two are equal: their places differ.
#define NARROW_BEFORE(a, b) ((a) < (b))
#define WIDE_BEFORE(a, b) ((a).key < (b).key)
SORTING(narrow, NARROW_KEY, NARROW_BEFORE)
SORTING(wide, WIDE_KEY, WIDE_BEFORE)
