/**
 * The objects of one token, for `ikecert`: keys are made and stored, found, read as far as they are public, and deleted.
 * A key pair and its certificate have one CKA_ID. Somebody must have logged in for what is not public.
 */
import { hex, type Bytes } from '../../services/bytes.js';
import type { DsaDomain, PrivateParts, PublicParts } from '../../services/certs/key-parts.js';
import type { TokenObject } from '../../services/ports/public-key.js';
import type { TokenFault } from '../../services/ports/token-fault.js';
import { err, ok, type Result } from '../../services/result.js';
import type { Attribute, Handle } from './binding.js';
import { faultOf, returnValue } from './faults.js';
import type { Pkcs11Library } from './library.js';
import { CKA, CKK, CKM, CKO, CKR } from './numbers.js';

export type ObjectKind = 'private-key' | 'public-key' | 'certificate';

/** What new objects are called. */
export interface ObjectName {
  /** CKA_ID, hex. */
  readonly id: string;
  readonly label: string;
}

export interface FoundObject {
  /** As a reference names it: by CKA_ID, where it has one. */
  readonly object: TokenObject;
  /** CKA_LABEL, empty where there is none. */
  readonly label: string;
  /** The public key, of keys; undefined where the token does not tell. */
  readonly publicParts: PublicParts | undefined;
  /** DER, of certificates; else empty. */
  readonly value: Bytes;
}

export type PairWish =
  | { readonly algorithm: 'rsa'; readonly bits: number }
  | { readonly algorithm: 'dsa'; readonly domain: DsaDomain };

export interface CertificateObject {
  readonly der: Bytes;
  readonly subjectDer: Bytes;
  readonly issuerDer: Bytes;
  /** Hex. */
  readonly serial: string;
}

const CLASS: Readonly<Record<ObjectKind, number>> = {
  'private-key': CKO.privateKey,
  'public-key': CKO.publicKey,
  certificate: CKO.certificate,
};

/** Objects of one kind that are looked at. */
const MOST_OBJECTS = 10_000;
const X509 = 0;
const EXPONENT = Buffer.from([1, 0, 1]);

export class TokenObjects {
  readonly #library: Pkcs11Library;
  readonly #token: string;

  constructor(library: Pkcs11Library, token: string) {
    this.#library = library;
    this.#token = token;
  }

