/*
 * A PKCS#11 library in front of another one, for what a software token cannot do: be slow, count wrong PINs and lock
 * itself, be taken away. Files in the folder OBSTINATE say what it does now:
 *   slow     C_Sign waits one second
 *   stuck    C_Sign waits for ten minutes
 *   sleepy   C_Login waits one second
 *   away     there is no token
 *   protected  no session can write
 *   full     no object can be made
 *   keyless  no private key can be made, and other objects can
 *   certless no certificate can be made, and other objects can
 *   locked   C_Login says CKR_PIN_LOCKED
 * PINs: after three wrong ones C_Login says CKR_PIN_LOCKED, to the right one too.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long rv_t;
typedef rv_t (*fn_t)();

enum { GET_SLOT_LIST = 4, OPEN_SESSION = 12, LOGIN = 18, CREATE_OBJECT = 20, SIGN_INIT = 42, SIGN = 43, GENERATE_PAIR = 59, FUNCTIONS = 68 };
enum { CKR_OK = 0, CKR_DEVICE_MEMORY = 0x31, CKR_WRITE_PROTECTED = 0xe2, CKR_DEVICE_REMOVED = 0x32, CKR_PIN_INCORRECT = 0xa0, CKR_PIN_LOCKED = 0xa4 };

/* CK_FUNCTION_LIST: a version of two bytes, then the functions in the order of pkcs11f.h. */
static struct list {
  unsigned char version[2];
  fn_t functions[FUNCTIONS];
} ours, *theirs;
static int wrong;

/* CK_ATTRIBUTE, and what an object may be. */
struct attribute {
  unsigned long type;
  void *value;
  unsigned long length;
};
enum { CKA_CLASS = 0, CKO_CERTIFICATE = 1, CKO_PRIVATE_KEY = 3 };

static int told(const char *what) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", getenv("OBSTINATE"), what);
  return access(path, F_OK) == 0;
}

static rv_t slots(unsigned char present, unsigned long *list, unsigned long *count) {
  if (told("away")) {
    *count = 0;
    return CKR_OK;
  }
  return theirs->functions[GET_SLOT_LIST](present, list, count);
}

static rv_t login(unsigned long session, unsigned long user, char *pin, unsigned long length) {
  if (told("sleepy")) sleep(1);
  if (wrong >= 3 || told("locked")) return CKR_PIN_LOCKED;
  rv_t rv = theirs->functions[LOGIN](session, user, pin, length);
  if (rv == CKR_PIN_INCORRECT) wrong += 1;
  return rv;
}

static rv_t open_session(unsigned long slot, unsigned long flags, void *a, void *b, unsigned long *session) {
  if ((flags & 2) != 0 && told("protected")) return CKR_WRITE_PROTECTED;
  return theirs->functions[OPEN_SESSION](slot, flags, a, b, session);
}

static rv_t create_object(unsigned long session, struct attribute *template, unsigned long count, unsigned long *object) {
  if (told("full")) return CKR_DEVICE_MEMORY;
  for (unsigned long i = 0; i < count; i++) {
    if (template[i].type != CKA_CLASS) continue;
    const unsigned long class = *(unsigned long *)template[i].value;
    if (class == CKO_PRIVATE_KEY && told("keyless")) return CKR_DEVICE_MEMORY;
    if (class == CKO_CERTIFICATE && told("certless")) return CKR_DEVICE_MEMORY;
  }
  return theirs->functions[CREATE_OBJECT](session, template, count, object);
}

static rv_t generate_pair(unsigned long session, void *mechanism, void *a, unsigned long n, void *b,
                          unsigned long m, unsigned long *public_key, unsigned long *private_key) {
  if (told("full")) return CKR_DEVICE_MEMORY;
  return theirs->functions[GENERATE_PAIR](session, mechanism, a, n, b, m, public_key, private_key);
}

static rv_t sign_init(unsigned long session, void *mechanism, unsigned long key) {
  if (told("away")) return CKR_DEVICE_REMOVED;
  return theirs->functions[SIGN_INIT](session, mechanism, key);
}

static rv_t sign(unsigned long session, void *data, unsigned long length, void *out, unsigned long *room) {
  if (told("slow")) sleep(1);
  if (told("stuck")) sleep(600);
  return theirs->functions[SIGN](session, data, length, out, room);
}

rv_t C_GetFunctionList(struct list **list) {
  void *library = dlopen(BEHIND, RTLD_NOW | RTLD_LOCAL);
  fn_t get = library == NULL ? NULL : (fn_t)dlsym(library, "C_GetFunctionList");
  if (get == NULL) return 5;
  rv_t rv = get(&theirs);
  if (rv != CKR_OK) return rv;
  memcpy(&ours, theirs, sizeof ours);
  ours.functions[GET_SLOT_LIST] = (fn_t)slots;
  ours.functions[OPEN_SESSION] = (fn_t)open_session;
  ours.functions[CREATE_OBJECT] = (fn_t)create_object;
  ours.functions[GENERATE_PAIR] = (fn_t)generate_pair;
  ours.functions[LOGIN] = (fn_t)login;
  ours.functions[SIGN_INIT] = (fn_t)sign_init;
  ours.functions[SIGN] = (fn_t)sign;
  *list = &ours;
  return CKR_OK;
}
