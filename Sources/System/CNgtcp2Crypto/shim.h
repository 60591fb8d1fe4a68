// What joins ngtcp2 to GnuTLS: packet protection and the TLS handshake in CRYPTO frames (RFC 9001).
#ifndef FLEETLAB_CNGTCP2CRYPTO_SHIM_H
#define FLEETLAB_CNGTCP2CRYPTO_SHIM_H

#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#endif
