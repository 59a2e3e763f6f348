/*
 * Bytes of a Unix stream socket with the descriptors that travel beside them (SCM_RIGHTS). Whatever happens, a descriptor
 * that arrived is either handed to JavaScript or closed.
 */
#if defined(__linux__)
#define _GNU_SOURCE
#elif defined(__sun)
/* msghdr with control data, as X/Open has it. */
#define _XOPEN_SOURCE 600
#define __EXTENSIONS__
#endif
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>
#include "arguments.h"

/* A call of the door has two at most (ikedoor.h). */
#define MOST_RECEIVED 2
/* What the other end takes is its own affair. */
#define MOST_SENT 8

#if defined(MSG_CMSG_CLOEXEC)
#define RECEIVE_FLAGS MSG_CMSG_CLOEXEC
#else
#define RECEIVE_FLAGS 0
#endif
/* Node ignores SIGPIPE where the flag is missing. */
#if defined(MSG_NOSIGNAL)
#define SEND_FLAGS MSG_NOSIGNAL
#else
#define SEND_FLAGS 0
#endif

/* Aligned as the head it begins with. */
union received_control {
  struct cmsghdr head;
  unsigned char room[CMSG_SPACE(MOST_RECEIVED * sizeof(int))];
};

union sent_control {
  struct cmsghdr head;
  unsigned char room[CMSG_SPACE(MOST_SENT * sizeof(int))];
};

struct arrivals {
  /* The room of the control data may hold one more than its count, because it is rounded up. */
  int descriptors[MOST_RECEIVED + 1];
  size_t count;
  int are_too_many;
};

static void close_from(struct arrivals *arrivals, size_t first) {
  for (size_t i = first; i < arrivals->count; i++) close(arrivals->descriptors[i]);
  arrivals->count = first;
}

static void collect(struct msghdr *message, struct arrivals *arrivals) {
  for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head != NULL; head = CMSG_NXTHDR(message, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int descriptor;
      memcpy(&descriptor, CMSG_DATA(head) + i * sizeof descriptor, sizeof descriptor);
      if (arrivals->count == sizeof arrivals->descriptors / sizeof *arrivals->descriptors) {
        close(descriptor);
        arrivals->are_too_many = 1;
      } else {
        arrivals->descriptors[arrivals->count++] = descriptor;
#if !defined(MSG_CMSG_CLOEXEC)
        fcntl(descriptor, F_SETFD, FD_CLOEXEC);
#endif
      }
    }
  }
  if (arrivals->count > MOST_RECEIVED || (message->msg_flags & MSG_CTRUNC) != 0) arrivals->are_too_many = 1;
}

/* The count of bytes, 0 at the end of the stream, or minus errno; EMSGSIZE, and all are closed, beyond what is allowed. */
static int64_t receive_into(int descriptor, void *bytes, size_t length, struct arrivals *arrivals) {
  union received_control control;
  struct iovec part = {bytes, length};
  struct msghdr message;
  ssize_t count;
  do {
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    count = recvmsg(descriptor, &message, RECEIVE_FLAGS);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return -(int64_t)errno;
  collect(&message, arrivals);
  if (!arrivals->are_too_many) return count;
  close_from(arrivals, 0);
  return -(int64_t)EMSGSIZE;
}

static int64_t send_from(int descriptor, void *bytes, size_t length, const int *passed, size_t count) {
  union sent_control control;
  memset(&control, 0, sizeof control);
  struct iovec part = {bytes, length};
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (count > 0) {
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(head), passed, count * sizeof(int));
  }
  ssize_t sent;
  do sent = sendmsg(descriptor, &message, SEND_FLAGS);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -(int64_t)errno : (int64_t)sent;
}

napi_value receive_passed(napi_env env, napi_callback_info info) {
  napi_value values[3];
  int32_t descriptor;
  uint8_t *bytes;
  size_t length;
  uint32_t at;
  if (!take_arguments(env, info, values, 3) || !take_int(env, values[0], &descriptor) ||
      !take_bytes(env, values[1], &bytes, &length) || length == 0 ||
      napi_get_array_length(env, values[2], &at) != napi_ok) {
    return misused(env, "receivePassed takes a descriptor, bytes to fill and a list for descriptors");
  }
  struct arrivals arrivals = {.count = 0, .are_too_many = 0};
  const int64_t received = receive_into(descriptor, bytes, length, &arrivals);
  for (size_t i = 0; i < arrivals.count; i++) {
    napi_value entry;
    if (napi_create_int32(env, arrivals.descriptors[i], &entry) != napi_ok ||
        napi_set_element(env, values[2], at++, entry) != napi_ok) {
      close_from(&arrivals, i);
      return give_number(env, -(int64_t)ENOMEM);
    }
  }
  return give_number(env, received);
}

napi_value send_passed(napi_env env, napi_callback_info info) {
  napi_value values[3], entry;
  int32_t descriptor;
  uint8_t *bytes;
  size_t length;
  int passed[MOST_SENT];
  uint32_t count = 0;
  int is_usable = take_arguments(env, info, values, 3) && take_int(env, values[0], &descriptor) &&
                  take_bytes(env, values[1], &bytes, &length) && length > 0 &&
                  napi_get_array_length(env, values[2], &count) == napi_ok && count <= MOST_SENT;
  for (uint32_t i = 0; is_usable && i < count; i++) {
    is_usable = napi_get_element(env, values[2], i, &entry) == napi_ok && take_int(env, entry, &passed[i]);
  }
  if (!is_usable) return misused(env, "sendPassed takes a descriptor, bytes and a list of at most 8 descriptors");
  return give_number(env, send_from(descriptor, bytes, length, passed, count));
}
