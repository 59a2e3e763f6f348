/**
 * A PKCS #11 library in this process: its tokens by label, logins, and the use of keys. Most calls hold up the thread;
 * the daemon therefore has all this in a process of its own (`token-process.ts`).
 *
 * A login belongs to the token, not to a session, and ends with the last one: one session is kept open from login to
 * logout. Every operation has a session of its own, because one session carries one operation at a time, and looks its
 * key up anew, because handles do not survive a logout.
 */
import type { Bytes } from '../../services/bytes.js';
import type { TokenKey, TokenObject } from '../../services/ports/public-key.js';
import type { TokenFault } from '../../services/ports/token-fault.js';
import type { TokenPlaintext } from '../../services/ports/token.js';
import { err, ok, type Result } from '../../services/result.js';
import { type Attribute, type Handle, loadBinding, type Pkcs11 } from './binding.js';
import { faultOf, isTokenFault, Refusal, returnValue } from './faults.js';
import { CKA, CKF, CKK, CKM, CKO, CKR, CKS, CKU_USER } from './numbers.js';

export interface TokenView {
  /** Without padding. */
  readonly label: string;
  readonly model: string;
  readonly pinLocked: boolean;
}

/** How a session is opened: `write` to make or delete objects. */
export type SessionUse = 'read' | 'write';

/** Room for a signature or a plaintext of any key: RSA of 16384 bits. */
const LONGEST_RESULT = 2048;

/** Objects that fit one description: more than one is ambiguous. */
const MOST_FOUND = 2;

export class Pkcs11Library {
  readonly #binding: Pkcs11;
  /** The session that keeps a login alive, by label. */
  readonly #logins = new Map<string, Handle>();

  private constructor(binding: Pkcs11) {
    this.#binding = binding;
  }

  static open(path: string): Result<Pkcs11Library, TokenFault> {
    const binding = loadBinding();
    if (!binding.ok) return binding;
    const refused = (what: string): Result<never, TokenFault> =>
      err({
        reason: 'no-library',
        message: `The PKCS#11 library ${path} ${what}. Correct pkcs11_path in ike.config, or install the library.`,
      });
    try {
      binding.value.load(path);
    } catch {
      return refused('cannot be loaded');
    }
    try {
      binding.value.C_Initialize({ flags: CKF.osLockingOk });
    } catch (error) {
      if (returnValue(error) !== CKR.alreadyInitialized) {
        binding.value.close();
        const { message } = faultOf(error, '');
        return refused(`cannot be initialised: ${message.replace(/^Token "" /, 'it ').replace(/\.$/, '')}`);
      }
    }
    return ok(new Pkcs11Library(binding.value));
  }

  close(): void {
    try {
      this.#binding.C_Finalize();
    } finally {
      this.#binding.close();
    }
  }

