/* The part of illumos's <auth_attr.h> that the addon uses, from chkauthattr(3SECDB). */
#ifndef STAND_IN_AUTH_ATTR_H
#define STAND_IN_AUTH_ATTR_H

int chkauthattr(const char *authname, const char *username);

#endif
