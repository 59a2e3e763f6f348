/** Numbers of the door commands (door version 4) and of our own beside them. */

/** Version of the structures; only the reply to GET_DEFS carries it. */
export const DOOR_VERSION = 4;

export const SERVICE = {
  GET_DBG: 0,
  SET_DBG: 1,
  GET_PRIV: 2,
  SET_PRIV: 3,
  GET_STATS: 4,
  GET_P1: 5,
  DEL_P1: 6,
  DUMP_P1S: 7,
  FLUSH_P1S: 8,
  GET_RULE: 9,
  NEW_RULE: 10,
  DEL_RULE: 11,
  DUMP_RULES: 12,
  READ_RULES: 13,
  WRITE_RULES: 14,
  GET_PS: 15,
  NEW_PS: 16,
  DEL_PS: 17,
  DUMP_PS: 18,
  READ_PS: 19,
  WRITE_PS: 20,
  DBG_RBDUMP: 21,
  GET_DEFS: 22,
  SET_PIN: 23,
  DEL_PIN: 24,
  DUMP_CERTCACHE: 25,
  FLUSH_CERTCACHE: 26,
  DUMP_GROUPS: 27,
  DUMP_ENCRALGS: 28,
  DUMP_AUTHALGS: 29,
  ERROR: 30,
} as const satisfies Readonly<Record<string, number>>;

/** Commands from 0x10000000 on are ours: the number is followed by JSON in UTF-8, and the reply likewise. */
export const OWN_SERVICE = {
  UP: 0x1000_0001,
  ABOUT_DOOR: 0x1000_0002,
  PACKET_SEND: 0x1000_0003,
  PACKET_LIST: 0x1000_0004,
  READ_TEXT: 0x1000_0005,
  WRITE_TEXT: 0x1000_0006,
  ADD_TEXT: 0x1000_0007,
  WHY: 0x1000_0010,
  EXPLAIN: 0x1000_0011,
  RECORD_LIST: 0x1000_0020,
  RECORD_READ: 0x1000_0021,
  RECORD_SET: 0x1000_0022,
  EVENTS: 0x1000_0023,
  DOCTOR: 0x1000_0024,
  PACKET_STATS: 0x1000_0025,
  LOAD: 0x1000_0026,
  INSPECT_SET: 0x1000_0030,
} as const satisfies Readonly<Record<string, number>>;

const NAMES: ReadonlyMap<number, string> = new Map(
  [...Object.entries(SERVICE), ...Object.entries(OWN_SERVICE)].map(([name, number]) => [number, name]),
);

/** `DUMP_P1S`, or `command 77` for a number without a name. */
export function serviceName(number: number): string {
  return NAMES.get(number) ?? `command ${String(number)}`;
}
