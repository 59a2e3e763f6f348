/** What the manual page of `ikecert` states. */
import { leftOut, type Manual, row, section, testsOf } from './row.js';

const shown = (title: string) => testsOf('cli/ikecert/ikecert.test.ts')(`ikecert ${title}`);
const refused = (title: string) => testsOf('cli/bad-input/ikecert.test.ts')(`bad input to ikecert ${title}`);
const times = (title: string) => testsOf('cli/ikecert/time-syntax.test.ts')(`the times of ikecert ${title}`);
const interop = (title: string) => testsOf('interop/ikecert.interop.ts')(title);
const token = (title: string) => testsOf('token/ikecert.token.ts')(`ikecert with a PKCS#11 token ${title}`);
const listed = token(
  'tokens lists the labels in quotes, padded to 32, under the name of the library, and drops what follows',
);
const madeThere = token(
  'certlocal -ks -T makes * on the token, and references stand for key and certificate',
);
const linked = token('certlocal -U and certdb -U forget, -L links again, and the token stays as it is');
const pinKept = token('-p keeps the PIN in the reference of the key, which only its owner can read');
const pinWithCertificate = token(
  'certdb -L -p keeps the PIN in a file that only its owner can read, and certdb -r deletes with it',
);
const copied = token(
  'certlocal -C copies private key, public key and certificate, and what is on the disk stays',
);
const certificateCopied = token('certdb -C copies certificate and public key, and the file stays');
const keyAdded = token(
  'certlocal -a -T stores a key whose certificate is there, the PIN in the first line of stdin',
);
const keyDeleted = token('certlocal -r deletes the key objects; a wrong PIN deletes nothing');
const requestThere = token(
  'certlocal -kc -T keeps the key there, and certdb -a puts the certificate onto the token, beside it',
);
const tokenRefused = token(
  'refuses a wrong label, PIN, pattern and library, with the reason, and nothing changes',
);
const tokenAway = token(
  'refuses with a token that is away, full, write-protected or has locked its PIN, and nothing changes',
);

const selfSigned = shown(
  'certlocal -ks stores key and certificate under one number, with the documented modes',
);
const names = shown(
  'certlocal -ks has names in the order given, all kinds of alternative names, and the validity asked for',
);
const request = shown(
  'certlocal -kc keeps the key, prints a request, and certdb -a puts the certificate beside the key',
);
const addKey = shown(
  'certlocal -a takes PKCS #8 DER into the slot of its certificate, and -e gives the same bytes back',
);
const extract = shown('certdb -e writes the first match: PEM, or BER in either case of the word');
const crls = shown('certrldb adds, lists with the certificates of the issuer, extracts and deletes');
const defaults = shown(
  'certlocal -ks without times is valid for four years, with a random serial number and exponent 65537',
);

