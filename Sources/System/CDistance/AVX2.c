// Kernels for processors with AVX2, FMA and F16C.
#include "CDistance.h"
#include "Sets.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#pragma clang fp contract(fast)

#define NAME(x) avx2_##x

typedef float wide_lanes __attribute__((ext_vector_type(16)));
typedef float half_lanes __attribute__((ext_vector_type(8)));

static inline void widen(const uint8_t *halves, wide_lanes *result) {
  result->lo = (half_lanes)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)halves));
  result->hi = (half_lanes)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(halves + 16)));
}

static inline int32_t dot(const uint8_t *row, const int8_t *codes, size_t blocks) {
  __m256i sum = _mm256_setzero_si256();
  for (size_t place = 0; place < 64 * blocks; place += 16) {
    __m256i r = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(row + place)));
    __m256i c = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(codes + place)));
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(r, c));
  }
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
  return _mm_cvtsi128_si32(four);
}
#define DOT(row, codes, blocks) dot(row, codes, blocks)

#include "FloatKernels.inc"
#include "CodeKernel.inc"

#pragma clang attribute pop

const cdistance_kernels cdistance_avx2 = {
    .name = "avx2",
    .product_float32 = avx2_product_float32,
    .product_float16 = avx2_product_float16,
    .square_float32 = avx2_square_float32,
    .square_float16 = avx2_square_float16,
    .codes_int8 = avx2_codes_int8,
    .widen_float16 = avx2_widen_float16,
};
#endif
