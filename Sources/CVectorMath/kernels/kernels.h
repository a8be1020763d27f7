// Everything of one instruction set: a variant's .c file names it and includes this.
// The request to vectorise stands on every element-wise loop; those that call libm cannot follow it. Said before the
// lists are first included: the optimiser's remarks are filed under a line of a list, not under the loop made from it.
#pragma clang diagnostic ignored "-Wpass-failed"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <tgmath.h>

#include "CVectorMath.h"
#include "denormals.h"

// Vectors are passed between static functions of one variant only, so their calling convention is one.
#pragma clang diagnostic ignored "-Wpsabi"
#ifdef VARIANT_TARGET
#pragma clang attribute push(__attribute__((VARIANT_TARGET)), apply_to = function)
#endif
#include "vector.h"
#include "unary.h"
#include "binary.h"
#include "reductions.h"
#include "sparse_linear.h"
#include "mixture.h"
#include "mixture_line.h"
#include "convolution.h"
#include "resizing.h"
#include "transposing.h"
#include "adam.h"
#include "normal.h"
#include "gaussian.h"
#include "bias.h"
#include "product.h"
#include "kinematics.h"
#define NUMBER float
#define NAMED(f) f##_f32
#define WIDE vector
#define LOAD load
#define STORE store
#define SUM_OF_LANES sum_of_lanes
#include "norms.h"
#include "scans.h"
#undef NUMBER
#undef NAMED
#undef WIDE
#undef LOAD
#undef STORE
#undef SUM_OF_LANES
#define NUMBER double
#define NAMED(f) f##_f64
#define WIDE vector_double
#define LOAD load_double
#define STORE store_double
#define SUM_OF_LANES sum_of_double_lanes
#include "norms.h"
#include "scans.h"
#include "gaussian_heads.h"
#ifdef VARIANT_TARGET
#pragma clang attribute pop
#endif

const jvm_kernels VARIANT = {
    .instruction_set = VARIANT_NAME,
    .unary_f32 = unary_f32,
    .unary_f64 = unary_f64,
    .unary_gradient_f32 = unary_gradient_f32,
    .unary_gradient_f64 = unary_gradient_f64,
    .binary_f32 = binary_f32,
    .binary_f64 = binary_f64,
    .compare_f32 = compare_f32,
    .compare_f64 = compare_f64,
    .compare_i64 = compare_i64,
    .choose = {choose_1, choose_4, choose_8},
    .transpose_4 = transpose_4,
    .sum_f32 = sum_f32,
    .sum_f64 = sum_f64,
    .sum_rows_f32 = sum_rows_f32,
    .sum_rows_f64 = sum_rows_f64,
    .sum_of_squares_f32 = sum_of_squares_f32,
    .running_rows_f32 = running_rows_f32,
    .running_rows_f64 = running_rows_f64,
    .running_line_f32 = running_line_f32,
    .running_line_f64 = running_line_f64,
    .maximum_f32 = row_maximum,
    .leading_f32 = leading_f32,
    .extreme_f32 = extreme_f32,
    .extreme_columns_f32 = extreme_columns_f32,
    .softmax_f32 = softmax_f32,
    .log_softmax_f32 = log_softmax_f32,
    .logsumexp_f32 = logsumexp_f32,
    .softmax_gradient_f32 = softmax_gradient_f32,
    .sparse_linear = sparse_linear,
    .sparse_linear_weight_gradient = sparse_linear_weight_gradient,
    .sparse_linear_weight_gradient_with_pairs = sparse_linear_weight_gradient_with_pairs,
    .mixture_nll = mixture_nll,
    .mixture_line_extent = mixture_line_extent,
    .mixture_line_points = mixture_line_points,
    .mixture_line_jets = mixture_line_jets,
    .mixture_line_gradient = mixture_line_gradient,
    .convolution_split = convolution_split,
    .convolution_join = convolution_join,
    .convolution_pack = convolution_pack,
    .convolve = convolve,
    .convolution_weight_sums = convolution_weight_sums,
    .convolution_fold_sums = convolution_fold_sums,
    .halve_images = halve_images,
    .double_images = double_images,
    .pool_largest = pool_largest,
    .pool_largest_gradient = pool_largest_gradient,
    .adam_f32 = adam_f32,
    .adam_f64 = adam_f64,
    .normal_pairs = normal_pairs,
    .momentum_sum = momentum_sum,
    .packed_slots = packed_slots,
    .four_vectors = four_vectors,
    .narrowed_slots = narrowed_slots,
    .polar_slots = polar_slots,
    .jet_kinematics = jet_kinematics,
    .gaussian_kl_f32 = gaussian_kl_f32,
    .gaussian_posterior = gaussian_posterior,
    .gaussian_posterior_gradient = gaussian_posterior_gradient,
    .scaled_difference = scaled_difference,
    .add_bias = add_bias,
    .relu_gradient = relu_gradient,
    .product = product,
    .channel_moments_f32 = channel_moments_f32,
    .channel_moments_f64 = channel_moments_f64,
    .channel_scale_f32 = channel_scale_f32,
    .channel_scale_f64 = channel_scale_f64,
    .channel_gradient_sums_f32 = channel_gradient_sums_f32,
    .channel_gradient_sums_f64 = channel_gradient_sums_f64,
    .channel_gradient_f32 = channel_gradient_f32,
    .channel_gradient_f64 = channel_gradient_f64,
    .layer_norm_f32 = layer_norm_f32,
    .layer_norm_f64 = layer_norm_f64,
    .layer_norm_gradient_f32 = layer_norm_gradient_f32,
    .layer_norm_gradient_f64 = layer_norm_gradient_f64,
    .gaussian_heads = gaussian_heads,
    .gaussian_heads_gradient = gaussian_heads_gradient,
    .gaussian_heads_input_gradient = gaussian_heads_input_gradient,
    .gaussian_heads_weight_gradient = gaussian_heads_weight_gradient,
};
