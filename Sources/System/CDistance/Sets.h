// The sets of kernels, each in a file of its own.
#ifndef FLEETLAB_CDISTANCE_SETS_H
#define FLEETLAB_CDISTANCE_SETS_H

#include "CDistance.h"

extern const cdistance_kernels cdistance_portable;
#if defined(__x86_64__)
extern const cdistance_kernels cdistance_avx2;
extern const cdistance_kernels cdistance_avx512;
#endif

#endif
