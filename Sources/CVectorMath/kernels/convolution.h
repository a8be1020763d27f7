// Convolutions with stride 1 on padded images. The rows of an image lie one after the other with as many zeros between
// them as the kernel reaches over an edge, so that a whole output image is one long row of vectors: a tap is a shift.
// What is computed between two rows of the output means nothing and is left out when the rows are copied.

// How many output channels and vectors of pixels, or taps of a weight's gradient, stay in registers.
#if defined(VARIANT_HAS_ESTIMATES)
enum { tile_outputs = 5, tile_vectors = 5, tile_gradient_outputs = 5, tile_taps = 5 };
#elif defined(VARIANT_HAS_FMA)
enum { tile_outputs = 5, tile_vectors = 1, tile_gradient_outputs = 2, tile_taps = 2 };
#else
enum { tile_outputs = 2, tile_vectors = 1, tile_gradient_outputs = 2, tile_taps = 1 };
#endif

// The first output channel of a block of channels: as few blocks as the registers allow, of nearly equal size.
static inline ptrdiff_t block_start(ptrdiff_t block, ptrdiff_t blocks, ptrdiff_t channels) { return block * channels / blocks; }
static inline ptrdiff_t block_count(ptrdiff_t channels, ptrdiff_t largest) { return (channels + largest - 1) / largest; }

// A row of any length; where it is at least a vector long the last one overlaps the one before.
static inline __attribute__((always_inline)) void copy_row(const float *source, float *target, ptrdiff_t columns) {
  if (columns < lanes) {
    memcpy(target, source, (size_t)columns * sizeof(float));
    return;
  }
  for (ptrdiff_t x = 0; x + lanes <= columns; x += lanes) store(target + x, load(source + x));
  store(target + columns - lanes, load(source + columns - lanes));
}

static inline vector row_sums(const float *source, ptrdiff_t columns) {
  vector total = splat(0);
  ptrdiff_t x = 0;
  for (; x + lanes <= columns; x += lanes) total += load(source + x);
  if (x == columns) return total;
  if (columns < lanes) return load_partial(source, columns, 0);
  // The lanes of the last vector that were not counted yet.
  const vector_int lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return total + choose_lanes(lane >= (int32_t)(lanes - (columns - x)), load(source + columns - lanes), splat(0));
}

static void convolution_pad(const jvm_convolution *c, const float *image, ptrdiff_t channels, ptrdiff_t rows, ptrdiff_t columns,
                            ptrdiff_t top, ptrdiff_t left, float *padded, float *sums) {
  for (ptrdiff_t channel = 0; channel < channels; channel++) {
    const float *source = image + channel * rows * columns;
    float *target = padded + channel * c->plane + top * c->stride + left;
    vector total = splat(0);
    for (ptrdiff_t y = 0; y < rows; y++, source += columns, target += c->stride) {
      copy_row(source, target, columns);
      if (sums) total += row_sums(source, columns);
    }
    if (sums) sums[channel] += folded_lanes(total);
  }
}

static void convolution_pack(const jvm_convolution *c, const float *weight, ptrdiff_t outputs, ptrdiff_t inputs, bool transposed, float *packed) {
  const ptrdiff_t taps = c->kernel_height * c->kernel_width;
  const ptrdiff_t blocks = block_count(outputs, tile_outputs);
  for (ptrdiff_t b = 0; b < blocks; b++) {
    const ptrdiff_t first = block_start(b, blocks, outputs), last = block_start(b + 1, blocks, outputs);
    for (ptrdiff_t i = 0; i < inputs; i++)
      for (ptrdiff_t tap = 0; tap < taps; tap++)
        for (ptrdiff_t o = first; o < last; o++)
          *packed++ = transposed ? weight[(i * outputs + o) * taps + taps - 1 - tap] : weight[(o * inputs + i) * taps + tap];
  }
}

