/*
 * Doors within one process, in place of the kernel's: a call runs the procedure of the door on a thread made for it, and
 * door_return ends that thread. The limits of door_setparam, the copies of data and descriptors, and the errors are those
 * of the manual pages. A door is found by the file it is attached to, as the kernel finds it.
 */
#include <auth_attr.h>
#include <door.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <stropts.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct in_process_door {
  struct in_process_door *next;
  int descriptor;
  void (*procedure)(void *, char *, size_t, door_desc_t *, uint_t);
  void *cookie;
  size_t longest;
  size_t most;
  int is_attached;
  dev_t device;
  ino_t inode;
};

struct under_way {
  struct in_process_door *door;
  char *data;
  size_t length;
  door_desc_t descriptors[8];
  uint_t count;
  char *reply;
  size_t reply_length;
};

static struct in_process_door *all;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread struct under_way *mine;

struct ucred_s {
  uid_t uid;
};

/* Who calls: the user of DOOR_CALLER, a number, or ours. */
int door_ucred(ucred_t **info) {
  const char *caller = getenv("DOOR_CALLER");
  if (*info == NULL) *info = malloc(sizeof **info);
  (*info)->uid = caller == NULL ? geteuid() : (uid_t)strtoul(caller, NULL, 10);
  return 0;
}

/* user_attr(5) is DOOR_USER_ATTR: entries USER:AUTHORISATION, each ended by a comma. Authorizations may end with ".*". */
int chkauthattr(const char *authname, const char *username) {
  const char *at = getenv("DOOR_USER_ATTR");
  const size_t length = strlen(username);
  for (; at != NULL && *at != 0; at = strchr(at, ',') + 1) {
    if (strncmp(at, username, length) != 0 || at[length] != ':') continue;
    const char *granted = at + length + 1;
    const size_t size = strcspn(granted, ",");
    if (size == strlen(authname) && strncmp(granted, authname, size) == 0) return 1;
    if (size > 1 && granted[size - 1] == '*' && strncmp(granted, authname, size - 1) == 0) return 1;
  }
  return 0;
}

uid_t ucred_geteuid(const ucred_t *uc) { return uc->uid; }

void ucred_free(ucred_t *uc) { free(uc); }

static struct in_process_door *door_of(int descriptor) {
  struct in_process_door *door = all;
  while (door != NULL && door->descriptor != descriptor) door = door->next;
  return door;
}

int door_create(void (*procedure)(void *, char *, size_t, door_desc_t *, uint_t), void *cookie, uint_t attributes) {
  struct in_process_door *door = calloc(1, sizeof *door);
  if ((attributes & ~(uint_t)DOOR_NO_CANCEL) != 0) return errno = EINVAL, -1;
  door->descriptor = open("/dev/null", O_RDONLY);
  door->procedure = procedure;
  door->cookie = cookie;
  pthread_mutex_lock(&lock);
  door->next = all;
  all = door;
  pthread_mutex_unlock(&lock);
  return door->descriptor;
}

int door_setparam(int descriptor, int param, size_t value) {
  struct in_process_door *door = door_of(descriptor);
  if (door == NULL) return errno = EBADF, -1;
  if (param == DOOR_PARAM_DATA_MAX) door->longest = value;
  else if (param == DOOR_PARAM_DESC_MAX) door->most = value;
  else return errno = EINVAL, -1;
  return 0;
}

int door_revoke(int descriptor) {
  struct in_process_door *door = door_of(descriptor);
  if (door == NULL) return errno = EBADF, -1;
  close(descriptor);
  door->descriptor = -1;
  return 0;
}

int fattach(int descriptor, const char *path) {
  struct in_process_door *door = door_of(descriptor);
  struct stat found;
  if (door == NULL) return errno = EINVAL, -1;
  if (stat(path, &found) != 0) return -1;
  door->device = found.st_dev;
  door->inode = found.st_ino;
  door->is_attached = 1;
  return 0;
}

int fdetach(const char *path) {
  struct stat found;
  if (stat(path, &found) != 0) return -1;
  for (struct in_process_door *door = all; door != NULL; door = door->next) {
    if (!door->is_attached || door->device != found.st_dev || door->inode != found.st_ino) continue;
    door->is_attached = 0;
    return 0;
  }
  return errno = EINVAL, -1;
}

static void *run(void *data) {
  mine = data;
  mine->door->procedure(mine->door->cookie, mine->length == 0 ? NULL : mine->data, mine->length,
                        mine->count == 0 ? NULL : mine->descriptors, mine->count);
  abort();
}

int door_return(char *data, size_t length, door_desc_t *descriptors, uint_t count) {
  if (descriptors != NULL || count != 0) abort();
  if (length > 0) {
    mine->reply = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(mine->reply, data, length);
  }
  mine->reply_length = length;
  pthread_exit(NULL);
}

int door_call(int descriptor, door_arg_t *params) {
  struct stat found;
  if (fstat(descriptor, &found) != 0) return -1;
  struct in_process_door *door = all;
  while (door != NULL && !(door->is_attached && door->descriptor >= 0 && door->device == found.st_dev &&
                           door->inode == found.st_ino)) {
    door = door->next;
  }
  if (door == NULL) return errno = EBADF, -1;
  if (params->data_size > door->longest) return errno = ENOBUFS, -1;
  if (params->desc_num > door->most) return errno = ENFILE, -1;
  struct under_way call = {.door = door, .length = params->data_size, .count = params->desc_num};
  call.data = malloc(call.length + 1);
  memcpy(call.data, params->data_ptr, call.length);
  for (uint_t i = 0; i < call.count; i++) {
    call.descriptors[i] = params->desc_ptr[i];
    const int copy = dup(params->desc_ptr[i].d_data.d_desc.d_descriptor);
    if (copy < 0) {
      while (i-- > 0) close(call.descriptors[i].d_data.d_desc.d_descriptor);
      free(call.data);
      return errno = EBADF, -1;
    }
    call.descriptors[i].d_data.d_desc.d_descriptor = copy;
  }
  pthread_t thread;
  const int fault = pthread_create(&thread, NULL, run, &call);
  if (fault != 0) return errno = fault, -1;
  pthread_join(thread, NULL);
  free(call.data);
  params->data_ptr = params->rbuf = call.reply;
  params->data_size = params->rsize = call.reply_length;
  params->desc_ptr = NULL;
  params->desc_num = 0;
  return 0;
}
