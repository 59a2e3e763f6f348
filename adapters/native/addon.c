/* Registers what Node lacks. One file per subject stands beside this one. */
#include "addon.h"

static napi_value initialise(napi_env env, napi_value exports) {
  const napi_property_descriptor functions[] = {
      {"coreLimitZero", NULL, core_limit_zero, NULL, NULL, NULL, napi_enumerable, NULL},
      {"peerUid", NULL, peer_uid, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  if (napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions) != napi_ok) {
    napi_throw_error(env, NULL, "the addon cannot register its functions");
    return NULL;
  }
  return exports;
}

NAPI_MODULE(ikechart, initialise)
