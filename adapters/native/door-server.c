/*
 * A door of illumos, the daemon's end: door_create(3C). Elsewhere there are none, and nothing of this is compiled. It has
 * not run on illumos; test/service/illumos.service.ts says what is tested.
 *
 * The system runs a door's procedure on threads of its own, one for each caller. Such a thread hands the call to
 * JavaScript, waits for the answer, and gives it to door_return, which does not come back.
 */
#if defined(__sun)
#include <alloca.h>
#include <door.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <stropts.h>
#include <ucred.h>
#include <unistd.h>
#include "arguments.h"

/* A call has two at most (ikedoor.h). */
#define MOST_DESCRIPTORS 2

/* Never freed: a thread may still be on its way to it. */
struct door {
  struct door *next;
  int descriptor;
  /* NULL once the door is closed. */
  napi_threadsafe_function told;
};

/* A caller who waits. It lives on the stack of its thread, and is in the list until it is answered. */
struct call {
  struct call *next;
  uint32_t id;
  int64_t uid;
  const char *bytes;
  size_t length;
  int descriptors[MOST_DESCRIPTORS];
  size_t descriptor_count;
  char *reply;
  size_t reply_length;
  int is_answered;
};

/* For everything below. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t answered = PTHREAD_COND_INITIALIZER;
static struct door *doors;
static struct call *waiting;
static uint32_t last_id;

/* Wakes the caller's thread, which owns `reply` then; NULL is an empty one. A number that nobody has is ignored. */
static void answer(uint32_t id, char *reply, size_t length) {
  pthread_mutex_lock(&lock);
  struct call **at = &waiting;
  while (*at != NULL && (*at)->id != id) at = &(*at)->next;
  struct call *call = *at;
  if (call == NULL) {
    free(reply);
  } else {
    *at = call->next;
    call->reply = reply;
    call->reply_length = length;
    call->is_answered = 1;
    pthread_cond_broadcast(&answered);
  }
  pthread_mutex_unlock(&lock);
}

/* Nobody will answer. */
static void refuse(struct call *call) {
  for (size_t i = 0; i < call->descriptor_count; i++) close(call->descriptors[i]);
  answer(call->id, NULL, 0);
}

static int64_t uid_of_caller(void) {
  ucred_t *who = NULL;
  if (door_ucred(&who) != 0) return -(int64_t)errno;
  const uid_t uid = ucred_geteuid(who);
  ucred_free(who);
  return uid == (uid_t)-1 ? -(int64_t)EINVAL : (int64_t)uid;
}

static void take_descriptors(struct call *call, const door_desc_t *descriptors, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if ((descriptors[i].d_attributes & DOOR_DESCRIPTOR) == 0) continue;
    const int descriptor = descriptors[i].d_data.d_desc.d_descriptor;
    if (call->descriptor_count == MOST_DESCRIPTORS) {
      /* The system lets no more through: DOOR_PARAM_DESC_MAX. */
      close(descriptor);
    } else {
      fcntl(descriptor, F_SETFD, FD_CLOEXEC);
      call->descriptors[call->descriptor_count++] = descriptor;
    }
  }
}

/* On a thread of the door. */
static void serve(void *cookie, char *bytes, size_t length, door_desc_t *descriptors, uint_t count) {
  const struct door *door = cookie;
  struct call call = {.uid = uid_of_caller(), .bytes = bytes, .length = bytes == NULL ? 0 : length};
  take_descriptors(&call, descriptors, count);
  pthread_mutex_lock(&lock);
  call.id = ++last_id;
  call.next = waiting;
  waiting = &call;
  const int is_told =
      door->told != NULL && napi_call_threadsafe_function(door->told, &call, napi_tsfn_nonblocking) == napi_ok;
  pthread_mutex_unlock(&lock);
  if (!is_told) refuse(&call);
  pthread_mutex_lock(&lock);
  while (!call.is_answered) pthread_cond_wait(&answered, &lock);
  pthread_mutex_unlock(&lock);
  /* What door_return is given must be there when this procedure never ends: only its stack is. */
  char *reply = NULL;
  if (call.reply != NULL) {
    reply = alloca(call.reply_length);
    memcpy(reply, call.reply, call.reply_length);
    memset(call.reply, 0, call.reply_length);
    free(call.reply);
  }
  door_return(reply, reply == NULL ? 0 : call.reply_length, NULL, 0);
}

