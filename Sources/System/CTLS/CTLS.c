// The clock and the entropy that GnuTLS reads, and those of its macros that Swift cannot import.
#include "CTLS.h"

#include <gnutls/gnutls.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static _Thread_local uint64_t thread_time;

static const uint64_t second = 1000000000u;

static void read_time(struct timespec *now) {
  if (thread_time == 0) {
    clock_gettime(CLOCK_REALTIME, now);
    return;
  }
  now->tv_sec = (time_t)(thread_time / second);
  now->tv_nsec = (long)(thread_time % second);
}

static time_t read_seconds(time_t *place) {
  struct timespec now;
  read_time(&now);
  if (place != NULL) *place = now.tv_sec;
  return now.tv_sec;
}

// Exported by the library with the version GNUTLS_PRIVATE_3_4 and declared in no header: tickets
// and the protection against replay read this clock, and no public function sets it.
extern void _gnutls_global_set_gettime_function(void (*function)(struct timespec *));

// Before main, so that no session ever sees the other clock.
__attribute__((constructor)) static void set_clocks(void) {
  gnutls_global_set_time_function(read_seconds);
  _gnutls_global_set_gettime_function(read_time);
}

void fleetlab_tls_set_time(uint64_t nanoseconds) { thread_time = nanoseconds; }

// The state of splitmix64, once there is a seed.
static _Atomic uint64_t entropy_state;
static atomic_bool entropy_is_seeded;

void fleetlab_tls_seed_entropy(uint64_t seed) {
  atomic_store(&entropy_state, seed);
  atomic_store(&entropy_is_seeded, true);
}

// Stands before the C library's function of this name, for GnuTLS too, which draws the keys of its
// own generators from it. Without a seed it is the operating system's.
ssize_t getrandom(void *memory, size_t count, unsigned flags) {
  if (!atomic_load(&entropy_is_seeded)) return syscall(SYS_getrandom, memory, count, flags);
  uint8_t *place = memory;
  for (size_t done = 0; done < count; done += sizeof(uint64_t)) {
    uint64_t word = atomic_fetch_add(&entropy_state, 0x9e3779b97f4a7c15u) + 0x9e3779b97f4a7c15u;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
    word ^= word >> 31;
    const size_t rest = count - done;
    memcpy(place + done, &word, rest < sizeof word ? rest : sizeof word);
  }
  return (ssize_t)count;
}

const unsigned fleetlab_tls_server_flags = GNUTLS_SERVER | GNUTLS_ENABLE_EARLY_DATA |
                                           GNUTLS_NO_AUTO_SEND_TICKET |
                                           GNUTLS_NO_END_OF_EARLY_DATA;
const unsigned fleetlab_tls_client_flags =
    GNUTLS_CLIENT | GNUTLS_ENABLE_EARLY_DATA | GNUTLS_NO_END_OF_EARLY_DATA;
const unsigned fleetlab_tls_early_data_flag = GNUTLS_ENABLE_EARLY_DATA;
const unsigned fleetlab_tls_any_handshake_message = GNUTLS_HANDSHAKE_ANY;
const unsigned fleetlab_tls_ed25519_bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519);

void fleetlab_tls_free(void *memory) { gnutls_free(memory); }
