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
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>
#include "addon.h"

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

/* The first two arguments, a descriptor and a Uint8Array, and the third, an array. */
static int read_arguments(napi_env env, napi_callback_info info, int32_t *descriptor, void **bytes, size_t *length,
                          napi_value *list) {
  size_t count = 3;
  napi_value arguments[3];
  napi_typedarray_type type = napi_int8_array;
  bool is_bytes = false, is_list = false;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count != 3 ||
      napi_get_value_int32(env, arguments[0], descriptor) != napi_ok ||
      napi_is_typedarray(env, arguments[1], &is_bytes) != napi_ok || !is_bytes ||
      napi_get_typedarray_info(env, arguments[1], &type, length, bytes, NULL, NULL) != napi_ok ||
      type != napi_uint8_array || napi_is_array(env, arguments[2], &is_list) != napi_ok || !is_list) {
    return 0;
  }
  *list = arguments[2];
  return 1;
}

static napi_value number(napi_env env, int64_t value) {
  napi_value result = NULL;
  napi_create_int64(env, value, &result);
  return result;
}

napi_value receive_passed(napi_env env, napi_callback_info info) {
  int32_t descriptor;
  void *bytes;
  size_t length;
  napi_value list;
  if (!read_arguments(env, info, &descriptor, &bytes, &length, &list) || length == 0) {
    napi_throw_type_error(env, NULL, "receivePassed takes a descriptor, bytes to fill and a list for descriptors");
    return NULL;
  }
  struct arrivals arrivals = {.count = 0, .are_too_many = 0};
  const int64_t received = receive_into(descriptor, bytes, length, &arrivals);
  uint32_t at = 0;
  napi_get_array_length(env, list, &at);
  for (size_t i = 0; i < arrivals.count; i++) {
    napi_value entry;
    if (napi_create_int32(env, arrivals.descriptors[i], &entry) != napi_ok ||
        napi_set_element(env, list, at++, entry) != napi_ok) {
      close_from(&arrivals, i);
      return number(env, -(int64_t)ENOMEM);
    }
  }
  return number(env, received);
}

napi_value send_passed(napi_env env, napi_callback_info info) {
  int32_t descriptor;
  void *bytes;
  size_t length;
  napi_value list;
  int passed[MOST_SENT];
  uint32_t count = 0;
  int is_usable = read_arguments(env, info, &descriptor, &bytes, &length, &list) && length > 0 &&
                  napi_get_array_length(env, list, &count) == napi_ok && count <= MOST_SENT;
  for (uint32_t i = 0; is_usable && i < count; i++) {
    napi_value entry;
    is_usable = napi_get_element(env, list, i, &entry) == napi_ok &&
                napi_get_value_int32(env, entry, &passed[i]) == napi_ok;
  }
  if (!is_usable) {
    napi_throw_type_error(env, NULL, "sendPassed takes a descriptor, bytes and a list of at most 8 descriptors");
    return NULL;
  }
  return number(env, send_from(descriptor, bytes, length, passed, count));
}
