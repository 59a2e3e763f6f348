/* The part of illumos's <door.h> that the addon uses, from door_create(3C), door_call(3C), door_return(3C), door_ucred(3C)
 * and door_setparam(3C): for compiling where there is none. */
#ifndef STAND_IN_DOOR_H
#define STAND_IN_DOOR_H

#include <stddef.h>
#include <sys/types.h>
#include <ucred.h>

typedef unsigned int uint_t;
typedef unsigned int door_attr_t;
typedef unsigned long long door_id_t;

#define DOOR_NO_CANCEL 0x08
#define DOOR_DESCRIPTOR 0x10000
#define DOOR_PARAM_DESC_MAX 1
#define DOOR_PARAM_DATA_MIN 2
#define DOOR_PARAM_DATA_MAX 3

typedef struct door_desc {
  door_attr_t d_attributes;
  union {
    struct {
      int d_descriptor;
      door_id_t d_id;
    } d_desc;
    int d_resv[5];
  } d_data;
} door_desc_t;

typedef struct door_arg {
  char *data_ptr;
  size_t data_size;
  door_desc_t *desc_ptr;
  uint_t desc_num;
  char *rbuf;
  size_t rsize;
} door_arg_t;

int door_create(void (*server_procedure)(void *, char *, size_t, door_desc_t *, uint_t), void *cookie, uint_t attributes);
int door_revoke(int door);
int door_call(int door, door_arg_t *params);
int door_return(char *data_ptr, size_t data_size, door_desc_t *desc_ptr, uint_t num_desc);
int door_ucred(ucred_t **info);
int door_setparam(int door, int param, size_t val);

#endif
