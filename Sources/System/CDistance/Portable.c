// Kernels for any processor.
#include "CDistance.h"
#include "Sets.h"
#include <string.h>

#define NAME(x) portable_##x

typedef float wide_lanes __attribute__((ext_vector_type(16)));

// The value of a float16 number; subnormal numbers come out right by the multiplication.
static inline float widened(uint16_t half) {
  uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13;
  float value;
  memcpy(&value, &magnitude, sizeof value);
  value *= 0x1p112f;
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  if ((half & 0x7c00) == 0x7c00) bits |= 0x7f800000;
  bits |= (uint32_t)(half & 0x8000) << 16;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline void widen(const uint8_t *halves, wide_lanes *result) {
  for (int lane = 0; lane < 16; lane++) {
    uint16_t half;
    memcpy(&half, halves + 2 * lane, sizeof half);
    (*result)[lane] = widened(half);
  }
}

static inline int32_t dot(const uint8_t *row, const int8_t *codes, size_t blocks) {
  int32_t sum = 0;
  for (size_t place = 0; place < 64 * blocks; place++) sum += (int32_t)row[place] * codes[place];
  return sum;
}
#define DOT(row, codes, blocks) dot(row, codes, blocks)

#include "FloatKernels.inc"
#include "CodeKernel.inc"

const cdistance_kernels cdistance_portable = {
    .name = "portable",
    .product_float32 = portable_product_float32,
    .product_float16 = portable_product_float16,
    .square_float32 = portable_square_float32,
    .square_float16 = portable_square_float16,
    .codes_int8 = portable_codes_int8,
    .widen_float16 = portable_widen_float16,
};
