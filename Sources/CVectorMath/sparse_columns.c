#include <string.h>

#include "CVectorMath.h"

void jvm_sparse_by_column(jvm_sparse_rows x, ptrdiff_t rows, ptrdiff_t columns, int32_t *offsets, int32_t *row_of, float *values) {
  const int64_t first = x.offsets[0], last = x.offsets[rows];
  // Counted two places on, so that filling moves each column's place to where the next one starts.
  memset(offsets, 0, (size_t)(columns + 2) * sizeof(int32_t));
  int32_t *counts = offsets + 2, *places = offsets + 1;
  for (int64_t e = first; e < last; e++) counts[x.columns[e]]++;
  int32_t sum = 0;
  for (ptrdiff_t c = 0; c < columns; c++) counts[c] = sum += counts[c];
  for (ptrdiff_t row = 0; row < rows; row++) {
    for (int64_t e = x.offsets[row]; e < x.offsets[row + 1]; e++) {
      const int32_t place = places[x.columns[e]]++;
      row_of[place] = (int32_t)row;
      values[place] = x.values[e];
    }
  }
}
