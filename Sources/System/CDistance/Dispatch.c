// Which kernels the processor can run.
#include "CDistance.h"
#include "Sets.h"

size_t cdistance_set_count(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("f16c")))
    return 1;
  if (!(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512vnni")))
    return 2;
  return 3;
#else
  return 1;
#endif
}

const cdistance_kernels *cdistance_set(size_t place) {
#if defined(__x86_64__)
  if (place == 1) return &cdistance_avx2;
  if (place >= 2) return &cdistance_avx512;
#endif
  (void)place;
  return &cdistance_portable;
}
