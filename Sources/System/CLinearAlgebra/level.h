// The functions of one level of instructions; the file that includes this names the level with
// LEVEL(name) and the shape of its register tile with TILE_LANES, TILE_VECTORS and TILE_ROWS.

typedef float LEVEL(wide) __attribute__((vector_size(TILE_LANES * 4), aligned(4)));
// Sums and elementwise functions work on 16 lanes at every level, so that they sum alike.
typedef float LEVEL(lanes) __attribute__((vector_size(64), aligned(4)));
typedef int LEVEL(ints) __attribute__((vector_size(64), aligned(4)));

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")
#define LANES 16

// ---- the packed product -------------------------------------------------------------------------

enum { LEVEL(tile_columns) = TILE_LANES * TILE_VECTORS };

// One tile: `rows` rows, TILE_LANES · TILE_VECTORS columns, kept in registers over the depth.
INLINE void LEVEL(tile)(
    const int rows, const float *left, size_t left_stride, const float *packed, size_t depth,
    float *out, size_t out_stride, int begins) {
  LEVEL(wide) sums[TILE_ROWS][TILE_VECTORS];
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
      const float *place = out + r * out_stride + v * TILE_LANES;
      sums[r][v] = begins ? (LEVEL(wide)){0} : *(const LEVEL(wide) *)place;
    }
  }
  for (size_t k = 0; k < depth; k++) {
    const float *row = packed + k * FLEETLAB_PANEL_COLUMNS;
    LEVEL(wide) right[TILE_VECTORS];
    // The processor fetches lines that follow one another by itself; this begins early enough.
    __builtin_prefetch(row + 16 * FLEETLAB_PANEL_COLUMNS);
    UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
      right[v] = *(const LEVEL(wide) *)(row + v * TILE_LANES);
    }
    UNROLLED for (int r = 0; r < rows; r++) {
      // x - 0 is x for every x, so the subtraction is no instruction, only the way to a vector.
      const LEVEL(wide) factor = left[r * left_stride + k] - (LEVEL(wide)){0};
      UNROLLED for (int v = 0; v < TILE_VECTORS; v++) sums[r][v] += factor * right[v];
    }
  }
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
      *(LEVEL(wide) *)(out + r * out_stride + v * TILE_LANES) = sums[r][v];
    }
  }
}

// All rows from `first` to `end` of one part of a panel.
static void LEVEL(rows)(
    const struct fleetlab_packed_product *p, size_t first, size_t end, size_t depth_first,
    size_t depth, const float *packed, float *out, size_t out_stride) {
  size_t row = first;
  const int begins = depth_first == 0;
  while (row < end) {
    const float *left = p->left + row * p->left_stride + depth_first;
    float *place = out + (row - first) * out_stride;
    const size_t remain = end - row;
    if (remain >= TILE_ROWS) {
      LEVEL(tile)(TILE_ROWS, left, p->left_stride, packed, depth, place, out_stride, begins);
      row += TILE_ROWS;
    } else if (remain >= 4 && TILE_ROWS > 4) {
      LEVEL(tile)(4, left, p->left_stride, packed, depth, place, out_stride, begins);
      row += 4;
    } else if (remain >= 2) {
      LEVEL(tile)(2, left, p->left_stride, packed, depth, place, out_stride, begins);
      row += 2;
    } else {
      LEVEL(tile)(1, left, p->left_stride, packed, depth, place, out_stride, begins);
      row += 1;
    }
  }
}

// The last panel when the matrix does not fill it: whole tiles into a scratch row block.
static void LEVEL(partial_panel)(
    const struct fleetlab_packed_product *p, const float *packed, size_t column) {
  float scratch[TILE_ROWS * FLEETLAB_PANEL_COLUMNS];
  for (size_t row = 0; row < p->rows; row += TILE_ROWS) {
    const size_t end = row + TILE_ROWS < p->rows ? row + TILE_ROWS : p->rows;
    for (size_t part = 0; part < FLEETLAB_PANEL_COLUMNS; part += LEVEL(tile_columns)) {
      LEVEL(rows)(p, row, end, 0, p->depth, packed + part, scratch + part, FLEETLAB_PANEL_COLUMNS);
    }
    for (size_t r = row; r < end; r++) {
      memcpy(
          p->out + r * p->out_stride + column, scratch + (r - row) * FLEETLAB_PANEL_COLUMNS,
          (p->columns - column) * sizeof(float));
    }
  }
}

// Blocks of rows and of depth keep what a tile reads in the nearest cache.
enum { LEVEL(row_block) = 256, LEVEL(depth_block) = 192 };

