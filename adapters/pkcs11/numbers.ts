/** Numbers of PKCS #11 that are used here (OASIS PKCS #11 v2.40, pkcs11t.h). */
export const CKF = {
  serialSession: 0x4,
  readWriteSession: 0x2,
  osLockingOk: 0x2,
  loginRequired: 0x4,
  pinCountLow: 0x1_0000,
  pinFinalTry: 0x2_0000,
  pinLocked: 0x4_0000,
} as const;

export const CKU_USER = 1;

export const CKS = { readOnlyUser: 1, readWriteUser: 3 } as const;

export const CKO = { certificate: 1, publicKey: 2, privateKey: 3 } as const;

export const CKK = { rsa: 0, dsa: 1 } as const;

export const CKM = {
  rsaKeyPair: 0x0,
  rsaPkcs: 0x1,
  rsaRaw: 0x3,
  dsaKeyPair: 0x10,
  dsa: 0x11,
} as const;

export const CKA = {
  class: 0x0,
  token: 0x1,
  private: 0x2,
  label: 0x3,
  value: 0x11,
  certificateType: 0x80,
  issuer: 0x81,
  serialNumber: 0x82,
  keyType: 0x100,
  subject: 0x101,
  id: 0x102,
  sensitive: 0x103,
  decrypt: 0x105,
  sign: 0x108,
  encrypt: 0x104,
  verify: 0x10a,
  modulus: 0x120,
  modulusBits: 0x121,
  publicExponent: 0x122,
  privateExponent: 0x123,
  prime1: 0x124,
  prime2: 0x125,
  exponent1: 0x126,
  exponent2: 0x127,
  coefficient: 0x128,
  prime: 0x130,
  subprime: 0x131,
  base: 0x132,
  extractable: 0x162,
} as const;

export const CKR = {
  hostMemory: 0x2,
  slotIdInvalid: 0x3,
  deviceError: 0x30,
  deviceMemory: 0x31,
  deviceRemoved: 0x32,
  attributeSensitive: 0x11,
  attributeTypeInvalid: 0x12,
  functionNotSupported: 0x54,
  keySizeRange: 0x62,
  keyTypeInconsistent: 0x63,
  keyNotPermitted: 0x68,
  mechanismInvalid: 0x70,
  objectHandleInvalid: 0x82,
  pinIncorrect: 0xa0,
  pinInvalid: 0xa1,
  pinLengthRange: 0xa2,
  pinExpired: 0xa3,
  pinLocked: 0xa4,
  sessionClosed: 0xb0,
  sessionCount: 0xb1,
  sessionHandleInvalid: 0xb3,
  sessionReadOnly: 0xb5,
  tokenNotPresent: 0xe0,
  tokenNotRecognized: 0xe1,
  tokenWriteProtected: 0xe2,
  userAlreadyLoggedIn: 0x100,
  userNotLoggedIn: 0x101,
  userPinNotInitialized: 0x102,
  cryptokiNotInitialized: 0x190,
  alreadyInitialized: 0x191,
} as const;
