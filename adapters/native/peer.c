/* Who is at the other end of a Unix socket. The kernel noted it when they connected; it cannot be forged. */
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>
#if defined(__sun)
#include <ucred.h>
#endif
#include "arguments.h"

/* The user, or minus errno: a uid has 32 bits and no sign. */
static int64_t uid_of_peer(int descriptor) {
#if defined(__linux__)
  struct ucred who;
  socklen_t length = sizeof who;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &who, &length) != 0) return -(int64_t)errno;
  /* A socket that is no Unix socket, or not connected, has (uid_t)-1. */
  return who.uid == (uid_t)-1 ? -(int64_t)ENOTCONN : (int64_t)who.uid;
#elif defined(__sun)
  ucred_t *who = NULL;
  if (getpeerucred(descriptor, &who) != 0) return -(int64_t)errno;
  const uid_t uid = ucred_geteuid(who);
  const int fault = errno;
  ucred_free(who);
  return uid == (uid_t)-1 ? -(int64_t)fault : (int64_t)uid;
#else
  uid_t uid;
  gid_t gid;
  if (getpeereid(descriptor, &uid, &gid) != 0) return -(int64_t)errno;
  return (int64_t)uid;
#endif
}

napi_value peer_uid(napi_env env, napi_callback_info info) {
  napi_value argument;
  int32_t descriptor;
  if (!take_arguments(env, info, &argument, 1) || !take_int(env, argument, &descriptor)) {
    return misused(env, "peerUid takes a descriptor");
  }
  return give_number(env, uid_of_peer(descriptor));
}