// One tile: `O` channels of `V` vectors of pixels.
static inline __attribute__((always_inline)) void convolve_tile(
    const int O, const int V, const jvm_convolution *c, const float *in, ptrdiff_t inputs, const float *weight, const float *bias, float *out) {
  vector sum[tile_outputs * tile_vectors];
#pragma clang loop unroll(full)
  for (int o = 0; o < O; o++)
#pragma clang loop unroll(full)
    for (int v = 0; v < V; v++) sum[o * V + v] = splat(bias ? bias[o] : 0);
  for (ptrdiff_t i = 0; i < inputs; i++)
    for (ptrdiff_t ky = 0; ky < c->kernel_height; ky++) {
      const float *row = in + i * c->plane + ky * c->stride;
      for (ptrdiff_t kx = 0; kx < c->kernel_width; kx++) {
        vector x[tile_vectors];
#pragma clang loop unroll(full)
        for (int v = 0; v < V; v++) x[v] = load(row + kx + v * lanes);
#pragma clang loop unroll(full)
        for (int o = 0; o < O; o++) {
          const vector w = splat(weight[o]);
#pragma clang loop unroll(full)
          for (int v = 0; v < V; v++) sum[o * V + v] = fused(w, x[v], sum[o * V + v]);
        }
        weight += O;
      }
    }
#pragma clang loop unroll(full)
  for (int o = 0; o < O; o++)
#pragma clang loop unroll(full)
    for (int v = 0; v < V; v++) store(out + o * c->plane + v * lanes, sum[o * V + v]);
}

static inline __attribute__((always_inline)) void convolve_block(
    const int O, const jvm_convolution *c, const float *in, ptrdiff_t inputs, const float *weight, const float *bias, ptrdiff_t first,
    ptrdiff_t vectors, float *out) {
  switch (vectors) {
    case 1: convolve_tile(O, 1, c, in + first, inputs, weight, bias, out + first); break;
#if defined(VARIANT_HAS_ESTIMATES)
    case 2: convolve_tile(O, 2, c, in + first, inputs, weight, bias, out + first); break;
    case 3: convolve_tile(O, 3, c, in + first, inputs, weight, bias, out + first); break;
    case 4: convolve_tile(O, 4, c, in + first, inputs, weight, bias, out + first); break;
    default: convolve_tile(O, 5, c, in + first, inputs, weight, bias, out + first); break;
#endif
  }
}

static void convolve(const jvm_convolution *c, const float *in, ptrdiff_t inputs, const float *packed, const float *bias, ptrdiff_t outputs,
                     ptrdiff_t rows, ptrdiff_t columns, float *flat, float *out) {
  const unsigned mode = without_denormals();
  const ptrdiff_t vectors = ((rows - 1) * c->stride + columns + lanes - 1) / lanes;
  const ptrdiff_t blocks = block_count(outputs, tile_outputs), taps = inputs * c->kernel_height * c->kernel_width;
  for (ptrdiff_t v = 0; v < vectors; v += tile_vectors) {
    const ptrdiff_t width = vectors - v < tile_vectors ? vectors - v : tile_vectors;
    for (ptrdiff_t b = 0; b < blocks; b++) {
      const ptrdiff_t first = block_start(b, blocks, outputs), size = block_start(b + 1, blocks, outputs) - first;
      const float *weight = packed + first * taps, *shift = bias ? bias + first : NULL;
      float *target = flat + first * c->plane;
      switch (size) {
        case 1: convolve_block(1, c, in, inputs, weight, shift, v * lanes, width, target); break;
        case 2: convolve_block(2, c, in, inputs, weight, shift, v * lanes, width, target); break;
#if defined(VARIANT_HAS_FMA)
        case 3: convolve_block(3, c, in, inputs, weight, shift, v * lanes, width, target); break;
        case 4: convolve_block(4, c, in, inputs, weight, shift, v * lanes, width, target); break;
        default: convolve_block(5, c, in, inputs, weight, shift, v * lanes, width, target); break;
#endif
      }
    }
  }
  for (ptrdiff_t o = 0; o < outputs; o++) {
    const float *source = flat + o * c->plane;
    for (ptrdiff_t y = 0; y < rows; y++, source += c->stride, out += columns) copy_row(source, out, columns);
  }
  with_denormals(mode);
}

