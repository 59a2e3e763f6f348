/** README's tables promise what the code can do: no algorithm more, and none less. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESP_TRANSFORMS } from '../../services/isakmp/registries/esp-transforms.js';
import { OAKLEY_GROUPS } from '../../services/isakmp/registries/groups.js';
import { AUTH_ALGORITHMS } from '../../services/isakmp/registries/ipsec-attributes.js';
import {
  AUTHENTICATION_METHODS,
  ENCRYPTION_ALGORITHMS,
  HASH_ALGORITHMS,
} from '../../services/isakmp/registries/phase1-attributes.js';
import type { Registry } from '../../services/isakmp/registries/registry.js';
import {
  BUILT_GROUPS,
  BUILT_HASHES,
  BUILT_PHASE1_CIPHERS,
  missingForPhase1,
} from '../../services/policy/capabilities.js';
import { CIPHER_NUMBER, HASH_NUMBER, METHOD_NUMBER } from '../../services/proposal/phase1-suite.js';
import { AH_NUMBER, ESP_NUMBER, INTEGRITY_NUMBER } from '../../services/proposal/phase2-suite.js';
import { DOCUMENTS } from '../conformance/documents.js';
import { clauses, namesIn, numbersIn, tableRows } from './readme-lists.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WORKS = tableRows(readFileSync(join(ROOT, 'README.md'), 'utf8'), 'What works');

/** What people call the algorithms of the code. */
const METHODS = {
  preshared: 'pre-shared keys',
  rsa_sig: 'RSA signatures',
  dss_sig: 'DSS signatures',
  rsa_encrypt: 'RSA encryption',
  rsa_encrypt_revised: 'revised RSA encryption',
} as const;
const PHASE1_CIPHERS = { des: 'DES', '3des': '3DES', blowfish: 'Blowfish', aes: 'AES-CBC' } as const;
const HASHES = {
  md5: 'MD5',
  sha1: 'SHA-1',
  sha256: 'SHA2-256',
  sha384: 'SHA2-384',
  sha512: 'SHA2-512',
} as const;
const ESP_CIPHERS = {
  null: 'NULL',
  des: 'DES',
  '3des': '3DES',
  blowfish: 'Blowfish',
  'aes-cbc': 'AES-CBC',
  'aes-ctr': 'AES-CTR',
  'aes-gcm-16': 'AES-GCM',
} as const;

function keysOf<K extends string>(names: Readonly<Record<K, unknown>>): readonly K[] {
  return Object.keys(names) as K[];
}

function cell(label: string): string {
  const found = WORKS.get(label);
  assert.ok(found, `README, What works: there is no row "${label}"`);
  return found;
}

/** Both ways: nothing promised that is not built, nothing built that is not promised. */
function assertPromises(label: string, promised: readonly string[], built: readonly string[]): void {
  assert.deepEqual(
    { promised: [...promised].sort(), row: label },
    { promised: [...built].sort(), row: label },
    `README, What works, row "${label}" must name what services/policy/capabilities.ts can run: ${built.join(', ')}`,
  );
}

const GOOD = { method: 'preshared', cipher: 'aes', hash: 'sha1', group: 2 } as const;

const builtMethods = keysOf(METHODS).filter((method) => missingForPhase1({ ...GOOD, method }).length === 0);
/** Whatever has a type here can be run: the tables of numbers know each of them. */
const builtEspCiphers = keysOf(ESP_NUMBER);
const builtEspIntegrity = keysOf(INTEGRITY_NUMBER);
const builtAhIntegrity = keysOf(AH_NUMBER);