export const IKECERT: Manual = {
  command: 'ikecert',
  page: 'ikecert-rows.md',
  source: 'From ikecert(8), in.iked(8), ike.config(5) and the administration guides of the original.',
  sections: [
    section(
      'wrapper',
      'The wrapper',
      row(
        'command',
        '`certlocal`, `certdb` and `certrldb` run the program of that name.',
        selfSigned,
        extract,
        crls,
      ),
      row('command', '`tokens` lists the PKCS#11 tokens, and what follows it is dropped.', listed),
      row(
        'layout',
        '`tokens`: a header with the library, an empty line, each label in quotes, padded to 32.',
        listed,
      ),
      row(
        'message',
        'Any other first word prints the usage on stdout.',
        refused('the usage answers "*", on stdout'),
      ),
      row('exit', 'Any other first word ends with status 1.', refused('the usage answers "*", on stdout')),
      row('option', '`-h` behind a program gives details.', shown('* -h explains its options on stdout')),
      row('exit', 'Success is 0.', selfSigned),
      row('exit', 'An error is not 0, with a message on stderr.', refused('*')),
    ),
    section(
      'databases',
      'Databases on disk',
      row('file', 'Private keys are files below ike.privatekeys, mode 0700.', selfSigned),
      row('file', 'Certificates are files below publickeys: 0755, files 0644.', selfSigned),
      row('file', 'CRLs are files below crls.', crls),
      row(
        'file',
        'Files are named by slots, small decimal numbers; the lowest unused comes first.',
        shown('certdb -a takes PEM with either label and DER, and the lowest free slot'),
      ),
      row('file', 'A private key and its certificate have the same name.', selfSigned, request, addKey),
      row(
        'file',
        'A key without a certificate has no effect until its certificate is there.',
        shown('certlocal -a of a DSA key whose certificate is still to come takes a number free for both'),
      ),
      row(
        'file',
        'Private keys that others could read are refused.',
        refused('private keys that others could read are not touched'),
      ),
      row(
        'file',
        'Two programs at once do not spoil each other.',
        shown('twelve at once take twelve slots'),
        shown('a lock that a dead process left behind is taken away'),
      ),
      row('file', 'References to token objects are files in the same directories.', madeThere),
      row('file', 'With `-p` the reference has the PIN in clear.', pinKept, pinWithCertificate),
    ),
    section(
      'certlocal',
      '`certlocal`',
      row('option', '`-a` adds a private key from stdin, PKCS #8 DER.', addKey),
      row(
        'input',
        'The Solaris-only form of keys is recognized by `-a`.',
        leftOut('That form is not documented anywhere.'),
      ),
      row(
        'input',
        'PEM and encrypted PKCS #8 are not taken by `-a`.',
        refused('input a key in PEM'),
        refused('input an encrypted key'),
      ),
      row('option', '`-e SLOT` writes the private key to stdout, binary.', addKey),
      row(
        'option',
        '`-e -f pkcs8 SLOT` writes unencrypted PKCS #8.',
        addKey,
        refused('selectors a format of a key'),
      ),
      row('option', '`-kc` makes a key pair, stores the private key and prints a request.', request),
      row(
        'option',
        '`-ks` makes a key pair and a self-signed certificate, stores both, prints the certificate.',
        selfSigned,
      ),
      row(
        'option',
        '`-l [SLOT]` lists private keys.',
        shown('certlocal -l shows keys with their certificates, -v the keys themselves'),
      ),
      row(
        'option',
        '`-l -v` shows the keys themselves.',
        shown('certlocal -l shows keys with their certificates, -v the keys themselves'),
      ),
      row(
        'option',
        '`-r SLOT` deletes the private key, a corrupt one too; the certificate stays.',
        shown('certlocal -r leaves the certificate, and removes a corrupt slot'),
      ),
      row('option', '`-U`, `-C` and `-L` unlink, copy and link keys of a token.', linked, copied),
      row('option', '`-X` lists tokens.', listed),
      row(
        'layout',
        'What a listing looks like is documented nowhere.',
        shown('certlocal -l shows keys with their certificates, -v the keys themselves'),
        leftOut('The form is ours; there is nothing to compare it with.'),
      ),
      row('option', '`-a -T` needs the certificate in the database.', keyAdded),
      row('option', '`-e` and `-l -v` do not give out keys of tokens.', madeThere),
      row('option', '`-r` deletes the key objects of a token.', keyDeleted, pinKept),
      row(
        'option',
        '`-C` goes on if one part fails.',
        copied,
        token('certlocal -C goes on where one part fails, and says what is on the token and what is not'),
      ),
    ),
    section(
      'generation',
      'Key generation',
      row(
        'option',
        '`-m` takes 512, 1024, 2048, 3072, 4096, and must be there.',
        shown('certlocal -ks makes * bits, signed by itself'),
        refused('generation a size between'),
        refused('generation no size'),
      ),
      row(
        'option',
        '`-t` takes rsa-sha1, rsa-md5, dsa-sha1, and must be there.',
        shown('certlocal -ks makes * bits, signed by itself'),
        refused('generation an unknown type'),
        refused('generation no type'),
      ),
      row(
        'option',
        '`-t` takes rsa-sha256, rsa-sha384, rsa-sha512: ours.',
        shown('certlocal -ks makes rsa-sha* bits, signed by itself'),
      ),
      row(
        'option',
        '`-D` is the subject, in any order of tags, and must be there.',
        names,
        refused('generation no subject'),
        refused('generation a subject without a type'),
      ),
      row(
        'option',
        '`-A` takes IP, DNS, EMAIL, URI, DN, RID, and may be repeated.',
        names,
        refused('generation an unknown tag'),
      ),
      row('option', '`-S` is the start of validity, now by default.', names, defaults),
      row('option', '`-F` is the end of validity, by default four years after the start.', names, defaults),
      row(
        'option',
        '`-f` is pem or ber, pem by default.',
        shown('certlocal -ks -f ber prints DER'),
        selfSigned,
        refused('generation a format that is none'),
      ),
      row('option', '`-T` makes the key in a token, and `-p` keeps its PIN.', madeThere, pinKept),
      row(
        'input',
        'The end must be later than the start.',
        refused('generation an end before the start'),
        refused('generation an end at the start'),
      ),
      row(
        'message',
        '`-ks` says: Generating, please wait... Certificate generated. Certificate added to database.',
        selfSigned,
      ),
      row('message', '`-kc` says: Generating, please wait... Certificate request generated.', request),
      row('layout', '`-ks` prints PEM with the label X509 CERTIFICATE, 64 characters a line.', selfSigned),
      row('layout', '`-kc` prints PEM with the label CERTIFICATE REQUEST.', request),
    ),
    section(
      'certdb',
      '`certdb`',
      row(
        'option',
        '`-a` adds a certificate from stdin, PEM or BER.',
        shown('certdb -a takes PEM with either label and DER, and the lowest free slot'),
      ),
      row(
        'input',
        'PEM labels X509 CERTIFICATE and CERTIFICATE are both taken.',
        shown('certdb -a takes PEM with either label and DER, and the lowest free slot'),
      ),
      row('option', '`-e [-f pem|ber]` writes the first match to stdout, PEM by default.', extract),
      row('input', 'The words of `-f` are taken in both cases.', extract),
      row(
        'option',
        '`-l [CERTSPEC]` lists certificates, with the private key if there is one.',
        shown('certdb -l shows slot, key, names and validity of each, with the private key of ours'),
      ),
      row(
        'option',
        '`-l -v` shows everything.',
        shown('certdb -l shows slot, key, names and validity of each, with the private key of ours'),
      ),
      row(
        'option',
        '`-r CERTSPEC` removes the first match; the private key stays.',
        shown('certdb -r leaves the private key, and removes a corrupt slot'),
      ),
      row(
        'option',
        '`-r SLOT=` removes a corrupt slot too.',
        shown('certdb -r leaves the private key, and removes a corrupt slot'),
      ),
      row(
        'option',
        '`-U`, `-C`, `-L`, `-T` and `-p` unlink, copy and link certificates of a token.',
        linked,
        certificateCopied,
        pinWithCertificate,
        keyAdded,
      ),
      row('option', '`-a` goes onto the token where the key was made with -kc.', requestThere),
      row('option', '`-r` of a token certificate deletes it and its public key object.', pinWithCertificate),
    ),
    section(
      'certrldb',
      '`certrldb`',
      row('option', '`-a` adds a CRL from stdin.', crls, refused('input text for a list')),
      row('input', 'A CRL is PEM or BER.', crls),
      row('option', '`-e [-f pem|ber] CERTSPEC` writes the first match to stdout.', crls),
      row('option', '`-l [-v] [CERTSPEC]` lists CRLs with the certificates of their issuers.', crls),
      row('option', '`-r CERTSPEC` deletes.', crls),
    ),
    section(
      'times',
      'Times',
      row(
        'input',
        'Relative times have units s, m, h, d, w, M, y in any order; the sign covers all.',
        times('* counts from now, years and months on the calendar (*)'),
        refused('generation a unit that is none'),
      ),
      row(
        'input',
        'Months and years follow the calendar; what overflows rolls on.',
        times('+1M counts from now, years and months on the calendar (*)'),
        times('+3y1M counts from now, years and months on the calendar (*)'),
      ),
      row(
        'input',
        'Absolute times are local, in formats of getdate(3C).',
        times('* is absolute'),
        names,
        refused('generation a time without a form'),
      ),
      row(
        'input',
        'The formats are those of the file /etc/datemsk.',
        leftOut('Where that file is missing there are none; the list of docs/ikecert.md holds everywhere.'),
      ),
    ),
    section(
      'selectors',
      'Selectors',
      row('input', 'A subject may stand alone or behind SUBJECT=.', extract),
      row('input', 'ISSUER= is the name of the issuer.', extract),
      row('input', 'SLOT=n or a number alone is the slot.', extract, refused('selectors SLOT= of letters')),
      row(
        'input',
        'IP=, DNS=, EMAIL=, URI=, DN= and RID= are alternative names; a bare one needs no tag.',
        extract,
      ),
      row(
        'input',
        '`!` in front: it must not match; several words combine with "and".',
        extract,
        refused('selectors words that do not hold together'),
      ),
      row('input', 'Blanks after commas and the case of letters do not matter in names.', extract),
    ),
    section(
      'tokens',
      'Tokens',
      row(
        'input',
        'A label shorter than 32 characters is padded; a longer one is refused.',
        linked,
        tokenRefused,
      ),
      row('input', 'The library is what pkcs11_path names.', listed, tokenRefused),
      row('input', 'The PIN is a line of a pipe; it is never printed.', madeThere, keyAdded),
      row(
        'message',
        'A terminal is asked "Enter PIN for PKCS#11 token: ", and the PIN is not echoed.',
        token('asks a terminal for the PIN, without echo'),
      ),
      row('message', 'A wrong label, PIN or pattern is refused with its reason.', tokenRefused),
      row('message', 'A token that is away, full, write-protected or locked says so.', tokenAway),
    ),
    section(
      'configuration',
      'Relation to ike.config',
      row(
        'command',
        '`-A` is what `cert_trust` names: self-signed certificates of both ends authenticate.',
        interop(
          "self-signed certificates made with ikecert alone *: authenticate a tunnel with charon, each end trusting the other's",
        ),
      ),
      row(
        'command',
        '`-T` is what `pkcs11_path` reaches: a key made on a token authenticates.',
        testsOf('interop/token.interop.ts')(
          'a key that ikecert made on a PKCS#11 token *: authenticates a tunnel with charon after token login',
        ),
      ),
      row(
        'command',
        '`-kc` and a certificate authority: the chain authenticates under `cert_root`.',
        interop('certificates made with ikecert *: authenticate a tunnel with charon'),
      ),
      row(
        'command',
        '`ikeadm flush certcache` makes the daemon read the databases again.',
        interop(
          'certificates made with ikecert a CRL of openssl, added by certrldb, revokes them after flush certcache',
        ),
      ),
    ),
    section(
      'rights',
      'Rights',
      row(
        'command',
        'The rights profile "Network IPsec Management" runs the commands with effective user 0.',
        leftOut('Profiles exist on illumos only; elsewhere sudo does that.'),
      ),
    ),
  ],
};
