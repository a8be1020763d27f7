#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "philox.h"

// The loops over elements. Each is compiled for several instruction sets and picked once, at first use.
// Nothing here allocates, throws or knows of shapes: pointers, lengths and strides in elements.

typedef enum {
#define UNARY(name, ...) jvm_unary_##name,
#include "../operations/unary.def"
#undef UNARY
  jvm_unary_count
} jvm_unary;

typedef enum {
#define BINARY(name, ...) jvm_binary_##name,
#include "../operations/binary.def"
#undef BINARY
  jvm_binary_count
} jvm_binary;

typedef enum {
#define COMPARE(name, ...) jvm_compare_##name,
#include "../operations/comparisons.def"
#undef COMPARE
  jvm_compare_count
} jvm_compare;

/// Sparse rows: row r holds entries offsets[r] ..< offsets[r + 1] of (columns, values), columns ascending from 0.
typedef struct {
  const int64_t *offsets;
  const uint16_t *columns;
  const float *values;
} jvm_sparse_rows;

/// The same entries ordered by column: column c holds entries offsets[c] ..< offsets[c + 1], rows ascending.
typedef struct {
  int32_t row;
  float value;
} jvm_column_entry;
typedef struct {
  const int32_t *offsets;
  const jvm_column_entry *entries;
} jvm_sparse_columns;

/// Two linear layers on the same rows h [N, h_stride], of which the first `inputs` numbers count: weights [inputs, padded]
/// and biases [padded] with `outputs` meaningful numbers in a row and zeros in the padding. `noise` is [N, outputs]; the
/// prior's mean and variance are [padded] with 0 and 1 in the padding.
typedef struct {
  const float *h, *mu_weight, *mu_bias, *logvar_weight, *logvar_bias, *noise, *prior_mean, *prior_variance;
  ptrdiff_t h_stride, inputs, outputs, padded;
} jvm_gaussian_heads;

/// Which columns of sparse rows a sum runs over.
typedef enum { jvm_lower_part, jvm_upper_part, jvm_both_parts } jvm_part;

typedef struct {
  double learning_rate, beta1, beta2, epsilon, weight_decay;
  double correction1, correction2_root;  // 1 − β1^t and √(1 − β2^t)
  int decoupled;                        // AdamW: the decay acts on the weights, not on the gradient
} jvm_adam_settings;

/// Images [channels, height, width] laid out for a convolution: zeros above and to the left of them, and then planes of rows and columns that
/// are `step_y` and `step_x` apart. Pixel (y, x) of a channel is in row (y + top) / step_y and column (x + left) / step_x of
/// plane (channel · step_y + (y + top) mod step_y) · step_x + (x + left) mod step_x. Rows begin `row` floats apart, planes
/// `plane` floats; what is not the image is 0.
typedef struct {
  ptrdiff_t height, width, step_y, step_x, top, left, row, plane;
} jvm_planes;

/// A product of matrices: out[i, j] = Σ_k a[i row_step + k term_step] · b[k b_step + j column_step] over `terms` terms, plus bias[j] where that is not
/// null and then, with `relu`, 0 where that is negative. b_step or column_step is 1. Rows of `out` are contiguous and `out_step` floats apart.
typedef struct {
  const float *a, *b, *bias;
  float *out;
  ptrdiff_t row_step, term_step, terms, b_step, column_step, out_step;
  bool relu;
} jvm_product;

// Most columns that `product` makes at a time.
enum { jvm_product_strip = 64 };

// Most numbers of a particle that polar_slots reads.
enum { jvm_polar_numbers = 8 };
// The numbers of a particle: how many, and the places of pT, (pseudo)rapidity, azimuth, mass and mask (above 0.5: a particle), −1 for what
// is not there. pT and mass are multiplied by `unit`.
typedef struct {
  ptrdiff_t size, pt, angle, phi, mass, mask;
  double unit;
  bool is_rapidity;
} jvm_polar_form;

