// What Swift cannot import of GnuTLS, and the clock and the entropy that GnuTLS reads.
#ifndef FLEETLAB_CTLS_H
#define FLEETLAB_CTLS_H

#include <stdint.h>

// Sets the time that GnuTLS sees on the calling thread, in nanoseconds since 1970. A thread that
// never set it, or set 0, sees the wall clock. Tickets, their replay and certificates are judged by
// this time, so a world with a virtual clock sets it before each call.
void fleetlab_tls_set_time(uint64_t nanoseconds);

// Makes every key of this process from now on follow from a seed: for captures of simulated runs
// that are the same byte for byte, and never in a process that speaks with others. It must come
// before GnuTLS has drawn anything on the thread.
void fleetlab_tls_seed_entropy(uint64_t seed);

// Macros that collide with enumerators of the same name, or are expressions.
extern const unsigned fleetlab_tls_server_flags;
extern const unsigned fleetlab_tls_client_flags;
extern const unsigned fleetlab_tls_early_data_flag;
extern const unsigned fleetlab_tls_any_handshake_message;
extern const unsigned fleetlab_tls_ed25519_bits;

// gnutls_free is a variable, which Swift 6 does not let threads share.
void fleetlab_tls_free(void *memory);

#endif