static void LEVEL(packed_product)(const struct fleetlab_packed_product *p) {
  const size_t whole = p->columns / FLEETLAB_PANEL_COLUMNS * FLEETLAB_PANEL_COLUMNS;
  for (size_t row = 0; row < p->rows; row += LEVEL(row_block)) {
    const size_t limit = row + LEVEL(row_block);
    const size_t end = limit < p->rows ? limit : p->rows;
    for (size_t column = 0; column < whole; column += FLEETLAB_PANEL_COLUMNS) {
      const float *panel = p->packed + column * p->depth;
      float *out = p->out + row * p->out_stride + column;
      for (size_t k = 0; k < p->depth; k += LEVEL(depth_block)) {
        const size_t remain = p->depth - k;
        const size_t depth = remain < LEVEL(depth_block) ? remain : LEVEL(depth_block);
        for (size_t part = 0; part < FLEETLAB_PANEL_COLUMNS; part += LEVEL(tile_columns)) {
          LEVEL(rows)(
              p, row, end, k, depth, panel + k * FLEETLAB_PANEL_COLUMNS + part, out + part,
              p->out_stride);
        }
      }
    }
  }
  if (whole < p->columns) LEVEL(partial_panel)(p, p->packed + whole * p->depth, whole);
}

// ---- elementwise functions and sums -------------------------------------------------------------

INLINE LEVEL(lanes) LEVEL(splat)(float value) { return value - (LEVEL(lanes)){0}; }

// Reads up to 16 numbers; lanes behind the end hold `rest`.
INLINE LEVEL(lanes) LEVEL(load)(const float *values, size_t count, float rest) {
  if (count >= LANES) return *(const LEVEL(lanes) *)values;
  LEVEL(lanes) result = LEVEL(splat)(rest);
  memcpy(&result, values, count * sizeof(float));
  return result;
}

INLINE void LEVEL(store)(float *values, size_t count, LEVEL(lanes) result) {
  if (count >= LANES) {
    *(LEVEL(lanes) *)values = result;
  } else {
    memcpy(values, &result, count * sizeof(float));
  }
}

// The sum of 16 lanes, always halves first.
INLINE float LEVEL(sum)(LEVEL(lanes) value) {
  float part[LANES];
  memcpy(part, &value, sizeof part);
  for (int width = LANES / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) part[i] += part[i + width];
  }
  return part[0];
}

// Where `mask` is all ones the first, where it is zero the second.
INLINE LEVEL(lanes) LEVEL(choose)(LEVEL(ints) mask, LEVEL(lanes) yes, LEVEL(lanes) no) {
  return (LEVEL(lanes))(((LEVEL(ints))yes & mask) | ((LEVEL(ints))no & ~mask));
}

// e to the power of x: x = n · ln 2 + r, a polynomial of r, and n into the exponent. Relative error
// below 2e-7 between -87 and 88; below -87 it is the value at -87, 1.6e-38. What is no number stays
// so, which max and min would hide.
INLINE LEVEL(lanes) LEVEL(exponential)(LEVEL(lanes) given) {
  LEVEL(lanes) x = __builtin_elementwise_max(given, LEVEL(splat)(-87.0f));
  x = __builtin_elementwise_min(x, LEVEL(splat)(88.0f));
  // Adding 1.5 · 2^23 rounds to an integer.
  const float shift = 12582912.0f;
  const LEVEL(lanes) n = (x * 1.44269504f + shift) - shift;
  LEVEL(lanes) r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  LEVEL(lanes) p = LEVEL(splat)(0.0013814467238262296f);
  p = p * r + 0.008368780836462975f;
  p = p * r + 0.04166839271783829f;
  p = p * r + 0.1666651964187622f;
  p = p * r + 0.4999999403953552f;
  p = p * (r * r) + r + 1.0f;
  const LEVEL(ints) power = (__builtin_convertvector(n, LEVEL(ints)) + 127) << 23;
  return LEVEL(choose)(given == given, p * (LEVEL(lanes))power, given);
}

// The error function as z · P(z²) / Q(z²), held at its value of 3.93 beyond, where it is 1 in
// single precision. Absolute error below 4e-7.
INLINE LEVEL(lanes) LEVEL(error_function)(LEVEL(lanes) z) {
  z = __builtin_elementwise_max(z, LEVEL(splat)(-3.93f));
  z = __builtin_elementwise_min(z, LEVEL(splat)(3.93f));
  const LEVEL(lanes) t = z * z;
  LEVEL(lanes) p = LEVEL(splat)(2.041972038568929e-06f);
  p = p * t + 0.0002848082804121077f;
  p = p * t + 0.003779598046094179f;
  p = p * t + 0.05279025062918663f;
  p = p * t + 0.1907835751771927f;
  p = p * t + 1.1283791065216064f;
  LEVEL(lanes) q = LEVEL(splat)(3.800407284870744e-05f);
  q = q * t + 0.0011652099201455712f;
  q = q * t + 0.014997415244579315f;
  q = q * t + 0.11425741761922836f;
  q = q * t + 0.5024102330207825f;
  q = q * t + 1.0f;
  const LEVEL(lanes) result = z * p / q;
  return __builtin_elementwise_max(
      __builtin_elementwise_min(result, LEVEL(splat)(1.0f)), LEVEL(splat)(-1.0f));
}

