/* What the parts of the addon share: Node-API 8, plain C. A function that cannot do its work says so with an errno. */
#ifndef IKECHART_ADDON_H
#define IKECHART_ADDON_H

#define NAPI_VERSION 8
#include <node_api.h>

/* coreLimitZero(): 0, or errno. No core file can hold keys from now on: the soft and the hard limit are 0. */
napi_value core_limit_zero(napi_env env, napi_callback_info info);

/* peerUid(descriptor): the user at the other end of a connected Unix socket, or minus errno. */
napi_value peer_uid(napi_env env, napi_callback_info info);

/* keepRights(): 0, or errno. What the calling thread may do is not lost when it becomes another user, but put aside. */
napi_value keep_rights(napi_env env, napi_callback_info info);

/* takeRights(): 0, or errno. Of that it takes up privileged ports and the kernel's SAs, and gives up the rest. */
napi_value take_rights(napi_env env, napi_callback_info info);

/*
 * takePacketRights(): 0, or errno. Of that it takes up raw sockets, their marks, and routes, these also for programs that the
 * calling thread starts, and gives up the rest.
 */
napi_value take_packet_rights(napi_env env, napi_callback_info info);

/* The constructor `Polled`: a descriptor that Node's loop watches. See polled.c. */
napi_value polled_class(napi_env env);

/* duplicate(descriptor): another descriptor of the same open file, closed at exec; or minus errno. */
napi_value duplicate(napi_env env, napi_callback_info info);

/* appendTo(descriptor): 0, or errno. Whatever is written goes to the end of the file; EBADF when nothing can be written. */
napi_value append_to(napi_env env, napi_callback_info info);

/*
 * receivePassed(descriptor, bytes, descriptors): fills bytes from a Unix socket without waiting, and adds the descriptors
 * that came with them, which are the caller's to close. The count of bytes, 0 when the peer has ended, or minus errno:
 * EAGAIN when there is nothing yet; EMSGSIZE when more than 2 descriptors came, and all of them are closed.
 */
napi_value receive_passed(napi_env env, napi_callback_info info);

/*
 * sendPassed(descriptor, bytes, descriptors): sends what the socket takes of bytes without waiting, and with their first
 * byte the descriptors, 8 at most, which stay open here. The count of bytes, or minus errno.
 */
napi_value send_passed(napi_env env, napi_callback_info info);

#if defined(__sun)
/*
 * doorOpen(path, longest, onCall): makes a door and attaches it to the file, which must be there. Its descriptor, or minus
 * errno. onCall(id, bytes, descriptors, uid) for each caller, who waits for doorAnswer; descriptors, 2 at most, are the
 * callee's to close; uid is minus errno where it is not known.
 */
napi_value door_open(napi_env env, napi_callback_info info);

/* doorClose(descriptor, path): nobody comes in any more; who waits is still answered. 0, or minus errno. */
napi_value door_close(napi_env env, napi_callback_info info);

/* doorAnswer(id, bytes): what the caller gets. */
napi_value door_answer(napi_env env, napi_callback_info info);

/*
 * doorAsk(door, bytes, descriptors, done): calls an open door; descriptors, 2 at most, stay open here. 0, or errno, and
 * then done is not called; else done(errno, bytes) is when there is an answer.
 */
napi_value door_ask(napi_env env, napi_callback_info info);

/* isAuthorised(uid, name): whether the user has the authorization of that name. */
napi_value is_authorised(napi_env env, napi_callback_info info);
#endif

/* openKeySocket(): a descriptor of PF_KEY version 2, or minus errno: EAFNOSUPPORT where the kernel has none. */
napi_value open_key_socket(napi_env env, napi_callback_info info);

/* openXfrmSocket(): a descriptor of NETLINK_XFRM, member of no group yet, or minus errno. */
napi_value open_xfrm_socket(napi_env env, napi_callback_info info);

/* joinGroup(descriptor, group): a netlink socket hears a multicast group (from 1). 0, or minus errno. */
napi_value join_group(napi_env env, napi_callback_info info);

/*
 * receiveMessage(descriptor, bytes): one datagram of a socket, without waiting. Its length, or minus errno: EAGAIN when
 * there is none yet; EMSGSIZE when it was longer than bytes, and then it is lost. On a netlink socket: of the kernel only.
 */
napi_value receive_message(napi_env env, napi_callback_info info);

/* sendMessage(descriptor, bytes): one datagram, without waiting. Its length, or minus errno. */
napi_value send_message(napi_env env, napi_callback_info info);

