#include <string.h>

#include "CVectorMath.h"

void jvm_count_columns(jvm_sparse_rows x, ptrdiff_t rows, ptrdiff_t columns, int32_t *offsets) {
  // Counted two places on, so that filling moves each column's place to where the next one starts.
  memset(offsets, 0, (size_t)(columns + 2) * sizeof(int32_t));
  int32_t *counts = offsets + 2;
  for (int64_t e = x.offsets[0]; e < x.offsets[rows]; e++) counts[x.columns[e]]++;
  int32_t sum = 0;
  for (ptrdiff_t c = 0; c < columns; c++) counts[c] = sum += counts[c];
}

// Row and value lie together: one place is written for each entry, and these are most of the work.
void jvm_fill_columns(jvm_sparse_rows x, ptrdiff_t first, ptrdiff_t last, int32_t *offsets, jvm_column_entry *entries) {
  int32_t *places = offsets + 1;
  for (ptrdiff_t row = first; row < last; row++) {
    for (int64_t e = x.offsets[row]; e < x.offsets[row + 1]; e++)
      entries[places[x.columns[e]]++] = (jvm_column_entry){(int32_t)row, x.values[e]};
  }
}

// Bytes of a line of the cache, and rows that are asked for before their turn comes.
enum { line = 64, rows_ahead = 4 };

static void ask_for(const void *from, const void *to) {
  for (const char *at = from; at < (const char *)to; at += line) __builtin_prefetch(at);
}

void jvm_gather_rows(jvm_sparse_rows source, const ptrdiff_t *places, ptrdiff_t first, ptrdiff_t last, const int64_t *offsets, uint16_t *columns,
                     float *values, int32_t *counts) {
  for (ptrdiff_t i = first - rows_ahead; i < last; i++) {
    if (i + rows_ahead < last) {
      const ptrdiff_t row = places[i + rows_ahead];
      const int64_t start = source.offsets[row], end = source.offsets[row + 1];
      ask_for(source.columns + start, source.columns + end);
      ask_for(source.values + start, source.values + end);
    }
    if (i < first) continue;
    const int64_t start = source.offsets[places[i]], to = offsets[i], n = offsets[i + 1] - to;
    memcpy(values + to, source.values + start, (size_t)n * sizeof(float));
    for (int64_t k = 0; k < n; k++) {
      const uint16_t column = source.columns[start + k];
      columns[to + k] = column;
      counts[column]++;
    }
  }
}
