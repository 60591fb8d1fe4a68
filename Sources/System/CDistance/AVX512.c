// Kernels for processors with AVX-512 and its integer products (VNNI).
#include "CDistance.h"
#include "Sets.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(                                                             \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,fma,f16c"))), \
    apply_to = function)
#pragma clang fp contract(fast)

#define NAME(x) avx512_##x

typedef float wide_lanes __attribute__((ext_vector_type(16)));

static inline void widen(const uint8_t *halves, wide_lanes *result) {
  *result = (wide_lanes)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)halves));
}

static inline int32_t dot(const uint8_t *row, const int8_t *codes, size_t blocks) {
  __m512i even = _mm512_setzero_si512(), odd = _mm512_setzero_si512();
  size_t block = 0;
  for (; block + 2 <= blocks; block += 2) {
    even = _mm512_dpbusd_epi32(even, _mm512_loadu_si512(row + 64 * block),
                               _mm512_loadu_si512(codes + 64 * block));
    odd = _mm512_dpbusd_epi32(odd, _mm512_loadu_si512(row + 64 * block + 64),
                              _mm512_loadu_si512(codes + 64 * block + 64));
  }
  if (block < blocks)
    even = _mm512_dpbusd_epi32(even, _mm512_loadu_si512(row + 64 * block),
                               _mm512_loadu_si512(codes + 64 * block));
  return _mm512_reduce_add_epi32(_mm512_add_epi32(even, odd));
}
#define DOT(row, codes, blocks) dot(row, codes, blocks)

#include "FloatKernels.inc"
#include "CodeKernel.inc"

#pragma clang attribute pop

const cdistance_kernels cdistance_avx512 = {
    .name = "avx512",
    .product_float32 = avx512_product_float32,
    .product_float16 = avx512_product_float16,
    .square_float32 = avx512_square_float32,
    .square_float16 = avx512_square_float16,
    .codes_int8 = avx512_codes_int8,
    .widen_float16 = avx512_widen_float16,
};
#endif
