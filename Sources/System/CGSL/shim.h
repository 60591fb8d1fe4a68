// The parts of the GNU Scientific Library that Statistics calls: laws, their inverses, error codes.
#ifndef FLEETLAB_CGSL_SHIM_H
#define FLEETLAB_CGSL_SHIM_H

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>

#endif