describe("README's table of what works", () => {
  it('names the authentication methods', () => {
    const label = 'authentication';
    assertPromises(
      label,
      namesIn(clauses(cell(label))[0] ?? ''),
      builtMethods.map((method) => METHODS[method]),
    );
  });

  it('names the ciphers of Phase 1, with the sizes of AES', () => {
    const label = 'Phase 1 ciphers';
    const promised = namesIn(clauses(cell(label))[0] ?? '');
    const bare = new Set(promised.map((name) => name.replace(/ \d+$/, '')));
    assertPromises(
      label,
      [...bare],
      BUILT_PHASE1_CIPHERS.map(({ cipher }) => PHASE1_CIPHERS[cipher]),
    );
    assert.deepEqual(
      promised.filter((name) => name.startsWith(PHASE1_CIPHERS.aes)),
      [128, 192, 256].map((bits) => `${PHASE1_CIPHERS.aes} ${String(bits)}`),
    );
  });

  it('names the hashes of Phase 1', () => {
    const label = 'Phase 1 hashes';
    assertPromises(
      label,
      namesIn(clauses(cell(label))[0] ?? ''),
      BUILT_HASHES.map((hash) => HASHES[hash]),
    );
  });

  it('names the groups, by number and by size', () => {
    const label = 'groups, both phases';
    const numbers = clauses(cell(label)).flatMap(numbersIn);
    assertPromises(label, numbers.map(String), BUILT_GROUPS.map(String));
    for (const clause of clauses(cell(label))) {
      // `MODP with a subgroup 2048`: the kind is the first word, the size the first number.
      const called = namesIn(clause).map((name) => {
        const [, kind = '', size = ''] = /^([A-Za-z]+)\D*(\d+)/.exec(name) ?? [];
        return `${kind.toLowerCase()}${size}`;
      });
      const groups = numbersIn(clause).map((number) => OAKLEY_GROUPS.nameOf(number).replace(/s\d+$/, ''));
      assert.deepEqual(called, groups, `README, row "${label}": ${clause}`);
    }
  });

  it('names the algorithms of ESP', () => {
    const [ciphers = '', integrity = ''] = clauses(cell('ESP'));
    assertPromises(
      'ESP',
      namesIn(ciphers),
      builtEspCiphers.map((cipher) => ESP_CIPHERS[cipher]),
    );
    assertPromises(
      'ESP',
      namesIn(integrity).map((name) => name.toLowerCase()),
      builtEspIntegrity,
    );
  });

  it('names the algorithms of AH', () => {
    const promised = WORKS.has('AH') ? namesIn(clauses(cell('AH'))[0] ?? '') : [];
    assertPromises(
      'AH',
      promised.map((name) => name.toLowerCase()),
      builtAhIntegrity,
    );
  });
});

/** Registries of algorithms, and the numbers of those that this version can run. */
const BUILT: readonly (readonly [Registry, readonly number[]])[] = [
  [AUTHENTICATION_METHODS, builtMethods.map((method) => METHOD_NUMBER[method])],
  [ENCRYPTION_ALGORITHMS, BUILT_PHASE1_CIPHERS.map(({ cipher }) => CIPHER_NUMBER[cipher])],
  [HASH_ALGORITHMS, BUILT_HASHES.map((hash) => HASH_NUMBER[hash])],
  [OAKLEY_GROUPS, BUILT_GROUPS],
  [ESP_TRANSFORMS, builtEspCiphers.map((cipher) => ESP_NUMBER[cipher])],
  [AUTH_ALGORITHMS, [...builtEspIntegrity, ...builtAhIntegrity].map((one) => INTEGRITY_NUMBER[one])],
];

describe('the registries of numbers', () => {
  for (const [registry, built] of BUILT) {
    it(`${registry.title}: mark as supported what this version can run`, () => {
      const unmarked = built.filter((number) => registry.find(number)?.supported !== true);
      assert.deepEqual(unmarked, []);
    });
  }
});

describe("README's table of RFCs", () => {
  const promised = [...WORKS.keys()]
    .filter((label) => /^[\d, ]+$/.test(label))
    .flatMap((label) => label.split(', '));

  it('names each RFC that the conformance page shows anything of, or that an algorithm in use is from', () => {
    const sources = BUILT.flatMap(([registry, built]) =>
      built.flatMap((number) => /^RFC (\d+)/.exec(registry.find(number)?.source ?? '')?.slice(1) ?? []),
    );
    const shown = DOCUMENTS.filter(({ requirements }) => requirements.some(({ tests }) => tests.length > 0));
    const needed = new Set([...shown.map(({ rfc }) => String(rfc)), ...sources]);
    assert.deepEqual(
      [...needed].filter((rfc) => !promised.includes(rfc)),
      [],
      'README, What works: these belong into the table of RFCs',
    );
  });

  it('names no RFC that no source file cites', () => {
    const cited = new Set<string>();
    for (const floor of ['adapters', 'daemon', 'machines', 'services']) {
      for (const entry of readdirSync(join(ROOT, floor), { recursive: true, withFileTypes: true })) {
        // The registries name numbers of many RFCs that nothing here acts on.
        if (!entry.name.endsWith('.ts') || entry.parentPath.endsWith('registries')) continue;
        const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
        for (const [, first = '', more = ''] of text.matchAll(/RFC (\d+)((?:, \d{4})*)/g))
          for (const rfc of [first, ...more.split(', ')]) cited.add(rfc);
      }
    }
    assert.deepEqual(
      promised.filter((rfc) => !cited.has(rfc)),
      [],
      'README, What works: no source file cites these',
    );
  });
});
