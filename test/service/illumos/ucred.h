/* The part of illumos's <ucred.h> that the addon uses, from ucred_get(3C) and getpeerucred(3C). */
#ifndef STAND_IN_UCRED_H
#define STAND_IN_UCRED_H

#include <sys/types.h>

typedef struct ucred_s ucred_t;

int getpeerucred(int fd, ucred_t **ucred);
uid_t ucred_geteuid(const ucred_t *uc);
void ucred_free(ucred_t *uc);

#endif
