// Distances from one query to listed rows of a table, one set of kernels per instruction set.
#ifndef FLEETLAB_CDISTANCE_H
#define FLEETLAB_CDISTANCE_H

#include <stddef.h>
#include <stdint.h>

// Vectors in memory, each filled up with zeros to whole blocks of 16 components (float32, float16)
// or of 64 codes (int8, where a code of 128 stands for zero).
typedef struct {
  // The vector of row 0; for speed, rows begin on cache lines.
  const uint8_t *vectors;
  // Bytes from one row to the next.
  size_t stride;
  // Blocks of one vector.
  size_t blocks;
  // Of int8 rows a pair for each: what one step of a code is worth, and an addend.
  const float *terms;
} cdistance_table;

// What rows are compared with: float32 components, or signed codes for int8 tables.
typedef struct {
  const void *components;
  // The sum of the codes; for int8 tables.
  int32_t code_sum;
  // What a product of codes is multiplied with, besides the row's own step; for int8 tables.
  float factor;
  // What is added to every distance; for int8 tables.
  float addend;
} cdistance_query;

// Writes the distance from the query to each of the listed rows. A list of NULL stands for the rows
// 0 ..< count.
typedef void (*cdistance_kernel)(const cdistance_query *query, const cdistance_table *table,
                                 const uint32_t *rows, size_t count, float *distances);

// The kernels of one instruction set.
typedef struct {
  const char *name;
  // Minus the inner product.
  cdistance_kernel product_float32, product_float16;
  // The squared Euclidean distance.
  cdistance_kernel square_float32, square_float16;
  // Both addends + factor * step * (inner product of the codes): the product and the square alike.
  cdistance_kernel codes_int8;
  // Turns blocks of 16 float16 numbers into float32.
  void (*widen_float16)(const void *halves, size_t blocks, float *floats);
} cdistance_kernels;

// How many sets this processor can run; at least one, the best is the last.
size_t cdistance_set_count(void);
// The set at a place below cdistance_set_count().
const cdistance_kernels *cdistance_set(size_t place);

// Asks for the cache line of an address ahead of its use.
static inline void cdistance_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

#endif
