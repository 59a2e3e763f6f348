/*
 * The rights over the network that a daemon keeps when it is root no longer. Linux gives rights to threads: each that shall
 * keep some asks for them itself, and all others lose theirs with setuid. Node's main thread keeps CAP_NET_BIND_SERVICE for
 * addresses that come later and CAP_NET_ADMIN for the SAs of the kernel; the thread that carries packets CAP_NET_RAW for
 * sockets of ESP and CAP_NET_ADMIN for their marks and for ip(8), which it starts.
 */
#include <errno.h>
#if defined(__linux__)
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif
#include "arguments.h"

#if defined(__linux__)
static int kept(void) { return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 ? 0 : errno; }

#define MAIN_THREAD ((1U << CAP_NET_BIND_SERVICE) | (1U << CAP_NET_ADMIN))
#define PACKETS ((1U << CAP_NET_RAW) | (1U << CAP_NET_ADMIN))

/* After setuid what was kept is permitted, and must be asked for again. */
static int taken(unsigned mask, unsigned for_programs) {
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct rights[_LINUX_CAPABILITY_U32S_3];
  if (syscall(SYS_capget, &head, rights) != 0) return errno;
  const unsigned wanted = rights[0].permitted & mask;
  memset(rights, 0, sizeof rights);
  rights[0].permitted = rights[0].effective = wanted;
  rights[0].inheritable = wanted & for_programs;
  return syscall(SYS_capset, &head, rights) == 0 ? 0 : errno;
}

/* What a program that this thread starts has, too, though it is nobody's special one. */
static int packets_taken(void) {
  const int fault = taken(PACKETS, 1U << CAP_NET_ADMIN);
  if (fault != 0) return fault;
  return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0) == 0 ? 0 : errno;
}

static int main_taken(void) { return taken(MAIN_THREAD, 0); }
#else
static int kept(void) { return ENOSYS; }
static int main_taken(void) { return ENOSYS; }
static int packets_taken(void) { return ENOSYS; }
#endif

napi_value keep_rights(napi_env env, napi_callback_info info) {
  (void)info;
  return give_number(env, kept());
}

napi_value take_rights(napi_env env, napi_callback_info info) {
  (void)info;
  return give_number(env, main_taken());
}

napi_value take_packet_rights(napi_env env, napi_callback_info info) {
  (void)info;
  return give_number(env, packets_taken());
}
