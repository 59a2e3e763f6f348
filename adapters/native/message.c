/* Whole messages in and out of a socket, without waiting: one call, one datagram. */
#if defined(__linux__)
#define _GNU_SOURCE
#elif defined(__sun)
/* msg_flags, as X/Open has it. */
#define _XOPEN_SOURCE 600
#define __EXTENSIONS__
#endif
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#if defined(__linux__)
#include <linux/netlink.h>
#endif
#include "arguments.h"

#if defined(MSG_NOSIGNAL)
#define SEND_FLAGS (MSG_DONTWAIT | MSG_NOSIGNAL)
#else
#define SEND_FLAGS MSG_DONTWAIT
#endif

/* Any process may send to a netlink socket of its own user; only what has no sender's number is the kernel's. */
static int is_strangers(const struct msghdr *message) {
#if defined(__linux__)
  struct sockaddr_nl from;
  if (message->msg_namelen < sizeof from) return 0;
  memcpy(&from, message->msg_name, sizeof from);
  return from.nl_family == AF_NETLINK && from.nl_pid != 0;
#else
  (void)message;
  return 0;
#endif
}

static int64_t received(int descriptor, uint8_t *bytes, size_t length) {
  struct sockaddr_storage from;
  struct iovec part = {bytes, length};
  struct msghdr message;
  for (;;) {
    memset(&message, 0, sizeof message);
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    const ssize_t count = recvmsg(descriptor, &message, MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -(int64_t)errno;
    if (is_strangers(&message)) continue;
    return (message.msg_flags & MSG_TRUNC) != 0 ? -(int64_t)EMSGSIZE : (int64_t)count;
  }
}

static int64_t sent(int descriptor, const uint8_t *bytes, size_t length) {
  ssize_t count;
  do count = send(descriptor, bytes, length, SEND_FLAGS);
  while (count < 0 && errno == EINTR);
  return count < 0 ? -(int64_t)errno : (int64_t)count;
}

napi_value receive_message(napi_env env, napi_callback_info info) {
  int32_t descriptor;
  uint8_t *bytes;
  size_t length;
  if (!take_descriptor_and_bytes(env, info, &descriptor, &bytes, &length)) {
    return misused(env, "receiveMessage takes a descriptor and bytes to fill");
  }
  return give_number(env, received(descriptor, bytes, length));
}

napi_value send_message(napi_env env, napi_callback_info info) {
  int32_t descriptor;
  uint8_t *bytes;
  size_t length;
  if (!take_descriptor_and_bytes(env, info, &descriptor, &bytes, &length)) {
    return misused(env, "sendMessage takes a descriptor and bytes");
  }
  return give_number(env, sent(descriptor, bytes, length));
}

static int pair(int ends[2]) {
  return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0 ? 0 : -errno;
}

napi_value message_pair(napi_env env, napi_callback_info info) {
  (void)info;
  int ends[2] = {-1, -1};
  const int fault = pair(ends);
  if (fault != 0) return give_number(env, fault);
  napi_value list = NULL, entry = NULL;
  napi_create_array_with_length(env, 2, &list);
  for (uint32_t i = 0; i < 2; i++) {
    napi_create_int32(env, ends[i], &entry);
    napi_set_element(env, list, i, entry);
  }
  return list;
}
