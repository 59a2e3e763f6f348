/*
 * Takes what the kernel has told a process of its IPsec before the process can read it: usage: take-messages PID.
 * Prints how many messages that were. The process should be stopped meanwhile.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of PF_KEY and of netlink. The copy of a descriptor is the same socket, with the same queue. */
static int taken_from(int process, int descriptor)
{
  const int copy = (int)syscall(SYS_pidfd_getfd, process, descriptor, 0);
  int domain = 0;
  socklen_t size = sizeof domain;
  int count = 0;
  char message[65536];
  if (copy == -1) return 0;
  if (getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && (domain == AF_KEY || domain == AF_NETLINK))
    while (recv(copy, message, sizeof message, MSG_DONTWAIT) >= 0) count += 1;
  close(copy);
  return count;
}

int main(int argc, char **argv)
{
  char path[64];
  const struct dirent *entry;
  int count = 0;
  const pid_t pid = argc == 2 ? atoi(argv[1]) : 0;
  const int process = (int)syscall(SYS_pidfd_open, pid, 0);
  if (process == -1) {
    perror("take-messages: pidfd_open");
    return 1;
  }
  snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
  DIR *const descriptors = opendir(path);
  if (descriptors == NULL) {
    perror(path);
    return 1;
  }
  while ((entry = readdir(descriptors)) != NULL)
    if (entry->d_name[0] != '.') count += taken_from(process, atoi(entry->d_name));
  printf("%d\n", count);
  return 0;
}