// Most points of a line of mixtures.
enum { jvm_most_points = 64 };
/// Two mixtures' logits weight[2, stride] of `columns` pixels, the logarithms of the sums of their exponentials, and points on the line between them:
/// t_k = r₁ − r₂ in [−1, 1], where (1 ± t_k)/2 are floats, and their barycentric weights. The number of points is a multiple of 8.
typedef struct {
  const float *weight;
  ptrdiff_t stride, columns;
  float norms[2];
  ptrdiff_t points;
  const double *places, *shares;
} jvm_mixture_line;
/// The smallest partition function and the first and last t among jets.
typedef struct {
  float lowest, first, last;
} jvm_mixture_line_range;

typedef struct {
  const char *instruction_set;

  // y[i] = f(x[i stride]); y is contiguous and may be x where stride is 1.
  void (*unary_f32)(jvm_unary, const float *x, ptrdiff_t stride, float *y, ptrdiff_t n, double p, double q);
  void (*unary_f64)(jvm_unary, const double *x, ptrdiff_t stride, double *y, ptrdiff_t n, double p, double q);
  // out[i] = g[i] f'(saved[i]), saved being the input or the output as operations/unary.def says; all contiguous.
  void (*unary_gradient_f32)(jvm_unary, const float *saved, const float *g, float *out, ptrdiff_t n, double p, double q);
  void (*unary_gradient_f64)(jvm_unary, const double *saved, const double *g, double *out, ptrdiff_t n, double p, double q);

  // y[i] = f(a[i sa], b[i sb]); y is contiguous.
  void (*binary_f32)(jvm_binary, const float *a, ptrdiff_t sa, const float *b, ptrdiff_t sb, float *y, ptrdiff_t n);
  void (*binary_f64)(jvm_binary, const double *a, ptrdiff_t sa, const double *b, ptrdiff_t sb, double *y, ptrdiff_t n);
  void (*compare_f32)(jvm_compare, const float *a, ptrdiff_t sa, const float *b, ptrdiff_t sb, uint8_t *y, ptrdiff_t n);
  void (*compare_f64)(jvm_compare, const double *a, ptrdiff_t sa, const double *b, ptrdiff_t sb, uint8_t *y, ptrdiff_t n);
  void (*compare_i64)(jvm_compare, const int64_t *a, ptrdiff_t sa, const int64_t *b, ptrdiff_t sb, uint8_t *y, ptrdiff_t n);
  // y = a where the mask is not 0, else b, for elements of 1, 4 and 8 bytes; strides of 0 or 1.
  struct {
    void (*of_1)(const uint8_t *mask, const void *a, ptrdiff_t sa, const void *b, ptrdiff_t sb, void *y, ptrdiff_t n);
    void (*of_4)(const uint8_t *mask, const void *a, ptrdiff_t sa, const void *b, ptrdiff_t sb, void *y, ptrdiff_t n);
    void (*of_8)(const uint8_t *mask, const void *a, ptrdiff_t sa, const void *b, ptrdiff_t sb, void *y, ptrdiff_t n);
  } choose;

  // out[r out_step + c] = in[c in_step + r] for elements of 4 bytes; the two do not overlap.
  void (*transpose_4)(const void *in, ptrdiff_t in_step, void *out, ptrdiff_t out_step, ptrdiff_t rows, ptrdiff_t columns);

  // Reductions of n contiguous numbers; sums are blocked and gathered in double.
  double (*sum_f32)(const float *x, ptrdiff_t n);
  double (*sum_f64)(const double *x, ptrdiff_t n);
  // y[c] = Σ_r x[r stride + c] over `rows` rows.
  void (*sum_rows_f32)(const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, float *y);
  void (*sum_rows_f64)(const double *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, double *y);

  // Σ (x − y)² of n numbers, or Σ x² where y is null.
  double (*sum_of_squares_f32)(const float *x, const float *y, ptrdiff_t n);

  // y[r, c] = totals[c] += x[r, c], in double, over `rows` rows that lie `step` numbers apart, backwards where that is negative.
  void (*running_rows_f32)(const float *x, float *y, double *totals, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t step);
  void (*running_rows_f64)(const double *x, double *y, double *totals, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t step);
  // y[i] = carry + x[0] + … + x[i], in double, or carry + x[i] + … + x[n − 1] where `from_end` is set; the last of these is returned, and y
  // may be null.
  double (*running_line_f32)(const float *x, float *y, ptrdiff_t n, bool from_end, double carry);
  double (*running_line_f64)(const double *x, double *y, ptrdiff_t n, bool from_end, double carry);

  // The largest of n numbers; NaN if there is one, −∞ of none.
  float (*maximum_f32)(const float *x, ptrdiff_t n);
  // The largest or smallest of n > 0 numbers, a NaN before all, and the place of the first that equals it; the same of each column.
  ptrdiff_t (*extreme_f32)(const float *x, ptrdiff_t n, bool largest, float *value);
  void (*extreme_columns_f32)(const float *x, int32_t rows, ptrdiff_t columns, ptrdiff_t stride, bool largest, float *values, int64_t *places);

  // The k largest or smallest of n ≥ k > 0 numbers in order, and their places; NaN counts as the largest number, the first of equals comes first.
  void (*leading_f32)(const float *x, ptrdiff_t n, ptrdiff_t k, bool largest, float *values, int64_t *places);

  // Row by row over [rows, columns], contiguous: y = softmax x, y = log softmax x, out[row] = log Σ exp x.
  void (*softmax_f32)(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns);
  void (*log_softmax_f32)(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns);
  void (*logsumexp_f32)(const float *x, float *out, ptrdiff_t rows, ptrdiff_t columns);
  // The derivative of y = softmax x, row by row: out = y (g − Σ g y).
  void (*softmax_gradient_f32)(const float *y, const float *g, float *out, ptrdiff_t rows, ptrdiff_t columns);

  // out[r, h] = bias[h] + Σ_entries value · weight[column, h] for rows first ..< last: the sum over columns below `middle`
  // with the bias, the sum over the others, or both added. `weight` is [D, stride] with `stride` a multiple of 16 floats
  // and zeros in the padding; `out` is [N, stride], its padding written too.
  void (*sparse_linear)(jvm_sparse_rows x, ptrdiff_t first, ptrdiff_t last, const float *weight, const float *bias,
                        ptrdiff_t stride, ptrdiff_t middle, jvm_part part, float *out);
  // gradient[c, h] = Σ_entries of column c: value · g[row, h], for columns first ..< last, written, not added.
  void (*sparse_linear_weight_gradient)(jvm_sparse_columns x, ptrdiff_t first, ptrdiff_t last, const float *g,
                                        ptrdiff_t stride, float *gradient);
  // The same, and with pairs[N, 2] that are not null also pair_sums[2, pair_step]: Σ_entries of column c: value · pair[row].
  void (*sparse_linear_weight_gradient_with_pairs)(jvm_sparse_columns x, ptrdiff_t first, ptrdiff_t last, const float *g, ptrdiff_t stride, float *gradient,
                                                   const float *pairs, float *pair_sums, ptrdiff_t pair_step);

  // One block of rows of the mixture decoder: logits = r · weight with r [N, R] and weight [R, stride] (stride ≥ D, a
  // multiple of 16, zeros in the padding). loss[n] = Σ_d x ln(Σ exp logits) − x logits. With gradients (pointers not null):
  // grad_r[n, R] = scale[n] ∂loss/∂r and grad_weight[R, stride] = Σ_n of scale[n] ∂loss/∂weight over this block, written.
  // `largest` [R] holds the largest weight of each mixture, `scratch` 4 × stride floats.
  void (*mixture_nll)(jvm_sparse_rows x, ptrdiff_t first, ptrdiff_t last, const float *r, ptrdiff_t mixtures,
                      const float *weight, ptrdiff_t stride, ptrdiff_t columns, const float *largest, const float *scale,
                      float *loss, float *grad_r, float *grad_weight, float *scratch);

  // The same for two mixtures by points of the line between them; `norms` of a line, and the least and the largest (w₁ − norm₁) − (w₂ − norm₂).
  void (*mixture_line_extent)(const float *weight, ptrdiff_t stride, ptrdiff_t columns, float *norms, float *extent);
  // The exponentials [points, stride] at pixels first ..< last, multiples of 16 (the last one may be the stride), zeros in the padding; their
  // sums over these pixels, and the sums of them times (w₁ − norm₁) − (w₂ − norm₂).
  void (*mixture_line_points)(const jvm_mixture_line *, ptrdiff_t first, ptrdiff_t last, float *exponentials, double *sums, double *slopes);
  // Jets first ..< last, from the sums over all pixels: losses as mixture_nll's; with `scale` (not null) grad_r up to what both have in
  // common, and towards[2, points], the factors of the exponentials in the gradient by the weights, written. `range` is widened by these jets.
  void (*mixture_line_jets)(const jvm_mixture_line *, jvm_sparse_rows x, ptrdiff_t first, ptrdiff_t last, const float *r, const float *scale, const double *sums,
                            const double *slopes, float *loss, float *grad_r, double *towards, jvm_mixture_line_range *range);
  // factor · the gradient by the weights [2, stride] at pixels first ..< last, multiples of 16, from these factors, all jets' summed, and
  // lit[2, stride], each pixel's sum over jets of scale x r.
  void (*mixture_line_gradient)(const jvm_mixture_line *, ptrdiff_t first, ptrdiff_t last, const float *exponentials, const float *towards, const float *lit,
                                float factor, float *gradient);

  // Fills rows first ..< first + rows of the planes, which `planes` begins with: zeros where a row is not below `end` or not in the
  // image. What lies between the rows is left alone.
  void (*convolution_split)(const jvm_planes *, const float *image, ptrdiff_t channels, ptrdiff_t first, ptrdiff_t rows, ptrdiff_t end, float *planes);
  // The way back: the image's pixels in these rows of the planes.
  void (*convolution_join)(const jvm_planes *, const float *planes, ptrdiff_t channels, ptrdiff_t first, ptrdiff_t rows, float *image);
  // The weights weight[o · distance + places[tap]] in the order in which `convolve` reads them.
  void (*convolution_pack)(const float *weight, ptrdiff_t outputs, ptrdiff_t distance, const ptrdiff_t *places, ptrdiff_t taps, float *packed);
  // out[o · distance + i] = bias[o] + Σ_tap weight[o, tap] · in[i + offsets[tap]] for i in 0 ..< pixels, rounded up to whole vectors of 16.
  void (*convolve)(const float *in, const ptrdiff_t *offsets, ptrdiff_t taps, const float *packed, const float *bias, ptrdiff_t outputs,
                   ptrdiff_t pixels, float *out, ptrdiff_t distance);
  // sums[outputs, taps, 16] += x[i + offsets[tap]] · g[o · distance + i] over i in 0 ..< pixels, rounded up likewise, i mod 16 being the lane;
  // the lanes are added up by convolution_fold_sums at the end.
  void (*convolution_weight_sums)(const float *x, const ptrdiff_t *offsets, ptrdiff_t taps, const float *g, ptrdiff_t distance, ptrdiff_t outputs,
                                  ptrdiff_t pixels, float *sums);
  // weight[o · distance + places[tap]] from such sums.
  void (*convolution_fold_sums)(const float *sums, ptrdiff_t outputs, ptrdiff_t distance, const ptrdiff_t *places, ptrdiff_t taps, float *weight);

  // out[rows, columns] = factor · the sums over 2 × 2 pixels of x[2 rows, 2 columns], and out[2 rows, 2 columns] = factor · each
  // pixel of x[rows, columns], four times.
  void (*halve_images)(const float *x, ptrdiff_t rows, ptrdiff_t columns, float factor, float *out);
  void (*double_images)(const float *x, ptrdiff_t rows, ptrdiff_t columns, float factor, float *out);
  // The largest of each 2 × 2 pixels of an image x[2 rows, 2 columns], a NaN before all, and its place in the image; and the
  // gradient by x, which goes to those places. The image has fewer than 2^31 pixels.
  void (*pool_largest)(const float *x, int32_t rows, int32_t columns, float *out, int64_t *places);
  void (*pool_largest_gradient)(const float *g, const int64_t *places, int32_t rows, int32_t columns, float *out);

  // The Gaussian posteriors of n rows of `width` numbers: kl[row] = ½ Σ [(e^logvar + (mu − m)²)/v − 1 + ln v − logvar] and,
  // where wanted (not null), its derivatives by mu and logvar. `variance` receives e^logvar.
  void (*gaussian_kl_f32)(const float *mu, const float *logvar, const float *prior_mean, const float *prior_variance, ptrdiff_t n,
                          ptrdiff_t width, float *variance, float *kl, float *by_mu, float *by_logvar);

  // Rows of x begin `step` floats apart and hold mu and logvar, `width` numbers each. z = mu + e^{logvar/2} noise, kl[row] = factor · ½ Σ (e^logvar + mu²
  // − 1 − logvar); ½ (e^logvar − 1) and ½ e^{logvar/2} noise, [rows, width], are kept for the way back.
  void (*gaussian_posterior)(const float *x, ptrdiff_t step, const float *noise, ptrdiff_t rows, ptrdiff_t width, float factor, float *z, float *kl,
                             float *by_logvar, float *spread);
  // The gradient of x, contiguous, by those of z and kl; either may be null.
  void (*gaussian_posterior_gradient)(const float *x, ptrdiff_t step, const float *grad_z, const float *grad_kl, ptrdiff_t rows, ptrdiff_t width, float factor,
                                      const float *by_logvar, const float *spread, float *out);
  // out[r, c] = scale[r] (x[r, c] − y[r, c]), all contiguous.
  void (*scaled_difference)(const float *x, const float *y, const float *scale, ptrdiff_t rows, ptrdiff_t columns, float *out);

  // The ends of a dense layer, rows `stride` floats apart: y[r, c] += bias[c] and, with `relu`, 0 where that is negative; and back:
  // out = g where y is above 0, else 0, and sums[c] += Σ_r out[r, c].
  void (*add_bias)(float *y, const float *bias, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, bool relu);
  void (*relu_gradient)(const float *y, const float *g, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, float *out, double *sums);

  // Rows and columns of a product; `scratch` has room for jvm_product_strip · terms floats. Meanwhile the cache is asked for bytes from `ahead` on, which
  // may be null: what another core has written and this one reads next.
  void (*product)(const jvm_product *, ptrdiff_t first_row, ptrdiff_t rows, ptrdiff_t first_column, ptrdiff_t columns, float *scratch, const void *ahead,
                  ptrdiff_t bytes_ahead);

  // Normalisation over channels: x is [rows, channels, inner], contiguous. mean[c] and squares[c] = Σ (x − mean[c])².
  void (*channel_moments_f32)(const float *x, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t inner, double *mean, double *squares);
  void (*channel_moments_f64)(const double *x, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t inner, double *mean, double *squares);
  // y = (x − mean[c]) scale[c] + shift[c].
  void (*channel_scale_f32)(const float *x, float *y, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t inner, const float *mean,
                            const float *scale, const float *shift);
  void (*channel_scale_f64)(const double *x, double *y, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t inner, const double *mean,
                            const double *scale, const double *shift);
  // sums[c] = Σ g, moments[c] = Σ g (x − mean[c]).
  void (*channel_gradient_sums_f32)(const float *x, const float *g, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t inner,
                                    const float *mean, double *sums, double *moments);
  void (*channel_gradient_sums_f64)(const double *x, const double *g, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t inner,
                                    const double *mean, double *sums, double *moments);
  // out = a[c] g + b[c] (x − mean[c]) + k[c].
  void (*channel_gradient_f32)(const float *x, const float *g, float *out, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t inner,
                               const float *mean, const float *a, const float *b, const float *k);
  void (*channel_gradient_f64)(const double *x, const double *g, double *out, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t inner,
                               const double *mean, const double *a, const double *b, const double *k);

  // Each of `rows` rows of n numbers brought to mean 0 and variance 1, times weight plus bias (either may be null); mean and
  // scale = 1/√(variance + epsilon) of each row are written.
  void (*layer_norm_f32)(const float *x, const float *weight, const float *bias, float *y, ptrdiff_t rows, ptrdiff_t n,
                         double epsilon, double *mean, double *scale);
  void (*layer_norm_f64)(const double *x, const double *weight, const double *bias, double *y, ptrdiff_t rows, ptrdiff_t n,
                         double epsilon, double *mean, double *scale);
  // Its derivatives; those by weight and bias are summed over these rows. Any result may be null.
  void (*layer_norm_gradient_f32)(const float *x, const float *g, const float *weight, const double *mean, const double *scale,
                                  ptrdiff_t rows, ptrdiff_t n, float *by_x, float *by_weight, float *by_bias);
  void (*layer_norm_gradient_f64)(const double *x, const double *g, const double *weight, const double *mean, const double *scale,
                                  ptrdiff_t rows, ptrdiff_t n, double *by_x, double *by_weight, double *by_bias);
  // Rows first ..< last of z = mu + e^{logvar/2} noise [N, outputs] and of the divergences kl [N]; `derivatives`
  // [N, 3, padded], where not null, receives ∂kl/∂mu, ∂kl/∂logvar and ∂z/∂logvar.
  void (*gaussian_heads)(const jvm_gaussian_heads *, ptrdiff_t first, ptrdiff_t last, float *z, float *kl, float *derivatives);
  // From these and the gradients of z [N, outputs] and kl [N] (null for none) those of mu and logvar, [N, 2, padded].
  void (*gaussian_heads_gradient)(const float *derivatives, const float *grad_z, const float *grad_kl, ptrdiff_t first, ptrdiff_t last,
                                  ptrdiff_t outputs, ptrdiff_t padded, float *towards_heads);
  // And from those the gradient of h [N, stride]; `by_output` is [2 outputs, stride], the rows of both weights.
  void (*gaussian_heads_input_gradient)(const float *towards_heads, ptrdiff_t first, ptrdiff_t last, ptrdiff_t outputs, ptrdiff_t padded,
                                        const float *by_output, ptrdiff_t stride, float *grad_h);
  // And those of the weights [inputs, padded], for inputs first ..< last.
  void (*gaussian_heads_weight_gradient)(const float *h, ptrdiff_t h_stride, const float *towards_heads, ptrdiff_t rows, ptrdiff_t outputs,
                                         ptrdiff_t first, ptrdiff_t last, ptrdiff_t padded, float *grad_mu, float *grad_logvar);

  // One Adam step on n numbers (Kingma & Ba, arXiv:1412.6980; ε outside the root of the corrected variance). `largest`, where not
  // null, holds the largest variance so far, by whose root is then divided (AMSGrad: Reddi et al., arXiv:1904.09237).
  void (*adam_f32)(const jvm_adam_settings *, float *parameter, const float *gradient, float *mean, float *variance, float *largest, ptrdiff_t n);
  void (*adam_f64)(const jvm_adam_settings *, double *parameter, const double *gradient, double *mean, double *variance, double *largest, ptrdiff_t n);

  // Two independent standard normal numbers from each pair of random words.
  void (*normal_pairs)(const uint32_t *words, float *out, ptrdiff_t pairs);

  // A jet is [slots, 4] numbers E, px, py, pz. The sum [4] of its particles, and how many are not all zero; -1 where a sum is not finite
  // or an energy below 0.
  ptrdiff_t (*momentum_sum)(const float *jet, ptrdiff_t slots, double *sum);
  // How many particles there are, if they come first, by descending pT, and nothing but zeros behind them; -1 otherwise, and for numbers
  // that are not finite or energies below 0.
  ptrdiff_t (*packed_slots)(const float *jet, ptrdiff_t slots);
  // E, px, py, pz [n each] of transverse momentum, pseudorapidity or rapidity, azimuth and mass. A pT below 0 gives an energy below 0.
  void (*four_vectors)(const double *pt, const double *angle, const double *phi, const double *mass, bool is_rapidity,
                       double *const components[4], ptrdiff_t n);
  // From jets [slots, 4] of E, px, py, pz in double precision, times `unit`, the first `kept` slots in single precision. What packed_slots
  // says of them is told; where that is -1 nothing is promised of `out`.
  ptrdiff_t (*narrowed_slots)(const double *jet, ptrdiff_t slots, double unit, float *out, ptrdiff_t kept);
  // The same from jets of transverse momenta, times `scale`, and angles, plus `shift`; particles of pT 0 are padding.
  ptrdiff_t (*polar_slots)(const float *jet, ptrdiff_t slots, const jvm_polar_form *, double scale, double shift, float *out, ptrdiff_t kept);
  // pT, eta, phi in (−π, π] and mass [n each] of n sums [n, 4]; phi is 0 without transverse momentum, and eta then 0 or ±∞.
  void (*jet_kinematics)(const double *sums, ptrdiff_t n, double *pt, double *eta, double *phi, double *mass);
} jvm_kernels;

