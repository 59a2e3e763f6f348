/* What JavaScript handed to a function of the addon, and what goes back. */
#ifndef IKECHART_ARGUMENTS_H
#define IKECHART_ARGUMENTS_H

#include <stddef.h>
#include <stdint.h>
#include "addon.h"

/* The arguments, exactly so many; 0 where there were more or fewer. */
int take_arguments(napi_env env, napi_callback_info info, napi_value *arguments, size_t count);

/* 0 where the value is something else. */
int take_int(napi_env env, napi_value value, int32_t *number);
int take_uint(napi_env env, napi_value value, uint32_t *number);

/* The bytes of a Uint8Array, which stay JavaScript's; 0 where the value is something else. */
int take_bytes(napi_env env, napi_value value, uint8_t **bytes, size_t *length);

/* The two arguments of whatever reads or writes: a descriptor and at least one byte; 0 where they are something else. */
int take_descriptor_and_bytes(napi_env env, napi_callback_info info, int32_t *descriptor, uint8_t **bytes,
                              size_t *length);

/* A count or descriptor, or minus errno. */
napi_value give_number(napi_env env, int64_t number);

/* A function was called with something else than it takes: a TypeError with this text is pending, and NULL is returned. */
napi_value misused(napi_env env, const char *usage);

#endif