  /** The private key never leaves the token. RSA has the exponent 65537. */
  generate(wish: PairWish, name: ObjectName): Promise<Result<PublicParts, TokenFault>> {
    return this.#writing((session) => {
      const { binding } = this.#library;
      const [mechanism, parameters] =
        wish.algorithm === 'rsa'
          ? [
              CKM.rsaKeyPair,
              [{ type: CKA.modulusBits, value: wish.bits }, part(CKA.publicExponent, EXPONENT)],
            ]
          : [CKM.dsaKeyPair, domainAttributes(wish.domain)];
      const pair = binding.C_GenerateKeyPair(
        session,
        { mechanism },
        [...publicKeyAttributes(wish.algorithm, name), ...parameters],
        privateKeyAttributes(wish.algorithm, name),
      );
      const parts = this.#publicParts(session, pair.publicKey);
      if (parts !== undefined) return parts;
      for (const handle of [pair.privateKey, pair.publicKey]) binding.C_DestroyObject(session, handle);
      throw new Error('no public key');
    });
  }

  storePrivateKey(
    parts: PublicParts,
    secret: PrivateParts,
    name: ObjectName,
  ): Promise<Result<undefined, TokenFault>> {
    const numbers = secretAttributes(parts, secret);
    return this.#create([...privateKeyAttributes(parts.algorithm, name), ...numbers]).finally(() => {
      for (const { value } of numbers) if (Buffer.isBuffer(value)) value.fill(0);
    });
  }

  storePublicKey(parts: PublicParts, name: ObjectName): Promise<Result<undefined, TokenFault>> {
    const numbers =
      parts.algorithm === 'rsa'
        ? [part(CKA.modulus, parts.modulus), part(CKA.publicExponent, parts.publicExponent)]
        : [...domainAttributes(parts), part(CKA.value, parts.value)];
    return this.#create([...publicKeyAttributes(parts.algorithm, name), ...numbers]);
  }

  storeCertificate(
    { der, subjectDer, issuerDer, serial }: CertificateObject,
    name: ObjectName,
  ): Promise<Result<undefined, TokenFault>> {
    const digits = serial.length % 2 === 0 ? serial : `0${serial}`;
    return this.#create([
      ...common('certificate', name),
      { type: CKA.certificateType, value: X509 },
      part(CKA.subject, subjectDer),
      part(CKA.issuer, issuerDer),
      // DER, as the standard wants it (PKCS #11 v2.40, 4.6.3).
      part(CKA.serialNumber, serialDer(Buffer.from(digits, 'hex'))),
      part(CKA.value, der),
    ]);
  }

  /** All of one kind that can be seen. */
  list(kind: ObjectKind): Promise<Result<readonly FoundObject[], TokenFault>> {
    return this.#reading((session) =>
      this.#library
        .search(session, [{ type: CKA.class, value: CLASS[kind] }], MOST_OBJECTS)
        .map((handle) => this.#found(session, handle, kind)),
    );
  }

  /** Whether there was such an object. Of several that fit none is touched. */
  async remove(kind: ObjectKind, object: TokenObject): Promise<Result<boolean, TokenFault>> {
    const removed = await this.#writing((session) => {
      const handle = this.#library.only(session, object, [{ type: CKA.class, value: CLASS[kind] }]);
      this.#library.binding.C_DestroyObject(session, handle);
      return true;
    });
    return !removed.ok && removed.error.reason === 'no-object' ? ok(false) : removed;
  }

  #found(session: Handle, handle: Handle, kind: ObjectKind): FoundObject {
    const id = this.#read(session, handle, CKA.id);
    const label = Buffer.from(this.#read(session, handle, CKA.label)).toString('utf8');
    return {
      object: {
        token: this.#token,
        id: id.length === 0 ? undefined : hex(id),
        label: id.length === 0 && label !== '' ? label : undefined,
      },
      label,
      publicParts: kind === 'certificate' ? undefined : this.#publicParts(session, handle),
      value: kind === 'certificate' ? this.#read(session, handle, CKA.value) : new Uint8Array(0),
    };
  }

  /** Tokens tell the public half of an RSA private key; of a DSA key only the public object has it. */
  #publicParts(session: Handle, handle: Handle): PublicParts | undefined {
    const read = (type: number): Bytes => this.#read(session, handle, type);
    const [modulus, publicExponent] = [CKA.modulus, CKA.publicExponent].map(read);
    if (modulus !== undefined && publicExponent !== undefined && modulus.length > 0)
      return publicExponent.length === 0 ? undefined : { algorithm: 'rsa', modulus, publicExponent };
    const [prime, subprime, base] = [CKA.prime, CKA.subprime, CKA.base].map(read);
    if (prime === undefined || subprime === undefined || base === undefined || prime.length === 0)
      return undefined;
    const id = read(CKA.id);
    const twins = this.#library.search(
      session,
      [{ type: CKA.class, value: CKO.publicKey }, { type: CKA.keyType, value: CKK.dsa }, part(CKA.id, id)],
      1,
    );
    const [twin] = twins;
    const value = twin === undefined ? new Uint8Array(0) : this.#read(session, twin, CKA.value);
    return value.length === 0 ? undefined : { algorithm: 'dsa', prime, subprime, base, value };
  }

  /** Empty where the object has no such attribute, or keeps it to itself. */
  #read(session: Handle, handle: Handle, type: number): Bytes {
    try {
      const [read] = this.#library.binding.C_GetAttributeValue(session, handle, [{ type }]);
      return read === undefined ? new Uint8Array(0) : Uint8Array.from(read.value);
    } catch (error) {
      const code = returnValue(error);
      if (code === CKR.attributeTypeInvalid || code === CKR.attributeSensitive) return new Uint8Array(0);
      throw error;
    }
  }

  #create(template: readonly Attribute[]): Promise<Result<undefined, TokenFault>> {
    return this.#writing((session) => {
      this.#library.binding.C_CreateObject(session, template);
      return undefined;
    });
  }

  #reading<T>(work: (session: Handle) => T): Promise<Result<T, TokenFault>> {
    return this.#attempt('read', work);
  }

  #writing<T>(work: (session: Handle) => T): Promise<Result<T, TokenFault>> {
    return this.#attempt('write', work);
  }

  async #attempt<T>(use: 'read' | 'write', work: (session: Handle) => T): Promise<Result<T, TokenFault>> {
    try {
      return ok(await this.#library.inSession(this.#token, use, work));
    } catch (error) {
      return err(faultOf(error, this.#token));
    }
  }
}

function common(kind: ObjectKind, { id, label }: ObjectName): readonly Attribute[] {
  return [
    { type: CKA.class, value: CLASS[kind] },
    { type: CKA.token, value: true },
    { type: CKA.private, value: kind === 'private-key' },
    { type: CKA.id, value: Buffer.from(id, 'hex') },
    { type: CKA.label, value: label },
  ];
}

/** RFC 2409 5.2 encrypts to RSA keys; a DSA key can only sign. */
function publicKeyAttributes(algorithm: 'rsa' | 'dsa', name: ObjectName): readonly Attribute[] {
  return [
    ...common('public-key', name),
    { type: CKA.keyType, value: CKK[algorithm] },
    { type: CKA.verify, value: true },
    ...(algorithm === 'rsa' ? [{ type: CKA.encrypt, value: true }] : []),
  ];
}

function privateKeyAttributes(algorithm: 'rsa' | 'dsa', name: ObjectName): readonly Attribute[] {
  return [
    ...common('private-key', name),
    { type: CKA.keyType, value: CKK[algorithm] },
    { type: CKA.sensitive, value: true },
    { type: CKA.extractable, value: false },
    { type: CKA.sign, value: true },
    ...(algorithm === 'rsa' ? [{ type: CKA.decrypt, value: true }] : []),
  ];
}

function domainAttributes({ prime, subprime, base }: DsaDomain): readonly Attribute[] {
  return [part(CKA.prime, prime), part(CKA.subprime, subprime), part(CKA.base, base)];
}

/** Copies of secrets: the caller wipes them. */
function secretAttributes(parts: PublicParts, secret: PrivateParts): readonly Attribute[] {
  if (parts.algorithm === 'rsa' && secret.algorithm === 'rsa')
    return [
      part(CKA.modulus, parts.modulus),
      part(CKA.publicExponent, parts.publicExponent),
      part(CKA.privateExponent, secret.privateExponent),
      part(CKA.prime1, secret.prime1),
      part(CKA.prime2, secret.prime2),
      part(CKA.exponent1, secret.exponent1),
      part(CKA.exponent2, secret.exponent2),
      part(CKA.coefficient, secret.coefficient),
    ];
  if (parts.algorithm === 'dsa' && secret.algorithm === 'dsa')
    return [...domainAttributes(parts), part(CKA.value, secret.value)];
  throw new Error('The halves of a key are of different kinds.');
}

function part(type: number, value: Bytes): Attribute {
  return { type, value: Buffer.from(value) };
}

/** At most 20 bytes (RFC 5280 4.1.2.2). */
function serialDer(magnitude: Bytes): Bytes {
  const positive = (magnitude[0] ?? 0) >= 0x80 ? [0, ...magnitude] : [...magnitude];
  return Uint8Array.of(0x02, positive.length, ...positive);
}
