/* Registers what Node lacks. One file per subject stands beside this one. */
#include "addon.h"

#define FUNCTION(name, function) {name, NULL, function, NULL, NULL, NULL, napi_enumerable, NULL}
#define VALUE(name, value) {name, NULL, NULL, NULL, NULL, value, napi_enumerable, NULL}

static napi_value initialise(napi_env env, napi_value exports) {
  const napi_property_descriptor members[] = {
      FUNCTION("coreLimitZero", core_limit_zero),
      FUNCTION("peerUid", peer_uid),
      FUNCTION("keepRights", keep_rights),
      FUNCTION("takeRights", take_rights),
      FUNCTION("takePacketRights", take_packet_rights),
      VALUE("Polled", polled_class(env)),
      FUNCTION("duplicate", duplicate),
      FUNCTION("appendTo", append_to),
      FUNCTION("receivePassed", receive_passed),
      FUNCTION("sendPassed", send_passed),
#if defined(__sun)
      FUNCTION("doorOpen", door_open),
      FUNCTION("doorClose", door_close),
      FUNCTION("doorAnswer", door_answer),
      FUNCTION("doorAsk", door_ask),
      FUNCTION("isAuthorised", is_authorised),
#endif
      FUNCTION("openKeySocket", open_key_socket),
      FUNCTION("openXfrmSocket", open_xfrm_socket),
      FUNCTION("joinGroup", join_group),
      FUNCTION("receiveMessage", receive_message),
      FUNCTION("sendMessage", send_message),
      FUNCTION("messagePair", message_pair),
      FUNCTION("udpSocket", udp_socket),
      FUNCTION("bindTo", bind_to),
      FUNCTION("keepPort", keep_port),
      FUNCTION("bypassIpsec", bypass_ipsec),
      FUNCTION("encapsulateEsp", encapsulate_esp),
      FUNCTION("sharePort", share_port),
      FUNCTION("splitEsp", split_esp),
      FUNCTION("spreadByCookie", spread_by_cookie),
      FUNCTION("openTun", open_tun),
      FUNCTION("readPacket", read_packet),
      FUNCTION("writePacket", write_packet),
      FUNCTION("rawSocket", raw_socket),
      FUNCTION("markSocket", mark_socket),
      FUNCTION("hearErrors", hear_errors),
      FUNCTION("dropErrors", drop_errors),
      FUNCTION("sendTo", send_to),
      FUNCTION("receiveFrom", receive_from),
      FUNCTION("receiveDatagrams", receive_datagrams),
      FUNCTION("sendDatagram", send_datagram),
  };
  if (napi_define_properties(env, exports, sizeof members / sizeof *members, members) != napi_ok) {
    napi_throw_error(env, NULL, "the addon cannot register its functions");
    return NULL;
  }
  return exports;
}

NAPI_MODULE(ikechart, initialise)
