/** Wrong values of `certlocal -kc` and `-ks`. */
import type { Bad } from './ikecert-rows.js';

export const GOOD = ['certlocal', '-ks', '-m', '1024', '-t', 'rsa-sha256', '-D', 'C=US, CN=gw'];
/** `GOOD` with one of its values replaced, or with more behind. */
export function generation(option: string, value: string): readonly string[] {
  const at = GOOD.indexOf(option);
  return at < 0 ? [...GOOD, option, value] : GOOD.with(at + 1, value);
}
export const without = (option: string): readonly string[] => {
  const at = GOOD.indexOf(option);
  return GOOD.toSpliced(at, 2);
};

export const GENERATION: readonly Bad[] = [
  {
    name: 'no size',
    args: without('-m'),
    message: /-m is missing: the size of the key in bits, one of 512, 1024/,
  },
  { name: 'no type', args: without('-t'), message: /-t is missing: .*rsa-sha256/ },
  { name: 'no subject', args: without('-D'), message: /-D is missing/ },
  {
    name: 'a size between',
    args: generation('-m', '1000'),
    message: /-m "1000" is no size for rsa-sha256: write one of 512/,
  },
  { name: 'a size in words', args: generation('-m', 'big'), message: /-m "big" is no size/ },
  { name: 'a size too large', args: generation('-m', '8192'), message: /-m "8192" is no size/ },
  {
    name: 'an unknown type',
    args: generation('-t', 'ecdsa-sha256'),
    message: /-t "ecdsa-sha256" is no type of key: write one of rsa-sha1/,
  },
  {
    name: 'a digest that does not fit the key',
    args: generation('-t', 'rsa-sha512').with(3, '512'),
    message: /-m "512" is no size for rsa-sha512: write one of 1024/,
  },
  {
    name: 'a DSA key that OpenSSL does not make',
    args: generation('-t', 'dsa-sha1').with(3, '512'),
    message: /-m "512" is no size for dsa-sha1/,
  },
  {
    name: 'a subject without a type',
    args: generation('-D', 'gw'),
    message: /-D "gw" is no distinguished name: `gw` is no attribute/,
  },
  {
    name: 'a subject with an unknown type',
    args: generation('-D', 'XX=gw'),
    message: /`XX` is no attribute of a distinguished name/,
  },
  { name: 'an empty subject', args: generation('-D', ''), message: /-D "" is no distinguished name/ },
  { name: 'an empty value in the subject', args: generation('-D', 'C=US, CN='), message: /its CN is empty/ },
  {
    name: 'a country of three letters',
    args: generation('-D', 'C=USA, CN=gw'),
    message: /its C must be a country code of two letters, not `USA`/,
  },
  {
    name: 'a common name that is too long',
    args: generation('-D', `CN=${'x'.repeat(65)}`),
    message: /its CN is longer than 64 characters/,
  },
  {
    name: 'an alternative name without a tag',
    args: generation('-A', 'gw.example.net'),
    message: /-A "gw.example.net" .*: it has no tag; write TAG=value/,
  },
  {
    name: 'an unknown tag',
    args: generation('-A', 'HOST=gw'),
    message: /`HOST` is no tag; write one of IP, DNS/,
  },
  { name: 'a tag without a value', args: generation('-A', 'DNS='), message: /nothing follows `DNS=`/ },
  {
    name: 'an address of three numbers',
    args: generation('-A', 'IP=10.0.0'),
    message: /`10.0.0` is no IPv4 or IPv6 address/,
  },
  {
    name: 'a prefix for an address',
    args: generation('-A', 'IP=10.0.0.0/8'),
    message: /is no IPv4 or IPv6 address/,
  },
  {
    name: 'a host name with a blank',
    args: generation('-A', 'DNS=my host'),
    message: /`my host` is no host name/,
  },
  { name: 'a mailbox without a host', args: generation('-A', 'EMAIL=root'), message: /`root` is no mailbox/ },
  {
    name: 'a URI without a scheme',
    args: generation('-A', 'URI=www.example.net'),
    message: /is no URI with a scheme/,
  },
  {
    name: 'a registered ID in words',
    args: generation('-A', 'RID=rsadsi'),
    message: /is no object identifier/,
  },
  {
    name: 'a directory name that is none',
    args: generation('-A', 'DN=gw'),
    message: /-A "DN=gw" is no alternative name/,
  },
  { name: 'a format that is none', args: generation('-f', 'der'), message: /-f is pem or ber, not "der"/ },
  {
    name: 'a time without a form',
    args: generation('-S', 'tomorrow'),
    message: /-S "tomorrow" is no time: it has none of the forms/,
  },
  {
    name: 'a sign alone',
    args: generation('-F', '+'),
    message: /-F "\+" is no time: after the sign come numbers/,
  },
  { name: 'a unit that is none', args: generation('-F', '+3x'), message: /-F "\+3x" is no time/ },
  { name: 'a unit twice', args: generation('-F', '+1d2d'), message: /the unit d comes twice/ },
  {
    name: 'the thirtieth of February',
    args: generation('-F', '02/30/2030 12:00'),
    message: /that month has no day 30/,
  },
  { name: 'a thirteenth month', args: generation('-F', '13/01/2030'), message: /there is no month 13/ },
  {
    name: 'an hour that is none',
    args: generation('-F', '2030-01-01 25:00'),
    message: /there is no such time of day/,
  },
  {
    name: 'a weekday that it is not',
    args: generation('-F', 'Mon 22 Jan 2027'),
    message: /that day is no Mon/,
  },
  {
    name: 'an end before the start',
    args: generation('-F', '-1d'),
    message: /the end \(-F\) must be later than the start/,
  },
  {
    name: 'an end at the start',
    args: [...GOOD, '-S', '+1d', '-F', '+1d'],
    message: /must be later than the start/,
  },
  {
    name: 'an end beyond all dates',
    args: generation('-F', '+9000y'),
    message: /outside the years 1950 to 9999/,
  },
  {
    name: 'a start before all certificates',
    args: generation('-S', '-100y'),
    message: /outside the years 1950 to 9999/,
  },
];
