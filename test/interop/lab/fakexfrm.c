/*
 * Lets charon complete its child SAs on a kernel that has XFRM netlink and policies but no ESP or AH, by answering
 * only the SA messages; loaded with LD_PRELOAD. No packet is protected: the SAs are written down instead.
 *
 *   NEWSA, UPDSA, DELSA  -> sent to the kernel as NLMSG_NOOP + NLM_F_ACK, which
 *                           the kernel acknowledges with the same sequence number
 *   ALLOCSPI             -> the real kernel's (a larval SA); the UPDSA that fills
 *                           it is sent as a DELSA of the larval entry
 *   everything else      -> untouched (policies, ACQUIRE, socket policies are real)
 *
 * Every SA message becomes one JSON line in $FAKEXFRM_LOG, keys included, so that a test can compare both ends' keys.
 *
 *   cc -shared -fPIC -O2 -o fakexfrm.so fakexfrm.c -ldl -lpthread
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <fcntl.h>
#include <time.h>

#define MAXFD 65536
static unsigned char isx[MAXFD];
static pthread_mutex_t lk = PTHREAD_MUTEX_INITIALIZER;

#define REAL(ret, name, ...) \
	static ret (*real)(__VA_ARGS__); \
	if (!real) real = dlsym(RTLD_NEXT, #name)

int socket(int d, int t, int p)
{
	REAL(int, socket, int, int, int);
	int fd = real(d, t, p);
	if (fd >= 0 && fd < MAXFD)
		isx[fd] = d == AF_NETLINK && p == NETLINK_XFRM;
	return fd;
}
int close(int fd)
{
	REAL(int, close, int);
	if (fd >= 0 && fd < MAXFD)
		isx[fd] = 0;
	return real(fd);
}

static void hex(char *o, const unsigned char *p, unsigned n)
{
	while (n--)
		o += sprintf(o, "%02x", *p++);
	*o = 0;
}

static void logsa(const char *op, const struct nlmsghdr *h)
{
	const char *path = getenv("FAKEXFRM_LOG");
	char line[4096], a[64], b[64], k[1200];
	int n = 0, fd;
	struct timespec ts;
	if (!path)
		return;
	clock_gettime(CLOCK_REALTIME, &ts);
	n += snprintf(line + n, sizeof line - n, "{\"t\":%ld.%03ld,\"op\":\"%s\"",
	    (long)ts.tv_sec, ts.tv_nsec / 1000000, op);
	if (h->nlmsg_type == XFRM_MSG_DELSA) {
		const struct xfrm_usersa_id *id = NLMSG_DATA(h);
		inet_ntop(id->family, &id->daddr, b, sizeof b);
		n += snprintf(line + n, sizeof line - n,
		    ",\"dst\":\"%s\",\"proto\":%u,\"spi\":\"%08x\"", b, id->proto, ntohl(id->spi));
	} else {
		const struct xfrm_usersa_info *s = NLMSG_DATA(h);
		inet_ntop(s->family, &s->saddr, a, sizeof a);
		inet_ntop(s->family, &s->id.daddr, b, sizeof b);
		n += snprintf(line + n, sizeof line - n,
		    ",\"src\":\"%s\",\"dst\":\"%s\",\"proto\":%u,\"spi\":\"%08x\","
		    "\"mode\":\"%s\",\"reqid\":%u,\"replay\":%u,\"soft_s\":%llu,\"hard_s\":%llu",
		    a, b, s->id.proto, ntohl(s->id.spi), s->mode == XFRM_MODE_TUNNEL ? "tunnel" : "transport",
		    s->reqid, s->replay_window,
		    (unsigned long long)s->lft.soft_add_expires_seconds,
		    (unsigned long long)s->lft.hard_add_expires_seconds);
		int len = h->nlmsg_len - NLMSG_SPACE(sizeof *s);
		const struct nlattr *at = (const void *)((const char *)h + NLMSG_SPACE(sizeof *s));
		while (len >= (int)sizeof *at && at->nla_len >= sizeof *at && at->nla_len <= len) {
			const void *v = at + 1;
			const char *w = NULL, *nm = NULL;
			const unsigned char *key = NULL;
			unsigned bits = 0, extra = 0;
			switch (at->nla_type) {
			case XFRMA_ALG_CRYPT: w = "enc"; goto alg;
			case XFRMA_ALG_AUTH: w = "auth"; goto alg;
			case XFRMA_ALG_COMP: w = "comp";
			alg: { const struct xfrm_algo *x = v; nm = x->alg_name; key = (void *)x->alg_key; bits = x->alg_key_len; break; }
			case XFRMA_ALG_AUTH_TRUNC: { const struct xfrm_algo_auth *x = v; w = "auth"; nm = x->alg_name; key = (void *)x->alg_key; bits = x->alg_key_len; extra = x->alg_trunc_len; break; }
			case XFRMA_ALG_AEAD: { const struct xfrm_algo_aead *x = v; w = "aead"; nm = x->alg_name; key = (void *)x->alg_key; bits = x->alg_key_len; extra = x->alg_icv_len; break; }
			case XFRMA_ENCAP: { const struct xfrm_encap_tmpl *x = v;
				n += snprintf(line + n, sizeof line - n, ",\"encap\":[%u,%u,%u]",
				    x->encap_type, ntohs(x->encap_sport), ntohs(x->encap_dport)); break; }
			}
			if (w && bits / 8 < sizeof k / 2) {
				hex(k, key, bits / 8);
				n += snprintf(line + n, sizeof line - n, ",\"%s\":{\"alg\":\"%s\",\"key\":\"%s\",\"icv\":%u}", w, nm, k, extra);
			}
			int st = (at->nla_len + 3) & ~3;
			len -= st; at = (const void *)((const char *)at + st);
		}
	}
	n += snprintf(line + n, sizeof line - n, "}\n");
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0) {
		ssize_t r = write(fd, line, n);
		(void)r;
		close(fd);
	}
}

/* rewrites one outgoing message into out (>= len bytes); returns its length, 0 = leave alone */
static size_t fix(const void *buf, size_t len, void *out)
{
	const struct nlmsghdr *h = buf;
	struct nlmsghdr *o = out;
	const char *op;
	if (len < sizeof *h || h->nlmsg_len > len)
		return 0;
	switch (h->nlmsg_type) {
	case XFRM_MSG_NEWSA: op = "add"; break;
	case XFRM_MSG_UPDSA: op = "update"; break;
	case XFRM_MSG_DELSA: op = "delete"; break;
	default: return 0;
	}
	pthread_mutex_lock(&lk);
	logsa(op, h);
	pthread_mutex_unlock(&lk);
	memcpy(out, buf, len);
	if (h->nlmsg_type == XFRM_MSG_UPDSA) {
		const struct xfrm_usersa_info *s = NLMSG_DATA(h);
		static int q = -1;
		/* drop the larval SA on a socket of our own, so the caller's ACK stays a plain one */
		REAL(ssize_t, sendto, int, const void *, size_t, int, const struct sockaddr *, socklen_t);
		struct { struct nlmsghdr h; struct xfrm_usersa_id id; } d;
		struct sockaddr_nl k = { .nl_family = AF_NETLINK };
		char sink[512];
		pthread_mutex_lock(&lk);
		if (q < 0) {
			q = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_XFRM);
			if (q >= 0 && q < MAXFD)
				isx[q] = 0;
		}
		memset(&d, 0, sizeof d);
		d.h.nlmsg_len = sizeof d;
		d.h.nlmsg_type = XFRM_MSG_DELSA;
		d.h.nlmsg_flags = NLM_F_REQUEST;
		d.id.daddr = s->id.daddr; d.id.spi = s->id.spi;
		d.id.family = s->family; d.id.proto = s->id.proto;
		real(q, &d, sizeof d, 0, (void *)&k, sizeof k);
		while (recv(q, sink, sizeof sink, MSG_DONTWAIT) > 0)
			;
		pthread_mutex_unlock(&lk);
	}
	o->nlmsg_type = NLMSG_NOOP;
	o->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	return len;
}

