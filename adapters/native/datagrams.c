/*
 * Datagrams of a UDP socket, many a call when they come. Each stands in the room behind an envelope of 28 bytes, numbers
 * in network order: length (4), port (2), length of the address (1), nothing (1), address (16), zone of an IPv6 address
 * of one link (4). An envelope without an address holds an error: its length is errno. Envelopes begin at multiples of 8.
 *
 * The rooms last as long as their sockets and addresses and ports travel in them, so that a call takes two numbers beside
 * one array: what Node's own sockets make and drop for each datagram costs more than the system call.
 */
#if defined(__linux__)
#define _GNU_SOURCE
#elif defined(__sun)
#define _XOPEN_SOURCE 600
#define __EXTENSIONS__
#endif
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include "arguments.h"
#include "socket-address.h"

#if defined(MSG_NOSIGNAL)
#define SEND_FLAGS (MSG_DONTWAIT | MSG_NOSIGNAL)
#else
#define SEND_FLAGS MSG_DONTWAIT
#endif

#define ENVELOPE 28
#define LONGEST 65535
/* At once, so that timers and other sockets have their turn. */
#define MOST 32

static void put_number(uint8_t *to, uint32_t number) {
  const uint32_t wire = htonl(number);
  memcpy(to, &wire, sizeof wire);
}

static uint32_t take_number(const uint8_t *from) {
  uint32_t wire;
  memcpy(&wire, from, sizeof wire);
  return ntohl(wire);
}

static void address_envelope(uint8_t *envelope, const struct sockaddr_storage *from) {
  memset(envelope, 0, ENVELOPE);
  if (from->ss_family == AF_INET) {
    struct sockaddr_in v4;
    memcpy(&v4, from, sizeof v4);
    memcpy(envelope + 4, &v4.sin_port, 2);
    envelope[6] = sizeof v4.sin_addr;
    memcpy(envelope + 8, &v4.sin_addr, sizeof v4.sin_addr);
  } else if (from->ss_family == AF_INET6) {
    struct sockaddr_in6 v6;
    memcpy(&v6, from, sizeof v6);
    memcpy(envelope + 4, &v6.sin6_port, 2);
    envelope[6] = sizeof v6.sin6_addr;
    memcpy(envelope + 8, &v6.sin6_addr, sizeof v6.sin6_addr);
    put_number(envelope + 24, v6.sin6_scope_id);
  }
}

/* How many bytes came behind the envelope; -1 when nothing did, and errno says why. */
static ssize_t receive_one(int descriptor, uint8_t *envelope) {
  struct sockaddr_storage from;
  socklen_t size;
  ssize_t count;
  do {
    from.ss_family = AF_UNSPEC;
    size = sizeof from;
    count = recvfrom(descriptor, envelope + ENVELOPE, LONGEST, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return -1;
  address_envelope(envelope, &from);
  put_number(envelope, (uint32_t)count);
  return count;
}

napi_value receive_datagrams(napi_env env, napi_callback_info info) {
  int32_t descriptor;
  uint8_t *room;
  size_t length;
  if (!take_descriptor_and_bytes(env, info, &descriptor, &room, &length) || length < ENVELOPE + LONGEST) {
    return misused(env, "receiveDatagrams takes a descriptor and room for one datagram at least");
  }
  int32_t envelopes = 0;
  for (size_t at = 0; envelopes < MOST && length - at >= ENVELOPE + LONGEST; envelopes++) {
    const ssize_t count = receive_one(descriptor, room + at);
    if (count < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      memset(room + at, 0, ENVELOPE);
      put_number(room + at, (uint32_t)errno);
      envelopes++;
      break;
    }
    at += (ENVELOPE + (size_t)count + 7) & ~(size_t)7;
    if (at > length) at = length;
  }
  return give_number(env, envelopes);
}

napi_value send_datagram(napi_env env, napi_callback_info info) {
  int32_t descriptor;
  uint8_t *room;
  size_t length;
  if (!take_descriptor_and_bytes(env, info, &descriptor, &room, &length) || length < ENVELOPE ||
      !is_address(room[6]) || take_number(room) > length - ENVELOPE) {
    return misused(env, "sendDatagram takes a descriptor and a datagram in its envelope");
  }
  struct sockaddr_storage to;
  const socklen_t size = socket_address(&to, room + 8, room[6], (uint32_t)room[4] << 8 | room[5]);
  if (to.ss_family == AF_INET6) ((struct sockaddr_in6 *)&to)->sin6_scope_id = take_number(room + 24);
  ssize_t count;
  /* What ICMP told of an earlier packet comes once instead of the sending. */
  int earlier = 1;
  do count = sendto(descriptor, room + ENVELOPE, take_number(room), SEND_FLAGS, (struct sockaddr *)&to, size);
  while (count < 0 && (errno == EINTR || (errno != EAGAIN && earlier-- > 0)));
  return give_number(env, count < 0 ? -(int64_t)errno : 0);
}
