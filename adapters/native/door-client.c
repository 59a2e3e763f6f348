/*
 * A door of illumos, the caller's end: door_call(3C), on a thread of Node's pool, because it waits as long as the daemon
 * takes. Elsewhere nothing of this is compiled. It has not run on illumos; test/service/illumos.service.ts says what is
 * tested.
 */
#if defined(__sun)
#include <door.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "arguments.h"

/* A call has two at most (ikedoor.h). */
#define MOST_DESCRIPTORS 2

struct asked {
  napi_async_work work;
  napi_ref done;
  int door;
  door_desc_t descriptors[MOST_DESCRIPTORS];
  uint_t descriptor_count;
  int fault;
  /* Memory that the system has mapped for the reply. */
  char *reply;
  size_t mapped;
  char *reply_bytes;
  size_t reply_length;
  size_t length;
  char bytes[];
};

static void call_door(napi_env env, void *data) {
  (void)env;
  struct asked *asked = data;
  door_arg_t arguments = {.data_ptr = asked->bytes, .data_size = asked->length};
  arguments.desc_ptr = asked->descriptor_count == 0 ? NULL : asked->descriptors;
  arguments.desc_num = asked->descriptor_count;
  int outcome;
  do outcome = door_call(asked->door, &arguments);
  while (outcome != 0 && errno == EINTR);
  asked->fault = outcome == 0 ? 0 : errno;
  memset(asked->bytes, 0, asked->length);
  if (outcome != 0) return;
  asked->reply = arguments.rbuf;
  asked->mapped = arguments.rsize;
  asked->reply_bytes = arguments.data_ptr;
  asked->reply_length = arguments.data_size;
  /* The daemon passes none. */
  for (uint_t i = 0; i < arguments.desc_num; i++) {
    if ((arguments.desc_ptr[i].d_attributes & DOOR_DESCRIPTOR) != 0) {
      close(arguments.desc_ptr[i].d_data.d_desc.d_descriptor);
    }
  }
}

/* done(errno, reply) */
static void called(napi_env env, napi_status status, void *data) {
  struct asked *asked = data;
  napi_value done, nothing, buffer, arguments[2];
  void *bytes = NULL;
  const size_t length = asked->reply_bytes == NULL ? 0 : asked->reply_length;
  const int is_ready = napi_get_reference_value(env, asked->done, &done) == napi_ok &&
                       napi_get_undefined(env, &nothing) == napi_ok &&
                       napi_create_int32(env, status == napi_ok ? asked->fault : ECANCELED, &arguments[0]) == napi_ok &&
                       napi_create_arraybuffer(env, length, &bytes, &buffer) == napi_ok &&
                       napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &arguments[1]) == napi_ok;
  if (is_ready && length > 0) memcpy(bytes, asked->reply_bytes, length);
  if (length > 0) memset(asked->reply_bytes, 0, length);
  if (asked->reply != NULL && asked->mapped > 0) munmap(asked->reply, asked->mapped);
  napi_delete_reference(env, asked->done);
  napi_delete_async_work(env, asked->work);
  free(asked);
  if (is_ready) napi_call_function(env, nothing, done, 2, arguments, NULL);
}

napi_value door_ask(napi_env env, napi_callback_info info) {
  napi_value arguments[4], name, entry;
  int32_t door = -1, descriptor = -1;
  uint8_t *bytes = NULL;
  size_t length = 0;
  uint32_t count = 0;
  napi_valuetype type = napi_undefined;
  if (!take_arguments(env, info, arguments, 4) || !take_int(env, arguments[0], &door) ||
      !take_bytes(env, arguments[1], &bytes, &length) ||
      napi_get_array_length(env, arguments[2], &count) != napi_ok || count > MOST_DESCRIPTORS ||
      napi_typeof(env, arguments[3], &type) != napi_ok || type != napi_function) {
    return misused(env, "doorAsk takes a door, bytes, at most 2 descriptors and a function");
  }
  struct asked *asked = calloc(1, sizeof *asked + length);
  if (asked == NULL) return give_number(env, ENOMEM);
  asked->door = door;
  asked->descriptor_count = count;
  asked->length = length;
  if (length > 0) memcpy(asked->bytes, bytes, length);
  int is_ready = 1;
  for (uint32_t i = 0; is_ready && i < count; i++) {
    is_ready = napi_get_element(env, arguments[2], i, &entry) == napi_ok && take_int(env, entry, &descriptor);
    asked->descriptors[i].d_attributes = DOOR_DESCRIPTOR;
    asked->descriptors[i].d_data.d_desc.d_descriptor = descriptor;
  }
  if (is_ready && napi_create_string_utf8(env, "door", NAPI_AUTO_LENGTH, &name) == napi_ok &&
      napi_create_reference(env, arguments[3], 1, &asked->done) == napi_ok &&
      napi_create_async_work(env, NULL, name, call_door, called, asked, &asked->work) == napi_ok &&
      napi_queue_async_work(env, asked->work) == napi_ok) {
    return give_number(env, 0);
  }
  memset(asked->bytes, 0, length);
  free(asked);
  return give_number(env, ENOMEM);
}
#endif
