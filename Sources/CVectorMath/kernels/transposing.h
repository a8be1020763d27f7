// out[r out_step + c] = in[c in_step + r] for numbers of 4 bytes, by tiles of eight by eight: three rounds exchange pairs, fours and halves of rows.

typedef uint32_t eight __attribute__((vector_size(32)));
typedef uint32_t unaligned_eight __attribute__((vector_size(32), aligned(4)));

static inline void transpose_tile(const uint32_t *in, ptrdiff_t in_step, uint32_t *out, ptrdiff_t out_step) {
  eight a[8], b[8];
  for (int i = 0; i < 8; i++) a[i] = *(const unaligned_eight *)(in + i * in_step);
  for (int i = 0; i < 8; i += 2) {
    b[i] = __builtin_shufflevector(a[i], a[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    b[i + 1] = __builtin_shufflevector(a[i], a[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int i = 0; i < 8; i += 4)
    for (int j = i; j < i + 2; j++) {
      a[j] = __builtin_shufflevector(b[j], b[j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      a[j + 2] = __builtin_shufflevector(b[j], b[j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int j = 0; j < 4; j++) {
    *(unaligned_eight *)(out + j * out_step) = __builtin_shufflevector(a[j], a[j + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    *(unaligned_eight *)(out + (j + 4) * out_step) = __builtin_shufflevector(a[j], a[j + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

static void transpose_4(const void *input, ptrdiff_t in_step, void *output, ptrdiff_t out_step, ptrdiff_t rows, ptrdiff_t columns) {
  const uint32_t *in = input;
  uint32_t *out = output;
  ptrdiff_t c = 0;
  for (; c + 8 <= columns; c += 8) {
    ptrdiff_t r = 0;
    for (; r + 8 <= rows; r += 8) transpose_tile(in + c * in_step + r, in_step, out + r * out_step + c, out_step);
    for (; r < rows; r++)
      for (ptrdiff_t j = c; j < c + 8; j++) out[r * out_step + j] = in[j * in_step + r];
  }
  for (; c < columns; c++)
    for (ptrdiff_t r = 0; r < rows; r++) out[r * out_step + c] = in[c * in_step + r];
}
