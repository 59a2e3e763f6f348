/* Addresses as JavaScript has them, 4 or 16 bytes, and as sockets want them. */
#ifndef IKECHART_SOCKET_ADDRESS_H
#define IKECHART_SOCKET_ADDRESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Whether so many bytes are an address. */
int is_address(size_t length);

/* Fills in the address and the port, at most 65535; the length of what was filled in. */
socklen_t socket_address(struct sockaddr_storage *to, const uint8_t *address, size_t length, uint32_t port);

#endif
