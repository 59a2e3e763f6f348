/*
 * A descriptor that Node's loop watches. It is not read here: whoever owns it reads and writes as its kind wants
 * (recvmsg, sendto), without ever waiting.
 *
 *   new Polled(descriptor, onReady)   owns the descriptor from now on and makes it non-blocking; throws an Error with the
 *                                     name of errno as its code, and then owns nothing
 *   .descriptor                       its number, -1 after close()
 *   .want(events)                     1 readable, 2 writable, both, or 0: nothing for now; onReady(events) is called as long
 *                                     as they hold. onReady(0): the descriptor is in error, and nothing is watched until
 *                                     the next want(); reading it tells the error
 *   .close()                          closes the descriptor; nothing is called any more; does nothing the second time
 *
 * It keeps the process running while it wants something.
 */
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>
#include "addon.h"

struct polled {
  uv_poll_t handle;
  napi_env env;
  /* Strong while the descriptor is open, so that neither is collected before close(). */
  napi_ref object;
  napi_ref on_ready;
  napi_async_cleanup_hook_handle cleanup;
  int descriptor;
  /* The memory goes when the loop and the collector have both let go. */
  int is_closed;
  int is_collected;
};

static void free_unused(struct polled *polled) {
  if (polled->is_closed && polled->is_collected) free(polled);
}

static void closed(uv_handle_t *handle) {
  struct polled *polled = handle->data;
  napi_remove_async_cleanup_hook(polled->cleanup);
  polled->is_closed = 1;
  free_unused(polled);
}

static void close_polled(struct polled *polled) {
  if (polled->descriptor < 0) return;
  /* The loop forgets the descriptor at once, so that its number may be used again. */
  uv_close((uv_handle_t *)&polled->handle, closed);
  close(polled->descriptor);
  polled->descriptor = -1;
  napi_delete_reference(polled->env, polled->on_ready);
  napi_delete_reference(polled->env, polled->object);
}

/* The process, or a worker, ends with the descriptor open. */
static void environment_ends(napi_async_cleanup_hook_handle cleanup, void *data) {
  (void)cleanup;
  close_polled(data);
}

static void collected(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  struct polled *polled = data;
  polled->is_collected = 1;
  free_unused(polled);
}

static void ready(uv_poll_t *handle, int status, int events) {
  struct polled *polled = handle->data;
  napi_env env = polled->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value self, on_ready, argument, thrown;
  if (napi_get_reference_value(env, polled->object, &self) == napi_ok &&
      napi_get_reference_value(env, polled->on_ready, &on_ready) == napi_ok &&
      napi_create_int32(env, status < 0 ? 0 : events, &argument) == napi_ok &&
      napi_make_callback(env, NULL, self, on_ready, 1, &argument, NULL) == napi_pending_exception &&
      napi_get_and_clear_last_exception(env, &thrown) == napi_ok) {
    napi_fatal_exception(env, thrown);
  }
  napi_close_handle_scope(env, scope);
}

static napi_value throw_uv(napi_env env, int fault) {
  napi_throw_error(env, uv_err_name(fault), uv_strerror(fault));
  return NULL;
}

static napi_value construct(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2], self, target = NULL;
  int32_t descriptor = -1;
  napi_valuetype type = napi_undefined;
  napi_get_new_target(env, info, &target);
  if (target == NULL || napi_get_cb_info(env, info, &count, arguments, &self, NULL) != napi_ok || count != 2 ||
      napi_get_value_int32(env, arguments[0], &descriptor) != napi_ok ||
      napi_typeof(env, arguments[1], &type) != napi_ok || type != napi_function) {
    napi_throw_type_error(env, NULL, "new Polled takes a descriptor and a function");
    return NULL;
  }
  uv_loop_t *loop = NULL;
  struct polled *polled = calloc(1, sizeof *polled);
  if (polled == NULL || napi_get_uv_event_loop(env, &loop) != napi_ok) {
    free(polled);
    return throw_uv(env, UV_ENOMEM);
  }
  const int fault = descriptor < 0 ? UV_EBADF : uv_poll_init(loop, &polled->handle, descriptor);
  if (fault != 0) {
    free(polled);
    return throw_uv(env, fault);
  }
  polled->handle.data = polled;
  polled->env = env;
  polled->descriptor = descriptor;
  if (napi_create_reference(env, self, 1, &polled->object) == napi_ok &&
      napi_create_reference(env, arguments[1], 1, &polled->on_ready) == napi_ok &&
      napi_wrap(env, self, polled, collected, NULL, NULL) == napi_ok &&
      napi_add_async_cleanup_hook(env, environment_ends, polled, &polled->cleanup) == napi_ok) {
    return self;
  }
  /* Out of memory. The descriptor stays its owner's, and what the loop still holds is never freed. */
  uv_close((uv_handle_t *)&polled->handle, NULL);
  polled->descriptor = -1;
  return throw_uv(env, UV_ENOMEM);
}

/* Undefined after an exception is pending: somebody called a method on another object. */
static struct polled *polled_of(napi_env env, napi_callback_info info, size_t *count, napi_value *argument) {
  napi_value self;
  void *data = NULL;
  if (napi_get_cb_info(env, info, count, argument, &self, NULL) != napi_ok ||
      napi_unwrap(env, self, &data) != napi_ok) {
    napi_throw_type_error(env, NULL, "this is no Polled");
    return NULL;
  }
  return data;
}

static napi_value get_descriptor(napi_env env, napi_callback_info info) {
  size_t count = 0;
  const struct polled *polled = polled_of(env, info, &count, NULL);
  if (polled == NULL) return NULL;
  napi_value result = NULL;
  napi_create_int32(env, polled->descriptor, &result);
  return result;
}

static napi_value want(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument = NULL;
  struct polled *polled = polled_of(env, info, &count, &argument);
  if (polled == NULL) return NULL;
  int32_t events = -1;
  if (count != 1 || napi_get_value_int32(env, argument, &events) != napi_ok || events < 0 ||
      (events & ~(UV_READABLE | UV_WRITABLE)) != 0) {
    napi_throw_type_error(env, NULL, "want takes 0, 1 (readable), 2 (writable) or 3");
    return NULL;
  }
  if (polled->descriptor < 0) return NULL;
  const int fault = events == 0 ? uv_poll_stop(&polled->handle) : uv_poll_start(&polled->handle, events, ready);
  return fault == 0 ? NULL : throw_uv(env, fault);
}

static napi_value close_it(napi_env env, napi_callback_info info) {
  size_t count = 0;
  struct polled *polled = polled_of(env, info, &count, NULL);
  if (polled != NULL) close_polled(polled);
  return NULL;
}

napi_value polled_class(napi_env env) {
  const napi_property_descriptor members[] = {
      {"descriptor", NULL, NULL, get_descriptor, NULL, NULL, napi_enumerable, NULL},
      {"want", NULL, want, NULL, NULL, NULL, napi_default, NULL},
      {"close", NULL, close_it, NULL, NULL, NULL, napi_default, NULL},
  };
  napi_value constructor = NULL;
  napi_define_class(env, "Polled", NAPI_AUTO_LENGTH, construct, NULL, sizeof members / sizeof *members, members,
                    &constructor);
  return constructor;
}
