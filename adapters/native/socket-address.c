/* Addresses of sockets from bytes. */
#include "socket-address.h"
#include <netinet/in.h>
#include <string.h>

int is_address(size_t length) {
  return length == sizeof(struct in_addr) || length == sizeof(struct in6_addr);
}

socklen_t socket_address(struct sockaddr_storage *to, const uint8_t *address, size_t length, uint32_t port) {
  memset(to, 0, sizeof *to);
  if (length == sizeof(struct in_addr)) {
    struct sockaddr_in *v4 = (struct sockaddr_in *)to;
    v4->sin_family = AF_INET;
    v4->sin_port = htons((uint16_t)port);
    memcpy(&v4->sin_addr, address, length);
    return sizeof *v4;
  }
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons((uint16_t)port);
  memcpy(&v6->sin6_addr, address, length);
  return sizeof *v6;
}
