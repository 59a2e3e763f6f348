/*
 * Several UDP sockets of one process on one port, each read by a thread of its own, so that none waits for another's
 * buffer: IKE's and one for ESP in UDP (RFC 3948 2.1-2.2), or one for each of several workers. The kernel tells by the
 * first bytes of a datagram whose it is.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#if defined(__linux__)
#include <linux/filter.h>
#endif
#include "arguments.h"

#if defined(__linux__) && !defined(SO_ATTACH_REUSEPORT_CBPF)
#define SO_ATTACH_REUSEPORT_CBPF 51
#endif

static int take_descriptor(napi_env env, napi_callback_info info, int32_t *descriptor) {
  napi_value argument;
  return take_arguments(env, info, &argument, 1) && take_int(env, argument, descriptor);
}

napi_value share_port(napi_env env, napi_callback_info info) {
  int32_t descriptor;
  if (!take_descriptor(env, info, &descriptor)) return misused(env, "sharePort takes a descriptor");
#if defined(SO_REUSEPORT)
  const int on = 1;
  const int done = setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0;
  return give_number(env, done ? 0 : -errno);
#else
  return give_number(env, -ENOPROTOOPT);
#endif
}

#if defined(__linux__)
static int attach(int descriptor, struct sock_filter *code, size_t length) {
  const struct sock_fprog program = {(unsigned short)length, code};
  const int option = SO_ATTACH_REUSEPORT_CBPF;
  return setsockopt(descriptor, SOL_SOCKET, option, &program, sizeof program) == 0 ? 0 : -errno;
}
#endif

napi_value split_esp(napi_env env, napi_callback_info info) {
  int32_t descriptor;
  if (!take_descriptor(env, info, &descriptor)) return misused(env, "splitEsp takes a descriptor");
#if defined(__linux__)
  /* What is shorter than four bytes, a keepalive, ends the program with 0: IKE's. */
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 1),
  };
  return give_number(env, attach(descriptor, code, sizeof code / sizeof *code));
#else
  return give_number(env, -ENOPROTOOPT);
#endif
}

/* More than there are processors anywhere would only cost memory. */
#define MOST_WORKERS 256

napi_value spread_by_cookie(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  int32_t descriptor;
  uint32_t count;
  uint32_t is_marked;
  if (!take_arguments(env, info, arguments, 3) || !take_int(env, arguments[0], &descriptor) ||
      !take_uint(env, arguments[1], &count) || count < 1 || count > MOST_WORKERS ||
      !take_uint(env, arguments[2], &is_marked) || is_marked > 1) {
    return misused(env, "spreadByCookie takes a descriptor, how many sockets there are, and 1 where IKE is marked");
  }
#if defined(__linux__)
  /*
   * The socket whose number is the remainder of the first half of the initiator's cookie. A load beyond the end of a
   * datagram, a keepalive, ends the program with 0: the first one's.
   */
  struct sock_filter marked[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
      /* What has no marker is ESP, and begins with its SPI. */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, count),
      BPF_STMT(BPF_RET | BPF_A, 0),
  };
  struct sock_filter bare[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, count),
      BPF_STMT(BPF_RET | BPF_A, 0),
  };
  return give_number(env, is_marked ? attach(descriptor, marked, sizeof marked / sizeof *marked)
                                    : attach(descriptor, bare, sizeof bare / sizeof *bare));
#else
  return give_number(env, -ENOPROTOOPT);
#endif
}
