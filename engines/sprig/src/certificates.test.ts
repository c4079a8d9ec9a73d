import { createPrivateKey, X509Certificate } from 'node:crypto';
import { parseTemplates } from '@flux/gotemplate';
import { describe, expect, test } from 'vitest';
import { sprigFunctions } from './index.ts';

const fixed = {
  now: () => 1_700_000_000_000_000_000n,
  randomBytes: (count: number) => new Uint8Array(count).fill(0x81),
};
const render = (text: string, data: unknown = {}) =>
  parseTemplates({ t: text }, { functions: sprigFunctions(fixed) }).execute('t', data);
const keys = {
  ec: render('{{ genPrivateKey "ecdsa" }}'),
  ed: render('{{ genPrivateKey "ed25519" }}'),
};
const certificatesOf = (text: string) => text.split('|').map((pem) => new X509Certificate(pem));

describe('certificates', () => {
  test('an authority signs a certificate for names and addresses', () => {
    const text =
      '{{ $ca := genCAWithKey "my ca" 10 .ec }}{{ $ca.Cert }}|' +
      '{{ (genSignedCertWithKey "svc" (list "10.0.0.1" "::1" "::ffff:1.2.3.4") (list "svc.ns" "*.x") 365 $ca .ed).Cert }}';
    const [authority, leaf] = certificatesOf(render(text, keys));

    expect(authority).toMatchObject({ subject: 'CN=my ca', ca: true, validToDate: new Date('2023-11-24T22:13:20Z') });
    expect(authority?.verify(authority.publicKey)).toBe(true);
    expect(leaf).toMatchObject({ subject: 'CN=svc', issuer: 'CN=my ca', ca: false, serialNumber: '81'.repeat(16) });
    expect(leaf?.subjectAltName).toBe(
      'DNS:svc.ns, DNS:*.x, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:1.2.3.4',
    );
    expect(leaf?.checkIssued(authority!)).toBe(true);
    expect(leaf?.verify(authority!.publicKey)).toBe(true);
    expect(leaf?.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  });

  test('RSA keys are made when none is given, and belong to the certificate', () => {
    const [cert = '', key = ''] = render(
      '{{ $c := genSelfSignedCert "é" nil nil 40000 }}{{ $c.Cert }}|{{ $c.Key }}',
    ).split('|');

    expect(key).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    expect(new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(new X509Certificate(cert)).toMatchObject({ subject: 'CN=é', validTo: 'May 21 22:13:20 2133 GMT' });
  });

  test('a given certificate is taken when it and its key can be read', () => {
    const text =
      '{{ $c := genCAWithKey "a" 1 .ec }}{{ $b := buildCustomCert (b64enc $c.Cert) (b64enc $c.Key) }}{{ eq $b.Cert $c.Cert }}';

    expect(render(text, keys)).toBe('true');
  });

  test.each([
    [
      '{{ genSignedCert "a" nil nil 1 (dict) }}',
      'wrong type for value; expected sprig.certificate; got map[string]interface {}',
    ],
    ['{{ genSelfSignedCert "a" (list "x") nil 1 }}', 'error calling genSelfSignedCert: error parsing ip: x'],
    ['{{ genSelfSignedCert "a" nil (list 1) 1 }}', 'error processing alternate dns name: 1 is not a string'],
    ['{{ genCAWithKey "a" 1 "x" }}', 'parsing private key: no PEM data in input'],
    ['{{ buildCustomCert (b64enc "x") (b64enc "x") }}', 'unable to decode certificate'],
    [
      '{{ genCAWithKey "a" 1 "-----BEGIN EC PRIVATE KEY-----\\nAAAA\\n-----END EC PRIVATE KEY-----" }}',
      'parsing EC private key from PEM',
    ],
  ])('%s is refused', (text, message) => {
    expect(() => render(text)).toThrow(message);
  });

  test('an old DSA key is written in its old format', { timeout: 60_000 }, () => {
    expect(render('{{ genPrivateKey "dsa" }}')).toMatch(/^-----BEGIN DSA PRIVATE KEY-----\nMIID/);
  });
});

describe('passwords', () => {
  test('bcrypt takes its salt from the random source', () => {
    const [first, second] = render('{{ bcrypt "x" }} {{ htpasswd "u" "x" }}').split(' ');

    expect(first).toMatch(/^\$2a\$10\$[./A-Za-z0-9]{53}$/);
    expect(second).toBe(`u:${first}`);
  });

  test('too long passwords and user names with a colon are told in the result', () => {
    expect(render('{{ bcrypt (repeat 73 "a") }}')).toContain('password length exceeds 72 bytes');
    expect(render('{{ htpasswd "a:b" "c" }}')).toBe('invalid username: a:b');
  });

  test('AES goes both ways, and a wrong password does not crash', () => {
    expect(render('{{ encryptAES "k" "é" | decryptAES "k" }}[{{ decryptAES "k" "" }}]')).toBe('é[]');
    expect(() => render('{{ decryptAES "k" "YWJj" }}')).toThrow('shorter than two blocks');
  });
});
