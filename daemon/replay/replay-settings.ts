/** The configuration of a recording, as the daemon had it: places of rules are those of the files it came from. */
import { parseCertificate } from '../../services/certs/certificate.js';
import { parseCrl } from '../../services/certs/crl.js';
import { NO_STORES, type SourcedCrl, type StoredCertificate } from '../../services/certs/stores.js';
import { fromHex } from '../../services/bytes.js';
import { formatDiagnostic } from '../../services/config/diagnostic.js';
import { parseIkeConfig } from '../../services/config/ike-config.js';
import type { PresharedKey } from '../../services/policy/preshared-key.js';
import type { IkeConfig } from '../../services/policy/rule.js';
import type { RecordedConfig, RecordedObject } from '../../services/record/entry.js';
import { err, ok, type Result } from '../../services/result.js';
import type { Settings } from '../settings.js';
import type { ReplayKeys } from './replay-keys.js';

/** `change` makes another text of the configuration. The error is a sentence. */
export function settingsOf(
  recorded: RecordedConfig,
  keys: ReplayKeys,
  change: (text: string) => Result<string, string>,
): Result<Settings, string> {
  const text = change(recorded.text);
  if (!text.ok) return text;
  const { config, diagnostics } = parseIkeConfig(text.value, 'recording');
  if (config === undefined) {
    const [first] = diagnostics;
    return err(
      first === undefined
        ? 'The configuration of the recording cannot be read.'
        : `The configuration cannot be read: ${formatDiagnostic(first)}`,
    );
  }
  const presharedKeys = recorded.presharedKeys.map(({ handle, secret, ...entry }): PresharedKey => {
    const key = secret === undefined ? keys.absent() : keys.put(fromHex(secret));
    keys.call(key, `#${String(handle)}`);
    return { ...entry, key };
  });
  const certificates = recorded.certificates.map(
    ({ slot, der, privateKey }): StoredCertificate | undefined => {
      const certificate = parseCertificate(fromHex(der));
      if (!certificate.ok) return undefined;
      return {
        slot,
        file: slot,
        certificate: certificate.value,
        privateKey: privateKey && { ...privateKey, handle: keys.absent() },
      };
    },
  );
  return ok({
    config: atTheirPlaces(config, recorded),
    presharedKeys,
    certificates: {
      ...NO_STORES,
      certificates: certificates.filter((one) => one !== undefined),
      crls: crlsOf(recorded.crls),
      fetched: {
        certificates: recorded.fetched.certificates.flatMap(({ source, der }) => {
          const certificate = parseCertificate(fromHex(der));
          return certificate.ok ? [{ source, certificate: certificate.value }] : [];
        }),
        crls: crlsOf(recorded.fetched.crls),
        pending: new Set(recorded.fetched.pending),
        failed: new Map(Object.entries(recorded.fetched.failed)),
      },
    },
  });
}

function crlsOf(recorded: readonly RecordedObject[]): readonly SourcedCrl[] {
  return recorded.flatMap(({ source, der }) => {
    const crl = parseCrl(fromHex(der));
    return crl.ok ? [{ source, crl: crl.value }] : [];
  });
}

function atTheirPlaces(config: IkeConfig, { positions }: RecordedConfig): IkeConfig {
  return {
    ...config,
    rules: config.rules.map((rule) => {
      const places = positions[rule.label];
      if (places === undefined) return rule;
      const moved = new Map(
        rule.written.map((transform, index) => {
          const position = places.transforms[index] ?? transform.position;
          return [transform, { ...transform, position }];
        }),
      );
      return {
        ...rule,
        position: places.rule,
        written: [...moved.values()],
        transforms: rule.transforms.map((transform) => moved.get(transform) ?? transform),
      };
    }),
  };
}
