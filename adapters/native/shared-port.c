/*
 * Two UDP sockets of one process on one port: IKE's, and one for ESP in UDP (RFC 3948 2.1-2.2), so that each is read by a
 * thread of its own and neither waits for the other's buffer. The kernel tells them apart by the first four bytes.
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
  const struct sock_fprog program = {sizeof code / sizeof *code, code};
  const int done =
      setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) == 0;
  return give_number(env, done ? 0 : -errno);
#else
  return give_number(env, -ENOPROTOOPT);
#endif
}
