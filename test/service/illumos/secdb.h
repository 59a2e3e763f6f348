/* The part of illumos's <secdb.h> that the addon uses: nothing but that it is there, from chkauthattr(3SECDB). */
#ifndef STAND_IN_SECDB_H
#define STAND_IN_SECDB_H

typedef struct kva_s kva_t;

#endif