  tokens(): readonly TokenView[] {
    return this.#binding.C_GetSlotList(true).map((slot) => {
      const { label, model, flags } = this.#binding.C_GetTokenInfo(slot);
      return { label: unpadded(label), model: unpadded(model), pinLocked: (flags & CKF.pinLocked) !== 0 };
    });
  }

  find(label: string): Result<undefined, TokenFault> {
    return attempt(label, () => {
      this.#slotOf(label);
    });
  }

  login(label: string, pin: Bytes): Result<undefined, TokenFault> {
    return attempt(label, () => {
      const slot = this.#slotOf(label);
      if (this.#isLoggedIn(label)) return;
      this.#forget(label);
      const session = this.#binding.C_OpenSession(slot, CKF.serialSession);
      try {
        // pkcs11js takes a PIN as text, which nobody can wipe; it stays in this process.
        this.#binding.C_Login(session, CKU_USER, pinText(pin, label));
      } catch (error) {
        if (returnValue(error) !== CKR.userAlreadyLoggedIn) {
          this.#closeQuietly(session);
          throw this.#explained(error, slot, label);
        }
      }
      this.#logins.set(label, session);
    });
  }

  logout(label: string): Result<undefined, TokenFault> {
    return attempt(label, () => {
      const session = this.#logins.get(label);
      if (session === undefined) return;
      try {
        this.#binding.C_Logout(session);
      } finally {
        this.#forget(label);
      }
    });
  }

  /** RSA: a type 1 block without DigestInfo. DSA: r|s over the bytes as a digest. */
  async sign(key: TokenKey, data: Bytes): Promise<Result<Bytes, TokenFault>> {
    return this.#use(key, async (session, handle) => {
      const mechanism = key.algorithm === 'rsa' ? CKM.rsaPkcs : CKM.dsa;
      this.#binding.C_SignInit(session, { mechanism }, handle);
      const out = Buffer.alloc(LONGEST_RESULT);
      return Uint8Array.from(await this.#binding.C_SignAsync(session, Buffer.from(data), out));
    });
  }

  async decrypt(key: TokenKey, ciphertext: Bytes): Promise<Result<TokenPlaintext, TokenFault>> {
    return this.#use(key, async (session, handle, slot) => {
      if (this.#beginRaw(session, handle, slot)) {
        const block = await this.#decrypted(session, ciphertext);
        // Some tokens drop the zeros in front.
        const whole = new Uint8Array(ciphertext.length);
        whole.set(block, whole.length - block.length);
        block.fill(0);
        return { form: 'block', block: whole };
      }
      this.#binding.C_DecryptInit(session, { mechanism: CKM.rsaPkcs }, handle);
      try {
        return { form: 'plaintext', plaintext: await this.#decrypted(session, ciphertext) };
      } catch (error) {
        if (isTokenFault(error)) throw error;
        // Whatever it disliked about the block: it is not told apart.
        return { form: 'plaintext', plaintext: undefined };
      }
    });
  }

  /** Whether the raw operation has begun; a token may lack it, or forbid it to the key. */
  #beginRaw(session: Handle, key: Handle, slot: Handle): boolean {
    if (!this.#binding.C_GetMechanismList(slot).includes(CKM.rsaRaw)) return false;
    try {
      this.#binding.C_DecryptInit(session, { mechanism: CKM.rsaRaw }, key);
      return true;
    } catch (error) {
      if (isTokenFault(error)) throw error;
      return false;
    }
  }

  async #decrypted(session: Handle, ciphertext: Bytes): Promise<Bytes> {
    const out = Buffer.alloc(LONGEST_RESULT);
    try {
      return Uint8Array.from(await this.#binding.C_DecryptAsync(session, Buffer.from(ciphertext), out));
    } finally {
      out.fill(0);
    }
  }

  async #use<T>(
    { object, algorithm }: TokenKey,
    operate: (session: Handle, key: Handle, slot: Handle) => Promise<T>,
  ): Promise<Result<T, TokenFault>> {
    const { token } = object;
    try {
      return await this.inSession(token, 'read', async (session, slot) => {
        if (!this.#isLoggedIn(token)) throw new Refusal('locked', `Token "${token}" is locked.`);
        const key = this.only(session, object, [
          { type: CKA.class, value: CKO.privateKey },
          { type: CKA.keyType, value: CKK[algorithm] },
        ]);
        return ok(await operate(session, key, slot));
      });
    } catch (error) {
      return err(faultOf(error, token));
    }
  }

  /** Runs `work` in a session of its own. Throws what the library does. */
  async inSession<T>(
    label: string,
    use: SessionUse,
    work: (session: Handle, slot: Handle) => Promise<T> | T,
  ): Promise<T> {
    const slot = this.#slotOf(label);
    const flags = CKF.serialSession | (use === 'write' ? CKF.readWriteSession : 0);
    const session = this.#binding.C_OpenSession(slot, flags);
    try {
      return await work(session, slot);
    } finally {
      this.#closeQuietly(session);
    }
  }

  /** The one object that has these names and attributes. Throws `Refusal`. */
  only(session: Handle, object: TokenObject, attributes: readonly Attribute[]): Handle {
    const { token, id, label } = object;
    const found = this.search(session, [...attributes, ...namesOf(object)], MOST_FOUND);
    const [first] = found;
    const name = [id === undefined ? '' : `CKA_ID ${id}`, label === undefined ? '' : `CKA_LABEL "${label}"`]
      .filter((part) => part !== '')
      .join(' and ');
    if (first === undefined)
      throw new Refusal('no-object', `Token "${token}" has no such object with ${name}.`);
    if (found.length > 1)
      throw new Refusal(
        'failed',
        `Token "${token}" has several such objects with ${name}: give each its own.`,
      );
    return first;
  }

  search(session: Handle, template: readonly Attribute[], most: number): readonly Handle[] {
    this.#binding.C_FindObjectsInit(session, template);
    try {
      return this.#binding.C_FindObjects(session, most);
    } finally {
      this.#binding.C_FindObjectsFinal(session);
    }
  }

  /** For what makes and reads objects (`objects.ts`). */
  get binding(): Pkcs11 {
    return this.#binding;
  }

  #slotOf(label: string): Handle {
    const slots = this.#binding
      .C_GetSlotList(true)
      .filter((slot) => unpadded(this.#binding.C_GetTokenInfo(slot).label) === label);
    const [slot] = slots;
    if (slot === undefined) throw new Refusal('absent', `Token "${label}" is not there.`);
    if (slots.length > 1)
      throw new Refusal('failed', `Several tokens are called "${label}": their names must differ.`);
    return slot;
  }

  #isLoggedIn(label: string): boolean {
    const session = this.#logins.get(label);
    if (session === undefined) return false;
    try {
      const { state } = this.#binding.C_GetSessionInfo(session);
      return state === CKS.readOnlyUser || state === CKS.readWriteUser;
    } catch {
      return false;
    }
  }

  #forget(label: string): void {
    const session = this.#logins.get(label);
    this.#logins.delete(label);
    if (session !== undefined) this.#closeQuietly(session);
  }

  #closeQuietly(session: Handle): void {
    try {
      this.#binding.C_CloseSession(session);
    } catch {
      // A token that is gone has closed it itself.
    }
  }

  /** A refused login with what the token says about further tries. */
  #explained(error: unknown, slot: Handle, label: string): unknown {
    if (returnValue(error) !== CKR.pinIncorrect) return error;
    const { flags } = this.#binding.C_GetTokenInfo(slot);
    if ((flags & CKF.pinLocked) !== 0)
      return new Refusal(
        'pin-locked',
        `Token "${label}" was given a wrong PIN once too often and has locked it.`,
      );
    const left =
      (flags & CKF.pinFinalTry) !== 0
        ? ' One more wrong PIN will lock it.'
        : (flags & CKF.pinCountLow) !== 0
          ? ' It has counted wrong PINs, and will be locked after some more.'
          : '';
    return new Refusal('pin-incorrect', `Token "${label}" was given a wrong PIN.${left}`);
  }
}

function namesOf({ id, label }: TokenObject): readonly Attribute[] {
  return [
    ...(id === undefined ? [] : [{ type: CKA.id, value: Buffer.from(id, 'hex') }]),
    ...(label === undefined ? [] : [{ type: CKA.label, value: label }]),
  ];
}

function attempt(label: string, call: () => void): Result<undefined, TokenFault> {
  try {
    call();
    return ok(undefined);
  } catch (error) {
    return err(faultOf(error, label));
  }
}

function unpadded(text: string): string {
  return text.replace(/[\0 ]+$/, '');
}

/** PKCS #11: PINs are UTF-8. */
function pinText(pin: Bytes, label: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(pin);
  } catch {
    throw new Refusal('pin-unusable', `A PIN for token "${label}" must be UTF-8.`);
  }
}
