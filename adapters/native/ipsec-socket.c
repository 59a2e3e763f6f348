/*
 * A UDP socket of IKE beside IPsec of the kernel: its own datagrams pass by every policy, or a policy for all traffic
 * would ask IKE for SAs to send the message that asks for them; and ESP in UDP (RFC 3948) on its port is the kernel's.
 */
#if defined(__linux__)
#define _GNU_SOURCE
#elif defined(__sun)
#define _XOPEN_SOURCE 600
#define __EXTENSIONS__
#endif
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#if defined(__linux__)
#include <linux/ipsec.h>
#include <linux/pfkeyv2.h>
#include <linux/udp.h>
#include <linux/xfrm.h>
#elif defined(__sun)
#include <netinet/udp.h>
#endif
#include "arguments.h"

#if defined(__linux__)
/* Of the kernel's uapi headers, which do not go together with those of the C library. */
#if !defined(IPV6_IPSEC_POLICY)
#define IPV6_IPSEC_POLICY 34
#endif
#if !defined(IPV6_XFRM_POLICY)
#define IPV6_XFRM_POLICY 35
#endif
#if !defined(IP_IPSEC_POLICY)
#define IP_IPSEC_POLICY 16
#endif
#if !defined(IP_XFRM_POLICY)
#define IP_XFRM_POLICY 17
#endif

/* The policy of one direction as xfrm_user knows it: all traffic of the socket is allowed, without SAs. */
static int bypass_xfrm(int descriptor, int level, int option, sa_family_t family, uint8_t direction) {
  struct xfrm_userpolicy_info policy;
  memset(&policy, 0, sizeof policy);
  policy.sel.family = family;
  policy.lft.soft_byte_limit = policy.lft.hard_byte_limit = XFRM_INF;
  policy.lft.soft_packet_limit = policy.lft.hard_packet_limit = XFRM_INF;
  policy.dir = direction;
  policy.action = XFRM_POLICY_ALLOW;
  return setsockopt(descriptor, level, option, &policy, sizeof policy) == 0 ? 0 : -errno;
}

/* The same as af_key knows it, for a kernel that has nothing else. */
static int bypass_key(int descriptor, int level, int option, uint8_t direction) {
  struct sadb_x_policy policy;
  memset(&policy, 0, sizeof policy);
  policy.sadb_x_policy_len = sizeof policy / sizeof(uint64_t);
  policy.sadb_x_policy_exttype = SADB_X_EXT_POLICY;
  policy.sadb_x_policy_type = IPSEC_POLICY_BYPASS;
  policy.sadb_x_policy_dir = direction;
  return setsockopt(descriptor, level, option, &policy, sizeof policy) == 0 ? 0 : -errno;
}

static int bypassed(int descriptor, int version) {
  const int level = version == 4 ? IPPROTO_IP : IPPROTO_IPV6;
  const int xfrm = version == 4 ? IP_XFRM_POLICY : IPV6_XFRM_POLICY;
  const int key = version == 4 ? IP_IPSEC_POLICY : IPV6_IPSEC_POLICY;
  const sa_family_t family = version == 4 ? AF_INET : AF_INET6;
  const int out = bypass_xfrm(descriptor, level, xfrm, family, XFRM_POLICY_OUT);
  if (out == 0) return bypass_xfrm(descriptor, level, xfrm, family, XFRM_POLICY_IN);
  if (out == -EPERM) return out;
  const int key_out = bypass_key(descriptor, level, key, IPSEC_DIR_OUTBOUND);
  /* What the first way said is the better reason. */
  return key_out == 0 ? bypass_key(descriptor, level, key, IPSEC_DIR_INBOUND) : out;
}
#elif defined(__sun)
static int bypassed(int descriptor, int version) {
  ipsec_req_t never;
  memset(&never, 0, sizeof never);
  never.ipsr_ah_req = never.ipsr_esp_req = IPSEC_PREF_NEVER;
  const int done = version == 4 ? setsockopt(descriptor, IPPROTO_IP, IP_SEC_OPT, &never, sizeof never)
                                : setsockopt(descriptor, IPPROTO_IPV6, IPV6_SEC_OPT, &never, sizeof never);
  return done == 0 ? 0 : -errno;
}
#else
static int bypassed(int descriptor, int version) {
  (void)descriptor;
  (void)version;
  return -ENOPROTOOPT;
}
#endif

napi_value bypass_ipsec(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t descriptor, version;
  if (!take_arguments(env, info, arguments, 2) || !take_int(env, arguments[0], &descriptor) ||
      !take_int(env, arguments[1], &version) || (version != 4 && version != 6)) {
    return misused(env, "bypassIpsec takes a descriptor and 4 or 6");
  }
  return give_number(env, bypassed(descriptor, version));
}

static int encapsulated(int descriptor) {
#if defined(__linux__)
  const int way = UDP_ENCAP_ESPINUDP;
  return setsockopt(descriptor, IPPROTO_UDP, UDP_ENCAP, &way, sizeof way) == 0 ? 0 : -errno;
#elif defined(UDP_NAT_T_ENDPOINT)
  const int on = 1;
  return setsockopt(descriptor, IPPROTO_UDP, UDP_NAT_T_ENDPOINT, &on, sizeof on) == 0 ? 0 : -errno;
#else
  (void)descriptor;
  return -ENOPROTOOPT;
#endif
}

napi_value encapsulate_esp(napi_env env, napi_callback_info info) {
  napi_value argument;
  int32_t descriptor;
  if (!take_arguments(env, info, &argument, 1) || !take_int(env, argument, &descriptor)) {
    return misused(env, "encapsulateEsp takes a descriptor");
  }
  return give_number(env, encapsulated(descriptor));
}
