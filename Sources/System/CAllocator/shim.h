// What the allocator of the C library says of itself.
#ifndef FLEETLAB_CALLOCATOR_SHIM_H
#define FLEETLAB_CALLOCATOR_SHIM_H

#include <malloc.h>

#endif
