// Convolutions of images laid out in planes, one for each channel and phase: rows (columns) that are the stride apart lie next to
// each other, so that whatever the stride, the pixels that a tap of the kernel reads follow each other. Rows of a plane
// lie one after the other with as many zeros between them as the kernel reaches over an edge, so that a whole output image is one
// long row of vectors: a tap is a shift. What is computed between two rows of the output means nothing and is left out when the
// rows are copied.

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

// The 16 numbers source[0], source[2] … source[30], and nothing read behind them.
static inline vector load_every_second(const float *source) {
  return __builtin_shufflevector(load(source), load(source + lanes - 1), 0, 2, 4, 6, 8, 10, 12, 14, 17, 19, 21, 23, 25, 27, 29, 31);
}

// target[x] = source[x step].
static inline __attribute__((always_inline)) void take_columns(const float *source, ptrdiff_t step, float *target, ptrdiff_t columns) {
  if (step == 1) {
    copy_row(source, target, columns);
  } else if (step == 2 && columns >= lanes) {
    for (ptrdiff_t x = 0; x + lanes <= columns; x += lanes) store(target + x, load_every_second(source + 2 * x));
    store(target + columns - lanes, load_every_second(source + 2 * (columns - lanes)));
  } else {
    for (ptrdiff_t x = 0; x < columns; x++) target[x] = source[x * step];
  }
}

// target[2 x] = even[x] and target[2 x + 1] = odd[x].
static inline void store_in_turn(const float *even, const float *odd, float *target) {
  const vector a = load(even), b = load(odd);
  store(target, __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
  store(target + lanes, __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31));
}
static inline void merge_columns(const float *even, const float *odd, float *target, ptrdiff_t columns) {
  const ptrdiff_t pairs = columns / 2;
  if (pairs >= lanes) {
    for (ptrdiff_t x = 0; x + lanes <= pairs; x += lanes) store_in_turn(even + x, odd + x, target + 2 * x);
    store_in_turn(even + pairs - lanes, odd + pairs - lanes, target + 2 * (pairs - lanes));
  } else {
    for (ptrdiff_t x = 0; x < pairs; x++) {
      target[2 * x] = even[x];
      target[2 * x + 1] = odd[x];
    }
  }
  if (columns % 2) target[columns - 1] = even[pairs];
}

// Where the columns of phase `phase` begin: in the image, and in the rows of their plane.
static inline ptrdiff_t first_column(const jvm_planes *p, ptrdiff_t phase) { return (phase - p->left % p->step_x + p->step_x) % p->step_x; }
static inline ptrdiff_t first_place(const jvm_planes *p, ptrdiff_t phase) { return (first_column(p, phase) + p->left) / p->step_x; }
static inline ptrdiff_t phase_columns(const jvm_planes *p, ptrdiff_t phase) {
  const ptrdiff_t first = first_column(p, phase);
  return first < p->width ? (p->width - first + p->step_x - 1) / p->step_x : 0;
}

static void convolution_split(const jvm_planes *p, const float *image, ptrdiff_t channels, ptrdiff_t first, ptrdiff_t rows, ptrdiff_t end, float *planes) {
  for (ptrdiff_t px = 0; px < p->step_x; px++) {
    const ptrdiff_t from = first_column(p, px), to = first_place(p, px), columns = phase_columns(p, px);
    for (ptrdiff_t channel = 0; channel < channels; channel++)
      for (ptrdiff_t py = 0; py < p->step_y; py++) {
        float *target = planes + ((channel * p->step_y + py) * p->step_x + px) * p->plane + to;
        const float *source = image + channel * p->height * p->width + from;
        for (ptrdiff_t u = first; u < first + rows; u++, target += p->row) {
          const ptrdiff_t y = u * p->step_y + py - p->top;
          if (u < end && y >= 0 && y < p->height)
            take_columns(source + y * p->width, p->step_x, target, columns);
          else
            memset(target, 0, (size_t)columns * sizeof(float));
        }
      }
  }
}

