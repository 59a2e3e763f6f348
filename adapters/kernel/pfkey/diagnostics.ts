/** Diagnostic codes of illumos (`pfkeyv2.h`, SADB_X_DIAGNOSTIC_*): the reason behind an EINVAL, in words for an operator. */
const SUBJECTS = {
  SRC: 'the source address',
  DST: 'the destination address',
  SA: 'the SA',
  EKEY: 'the encryption key',
  AKEY: 'the authentication key',
  RANGE: 'the SPI range',
  KMP: 'the key manager',
  KMC: 'the cookie of the key manager',
  NATT_LOC: 'the translated local address',
  NATT_REM: 'the translated address of the peer',
  NATT_PORTS: 'the NAT ports',
  INNER_SRC: 'the inner source address',
  INNER_DST: 'the inner destination address',
  ASTR: 'the TCP-MD5 password',
} as const;

type Subject = keyof typeof SUBJECTS;

function ofEach(verb: string, codes: Readonly<Partial<Record<Subject, number>>>): [number, string][] {
  const lines: [number, string][] = [];
  for (const [subject, words] of Object.entries(SUBJECTS)) {
    const code = Object.entries(codes).find(([name]) => name === subject)?.[1];
    if (code !== undefined) lines.push([code, `${words} ${verb}`]);
  }
  return lines;
}

const WORDS: ReadonlyMap<number, string> = new Map([
  [1, 'it does not know the message'],
  [2, 'it does not know one of the extensions'],
  [3, 'the length of an extension is wrong'],
  [4, 'it does not know the SA type'],
  [5, 'the message needs an SA type'],
  [6, 'it has neither ESP nor AH'],
  [7, 'the message must have no extensions'],
  [8, 'the family of the source address is wrong'],
  [9, 'the family of the destination address is wrong'],
  [10, 'the family of the inner source address is wrong'],
  [11, 'the addresses are of different families'],
  [12, 'the source address is wrong'],
  [13, 'the destination address is wrong'],
  [14, 'the soft limit of allocations is above the hard one'],
  [15, 'the soft limit of bytes is above the hard one'],
  [16, 'the soft limit of time is above the hard one'],
  [17, 'the soft limit of time in use is above the hard one'],
  ...ofEach('is missing', {
    SRC: 18,
    DST: 19,
    SA: 20,
    EKEY: 21,
    AKEY: 22,
    RANGE: 23,
    NATT_LOC: 51,
    NATT_REM: 52,
    INNER_SRC: 58,
    INNER_DST: 59,
    ASTR: 84,
  }),
  ...ofEach('stands twice', {
    SRC: 24,
    DST: 25,
    SA: 26,
    EKEY: 27,
    AKEY: 28,
    RANGE: 29,
    KMP: 49,
    KMC: 50,
    NATT_LOC: 53,
    NATT_REM: 54,
    NATT_PORTS: 57,
    INNER_SRC: 60,
    INNER_DST: 61,
    ASTR: 85,
  }),
  ...ofEach('is malformed', {
    SRC: 30,
    DST: 31,
    SA: 32,
    EKEY: 33,
    AKEY: 34,
    RANGE: 35,
    NATT_LOC: 55,
    NATT_REM: 56,
    INNER_SRC: 62,
    INNER_DST: 63,
    ASTR: 86,
  }),
  [36, 'there must be no authentication key'],
  [37, 'there must be no encryption key'],
  [38, 'there must be no proposal'],
  [39, 'there must be no list of algorithms'],
  [40, 'the authentication algorithm is wrong'],
  [41, 'the encryption algorithm is wrong'],
  [42, 'the flags of the SA are wrong'],
  [43, 'the state of the SA is wrong'],
  [44, 'the authentication key has the wrong size'],
  [45, 'the encryption key has the wrong size'],
  [46, 'encryption is not supported'],
  [47, 'the encryption key is weak'],
  [48, 'the authentication key is weak'],
  [64, 'the prefix of the inner source address is wrong'],
  [65, 'the prefix of the inner destination address is wrong'],
  [66, 'the family of the inner destination address is wrong'],
  [67, 'the inner addresses are of different families'],
  [68, 'the family of the translated address of the peer is wrong'],
  [69, 'the family of the translated local address is wrong'],
  [70, 'the protocols of the addresses differ'],
  [71, 'the protocols of the inner addresses differ'],
  [72, 'ports stand in the inner and in the outer addresses'],
  [73, 'a pair is out of place'],
  [74, 'the SAs of the pair do not fit each other'],
  [75, 'the SA has a partner already'],
  [76, 'the partner of the SA is not there'],
  [77, 'the SA is of the wrong direction'],
  [78, 'the SA is not there'],
  [79, 'the SA has expired'],
  [80, 'the cluster context is wrong'],
  [81, 'the replay value is wrong'],
  [82, 'a lifetime is missing'],
  [83, 'the sensitivity label is wrong'],
]);

/** Undefined for 0, which says nothing. */
export function diagnosticWords(code: number): string | undefined {
  if (code === 0) return undefined;
  return WORDS.get(code) ?? `its diagnostic is ${String(code)}`;
}
