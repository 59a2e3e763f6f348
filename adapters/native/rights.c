/*
 * The rights over the network that a daemon keeps when it is root no longer: CAP_NET_BIND_SERVICE for addresses that come
 * later, CAP_NET_ADMIN for the SAs of the kernel. Linux gives rights to threads: they are kept for the one that calls, Node's
 * main thread; all others lose theirs with setuid.
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

/* After setuid what was kept is permitted, and must be asked for again. */
static int taken(void) {
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct rights[_LINUX_CAPABILITY_U32S_3];
  if (syscall(SYS_capget, &head, rights) != 0) return errno;
  const unsigned wanted = rights[0].permitted & ((1U << CAP_NET_BIND_SERVICE) | (1U << CAP_NET_ADMIN));
  memset(rights, 0, sizeof rights);
  rights[0].permitted = rights[0].effective = wanted;
  return syscall(SYS_capset, &head, rights) == 0 ? 0 : errno;
}
#else
static int kept(void) { return ENOSYS; }
static int taken(void) { return ENOSYS; }
#endif

napi_value keep_rights(napi_env env, napi_callback_info info) {
  (void)info;
  return give_number(env, kept());
}

napi_value take_rights(napi_env env, napi_callback_info info) {
  (void)info;
  return give_number(env, taken());
}
