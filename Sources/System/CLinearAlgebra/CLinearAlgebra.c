// Compiles every kernel once for each level of instructions, and chooses by the level asked for.
#define _GNU_SOURCE
#include "CLinearAlgebra.h"

#include <dlfcn.h>
#include <math.h>
#include <string.h>

// Functions that take or give vectors are always inlined, so how they would be passed is no matter.
#pragma clang diagnostic ignored "-Wpsabi"

#define TILE_LANES 4
#define TILE_VECTORS 3
#define TILE_ROWS 4
#define LEVEL(name) name##_baseline
#include "level.h"
#undef LEVEL
#undef TILE_LANES
#undef TILE_VECTORS
#undef TILE_ROWS

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define TILE_LANES 8
#define TILE_VECTORS 3
#define TILE_ROWS 4
#define LEVEL(name) name##_avx2
#include "level.h"
#undef LEVEL
#undef TILE_LANES
#undef TILE_VECTORS
#undef TILE_ROWS
#pragma clang attribute pop

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512cd,avx2,fma"))), \
    apply_to = function)
#define TILE_LANES 16
#define TILE_VECTORS 3
#define TILE_ROWS 8
#define LEVEL(name) name##_avx512
#include "level.h"
#undef LEVEL
#undef TILE_LANES
#undef TILE_VECTORS
#undef TILE_ROWS
#pragma clang attribute pop

int fleetlab_cpu_level(void) {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 0;
  const int has512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                     __builtin_cpu_supports("avx512cd");
  return has512 ? 2 : 1;
}

#define CHOOSE(level, name, ...) \
  switch (level) { \
    case 2: name##_avx512(__VA_ARGS__); break; \
    case 1: name##_avx2(__VA_ARGS__); break; \
    default: name##_baseline(__VA_ARGS__); \
  }

#else

int fleetlab_cpu_level(void) { return 0; }

#define CHOOSE(level, name, ...) \
  (void)level; \
  name##_baseline(__VA_ARGS__)

#endif

const char *fleetlab_file_of(const void *function) {
  Dl_info place;
  return dladdr(function, &place) ? place.dli_fname : 0;
}

void fleetlab_packed_product(int level, struct fleetlab_packed_product product) {
  CHOOSE(level, packed_product, &product)
}

void fleetlab_add_bias_gelu(
    int level, float *values, const float *bias, size_t rows, size_t columns) {
  CHOOSE(level, add_bias_gelu, values, bias, rows, columns)
}

void fleetlab_add_bias(int level, float *values, const float *bias, size_t rows, size_t columns) {
  CHOOSE(level, add_bias, values, bias, rows, columns)
}

void fleetlab_softmax(
    int level, float *values, size_t rows, size_t columns, size_t stride, float scale) {
  CHOOSE(level, softmax, values, rows, columns, stride, scale)
}

void fleetlab_layer_norm(int level, struct fleetlab_layer_norm norm) {
  CHOOSE(level, layer_norm, &norm)
}

void fleetlab_column_means(
    int level, const float *values, size_t rows, size_t columns, float *out) {
  CHOOSE(level, column_means, values, rows, columns, out)
}

void fleetlab_map(int level, int function, const float *values, float *results, size_t count) {
  CHOOSE(level, map, function, values, results, count)
}

void fleetlab_map_gradient(int level, struct fleetlab_map_gradient gradient) {
  CHOOSE(level, map_gradient, &gradient)
}

void fleetlab_log_softmax(
    int level, const float *values, float *results, size_t rows, size_t columns) {
  CHOOSE(level, log_softmax, values, results, rows, columns)
}

void fleetlab_log_softmax_gradient(
    int level, const float *results, const float *result_gradients, float *gradients, size_t rows,
    size_t columns) {
  CHOOSE(level, log_softmax_gradient, results, result_gradients, gradients, rows, columns)
}

void fleetlab_softmax_gradient(
    int level, const float *results, float *gradients, size_t rows, size_t columns, float scale) {
  CHOOSE(level, softmax_gradient, results, gradients, rows, columns, scale)
}

void fleetlab_standardise(int level, struct fleetlab_standardisation standardisation) {
  CHOOSE(level, standardise, &standardisation)
}

void fleetlab_standardise_gradient(
    int level, struct fleetlab_standardisation standardisation, const float *result_gradients,
    float *gradients) {
  CHOOSE(level, standardise_gradient, &standardisation, result_gradients, gradients)
}

void fleetlab_add_column_sums(
    int level, const float *values, size_t rows, size_t columns, float *sums) {
  CHOOSE(level, add_column_sums, values, rows, columns, sums)
}

float fleetlab_sum_of_squares(int level, const float *values, size_t count) {
  float sum;
  CHOOSE(level, sum = sum_of_squares, values, count)
  return sum;
}

void fleetlab_approach(int level, float *values, const float *aims, size_t count, float share) {
  CHOOSE(level, approach, values, aims, count, share)
}

void fleetlab_adam(int level, struct fleetlab_moment_step step) { CHOOSE(level, adam, &step) }

void fleetlab_root_mean_square_propagation(int level, struct fleetlab_moment_step step) {
  CHOOSE(level, root_mean_square_propagation, &step)
}