/// Orders the entries of `rows` sparse rows by column: counts them first, then fills in rows first ..< last, all of them in
/// ascending order in one call or several. `offsets` has columns + 2 places, of which the first columns + 1 are meaningful
/// afterwards; `row_of` and `values` have one per entry.
void jvm_count_columns(jvm_sparse_rows x, ptrdiff_t rows, ptrdiff_t columns, int32_t *offsets);
void jvm_fill_columns(jvm_sparse_rows x, ptrdiff_t first, ptrdiff_t last, int32_t *offsets, jvm_column_entry *entries);
// Copies the rows places[first] ..< places[last] of `source` to where `offsets` says, and adds up how many entries each column has.
void jvm_gather_rows(jvm_sparse_rows source, const ptrdiff_t *places, ptrdiff_t first, ptrdiff_t last, const int64_t *offsets, uint16_t *columns,
                     float *values, int32_t *counts);

/// The loops compiled for this processor. JETLUA_INSTRUCTION_SET=baseline|x86-64-v3|x86-64-v4 asks for less.
__attribute__((returns_nonnull)) const jvm_kernels *jvm_kernels_in_use(void);

/// The loops for one instruction set by its name, NULL where this processor lacks it.
const jvm_kernels *jvm_kernels_named(const char *instruction_set);

