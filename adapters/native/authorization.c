/*
 * Authorizations of illumos: user_attr(5), chkauthattr(3SECDB). Elsewhere there are none, and nothing of this is compiled.
 * It has not run on illumos; test/service/illumos.service.ts says what is tested.
 */
#if defined(__sun)
#include <auth_attr.h>
#include <pwd.h>
#include <secdb.h>
#include "arguments.h"

/* On the main thread only: getpwuid has one buffer. */
napi_value is_authorised(napi_env env, napi_callback_info info) {
  napi_value arguments[2], answer;
  uint32_t uid = 0;
  char authorization[256];
  size_t length = 0;
  if (!take_arguments(env, info, arguments, 2) || !take_uint(env, arguments[0], &uid) ||
      napi_get_value_string_utf8(env, arguments[1], authorization, sizeof authorization, &length) != napi_ok ||
      length >= sizeof authorization - 1) {
    return misused(env, "isAuthorised takes a user and the name of an authorization");
  }
  const struct passwd *user = getpwuid((uid_t)uid);
  const int is_granted = user != NULL && chkauthattr(authorization, user->pw_name) == 1;
  return napi_get_boolean(env, is_granted != 0, &answer) == napi_ok ? answer : NULL;
}
#endif
