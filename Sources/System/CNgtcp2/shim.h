// ngtcp2: the packets, streams, loss recovery and congestion control of QUIC (RFC 9000, RFC 9002).
#ifndef FLEETLAB_CNGTCP2_SHIM_H
#define FLEETLAB_CNGTCP2_SHIM_H

#include <ngtcp2/ngtcp2.h>

#endif
