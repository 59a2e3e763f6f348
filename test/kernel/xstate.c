/*
 * Preloaded into User Mode Linux by run-in-kernel, for CPUs with AMX. Its kernel 6.1 keeps 2696 bytes of a process's
 * vector registers; a host whose CPU has AMX wants all 11008 back and refuses less, so that the first process of the
 * guest dies. What UML does not know of is read from the process, left as it was, and written back with the rest.
 * No process of the guest has tile registers: they must be asked for (arch_prctl), which UML does not hand on.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

#define LARGEST 65536

long ptrace(enum __ptrace_request request, ...)
{
	static long (*real)(enum __ptrace_request, pid_t, void *, void *);
	static unsigned char whole[LARGEST] __attribute__((aligned(64)));
	struct iovec *given, all = { whole, sizeof whole };
	va_list list;
	pid_t pid;
	void *addr, *data;

	va_start(list, request);
	pid = va_arg(list, pid_t);
	addr = va_arg(list, void *);
	data = va_arg(list, void *);
	va_end(list);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "ptrace");
	given = data;
	if (request != PTRACE_SETREGSET || addr != (void *)NT_X86_XSTATE)
		return real(request, pid, addr, data);
	if (real(PTRACE_GETREGSET, pid, addr, &all) != 0 || all.iov_len <= given->iov_len)
		return real(request, pid, addr, data);
	memcpy(whole, given->iov_base, given->iov_len);
	return real(request, pid, addr, &all);
}
