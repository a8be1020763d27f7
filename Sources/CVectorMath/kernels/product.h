// Products of matrices of a few hundred rows and columns. BLAS packs both into pieces and adds partial sums up in memory, which takes a third of the
// time of such a product; here strips of the right matrix are read where they lie and sums stay in registers from the first term to the last.
//
// Each number of the result is one chain of multiplications and additions, by ascending terms: its bits depend neither on how the result is cut nor on
// the width of registers.

// Vectors of a strip, and rows made at a time: their sums fill the registers, less those that hold a row of the strip and a factor.
#ifdef VARIANT_HAS_MASKS
enum { strip_vectors = 4 };
#define TILE_ROWS(vectors) ((vectors) == 4 ? 6 : (vectors) == 3 ? 8 : 12)
#else
enum { strip_vectors = 1 };
#ifdef VARIANT_HAS_FMA
#define TILE_ROWS(vectors) 6
#else
#define TILE_ROWS(vectors) 2
#endif
#endif

#define UNROLLED _Pragma("clang loop unroll(full)")

// `last` numbers of the last vector count.
typedef struct {
  const float *a, *b;
  ptrdiff_t row_step, term_step, terms, b_step, last, out_step;
  float *out;
  const float *bias;
  bool relu;
  // What is fetched into the cache meanwhile, a line a term.
  const char *ahead, *ahead_end;
} product_place;

static inline __attribute__((always_inline)) void product_tile(int rows, int vectors, product_place *p) {
  const ptrdiff_t row_step = p->row_step, term_step = p->term_step, b_step = p->b_step, last = p->last;
  const float *a = p->a, *b = p->b;
  const char *ahead = p->ahead, *const ahead_end = p->ahead_end;
  vector sum[12][4];
  UNROLLED for (int r = 0; r < rows; r++)
    UNROLLED for (int v = 0; v < vectors; v++) sum[r][v] = splat(0);
  for (ptrdiff_t k = p->terms; k > 0; k--) {
    vector row[4];
    UNROLLED for (int v = 0; v < vectors; v++) {
#ifdef VARIANT_HAS_MASKS
      row[v] = v + 1 < vectors ? load(b + v * lanes) : load_partial(b + v * lanes, last, 0);
#else
      row[v] = load(b + v * lanes);
#endif
    }
    UNROLLED for (int r = 0; r < rows; r++) {
      const vector x = splat(a[r * row_step]);
      UNROLLED for (int v = 0; v < vectors; v++) sum[r][v] = fused(x, row[v], sum[r][v]);
    }
    a += term_step;
    b += b_step;
    if (ahead < ahead_end) {
      __builtin_prefetch(ahead, 0, 2);
      ahead += 64;
    }
  }
  p->ahead = ahead;
  UNROLLED for (int v = 0; v < vectors; v++) {
    const bool whole = v + 1 < vectors || last == lanes;
    if (p->bias) {
      const vector bias = whole ? load(p->bias + v * lanes) : load_partial(p->bias + v * lanes, last, 0);
      UNROLLED for (int r = 0; r < rows; r++) sum[r][v] += bias;
    }
    if (p->relu) UNROLLED for (int r = 0; r < rows; r++) sum[r][v] = choose_lanes(sum[r][v] <= 0.0f, splat(0), sum[r][v]);
    UNROLLED for (int r = 0; r < rows; r++) {
      float *place = p->out + r * p->out_step + v * lanes;
      if (whole) store(place, sum[r][v]); else store_partial(place, sum[r][v], last);
    }
  }
}

#define TILE(rows, vectors) case rows: product_tile(rows, vectors, p); break;
#define TILES_UP_TO_6(v) TILE(1, v) TILE(2, v) TILE(3, v) TILE(4, v) TILE(5, v) TILE(6, v)
#define TILES_UP_TO_12(v) TILES_UP_TO_6(v) TILE(7, v) TILE(8, v) TILE(9, v) TILE(10, v) TILE(11, v) TILE(12, v)
#ifdef VARIANT_HAS_MASKS
static void product_tile_4(int rows, product_place *p) { switch (rows) { TILES_UP_TO_6(4) } }
static void product_tile_3(int rows, product_place *p) { switch (rows) { TILES_UP_TO_6(3) TILE(7, 3) TILE(8, 3) } }
static void product_tile_2(int rows, product_place *p) { switch (rows) { TILES_UP_TO_12(2) } }
static void product_tile_1(int rows, product_place *p) { switch (rows) { TILES_UP_TO_12(1) } }
#else
static void product_tile_1(int rows, product_place *p) { switch (rows) { TILES_UP_TO_6(1) } }
#endif

static void product_strip(const jvm_product *whole, ptrdiff_t first_row, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t columns, const float *b, ptrdiff_t b_step,
                          product_place *place) {
  const ptrdiff_t vectors = (columns + lanes - 1) / lanes, tiles = (rows + TILE_ROWS(vectors) - 1) / TILE_ROWS(vectors);
  place->b = b;
  place->b_step = b_step;
  place->last = columns - (vectors - 1) * lanes;
  place->bias = whole->bias ? whole->bias + first : NULL;
  for (ptrdiff_t i = 0; i < tiles; i++) {
    // As even as can be: a last tile of one row would wait for each of its additions.
    const ptrdiff_t row = first_row + rows * i / tiles;
    const int count = (int)(first_row + rows * (i + 1) / tiles - row);
    place->a = whole->a + row * whole->row_step;
    place->out = whole->out + row * whole->out_step + first;
    switch (vectors) {
#ifdef VARIANT_HAS_MASKS
    case 4: product_tile_4(count, place); break;
    case 3: product_tile_3(count, place); break;
    case 2: product_tile_2(count, place); break;
#endif
    case 1: product_tile_1(count, place); break;
    }
  }
}

static void product(const jvm_product *p, ptrdiff_t first_row, ptrdiff_t rows, ptrdiff_t first_column, ptrdiff_t columns, float *scratch, const void *ahead,
                    ptrdiff_t bytes_ahead) {
  const ptrdiff_t vectors = (columns + lanes - 1) / lanes, strips = (vectors + strip_vectors - 1) / strip_vectors;
  product_place place = {.row_step = p->row_step, .term_step = p->term_step, .terms = p->terms, .out_step = p->out_step, .relu = p->relu,
                         .ahead = ahead, .ahead_end = ahead ? (const char *)ahead + bytes_ahead : NULL};
  for (ptrdiff_t s = 0; s < strips; s++) {
    const ptrdiff_t begin = vectors * s / strips * lanes, end = vectors * (s + 1) / strips * lanes, width = (end < columns ? end : columns) - begin;
    const ptrdiff_t first = first_column + begin;
    const float *b = p->b + first * p->column_step;
    ptrdiff_t step = p->b_step;
    if (p->column_step != 1) {
      step = end - begin;
      transpose_4(b, p->column_step, scratch, step, p->terms, width);
      b = scratch;
#ifndef VARIANT_HAS_MASKS
    } else if (width % lanes) {
      for (ptrdiff_t k = 0; k < p->terms; k++) memcpy(scratch + k * lanes, b + k * p->b_step, (size_t)width * sizeof(float));
      b = scratch;
      step = lanes;
#endif
    }
    product_strip(p, first_row, rows, first, width, b, step, &place);
  }
}