static void convolution_join(const jvm_planes *p, const float *planes, ptrdiff_t channels, ptrdiff_t first, ptrdiff_t rows, float *image) {
  const ptrdiff_t odd = p->step_x == 2 ? 1 - p->left % 2 : 0;
  for (ptrdiff_t channel = 0; channel < channels; channel++, image += p->height * p->width)
    for (ptrdiff_t py = 0; py < p->step_y; py++) {
      const float *source = planes + (channel * p->step_y + py) * p->step_x * p->plane;
      for (ptrdiff_t u = first; u < first + rows; u++, source += p->row) {
        const ptrdiff_t y = u * p->step_y + py - p->top;
        if (y < 0 || y >= p->height) continue;
        float *target = image + y * p->width;
        if (p->step_x == 1) {
          copy_row(source + p->left, target, p->width);
        } else if (p->step_x == 2) {
          merge_columns(source + (1 - odd) * p->plane + first_place(p, 1 - odd), source + odd * p->plane + first_place(p, odd), target, p->width);
        } else {
          for (ptrdiff_t px = 0; px < p->step_x; px++) {
            const float *phase = source + px * p->plane + first_place(p, px);
            const ptrdiff_t columns = phase_columns(p, px);
            float *start = target + first_column(p, px);
            for (ptrdiff_t x = 0; x < columns; x++) start[x * p->step_x] = phase[x];
          }
        }
      }
    }
}

static void convolution_pack(const float *weight, ptrdiff_t outputs, ptrdiff_t distance, const ptrdiff_t *places, ptrdiff_t taps, float *packed) {
  const ptrdiff_t blocks = block_count(outputs, tile_outputs);
  for (ptrdiff_t b = 0; b < blocks; b++) {
    const ptrdiff_t first = block_start(b, blocks, outputs), last = block_start(b + 1, blocks, outputs);
    for (ptrdiff_t tap = 0; tap < taps; tap++)
      for (ptrdiff_t o = first; o < last; o++) *packed++ = weight[o * distance + places[tap]];
  }
}

// One tile: `O` channels of `V` vectors of pixels.
static inline __attribute__((always_inline)) void convolve_tile(
    const int O, const int V, const float *in, const ptrdiff_t *offsets, ptrdiff_t taps, const float *weight, const float *bias, float *out,
    ptrdiff_t distance) {
  vector sum[tile_outputs * tile_vectors];
#pragma clang loop unroll(full)
  for (int o = 0; o < O; o++)
#pragma clang loop unroll(full)
    for (int v = 0; v < V; v++) sum[o * V + v] = splat(bias ? bias[o] : 0);
  for (ptrdiff_t tap = 0; tap < taps; tap++, weight += O) {
    const float *shifted = in + offsets[tap];
    vector x[tile_vectors];
#pragma clang loop unroll(full)
    for (int v = 0; v < V; v++) x[v] = load(shifted + v * lanes);
#pragma clang loop unroll(full)
    for (int o = 0; o < O; o++) {
      const vector w = splat(weight[o]);
#pragma clang loop unroll(full)
      for (int v = 0; v < V; v++) sum[o * V + v] = fused(w, x[v], sum[o * V + v]);
    }
  }
#pragma clang loop unroll(full)
  for (int o = 0; o < O; o++)
#pragma clang loop unroll(full)
    for (int v = 0; v < V; v++) store(out + o * distance + v * lanes, sum[o * V + v]);
}

static inline __attribute__((always_inline)) void convolve_block(
    const int O, const float *in, const ptrdiff_t *offsets, ptrdiff_t taps, const float *weight, const float *bias, ptrdiff_t vectors, float *out,
    ptrdiff_t distance) {
  switch (vectors) {
    case 1: convolve_tile(O, 1, in, offsets, taps, weight, bias, out, distance); break;
#if defined(VARIANT_HAS_ESTIMATES)
    case 2: convolve_tile(O, 2, in, offsets, taps, weight, bias, out, distance); break;
    case 3: convolve_tile(O, 3, in, offsets, taps, weight, bias, out, distance); break;
    case 4: convolve_tile(O, 4, in, offsets, taps, weight, bias, out, distance); break;
    default: convolve_tile(O, 5, in, offsets, taps, weight, bias, out, distance); break;
#endif
  }
}

static void convolve(const float *in, const ptrdiff_t *offsets, ptrdiff_t taps, const float *packed, const float *bias, ptrdiff_t outputs,
                     ptrdiff_t pixels, float *out, ptrdiff_t distance) {
  const unsigned mode = without_denormals();
  const ptrdiff_t vectors = (pixels + lanes - 1) / lanes, blocks = block_count(outputs, tile_outputs);
  for (ptrdiff_t v = 0; v < vectors; v += tile_vectors) {
    const ptrdiff_t width = vectors - v < tile_vectors ? vectors - v : tile_vectors;
    for (ptrdiff_t b = 0; b < blocks; b++) {
      const ptrdiff_t first = block_start(b, blocks, outputs), size = block_start(b + 1, blocks, outputs) - first;
      const float *weight = packed + first * taps, *shift = bias ? bias + first : NULL, *source = in + v * lanes;
      float *target = out + first * distance + v * lanes;
      switch (size) {
        case 1: convolve_block(1, source, offsets, taps, weight, shift, width, target, distance); break;
        case 2: convolve_block(2, source, offsets, taps, weight, shift, width, target, distance); break;
#if defined(VARIANT_HAS_FMA)
        case 3: convolve_block(3, source, offsets, taps, weight, shift, width, target, distance); break;
        case 4: convolve_block(4, source, offsets, taps, weight, shift, width, target, distance); break;
        default: convolve_block(5, source, offsets, taps, weight, shift, width, target, distance); break;
#endif
      }
    }
  }
  with_denormals(mode);
}