static void LEVEL(add_bias_gelu)(float *values, const float *bias, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    float *row = values + r * columns;
    for (size_t c = 0; c < columns; c += LANES) {
      const size_t count = columns - c;
      const LEVEL(lanes) x = LEVEL(load)(row + c, count, 0) + LEVEL(load)(bias + c, count, 0);
      const LEVEL(lanes) half = x * 0.5f;
      LEVEL(store)(row + c, count, half * LEVEL(error_function)(x * 0.70710678f) + half);
    }
  }
}

static void LEVEL(add_bias)(float *values, const float *bias, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    float *row = values + r * columns;
    for (size_t c = 0; c < columns; c += LANES) {
      const size_t count = columns - c;
      LEVEL(store)
      (row + c, count, LEVEL(load)(row + c, count, 0) + LEVEL(load)(bias + c, count, 0));
    }
  }
}

static void LEVEL(softmax)(
    float *values, size_t rows, size_t columns, size_t stride, float scale) {
  for (size_t r = 0; r < rows; r++) {
    float *row = values + r * stride;
    LEVEL(lanes) highest = LEVEL(splat)(-__builtin_inff());
    for (size_t c = 0; c < columns; c += LANES) {
      highest = __builtin_elementwise_max(
          highest, LEVEL(load)(row + c, columns - c, -__builtin_inff()));
    }
    float top = highest[0];
    for (int i = 1; i < LANES; i++) top = highest[i] > top ? highest[i] : top;
    LEVEL(lanes) sums = {0};
    for (size_t c = 0; c < columns; c += LANES) {
      const size_t count = columns - c;
      LEVEL(lanes) x = LEVEL(exponential)((LEVEL(load)(row + c, count, top) - top) * scale);
      LEVEL(store)(row + c, count, x);
      if (count < LANES) x = LEVEL(load)(row + c, count, 0);
      sums += x;
    }
    const float factor = 1.0f / LEVEL(sum)(sums);
    for (size_t c = 0; c < columns; c += LANES) {
      const size_t count = columns - c;
      LEVEL(store)(row + c, count, LEVEL(load)(row + c, count, 0) * factor);
    }
  }
}

static void LEVEL(layer_norm)(const struct fleetlab_layer_norm *n) {
  const size_t columns = n->columns;
  for (size_t r = 0; r < n->rows; r++) {
    float *row = n->values + r * columns;
    const float *residual = n->residual + r * columns;
    LEVEL(lanes) sums = {0};
    for (size_t c = 0; c < columns; c += LANES) {
      const size_t count = columns - c;
      const LEVEL(lanes) x = LEVEL(load)(row + c, count, 0) + LEVEL(load)(n->bias + c, count, 0) +
                             LEVEL(load)(residual + c, count, 0);
      LEVEL(store)(row + c, count, x);
      sums += x;
    }
    const float mean = LEVEL(sum)(sums) / (float)columns;
    LEVEL(lanes) squares = {0};
    for (size_t c = 0; c < columns; c += LANES) {
      const LEVEL(lanes) distance = LEVEL(load)(row + c, columns - c, mean) - mean;
      squares += distance * distance;
    }
    const float variance = LEVEL(sum)(squares) / (float)columns;
    const float factor = 1.0f / __builtin_sqrtf(variance + n->epsilon);
    for (size_t c = 0; c < columns; c += LANES) {
      const size_t count = columns - c;
      const LEVEL(lanes) gain = LEVEL(load)(n->gain + c, count, 0);
      const LEVEL(lanes) shift = LEVEL(load)(n->shift + c, count, 0);
      const LEVEL(lanes) x = (LEVEL(load)(row + c, count, 0) - mean) * factor;
      LEVEL(store)(row + c, count, x * gain + shift);
    }
  }
}

static void LEVEL(column_means)(const float *values, size_t rows, size_t columns, float *out) {
  for (size_t c = 0; c < columns; c += LANES) {
    LEVEL(lanes) sums = {0};
    for (size_t r = 0; r < rows; r++) sums += LEVEL(load)(values + r * columns + c, columns - c, 0);
    LEVEL(store)(out + c, columns - c, sums / (float)rows);
  }
}

#include "training.h"

#undef INLINE
#undef UNROLLED
#undef LANES
