/* Limits of this process. */
#include <errno.h>
#include <sys/resource.h>
#include "addon.h"

napi_value core_limit_zero(napi_env env, napi_callback_info info) {
  (void)info;
  const struct rlimit none = {0, 0};
  const int fault = setrlimit(RLIMIT_CORE, &none) == 0 ? 0 : errno;
  napi_value result = NULL;
  napi_create_int32(env, fault, &result);
  return result;
}
