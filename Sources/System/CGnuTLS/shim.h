// The parts of GnuTLS that Transport calls: sessions of TLS 1.3, certificates, random numbers.
#ifndef FLEETLAB_CGNUTLS_SHIM_H
#define FLEETLAB_CGNUTLS_SHIM_H

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#endif