/* On the main thread: onCall(id, bytes, descriptors, uid). The caller is still waiting. */
static void tell(napi_env env, napi_value on_call, void *context, void *data) {
  (void)context;
  struct call *call = data;
  napi_value nothing, buffer, arguments[4], descriptor;
  void *bytes = NULL;
  /* No environment: the process ends. */
  int is_ready = env != NULL && napi_get_undefined(env, &nothing) == napi_ok &&
                 napi_create_uint32(env, call->id, &arguments[0]) == napi_ok &&
                 napi_create_arraybuffer(env, call->length, &bytes, &buffer) == napi_ok &&
                 napi_create_typedarray(env, napi_uint8_array, call->length, buffer, 0, &arguments[1]) == napi_ok &&
                 napi_create_array(env, &arguments[2]) == napi_ok &&
                 napi_create_int64(env, call->uid, &arguments[3]) == napi_ok;
  for (size_t i = 0; is_ready && i < call->descriptor_count; i++) {
    is_ready = napi_create_int32(env, call->descriptors[i], &descriptor) == napi_ok &&
               napi_set_element(env, arguments[2], (uint32_t)i, descriptor) == napi_ok;
  }
  if (!is_ready) {
    refuse(call);
    return;
  }
  if (call->length > 0) memcpy(bytes, call->bytes, call->length);
  napi_call_function(env, nothing, on_call, 4, arguments, NULL);
}

static int64_t attached(struct door *door, const char *path, int32_t longest) {
  door->descriptor = door_create(serve, door, DOOR_NO_CANCEL);
  if (door->descriptor < 0) return -(int64_t)errno;
  fcntl(door->descriptor, F_SETFD, FD_CLOEXEC);
  if (door_setparam(door->descriptor, DOOR_PARAM_DATA_MAX, (size_t)longest) == 0 &&
      door_setparam(door->descriptor, DOOR_PARAM_DESC_MAX, MOST_DESCRIPTORS) == 0 &&
      fattach(door->descriptor, path) == 0) {
    return door->descriptor;
  }
  const int fault = errno;
  door_revoke(door->descriptor);
  return -(int64_t)fault;
}

napi_value door_open(napi_env env, napi_callback_info info) {
  napi_value arguments[3], name;
  char path[1024];
  size_t length = 0;
  int32_t longest = 0;
  napi_valuetype type = napi_undefined;
  if (!take_arguments(env, info, arguments, 3) ||
      napi_get_value_string_utf8(env, arguments[0], path, sizeof path, &length) != napi_ok ||
      length >= sizeof path - 1 || !take_int(env, arguments[1], &longest) || longest < 0 ||
      napi_typeof(env, arguments[2], &type) != napi_ok || type != napi_function) {
    return misused(env, "doorOpen takes a path, the longest request and a function");
  }
  struct door *door = calloc(1, sizeof *door);
  if (door == NULL || napi_create_string_utf8(env, "door", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_threadsafe_function(env, arguments[2], NULL, name, 0, 1, NULL, NULL, NULL, tell, &door->told) !=
          napi_ok) {
    free(door);
    return give_number(env, -(int64_t)ENOMEM);
  }
  const int64_t outcome = attached(door, path, longest);
  pthread_mutex_lock(&lock);
  if (outcome < 0) {
    napi_release_threadsafe_function(door->told, napi_tsfn_release);
    door->told = NULL;
  } else {
    door->next = doors;
    doors = door;
  }
  pthread_mutex_unlock(&lock);
  return give_number(env, outcome);
}

napi_value door_close(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  char path[1024];
  size_t length = 0;
  int32_t descriptor = -1;
  if (!take_arguments(env, info, arguments, 2) || !take_int(env, arguments[0], &descriptor) ||
      napi_get_value_string_utf8(env, arguments[1], path, sizeof path, &length) != napi_ok) {
    return misused(env, "doorClose takes a descriptor and its path");
  }
  pthread_mutex_lock(&lock);
  struct door **at = &doors;
  while (*at != NULL && (*at)->descriptor != descriptor) at = &(*at)->next;
  struct door *door = *at;
  if (door != NULL) {
    *at = door->next;
    napi_release_threadsafe_function(door->told, napi_tsfn_release);
    door->told = NULL;
  }
  pthread_mutex_unlock(&lock);
  if (door == NULL) return give_number(env, -(int64_t)EBADF);
  fdetach(path);
  /* Whoever waits is still answered; door_revoke closes the descriptor. */
  return give_number(env, door_revoke(descriptor) == 0 ? 0 : -(int64_t)errno);
}

napi_value door_answer(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint32_t id = 0;
  uint8_t *bytes = NULL;
  size_t length = 0;
  if (!take_arguments(env, info, arguments, 2) || !take_uint(env, arguments[0], &id) ||
      !take_bytes(env, arguments[1], &bytes, &length)) {
    return misused(env, "doorAnswer takes the number of a call and bytes");
  }
  char *reply = length == 0 ? NULL : malloc(length);
  if (reply != NULL) memcpy(reply, bytes, length);
  answer(id, reply, reply == NULL ? 0 : length);
  return NULL;
}
#endif
