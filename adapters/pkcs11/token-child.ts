/**
 * The token process: holds the PKCS #11 library, and with it every login, for the daemon that started it. It ends with
 * the daemon's end of the pipe and at nothing else: Ctrl-C and a stop of the service reach the daemon, which still has
 * Deletes to send. Its only argument is the library's path.
 */
import type { TokenFault } from '../../services/ports/token-fault.js';
import { err, type Result } from '../../services/result.js';
import type { AnsweredCall, AskedCall, TokenAnswer, TokenCall } from './calls.js';
import { faultOf } from './faults.js';
import { Pkcs11Library } from './library.js';

let library: Result<Pkcs11Library, TokenFault> | undefined;

async function answer(path: string, asked: TokenCall): Promise<TokenAnswer> {
  try {
    // A library that could not be loaded may have been installed meanwhile.
    if (library?.ok !== true) library = Pkcs11Library.open(path);
    return library.ok ? await ask(library.value, asked) : library;
  } catch (error) {
    return err(faultOf(error, 'label' in asked ? asked.label : asked.key.object.token));
  } finally {
    if (asked.call === 'login') asked.pin.fill(0);
  }
}

async function ask(opened: Pkcs11Library, asked: TokenCall): Promise<TokenAnswer> {
  switch (asked.call) {
    case 'find':
      return opened.find(asked.label);
    case 'login':
      return opened.login(asked.label, asked.pin);
    case 'logout':
      return opened.logout(asked.label);
    case 'sign':
      return opened.sign(asked.key, asked.data);
    case 'decrypt':
      return opened.decrypt(asked.key, asked.data);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => {
  process.exit(0);
});
process.on('message', ({ id, asked }: AskedCall) => {
  void answer(process.argv[2] ?? '', asked).then((result) => {
    const answered: AnsweredCall = { id, answer: result };
    if (process.connected) process.send?.(answered);
  });
});
