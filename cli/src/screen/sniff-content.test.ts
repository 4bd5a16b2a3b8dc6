import { describe, expect, it } from 'vitest';
import { sniffContent } from './sniff-content.js';

const bytes = (...values: number[]) => Uint8Array.from(values);
const text = (value: string) => new TextEncoder().encode(value);

describe('sniffContent', () => {
  it.each([
    ['a JPEG picture', 'other', bytes(0xff, 0xd8, 0xff, 0xe0, 0, 0x10)],
    ['a PDF document', 'other', text('%PDF-1.7\n')],
    ['a text file', 'other', text('Patient list, übersandt am Montag\n')],
    ['an XML file', 'other', text('<?xml version="1.0"?><a/>')],
    ['a web page', 'other', text('\n<!DOCTYPE html><title>x</title>')],
    ['a zip archive', 'archive', bytes(0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0)],
    ['a gzip archive', 'archive', bytes(0x1f, 0x8b, 8, 0)],
    ['an empty file', 'empty', bytes()],
    ['nothing but zero bytes', 'unknown', new Uint8Array(200)],
    ['bytes of no kind we know', 'unknown', bytes(8, 0, 5, 0, 10, 0, 0, 0)],
  ])('takes it for %s', (description, kind, prefix) => {
    expect(sniffContent(prefix)).toEqual({ description, kind });
  });

  it('tells an Office document from an archive of images', () => {
    const header = Buffer.alloc(30);
    header.set([0x50, 0x4b, 3, 4]);
    const office = Buffer.concat([header, Buffer.from('[Content_Types].xml')]);
    expect(sniffContent(office)).toEqual({ description: 'an Office document', kind: 'other' });
  });

  it('finds a tar archive by the mark in its middle', () => {
    const tar = Buffer.alloc(512);
    tar.write('image.dcm', 0);
    tar.write('ustar', 257);
    expect(sniffContent(tar)).toEqual({ description: 'a tar archive', kind: 'archive' });
  });
});
