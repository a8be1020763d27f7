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

void jvm_fill_columns(jvm_sparse_rows x, ptrdiff_t first, ptrdiff_t last, int32_t *offsets, int32_t *row_of, float *values) {
  int32_t *places = offsets + 1;
  for (ptrdiff_t row = first; row < last; row++) {
    for (int64_t e = x.offsets[row]; e < x.offsets[row + 1]; e++) {
      const int32_t place = places[x.columns[e]]++;
      row_of[place] = (int32_t)row;
      values[place] = x.values[e];
    }
  }
}
