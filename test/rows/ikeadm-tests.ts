/** The tests of `ikeadm` that rows name. */
import { testsOf } from './row.js';

export const settings = testsOf('cli/ikeadm/as-shipped/settings.test.ts');
export const phase1 = testsOf('cli/ikeadm/as-shipped/phase1.test.ts');
export const policy = testsOf('cli/ikeadm/as-shipped/rules.test.ts');
export const preshared = testsOf('cli/ikeadm/as-shipped/preshared.test.ts');
export const certificates = testsOf('cli/ikeadm/as-shipped/certificates.test.ts');
export const prompt = testsOf('cli/ikeadm/as-shipped/prompt.test.ts');
export const badInput = testsOf('cli/bad-input/ikeadm.test.ts');
export const layouts = testsOf('cli/ikeadm/layouts.test.ts');
export const strange = testsOf('cli/ikeadm/as-shipped/strange-answers.test.ts');
export const refusals = testsOf('cli/ikeadm/as-shipped/strange-refusals.test.ts');
export const terminal = testsOf('service/ikeadm-terminal.service.ts');

export const setting = (title: string) => settings(`ikeadm as it ships ${title}`);
export const away = (title: string) => settings(`ikeadm as it ships without a daemon ${title}`);
export const sa = (title: string) => phase1(`ikeadm as it ships, Phase 1 SAs ${title}`);
export const rule = (title: string) => policy(`ikeadm as it ships, policy rules ${title}`);
export const key = (title: string) => preshared(`ikeadm as it ships, pre-shared keys ${title}`);
export const typed = (title: string) => prompt(`ikeadm as it ships, at the prompt ${title}`);
export const refused = (input: string) => badInput(`bad input to ikeadm refuses ${input}`);
export const atTerminal = (title: string) => terminal(`ikeadm on a terminal ${title}`);
/** At a real door behind which is the test: what a daemon of ours never says. */
export const told = (title: string) => strange(`ikeadm as it ships, at strange answers ${title}`);

const onToken = testsOf('interop/token.interop.ts');
export const inLab = (title: string) => onToken(`our private key on a PKCS#11 token ${title}`);

export const TOKEN_LOGIN = inLab(
  'SAs stay after token logout, but a renewal of Phase 1 fails and says so; after another login all is well',
);
export const UNCHANGED = badInput(
  'bad input to ikeadm changes nothing, neither in the daemon nor in the files',
);
export const AT_BASE = badInput('bad input to ikeadm changes nothing at privilege base either');
export const DUMPED = sa('dumps them, each in a block of tagged lines, with its keys at privilege keymat');
export const RULE_BLOCK = rule('dumps them, each in a block of tagged lines');
export const KEY_BLOCK = key('dumps them, each in a block of tagged lines');
export const CACHE = certificates(
  'ikeadm as it ships, certificates flushes the cache, after which it shows what was added to the stores and whether keys are at hand',
);
export const HELP = away('prints the general help for -h and help, on stdout, with status 0');
export const LISTS = setting('lists groups, ciphers and hashes under a title and a header');
export const DEFAULTS = setting('shows the values in use, where they come from, and their units');
const denied = (title: string) => refusals(`ikeadm as it ships, at strange refusals ${title}`);
export const UNREADABLE = denied('takes what is too short, or of another version, for no answer');
export const CUT_OFF = denied('says that the call failed where the daemon ends during it');
export const REFUSALS = denied(
  'says what could not be done, and prints the header of a list before the refusal',
);
export const TEXTS = denied('has a text for every error of the door');
export const NAMES = told('names every exchange, state, method, PRF, group and hash');
export const NUMBERS = told('prints sizes of keys, limits, what is left of them, and when an SA has ended');
export const NO_DESTINATION = testsOf('cli/in.iked/background.test.ts')(
  'in.iked --background ends with 0 when the daemon runs, which holds on to nothing of its caller and leaves no core file',
);

const callers = testsOf('service/door-callers.service.ts');
export const stranger = (title: string) => callers(`callers of another user ${title}`);
