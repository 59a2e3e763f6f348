/* What the parts of the addon share: Node-API 8, plain C. */
#ifndef IKECHART_ADDON_H
#define IKECHART_ADDON_H

#define NAPI_VERSION 8
#include <node_api.h>

/* coreLimitZero(): 0, or errno. No core file can hold keys from now on: the soft and the hard limit are 0. */
napi_value core_limit_zero(napi_env env, napi_callback_info info);

/* peerUid(descriptor): the user at the other end of a connected Unix socket, or minus errno. */
napi_value peer_uid(napi_env env, napi_callback_info info);

#endif
