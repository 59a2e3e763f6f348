/*
 * The sockets by which a daemon keys its kernel: PF_KEY version 2 (RFC 2367), and on Linux NETLINK_XFRM. Both are made
 * without waiting, closed at exec, and with a receive buffer for a crowd: what does not fit into it is lost.
 */
#if defined(__linux__)
#define _GNU_SOURCE
#elif defined(__sun)
#define __EXTENSIONS__
#endif
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>
#if defined(__linux__)
#include <linux/netlink.h>
#endif
#include "arguments.h"

/* Four thousand SAs that expire at once, at about a kilobyte each. */
#define RECEIVE_BUFFER (4 << 20)
/* The only one there is (RFC 2367 2). */
#define KEY_VERSION 2

static int made(int family, int protocol) {
  const int descriptor = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (descriptor < 0) return -errno;
  const int size = RECEIVE_BUFFER;
  /* As large as the host lets it be: too small is no reason to do without. */
#if defined(SO_RCVBUFFORCE)
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) == 0) return descriptor;
#endif
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  return descriptor;
}

napi_value open_key_socket(napi_env env, napi_callback_info info) {
  (void)info;
#if defined(AF_KEY)
  return give_number(env, made(AF_KEY, KEY_VERSION));
#else
  return give_number(env, -EAFNOSUPPORT);
#endif
}

#if defined(__linux__)
static int xfrm_socket(void) {
  const int descriptor = made(AF_NETLINK, NETLINK_XFRM);
  if (descriptor < 0) return descriptor;
  const int on = 1;
  struct sockaddr_nl ours;
  memset(&ours, 0, sizeof ours);
  ours.nl_family = AF_NETLINK;
  /* Errors come with the kernel's words, and without the request, which may hold keys. Kernels before 4.12 do without. */
  setsockopt(descriptor, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(descriptor, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  if (bind(descriptor, (struct sockaddr *)&ours, sizeof ours) == 0) return descriptor;
  const int fault = errno;
  close(descriptor);
  return -fault;
}
#endif

napi_value open_xfrm_socket(napi_env env, napi_callback_info info) {
  (void)info;
#if defined(__linux__)
  return give_number(env, xfrm_socket());
#else
  return give_number(env, -EAFNOSUPPORT);
#endif
}

napi_value join_group(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t descriptor, group;
  if (!take_arguments(env, info, arguments, 2) || !take_int(env, arguments[0], &descriptor) ||
      !take_int(env, arguments[1], &group)) {
    return misused(env, "joinGroup takes a descriptor and the number of a group");
  }
#if defined(__linux__)
  const int joined = setsockopt(descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0;
  return give_number(env, joined ? 0 : -errno);
#else
  return give_number(env, -EAFNOSUPPORT);
#endif
}