#define X(fd) ((fd) >= 0 && (fd) < MAXFD && isx[fd])

ssize_t sendto(int fd, const void *b, size_t n, int f, const struct sockaddr *a, socklen_t al)
{
	REAL(ssize_t, sendto, int, const void *, size_t, int, const struct sockaddr *, socklen_t);
	char out[8192];
	if (X(fd) && n <= sizeof out && fix(b, n, out))
		return real(fd, out, n, f, a, al);
	return real(fd, b, n, f, a, al);
}
ssize_t send(int fd, const void *b, size_t n, int f)
{
	REAL(ssize_t, send, int, const void *, size_t, int);
	char out[8192];
	if (X(fd) && n <= sizeof out && fix(b, n, out))
		return real(fd, out, n, f);
	return real(fd, b, n, f);
}
ssize_t write(int fd, const void *b, size_t n)
{
	REAL(ssize_t, write, int, const void *, size_t);
	char out[8192];
	if (X(fd) && n <= sizeof out && fix(b, n, out))
		return real(fd, out, n);
	return real(fd, b, n);
}
ssize_t sendmsg(int fd, const struct msghdr *m, int f)
{
	REAL(ssize_t, sendmsg, int, const struct msghdr *, int);
	char out[8192];
	if (X(fd) && m->msg_iovlen == 1 && m->msg_iov[0].iov_len <= sizeof out &&
	    fix(m->msg_iov[0].iov_base, m->msg_iov[0].iov_len, out)) {
		struct iovec v = { out, m->msg_iov[0].iov_len };
		struct msghdr c = *m;
		c.msg_iov = &v;
		return real(fd, &c, f);
	}
	return real(fd, m, f);
}
