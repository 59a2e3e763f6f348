/* A TUN device: IP packets that the host routes to it are read here, and what is written here the host receives. */
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <unistd.h>
#if defined(__linux__)
#include <linux/if.h>
#include <linux/if_tun.h>
#endif
#include "arguments.h"

#if defined(__linux__)
static int opened(const uint8_t *name, size_t length) {
  const int descriptor = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return -errno;
  struct ifreq request;
  memset(&request, 0, sizeof request);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  memcpy(request.ifr_name, name, length);
  if (ioctl(descriptor, TUNSETIFF, &request) == 0) return descriptor;
  const int fault = errno;
  close(descriptor);
  return -fault;
}
#define NAME_ROOM IFNAMSIZ
#else
static int opened(const uint8_t *name, size_t length) {
  (void)name;
  (void)length;
  return -EAFNOSUPPORT;
}
#define NAME_ROOM 16
#endif

napi_value open_tun(napi_env env, napi_callback_info info) {
  napi_value argument;
  uint8_t *name;
  size_t length;
  /* A NUL behind it has to fit. */
  if (!take_arguments(env, info, &argument, 1) || !take_bytes(env, argument, &name, &length) || length == 0 ||
      length >= NAME_ROOM) {
    return misused(env, "openTun takes the bytes of a name, 1 to 15");
  }
  return give_number(env, opened(name, length));
}

napi_value read_packet(napi_env env, napi_callback_info info) {
  int32_t descriptor;
  uint8_t *bytes;
  size_t length;
  if (!take_descriptor_and_bytes(env, info, &descriptor, &bytes, &length)) {
    return misused(env, "readPacket takes a descriptor and bytes to fill");
  }
  ssize_t count;
  do count = read(descriptor, bytes, length);
  while (count < 0 && errno == EINTR);
  return give_number(env, count < 0 ? -(int64_t)errno : (int64_t)count);
}

napi_value write_packet(napi_env env, napi_callback_info info) {
  int32_t descriptor;
  uint8_t *bytes;
  size_t length;
  if (!take_descriptor_and_bytes(env, info, &descriptor, &bytes, &length)) {
    return misused(env, "writePacket takes a descriptor and a packet");
  }
  ssize_t count;
  do count = write(descriptor, bytes, length);
  while (count < 0 && errno == EINTR);
  return give_number(env, count < 0 ? -(int64_t)errno : (int64_t)count);
}
