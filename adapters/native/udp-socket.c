/* UDP sockets that are made here, so that options can be set before the first datagram may come. */
#if defined(__linux__)
#define _GNU_SOURCE
#elif defined(__sun)
#define _XOPEN_SOURCE 600
#define __EXTENSIONS__
#endif
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>
#include "arguments.h"
#include "socket-address.h"

/* A burst of peers that all begin at once, or of ESP while the loop is busy. */
#define RECEIVE_BUFFER (4 << 20)

static void widen(int descriptor) {
  const int size = RECEIVE_BUFFER;
#if defined(SO_RCVBUFFORCE)
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) == 0) return;
#endif
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

napi_value udp_socket(napi_env env, napi_callback_info info) {
  napi_value argument;
  int32_t version;
  if (!take_arguments(env, info, &argument, 1) || !take_int(env, argument, &version) ||
      (version != 4 && version != 6)) {
    return misused(env, "udpSocket takes 4 or 6");
  }
  const int family = version == 4 ? AF_INET : AF_INET6;
  const int descriptor = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return give_number(env, -errno);
  const int on = 1;
  /* Beside a socket of the same port for IPv4. */
  if (version == 6) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  widen(descriptor);
  return give_number(env, descriptor);
}

napi_value bind_to(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  int32_t descriptor;
  uint8_t *address;
  size_t length;
  uint32_t port;
  if (!take_arguments(env, info, arguments, 3) || !take_int(env, arguments[0], &descriptor) ||
      !take_bytes(env, arguments[1], &address, &length) ||
      !is_address(length) || !take_uint(env, arguments[2], &port) || port > UINT16_MAX) {
    return misused(env, "bindTo takes a descriptor, 4 or 16 bytes of an address, and a port");
  }
  struct sockaddr_storage here;
  const socklen_t size = socket_address(&here, address, length, port);
  return give_number(env, bind(descriptor, (struct sockaddr *)&here, size) == 0 ? 0 : -errno);
}

napi_value keep_port(napi_env env, napi_callback_info info) {
  napi_value argument;
  int32_t descriptor;
  if (!take_arguments(env, info, &argument, 1) || !take_int(env, argument, &descriptor)) {
    return misused(env, "keepPort takes a descriptor");
  }
  const int off = 0;
  const int kept = setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &off, sizeof off) == 0;
  return give_number(env, kept ? 0 : -errno);
}