/// What is sorted: a key and the place it came from, in the upper and lower half of a word or in two.
typedef uint64_t jvm_narrow_item;
typedef struct { uint64_t key, place; } jvm_wide_item;

/// Puts n items in the order of their keys, equal ones in the order they have; `scratch` has room for as many.
void jvm_sort_narrow(jvm_narrow_item *items, jvm_narrow_item *scratch, ptrdiff_t n);
void jvm_sort_wide(jvm_wide_item *items, jvm_wide_item *scratch, ptrdiff_t n);

enum { jvm_digits = 256, jvm_narrow_passes = 4, jvm_wide_passes = 8 };
/// One pass of such a sort in parts, by the byte of the key that `pass` numbers from the lowest: counts[d] = how many of n items have the byte d, and then
/// each item goes to to[places[byte]++].
void jvm_count_narrow(const jvm_narrow_item *items, ptrdiff_t n, int pass, int64_t *counts);
void jvm_count_wide(const jvm_wide_item *items, ptrdiff_t n, int pass, int64_t *counts);
void jvm_place_narrow(const jvm_narrow_item *items, ptrdiff_t n, int pass, int64_t *places, jvm_narrow_item *to);
void jvm_place_wide(const jvm_wide_item *items, ptrdiff_t n, int pass, int64_t *places, jvm_wide_item *to);
