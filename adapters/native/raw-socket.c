/*
 * Raw IP sockets, and what the packets of a data path need of any socket: a mark, by which routing knows them and does not
 * send them round again, and sending to an address without a round through Node's queue.
 */
#if defined(__linux__)
#define _GNU_SOURCE
#elif defined(__sun)
#define _XOPEN_SOURCE 600
#define __EXTENSIONS__
#endif
#include <errno.h>
#include <netinet/in.h>
#include <netinet/icmp6.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#if defined(__linux__)
#include <linux/icmp.h>
#endif
#include "arguments.h"
#include "socket-address.h"

#if defined(MSG_NOSIGNAL)
#define SEND_FLAGS (MSG_DONTWAIT | MSG_NOSIGNAL)
#else
#define SEND_FLAGS MSG_DONTWAIT
#endif

#define RECEIVE_BUFFER (4 << 20)
/* At once: there may be more the next time. */
#define MOST_ERRORS 64

/* A flood of other ICMP is none of our business. Where the host does not filter, the reader does. */
static void filter_icmp(int descriptor, int version, int protocol) {
#if defined(__linux__)
  if (version == 4 && protocol == IPPROTO_ICMP) {
    const struct icmp_filter filter = {~(1U << ICMP_DEST_UNREACH)};
    setsockopt(descriptor, SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
  }
#endif
  if (version == 6 && protocol == IPPROTO_ICMPV6) {
    struct icmp6_filter filter;
    ICMP6_FILTER_SETBLOCKALL(&filter);
    ICMP6_FILTER_SETPASS(ICMP6_PACKET_TOO_BIG, &filter);
    setsockopt(descriptor, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
  }
}

napi_value raw_socket(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t version, protocol;
  if (!take_arguments(env, info, arguments, 2) || !take_int(env, arguments[0], &version) ||
      (version != 4 && version != 6) || !take_int(env, arguments[1], &protocol) || protocol < 0 || protocol > 255) {
    return misused(env, "rawSocket takes 4 or 6 and an IP protocol");
  }
  const int family = version == 4 ? AF_INET : AF_INET6;
  const int descriptor = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (descriptor < 0) return give_number(env, -errno);
  filter_icmp(descriptor, version, protocol);
  const int size = RECEIVE_BUFFER;
#if defined(SO_RCVBUFFORCE)
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) == 0) return give_number(env, descriptor);
#endif
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  return give_number(env, descriptor);
}

napi_value mark_socket(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t descriptor;
  uint32_t mark;
  if (!take_arguments(env, info, arguments, 2) || !take_int(env, arguments[0], &descriptor) ||
      !take_uint(env, arguments[1], &mark)) {
    return misused(env, "markSocket takes a descriptor and a mark");
  }
#if defined(SO_MARK)
  const int done = setsockopt(descriptor, SOL_SOCKET, SO_MARK, &mark, sizeof mark) == 0;
  return give_number(env, done ? 0 : -errno);
#else
  return give_number(env, -ENOPROTOOPT);
#endif
}

napi_value hear_errors(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  int32_t descriptor;
  if (!take_arguments(env, info, arguments, 1) || !take_int(env, arguments[0], &descriptor)) {
    return misused(env, "hearErrors takes a descriptor");
  }
#if defined(IPV6_RECVERR)
  const int on = 1;
  const int done = setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on) == 0;
  return give_number(env, done ? 0 : -errno);
#else
  return give_number(env, -ENOPROTOOPT);
#endif
}

napi_value drop_errors(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  int32_t descriptor;
  if (!take_arguments(env, info, arguments, 1) || !take_int(env, arguments[0], &descriptor)) {
    return misused(env, "dropErrors takes a descriptor");
  }
  int dropped = 0;
#if defined(MSG_ERRQUEUE)
  char byte;
  while (dropped < MOST_ERRORS && recv(descriptor, &byte, sizeof byte, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0) dropped++;
#endif
  return give_number(env, dropped);
}

napi_value send_to(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  int32_t descriptor;
  uint8_t *bytes, *address;
  size_t length, address_length;
  uint32_t port;
  if (!take_arguments(env, info, arguments, 4) || !take_int(env, arguments[0], &descriptor) ||
      !take_bytes(env, arguments[1], &bytes, &length) || length == 0 ||
      !take_bytes(env, arguments[2], &address, &address_length) || !is_address(address_length) ||
      !take_uint(env, arguments[3], &port) || port > UINT16_MAX) {
    return misused(env, "sendTo takes a descriptor, bytes, 4 or 16 bytes of an address, and a port");
  }
  struct sockaddr_storage to;
  const socklen_t size = socket_address(&to, address, address_length, port);
  ssize_t count;
  /* What ICMP told of an earlier packet comes once instead of the sending. */
  int earlier = 1;
  do count = sendto(descriptor, bytes, length, SEND_FLAGS, (struct sockaddr *)&to, size);
  while (count < 0 && (errno == EINTR || (errno != EAGAIN && earlier-- > 0)));
  return give_number(env, count < 0 ? -(int64_t)errno : (int64_t)count);
}

/* The 4 or 16 bytes of the sender into the room of 16; how many. */
static size_t sender(const struct sockaddr_storage *from, uint8_t *room) {
  if (from->ss_family == AF_INET) {
    struct sockaddr_in v4;
    memcpy(&v4, from, sizeof v4);
    memcpy(room, &v4.sin_addr, sizeof v4.sin_addr);
    return sizeof v4.sin_addr;
  }
  if (from->ss_family != AF_INET6) return 0;
  struct sockaddr_in6 v6;
  memcpy(&v6, from, sizeof v6);
  memcpy(room, &v6.sin6_addr, sizeof v6.sin6_addr);
  return sizeof v6.sin6_addr;
}

napi_value receive_from(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  int32_t descriptor;
  uint8_t *bytes, *address;
  size_t length, room;
  if (!take_arguments(env, info, arguments, 3) || !take_int(env, arguments[0], &descriptor) ||
      !take_bytes(env, arguments[1], &bytes, &length) || length == 0 ||
      !take_bytes(env, arguments[2], &address, &room) || room < sizeof(struct in6_addr)) {
    return misused(env, "receiveFrom takes a descriptor, bytes to fill, and 16 bytes for the sender's address");
  }
  struct sockaddr_storage from;
  socklen_t size;
  ssize_t count;
  do {
    memset(&from, 0, sizeof from);
    size = sizeof from;
    count = recvfrom(descriptor, bytes, length, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return give_number(env, -(int64_t)errno);
  sender(&from, address);
  return give_number(env, (int64_t)count);
}
