/* What Node cannot do with a descriptor that it has. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include "addon.h"

static napi_value on_descriptor(napi_env env, napi_callback_info info, int (*act)(int), const char *usage) {
  size_t count = 1;
  napi_value argument = NULL;
  int32_t descriptor = -1;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count != 1 ||
      napi_get_value_int32(env, argument, &descriptor) != napi_ok) {
    napi_throw_type_error(env, NULL, usage);
    return NULL;
  }
  napi_value result = NULL;
  napi_create_int32(env, act(descriptor), &result);
  return result;
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
