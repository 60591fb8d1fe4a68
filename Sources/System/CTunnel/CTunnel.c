// Network namespaces, TUN devices and threads that run before others, by the system's own calls.
#define _GNU_SOURCE
#include "CTunnel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

// As many packets as a sender may hand over before the reader comes to run.
static const int queue_length = 10000;

int fleetlab_namespace_new(void) {
  if (unshare(CLONE_NEWNET) != 0) return -errno;
  int descriptor = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

int fleetlab_namespace_enter(int descriptor) {
  return setns(descriptor, CLONE_NEWNET) == 0 ? 0 : -errno;
}

static void set_address(struct ifreq *request, uint32_t address) {
  struct sockaddr_in internet = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
  memcpy(&request->ifr_addr, &internet, sizeof internet);
}

static int bring_up(int control, struct ifreq *request) {
  if (ioctl(control, SIOCGIFFLAGS, request) != 0) return -1;
  request->ifr_flags |= IFF_UP | IFF_RUNNING;
  return ioctl(control, SIOCSIFFLAGS, request);
}

static int configure(int control, struct ifreq *request, uint32_t local, uint32_t peer,
                     int packet) {
  set_address(request, local);
  if (ioctl(control, SIOCSIFADDR, request) != 0) return -1;
  set_address(request, peer);
  if (ioctl(control, SIOCSIFDSTADDR, request) != 0) return -1;
  set_address(request, 0xffffffff);
  if (ioctl(control, SIOCSIFNETMASK, request) != 0) return -1;
  request->ifr_mtu = packet;
  if (ioctl(control, SIOCSIFMTU, request) != 0) return -1;
  request->ifr_qlen = queue_length;
  if (ioctl(control, SIOCSIFTXQLEN, request) != 0) return -1;
  if (bring_up(control, request) != 0) return -1;
  struct ifreq loopback = {.ifr_name = "lo"};
  return bring_up(control, &loopback);
}

int fleetlab_tunnel_open(const char *name, uint32_t local, uint32_t peer, int maximum_packet) {
  int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) return -errno;
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int result = control;
  if (result >= 0) result = ioctl(device, TUNSETIFF, &request);
  if (result >= 0) result = configure(control, &request, local, peer, maximum_packet);
  int error = errno;
  if (control >= 0) close(control);
  if (result >= 0) return device;
  close(device);
  return -error;
}

int fleetlab_tunnels_wait(int first, int second, int64_t nanoseconds) {
  struct pollfd wishes[] = {{first, POLLIN, 0}, {second, POLLIN, 0}};
  struct timespec span = {.tv_nsec = nanoseconds};
  return ppoll(wishes, 2, &span, NULL) < 0 ? -errno : 0;
}

int fleetlab_thread_hasten(int priority) {
  if (prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0) != 0) return -errno;
  struct sched_param parameters = {.sched_priority = priority};
  return sched_setscheduler(0, SCHED_FIFO, &parameters) == 0 ? 0 : -errno;
}
