/** `ikecert tokens`: what tokens the library has, in the form of the original. */
import { err, ok } from '../../../services/result.js';
import type { Request } from '../program.js';
import type { Answer } from '../world.js';
import { openLibrary, TOKEN_LABEL } from './open-token.js';

export function listTokens({ library }: Request): Promise<Answer> {
  const path = library();
  if (!path.ok) return Promise.resolve(path);
  const opened = openLibrary(path);
  if (!opened.ok) return Promise.resolve(opened);
  try {
    const tokens = opened.value.tokens().filter(({ label }) => label !== '');
    const head = `Available tokens with library "${path.value}":\n\n`;
    const lines = tokens.map(({ label }) => `"${label.padEnd(TOKEN_LABEL)}"\n`);
    const notes = tokens.length === 0 ? ['The library has no tokens that were initialised.'] : [];
    return Promise.resolve(ok({ stdout: head + lines.join(''), notes }));
  } catch (error) {
    const words = error instanceof Error ? error.message : 'no reason';
    return Promise.resolve(err(`the PKCS#11 library ${path.value} does not tell its tokens: ${words}`));
  } finally {
    opened.value.close();
  }
}
