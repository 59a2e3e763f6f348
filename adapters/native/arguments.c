/* Arguments and results of the addon's functions. */
#include "arguments.h"

int take_arguments(napi_env env, napi_callback_info info, napi_value *arguments, size_t count) {
  size_t given = count;
  return napi_get_cb_info(env, info, &given, arguments, NULL, NULL) == napi_ok && given == count;
}

int take_int(napi_env env, napi_value value, int32_t *number) {
  return napi_get_value_int32(env, value, number) == napi_ok;
}

int take_uint(napi_env env, napi_value value, uint32_t *number) {
  return napi_get_value_uint32(env, value, number) == napi_ok;
}

int take_bytes(napi_env env, napi_value value, uint8_t **bytes, size_t *length) {
  bool is_array = false;
  napi_typedarray_type type = napi_int8_array;
  void *data = NULL;
  if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array ||
      napi_get_typedarray_info(env, value, &type, length, &data, NULL, NULL) != napi_ok || type != napi_uint8_array) {
    return 0;
  }
  *bytes = data;
  return 1;
}

int take_descriptor_and_bytes(napi_env env, napi_callback_info info, int32_t *descriptor, uint8_t **bytes,
                              size_t *length) {
  napi_value arguments[2];
  return take_arguments(env, info, arguments, 2) && take_int(env, arguments[0], descriptor) &&
         take_bytes(env, arguments[1], bytes, length) && *length > 0;
}

napi_value give_number(napi_env env, int64_t number) {
  napi_value result = NULL;
  napi_create_int64(env, number, &result);
  return result;
}

napi_value misused(napi_env env, const char *usage) {
  napi_throw_type_error(env, NULL, usage);
  return NULL;
}
