// Network namespaces and TUN devices, of which the calls take variable arguments or unions.
#ifndef FLEETLAB_CTUNNEL_H
#define FLEETLAB_CTUNNEL_H

#include <stdint.h>

// Each function returns 0 or a descriptor, or the negative number of an error.

// Puts the calling thread into a new network namespace and returns a descriptor of it.
int fleetlab_namespace_new(void);

// Puts the calling thread into a namespace.
int fleetlab_namespace_enter(int descriptor);

// Makes a TUN device in the namespace of the calling thread, with an address that has one peer,
// and brings it and the loopback device up. The addresses are in the host's byte order.
int fleetlab_tunnel_open(const char *name, uint32_t local, uint32_t peer, int maximum_packet);

// Sleeps until one of two descriptors can be read, or for less than a second.
int fleetlab_tunnels_wait(int first, int second, int64_t nanoseconds);

// Lets the calling thread run before all threads of the usual kind and wake on time.
int fleetlab_thread_hasten(int priority);

#endif
