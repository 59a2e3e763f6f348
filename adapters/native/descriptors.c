/* What Node cannot do with a descriptor that it has. */
#include <errno.h>
#include <fcntl.h>
#include "arguments.h"

static napi_value on_descriptor(napi_env env, napi_callback_info info, int (*act)(int), const char *usage) {
  napi_value argument;
  int32_t descriptor;
  if (!take_arguments(env, info, &argument, 1) || !take_int(env, argument, &descriptor)) return misused(env, usage);
  return give_number(env, act(descriptor));
}

static int duplicated(int descriptor) {
  const int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  return copy < 0 ? -errno : copy;
}

/* Others may hold the same open file: whatever each of them writes then goes to its end. */
static int appended_to(int descriptor) {
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return errno;
  const int way = flags & O_ACCMODE;
  if (way != O_WRONLY && way != O_RDWR) return EBADF;
  return fcntl(descriptor, F_SETFL, flags | O_APPEND) == 0 ? 0 : errno;
}

napi_value duplicate(napi_env env, napi_callback_info info) {
  return on_descriptor(env, info, duplicated, "duplicate takes a descriptor");
}

napi_value append_to(napi_env env, napi_callback_info info) {
  return on_descriptor(env, info, appended_to, "appendTo takes a descriptor");
}
