import { describe, expect, it } from 'vitest';
import { characterCount, cleanLine, cleanText, cutText } from './clean-text.js';

describe('clean text', () => {
  it('turns control characters and single surrogates into spaces', () => {
    expect(cleanText('a\u0000b\u001bc\ud800d')).toBe('a b c d');
  });

  it('keeps line ends in a text and none in a line', () => {
    expect(cleanText('a\r\nb')).toBe('a\r\nb');
    expect(cleanLine('a\r\nb\\c')).toBe('a b c');
  });

  it('leaves letters of every script alone', () => {
    expect(cleanLine('Müller 山田 Иванов 🫁')).toBe('Müller 山田 Иванов 🫁');
  });

  it('counts and cuts by character, never inside one', () => {
    expect(characterCount('🫁山é')).toBe(3);
    expect(cutText('🫁山é', 2)).toBe('🫁山');
    expect(cutText('ab cd', 3)).toBe('ab');
  });
});