/* messagePair(): two descriptors that hear each other, whole messages, in a list; or minus errno. */
napi_value message_pair(napi_env env, napi_callback_info info);

/* udpSocket(version): an unbound UDP socket of IPv4 or IPv6 (then of IPv6 only) with a wide receive buffer, or minus errno. */
napi_value udp_socket(napi_env env, napi_callback_info info);

/* bindTo(descriptor, address, port): the address as its 4 or 16 bytes. 0, or minus errno. */
napi_value bind_to(napi_env env, napi_callback_info info);

/*
 * keepPort(descriptor): nobody may bind the port of the socket beside it. Node allows that (SO_REUSEADDR) with a descriptor
 * that it is given, and another user's socket would get our datagrams. 0, or minus errno.
 */
napi_value keep_port(napi_env env, napi_callback_info info);

/*
 * bypassIpsec(descriptor, version): datagrams of the socket pass by the kernel's IPsec policies, both ways. 0, or minus
 * errno: ENOPROTOOPT or EOPNOTSUPP where the kernel has no IPsec policies, EPERM where this user may not.
 */
napi_value bypass_ipsec(napi_env env, napi_callback_info info);

/* encapsulateEsp(descriptor): the kernel takes ESP in UDP that comes to the socket. 0, or minus errno. */
napi_value encapsulate_esp(napi_env env, napi_callback_info info);

/* sharePort(descriptor): before it is bound; another that does the same may be bound to the same port. 0, or minus errno. */
napi_value share_port(napi_env env, napi_callback_info info);

/*
 * splitEsp(descriptor): of two sockets that share their port, the one that was bound first gets what begins with four zero
 * bytes or is shorter, the other one the rest. 0, or minus errno.
 */
napi_value split_esp(napi_env env, napi_callback_info info);

/*
 * spreadByCookie(descriptor, count, isMarked): of `count` sockets that share their port, the one bound as the n-th, counted
 * from 0, gets the ISAKMP messages of which the first four bytes of the initiator's cookie, as a number, leave n when
 * divided by `count`. isMarked 1: they have four zero bytes before them, and what has not is ESP, whose SPI is divided.
 * What is shorter goes to the first. 0, or minus errno; ENOPROTOOPT where the system has no such thing.
 */
napi_value spread_by_cookie(napi_env env, napi_callback_info info);

/*
 * openTun(name): a TUN device of that name, as its bytes, 15 at most, is made, and goes when the descriptor is closed. The
 * descriptor, or minus errno: EBUSY where there is one already.
 */
napi_value open_tun(napi_env env, napi_callback_info info);

/* readPacket(descriptor, bytes), writePacket(descriptor, bytes): one packet, without waiting. Its length, or minus errno. */
napi_value read_packet(napi_env env, napi_callback_info info);
napi_value write_packet(napi_env env, napi_callback_info info);

/*
 * rawSocket(version, protocol): a raw socket of an IP protocol; of 255 whole packets are sent; of ICMP nothing comes but that
 * a packet did not reach its end (IPv4) or was too big (IPv6). Minus errno otherwise.
 */
napi_value raw_socket(napi_env env, napi_callback_info info);

/* markSocket(descriptor, mark): routing may tell what the socket sends by its mark. 0, or minus errno. */
napi_value mark_socket(napi_env env, napi_callback_info info);

/*
 * hearErrors(descriptor): a socket of IPv6 is told what ICMP says of its packets; Linux learns only then how long those of a
 * raw one may be. 0, or minus errno. The descriptor is in error until dropErrors(descriptor): how many there were, 64 at most.
 */
napi_value hear_errors(napi_env env, napi_callback_info info);
napi_value drop_errors(napi_env env, napi_callback_info info);

/* sendTo(descriptor, bytes, address, port): one datagram, without waiting. Its length, or minus errno. */
napi_value send_to(napi_env env, napi_callback_info info);

/*
 * receiveFrom(descriptor, bytes, address): one datagram, without waiting, and its sender's address, 4 or 16 bytes, into the
 * 16 bytes of address. Its length, or minus errno.
 */
napi_value receive_from(napi_env env, napi_callback_info info);

/*
 * receiveDatagrams(descriptor, room): datagrams of a UDP socket, each behind its envelope, without waiting. How many
 * envelopes there are, 32 at most and as many as there is room for; 0 when there is nothing. See datagrams.c.
 */
napi_value receive_datagrams(napi_env env, napi_callback_info info);

/* sendDatagram(descriptor, room): the one datagram that stands in the room behind its envelope. 0, or minus errno. */
napi_value send_datagram(napi_env env, napi_callback_info info);

#endif
