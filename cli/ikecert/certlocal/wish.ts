/** What `-kc` and `-ks` ask for, read and checked before a key is made. */
import type { GeneralName, Name as AsnName } from '@peculiar/asn1-x509';
import { parseAltName } from '../../../services/certs/alt-name-text.js';
import { KEY_TYPES, type KeyType } from '../../../services/certs/key-types.js';
import { parseName } from '../../../services/certs/name.js';
import { encodeName } from '../../../services/certs/name-encoding.js';
import { err, ok, type Result } from '../../../services/result.js';
import { type Format, parseFormat } from '../encoding.js';
import type { Options } from '../options.js';
import { fourYearsAfter, parseTime } from '../time-syntax.js';

export interface KeyWish {
  readonly selfSigned: boolean;
  readonly type: KeyType;
  readonly bits: number;
  readonly subject: AsnName;
  readonly altNames: readonly GeneralName[];
  readonly notBefore: number;
  readonly notAfter: number;
  readonly format: Format;
}

/** The error is a clause. */
export function readWish(options: Options, now: number): Result<KeyWish, string> {
  const { k, t, m, D } = options;
  if (k !== 'c' && k !== 's')
    return err(`-k${k ?? ''} is unknown: -kc makes a certificate request, -ks a self-signed certificate`);
  const names = KEY_TYPES.map(({ name }) => name).join(', ');
  if (t === undefined) return err(`-t is missing: the type of the key, one of ${names}`);
  const type = KEY_TYPES.find(({ name }) => name === t.toLowerCase());
  if (type === undefined) return err(`-t "${t}" is no type of key: write one of ${names}`);
  const sizes = type.sizes.join(', ');
  if (m === undefined) return err(`-m is missing: the size of the key in bits, one of ${sizes}`);
  const bits = /^\d+$/.test(m) ? Number(m) : Number.NaN;
  if (!type.sizes.includes(bits)) return err(`-m "${m}" is no size for ${type.name}: write one of ${sizes}`);
  if (D === undefined) return err('-D is missing: the subject, such as "C=US, O=Example, CN=gw"');
  const name = parseName(D);
  const subject = name.ok ? encodeName(name.value) : name;
  if (!subject.ok) return err(`-D "${D}" is no distinguished name: ${subject.error}`);
  const altNames: GeneralName[] = [];
  for (const text of options.A ?? []) {
    const altName = parseAltName(text);
    if (!altName.ok) return err(`-A "${text}" is no alternative name: ${altName.error}`);
    altNames.push(altName.value);
  }
  const start = options.S === undefined ? ok(Math.floor(now / 1000) * 1000) : parseTime(options.S, now);
  if (!start.ok) return err(`-S "${options.S ?? ''}" is no time: ${start.error}`);
  const end = options.F === undefined ? ok(fourYearsAfter(start.value)) : parseTime(options.F, now);
  if (!end.ok) return err(`-F "${options.F ?? ''}" is no time: ${end.error}`);
  if (end.value <= start.value)
    return err(
      'the end (-F) must be later than the start (-S); both are counted from now when they have a sign',
    );
  const format = parseFormat(options.f);
  if (!format.ok) return format;
  return ok({
    selfSigned: k === 's',
    type,
    bits,
    subject: subject.value,
    altNames,
    notBefore: start.value,
    notAfter: end.value,
    format: format.value,
  });
}
