import { describe, expect, it } from 'vitest';
import { decodeText, textDecodingFor } from './character-set.js';

const hex = (text: string): Uint8Array => Uint8Array.from(text.split(' ').map((byte) => Number.parseInt(byte, 16)));
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const concat = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** Terms of Specific Character Set, bytes, text. Source: PS3.5 annexes H, I, J, K. */
const EXAMPLES: readonly [name: string, terms: string[], bytes: Uint8Array, text: string][] = [
  ['Western European', ['ISO_IR 100'], hex('42 75 63 5e 4a e9 72 f4 6d 65'), 'Buc^Jérôme'],
  ['Greek', ['ISO_IR 126'], hex('c4 e9 ef ed f5 f3 e9 ef f2'), 'Διονυσιος'],
  ['Russian', ['ISO_IR 144'], hex('bb ee da 63 65 dc d1 79 70 d3'), 'Люкceмбypг'],
  ['Arabic', ['ISO_IR 127'], hex('e2 c8 c7 e6 ea 5e e4 e6 d2 c7 d1'), 'قباني^لنزار'],
  ['Hebrew', ['ISO_IR 138'], hex('f9 f8 e5 ef 5e e3 e1 e5 f8 e4'), 'שרון^דבורה'],
  [
    'Japanese, escapes to kanji and back (H.3.1)',
    ['', 'ISO 2022 IR 87'],
    concat(
      ascii('Yamada^Tarou='),
      hex('1b 24 42 3b 33 45 44 1b 28 42 5e 1b 24 42 42 40 4f 3a 1b 28 42'),
      ascii('='),
      hex('1b 24 42 24 64 24 5e 24 40 1b 28 42 5e 1b 24 42 24 3f 24 6d 24 26 1b 28 42'),
    ),
    'Yamada^Tarou=山田^太郎=やまだ^たろう',
  ],
  [
    'Japanese, half-width katakana first (H.3.2)',
    ['ISO 2022 IR 13', 'ISO 2022 IR 87'],
    concat(hex('d4 cf c0 de 5e c0 db b3 3d'), hex('1b 24 42 3b 33 45 44 1b 28 4a 5e 1b 24 42 42 40 4f 3a 1b 28 4a')),
    'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎',
  ],
  [
    'Korean (I.2)',
    ['', 'ISO 2022 IR 149'],
    concat(
      ascii('Hong^Gildong='),
      hex('1b 24 29 43 fb f3 5e 1b 24 29 43 d1 ce d4 d7'),
      ascii('='),
      hex('1b 24 29 43 c8 ab 5e 1b 24 29 43 b1 e6 b5 bf'),
    ),
    'Hong^Gildong=洪^吉洞=홍^길동',
  ],
  [
    'Chinese, UTF-8 (J.1)',
    ['ISO_IR 192'],
    Uint8Array.from(Buffer.from('Wang^XiaoDong=王^小東', 'utf8')),
    'Wang^XiaoDong=王^小東',
  ],
  [
    'Chinese, GB18030 (J.2)',
    ['GB18030'],
    concat(ascii('Wang^XiaoDong='), hex('cd f5 5e d0 a1 b6 ab')),
    'Wang^XiaoDong=王^小东',
  ],
  [
    'Chinese, GBK (J.4)',
    ['GBK'],
    concat(ascii('Wang^XiaoDong='), hex('cd f5 5e d0 a1 b6 ab')),
    'Wang^XiaoDong=王^小东',
  ],
];

describe('text of every character set DICOM defines', () => {
  it.each(EXAMPLES)('%s', (_name, terms, bytes, text) => {
    const decoding = textDecodingFor(terms);
    expect(decoding.remark).toBeNull();
    expect(decodeText(bytes, 'PN', decoding)).toBe(text);
  });

  it('leaves VRs outside its reach alone', () => {
    expect(decodeText(hex('31 5c e9'), 'CS', textDecodingFor(['ISO_IR 144']))).toBe('1\\é');
  });
  it('reads an unknown character set as if none were named, and says so', () => {
    const decoding = textDecodingFor(['ISO_IR 999']);
    expect(decoding.remark).toContain('not one DICOM defines');
    expect(decodeText(hex('4a e9'), 'LO', decoding)).toBe('Jé');
    expect(decodeText(Uint8Array.from(Buffer.from('Jé')), 'LO', decoding)).toBe('Jé');
  });
  it.each([
    ['ISO IR 144', 'ISO_IR 144'],
    ['ISO-IR 144', 'ISO_IR 144'],
    ['ISO_2022_IR_144', 'ISO 2022 IR 144'],
  ])('reads the misspelt %s, and says as what', (term, meant) => {
    const decoding = textDecodingFor([term]);
    expect(decoding.remark).toBe(`Specific Character Set is misspelt: read as ${meant}`);
    expect(decodeText(hex('bb ee da'), 'LO', decoding)).toBe('Люк');
  });
  it('takes what stands alone from a list', () => {
    const text = Uint8Array.from(Buffer.from('王^小東'));
    expect(decodeText(text, 'PN', textDecodingFor(['ISO_IR 192', 'ISO 2022 IR 87']))).toBe('王^小東');
    expect(decodeText(text, 'PN', textDecodingFor(['UTF-8']))).toBe('王^小東');
  });
  it('reads undeclared text as UTF-8 when it is, else as Latin-1', () => {
    expect(decodeText(Uint8Array.from(Buffer.from('Jérôme')), 'PN', textDecodingFor([]))).toBe('Jérôme');
    expect(decodeText(hex('4a e9'), 'PN', textDecodingFor([]))).toBe('Jé');
  });
  it('never throws, whatever the bytes', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    for (const [, terms] of EXAMPLES) expect(typeof decodeText(bytes, 'LO', textDecodingFor(terms))).toBe('string');
  });
});
