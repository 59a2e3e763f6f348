/**
 * Words that whoever guesses tries first, in lower case: the most used passwords of published leaks, and what installers
 * and manuals write where a key should stand. With digits or signs at the end they are no better.
 */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `password passwd pass passphrase secret sharedsecret shared preshared presharedkey psk key mykey testkey
  test testing tester changeme changeit change default letmein welcome hello hallo admin administrator root toor
  guest user login master monkey dragon football baseball basketball soccer hockey superman batman starwars
  princess sunshine shadow michael jennifer jordan hunter ashley charlie thomas daniel andrew joshua matthew
  robert jessica michelle nicole amanda george summer winter spring autumn iloveyou loveme lovely flower
  cookie cheese coffee pepper ginger banana orange purple yellow silver golden diamond freedom whatever trustno
  qwerty qwertz azerty qwertyuiop asdf asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qweasd qweasdzxc abc abcd abcde
  abcdef abcdefgh abcdefghij alpha beta gamma delta omega computer internet network server router gateway firewall
  switch cisco juniper fortinet sonicwall checkpoint mikrotik ubiquiti netgear linksys zyxel draytek strongswan
  libreswan openswan freeswan racoon solaris illumos omnios linux windows vpn myvpn ipsec ipsecvpn ike vpnsecret
  vpnkey tunnel site sitetosite branch office headquarters company enterprise example sample demo lab foo foobar
  foobarbaz bar xxx xxxx xxxxxxxx aaa aaaa aaaaaaaa god love sex money access killer matrix phoenix mustang
  yankees harley ranger buster maggie tigger merlin corvette ferrari mercedes porsche liverpool arsenal chelsea
  barcelona passw0rd p@ssw0rd p@ssword pa55word pa55w0rd s3cret s3cr3t secr3t l3tmein adm1n supersecret
  topsecret verysecret thisisasecret thisisthekey donttellanybody security secure private confidential`.split(
    /\s+/,
  ),
);
