/** Which PKCS #11 library there is: ike.config(5) says it with pkcs11_path. */
import { NodeFiles } from '../../adapters/files/node-files.js';
import { formatDiagnostic } from '../../services/config/diagnostic.js';
import { parseIkeConfig } from '../../services/config/ike-config.js';
import { DEFAULT_PKCS11_LIBRARY } from '../../services/config/pkcs11-library.js';
import { err, ok, type Result } from '../../services/result.js';

/** A file that is not there says nothing. The error is a clause. */
export function pkcs11Library(config: string): Result<string, string> {
  const text = new NodeFiles().read(config);
  if (!text.ok)
    return text.error.reason === 'missing'
      ? ok(DEFAULT_PKCS11_LIBRARY)
      : err(text.error.message.replace(/\.$/, ''));
  const reading = parseIkeConfig(text.value, config);
  if (reading.config !== undefined) return ok(reading.config.globals.pkcs11Path ?? DEFAULT_PKCS11_LIBRARY);
  const fault = reading.diagnostics.find(({ severity }) => severity === 'error');
  const words = fault === undefined ? '' : `: ${formatDiagnostic(fault).replace(/\.$/, '')}`;
  return err(`pkcs11_path cannot be read from a file with mistakes${words}`);
}