// The gradient by `O` output channels' weights of `K` taps: products of two shifted images, lane by lane.
static inline __attribute__((always_inline)) void gradient_tile(
    const int O, const int K, const float *x, const ptrdiff_t *offsets, const float *g, ptrdiff_t distance, ptrdiff_t vectors, ptrdiff_t step,
    float *sums) {
  vector sum[tile_gradient_outputs * tile_taps];
  const float *shifted[tile_taps];
#pragma clang loop unroll(full)
  for (int k = 0; k < K; k++) shifted[k] = x + offsets[k];
#pragma clang loop unroll(full)
  for (int o = 0; o < O; o++)
#pragma clang loop unroll(full)
    for (int k = 0; k < K; k++) sum[o * K + k] = load(sums + (o * step + k) * lanes);
  for (ptrdiff_t v = 0; v < vectors * lanes; v += lanes) {
    vector by[tile_gradient_outputs];
#pragma clang loop unroll(full)
    for (int o = 0; o < O; o++) by[o] = load(g + o * distance + v);
#pragma clang loop unroll(full)
    for (int k = 0; k < K; k++) {
      const vector value = load(shifted[k] + v);
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
    const int O, const float *x, const ptrdiff_t *offsets, const float *g, ptrdiff_t distance, ptrdiff_t vectors, ptrdiff_t step, ptrdiff_t taps,
    float *sums) {
  switch (taps) {
    case 1: gradient_tile(O, 1, x, offsets, g, distance, vectors, step, sums); break;
#if defined(VARIANT_HAS_FMA)
    case 2: gradient_tile(O, 2, x, offsets, g, distance, vectors, step, sums); break;
#endif
#if defined(VARIANT_HAS_ESTIMATES)
    case 3: gradient_tile(O, 3, x, offsets, g, distance, vectors, step, sums); break;
    case 4: gradient_tile(O, 4, x, offsets, g, distance, vectors, step, sums); break;
    default: gradient_tile(O, 5, x, offsets, g, distance, vectors, step, sums); break;
#endif
  }
}

static void convolution_weight_sums(const float *x, const ptrdiff_t *offsets, ptrdiff_t taps, const float *g, ptrdiff_t distance, ptrdiff_t outputs,
                                    ptrdiff_t pixels, float *sums) {
  const unsigned mode = without_denormals();
  const ptrdiff_t vectors = (pixels + lanes - 1) / lanes;
  const ptrdiff_t blocks = block_count(outputs, tile_gradient_outputs), pieces = block_count(taps, tile_taps);
  for (ptrdiff_t b = 0; b < blocks; b++) {
    const ptrdiff_t first = block_start(b, blocks, outputs), size = block_start(b + 1, blocks, outputs) - first;
    const float *towards = g + first * distance;
    for (ptrdiff_t piece = 0; piece < pieces; piece++) {
      const ptrdiff_t tap = block_start(piece, pieces, taps), width = block_start(piece + 1, pieces, taps) - tap;
      float *target = sums + (first * taps + tap) * lanes;
      switch (size) {
        case 1: gradient_block(1, x, offsets + tap, towards, distance, vectors, taps, width, target); break;
#if defined(VARIANT_HAS_ESTIMATES)
        case 3: gradient_block(3, x, offsets + tap, towards, distance, vectors, taps, width, target); break;
        case 4: gradient_block(4, x, offsets + tap, towards, distance, vectors, taps, width, target); break;
        case 5: gradient_block(5, x, offsets + tap, towards, distance, vectors, taps, width, target); break;
#endif
        default: gradient_block(2, x, offsets + tap, towards, distance, vectors, taps, width, target); break;
      }
    }
  }
  with_denormals(mode);
}

static void convolution_fold_sums(const float *sums, ptrdiff_t outputs, ptrdiff_t distance, const ptrdiff_t *places, ptrdiff_t taps, float *weight) {
  for (ptrdiff_t o = 0; o < outputs; o++)
    for (ptrdiff_t tap = 0; tap < taps; tap++, sums += lanes) weight[o * distance + places[tap]] = folded_lanes(load(sums));
}
