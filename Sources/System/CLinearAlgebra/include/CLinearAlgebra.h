// The kernels of LinearAlgebra: loops that need one compilation for each instruction set.
//
// Every function takes the level of instructions to use; a level above what cpu_level() answers
// must not be asked for. Levels 1 and 2 give the same bits, as both multiply and add in one
// rounding and sum in the same order; level 0 rounds twice where they round once.
#ifndef FLEETLAB_LINEAR_ALGEBRA_H
#define FLEETLAB_LINEAR_ALGEBRA_H

#include <stddef.h>

// How many columns one panel of a packed matrix holds.
#define FLEETLAB_PANEL_COLUMNS 48

// The highest level that this processor and its operating system support: 0 for what the compiler's
// target has, 1 for AVX2 with FMA, 2 for AVX-512 (F, BW, DQ, VL, CD).
int fleetlab_cpu_level(void);

// The path of the file that a function was loaded from, or null: dladdr is hidden from Swift.
const char *fleetlab_file_of(const void *function);

// out = left · packed, with rows of `left` and `out` that lie a stride of elements apart.
//
// `packed` holds panels of 48 columns, each a row of 48 numbers for each of the `depth` rows of the
// right-hand matrix; the last panel is filled up. Each element is one sum over the depth in
// ascending order, so it does not depend on the other rows.
struct fleetlab_packed_product {
  const float *left;
  size_t left_stride;
  size_t rows;
  const float *packed;
  size_t depth;
  size_t columns;
  float *out;
  size_t out_stride;
};
void fleetlab_packed_product(int level, struct fleetlab_packed_product product);

// values[i] = gelu(values[i] + bias[i % columns]) with gelu(x) = x · Φ(x), in rows of `columns`.
void fleetlab_add_bias_gelu(
    int level, float *values, const float *bias, size_t rows, size_t columns);

// values[i] += bias[i % columns], in rows of `columns`.
void fleetlab_add_bias(int level, float *values, const float *bias, size_t rows, size_t columns);

// Each row becomes exp(scale · (value - its maximum)), divided by the sum of the row.
void fleetlab_softmax(
    int level, float *values, size_t rows, size_t columns, size_t stride, float scale);

// Each row becomes (value - mean) / sqrt(variance + epsilon) · gain + shift, where value stands for
// values + bias + residual of the row.
struct fleetlab_layer_norm {
  float *values;
  const float *bias;
  const float *residual;
  const float *gain;
  const float *shift;
  size_t rows;
  size_t columns;
  float epsilon;
};
void fleetlab_layer_norm(int level, struct fleetlab_layer_norm norm);

// out[c] = the sum of column c, divided by the number of rows.
void fleetlab_column_means(
    int level, const float *values, size_t rows, size_t columns, float *out);

// ---- training -----------------------------------------------------------------------------------

// The functions of one number that have a gradient.
enum fleetlab_function {
  FLEETLAB_TANH,
  FLEETLAB_RELU,
  FLEETLAB_GELU,
  FLEETLAB_EXPONENTIAL,
  FLEETLAB_SOFTPLUS,
  FLEETLAB_SQUARE,
};

// results[i] = f(values[i]); both may be the same memory.
void fleetlab_map(int level, int function, const float *values, float *results, size_t count);

// gradients[i] += f'(values[i]) · result_gradients[i], where results[i] = f(values[i]).
struct fleetlab_map_gradient {
  int function;
  const float *values;
  const float *results;
  const float *result_gradients;
  float *gradients;
  size_t count;
};
void fleetlab_map_gradient(int level, struct fleetlab_map_gradient gradient);

// Each row becomes its numbers less the logarithm of the sum of their exponentials.
void fleetlab_log_softmax(
    int level, const float *values, float *results, size_t rows, size_t columns);

// gradients += what the gradients of the results of log_softmax mean for its values.
void fleetlab_log_softmax_gradient(
    int level, const float *results, const float *result_gradients, float *gradients, size_t rows,
    size_t columns);

// The gradients of the results of softmax with a scale become those of its values, in place.
void fleetlab_softmax_gradient(
    int level, const float *results, float *gradients, size_t rows, size_t columns, float scale);

// Each row of the results is (value - mean) · factor with factor = 1 / sqrt(variance + epsilon).
struct fleetlab_standardisation {
  const float *values;
  float *results;
  float *factors;
  size_t rows;
  size_t columns;
  float epsilon;
};
void fleetlab_standardise(int level, struct fleetlab_standardisation standardisation);

// gradients += what the gradients of the results mean for the values.
void fleetlab_standardise_gradient(
    int level, struct fleetlab_standardisation standardisation, const float *result_gradients,
    float *gradients);

// sums[c] += the sum of column c, row after row.
void fleetlab_add_column_sums(
    int level, const float *values, size_t rows, size_t columns, float *sums);

// The sum of the squares.
float fleetlab_sum_of_squares(int level, const float *values, size_t count);

// values[i] += (aims[i] - values[i]) · share.
void fleetlab_approach(int level, float *values, const float *aims, size_t count, float share);

// One step of an optimiser, over all numbers of a parameter:
//   gradient  = gradients · gradient_scale
//   means     = means · mean_decay + gradient · mean_gain                    (Adam alone)
//   squares   = squares · square_decay + gradient² · square_gain
// Adam:
//   values    = values · value_decay - step · means / (sqrt(squares) · square_correction + epsilon)
// RMSprop:
//   values    = values - step · gradient / (sqrt(squares) + epsilon)
struct fleetlab_moment_step {
  float *values;
  const float *gradients;
  float *means;
  float *squares;
  size_t count;
  float gradient_scale;
  float mean_decay;
  float mean_gain;
  float square_decay;
  float square_gain;
  float square_correction;
  float value_decay;
  float step;
  float epsilon;
};
void fleetlab_adam(int level, struct fleetlab_moment_step step);
void fleetlab_root_mean_square_propagation(int level, struct fleetlab_moment_step step);

#endif