// The gradient by `O` output channels' weights of `K` neighbouring taps: products of two shifted images, lane by lane.
static inline __attribute__((always_inline)) void gradient_tile(
    const int O, const int K, const jvm_convolution *c, const float *x, const float *g, ptrdiff_t vectors, ptrdiff_t step, float *sums) {
  vector sum[tile_gradient_outputs * tile_taps];
#pragma clang loop unroll(full)
  for (int o = 0; o < O; o++)
#pragma clang loop unroll(full)
    for (int k = 0; k < K; k++) sum[o * K + k] = load(sums + (o * step + k) * lanes);
  for (ptrdiff_t v = 0; v < vectors; v++, x += lanes, g += lanes) {
    vector by[tile_gradient_outputs];
#pragma clang loop unroll(full)
    for (int o = 0; o < O; o++) by[o] = load(g + o * c->plane);
#pragma clang loop unroll(full)
    for (int k = 0; k < K; k++) {
      const vector value = load(x + k);
#pragma clang loop unroll(full)
      for (int o = 0; o < O; o++) sum[o * K + k] = fused(value, by[o], sum[o * K + k]);
    }
  }
#pragma clang loop unroll(full)
  for (int o = 0; o < O; o++)
#pragma clang loop unroll(full)
    for (int k = 0; k < K; k++) store(sums + (o * step + k) * lanes, sum[o * K + k]);
}

static inline __attribute__((always_inline)) void gradient_block(
    const int O, const jvm_convolution *c, const float *x, const float *g, ptrdiff_t vectors, ptrdiff_t step, ptrdiff_t taps, float *sums) {
  switch (taps) {
    case 1: gradient_tile(O, 1, c, x, g, vectors, step, sums); break;
#if defined(VARIANT_HAS_FMA)
    case 2: gradient_tile(O, 2, c, x, g, vectors, step, sums); break;
#endif
#if defined(VARIANT_HAS_ESTIMATES)
    case 3: gradient_tile(O, 3, c, x, g, vectors, step, sums); break;
    case 4: gradient_tile(O, 4, c, x, g, vectors, step, sums); break;
    default: gradient_tile(O, 5, c, x, g, vectors, step, sums); break;
#endif
  }
}

static void convolution_weight_sums(const jvm_convolution *c, const float *x, ptrdiff_t inputs, const float *g, ptrdiff_t outputs,
                                    ptrdiff_t rows, ptrdiff_t columns, float *sums) {
  const unsigned mode = without_denormals();
  const ptrdiff_t vectors = ((rows - 1) * c->stride + columns + lanes - 1) / lanes;
  const ptrdiff_t taps = c->kernel_height * c->kernel_width, step = inputs * taps;
  const ptrdiff_t blocks = block_count(outputs, tile_gradient_outputs), pieces = block_count(c->kernel_width, tile_taps);
  for (ptrdiff_t b = 0; b < blocks; b++) {
    const ptrdiff_t first = block_start(b, blocks, outputs), size = block_start(b + 1, blocks, outputs) - first;
    for (ptrdiff_t i = 0; i < inputs; i++)
      for (ptrdiff_t ky = 0; ky < c->kernel_height; ky++)
        for (ptrdiff_t piece = 0; piece < pieces; piece++) {
          const ptrdiff_t kx = block_start(piece, pieces, c->kernel_width), width = block_start(piece + 1, pieces, c->kernel_width) - kx;
          const float *shifted = x + i * c->plane + ky * c->stride + kx, *towards = g + first * c->plane;
          float *target = sums + ((first * inputs + i) * taps + ky * c->kernel_width + kx) * lanes;
          switch (size) {
            case 1: gradient_block(1, c, shifted, towards, vectors, step, width, target); break;
#if defined(VARIANT_HAS_ESTIMATES)
            case 3: gradient_block(3, c, shifted, towards, vectors, step, width, target); break;
            case 4: gradient_block(4, c, shifted, towards, vectors, step, width, target); break;
            case 5: gradient_block(5, c, shifted, towards, vectors, step, width, target); break;
#endif
            default: gradient_block(2, c, shifted, towards, vectors, step, width, target); break;
          }
        }
  }
  with_denormals(mode);
}

static void convolution_fold_sums(const jvm_convolution *c, const float *sums, ptrdiff_t outputs, ptrdiff_t inputs, bool transposed, float *weight) {
  const ptrdiff_t taps = c->kernel_height * c->kernel_width;
  for (ptrdiff_t o = 0; o < outputs; o++)
    for (ptrdiff_t i = 0; i < inputs; i++)
      for (ptrdiff_t tap = 0; tap < taps; tap++, sums += lanes)
        weight[transposed ? (i * outputs + o) * taps + taps - 1 - tap : (o * inputs + i) * taps + tap] = folded_lanes(load(sums));
}
