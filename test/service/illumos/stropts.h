/* The part of illumos's <stropts.h> that the addon uses, from fattach(3C) and fdetach(3C). */
#ifndef STAND_IN_STROPTS_H
#define STAND_IN_STROPTS_H

int fattach(int fildes, const char *path);
int fdetach(const char *path);

#endif
