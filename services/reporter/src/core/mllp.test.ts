import { expect, it } from 'vitest';
import { readAcknowledgement } from './hl7-acknowledgement.js';
import { MllpReader, mllpFrame } from './mllp.js';

it('finds messages however they are cut', () => {
  const wire = Buffer.concat([Buffer.from('noise'), mllpFrame('MSH|ä\rPID'), mllpFrame('MSH|2')]);
  for (let size = 1; size <= wire.length; size += 1) {
    const reader = new MllpReader();
    const messages: string[] = [];
    for (let at = 0; at < wire.length; at += size) {
      messages.push(...reader.push(wire.subarray(at, at + size)).map((message) => message.toString('utf8')));
    }
    expect(messages).toEqual(['MSH|ä\rPID', 'MSH|2']);
  }
});

it('refuses a message without end', () => {
  const reader = new MllpReader();
  expect(() => reader.push(Buffer.concat([Buffer.of(0x0b), Buffer.alloc(1024 * 1024)]))).toThrow(RangeError);
});

it('reads what an acknowledgement says, by its own separators', () => {
  expect(readAcknowledgement('MSH#$~\\&#A\rMSA#AE#77#Erika\rERR###207$error\r')).toEqual({
    code: 'AE',
    controlId: '77',
    errorCode: '207',
  });
  expect(readAcknowledgement('MSH|^~\\&|A\nMSA|AA|1')).toEqual({ code: 'AA', controlId: '1', errorCode: null });
  for (const other of ['', 'MSH|^~\\&|A\rPID|1', 'MSH|^~\\&\rMSA|XX|1', 'HTTP/1.1 400']) {
    expect(readAcknowledgement(other)).toBeNull();
  }
});

it('takes a long message byte by byte, and what follows it', () => {
  const long = 'x'.repeat(300_000);
  const reader = new MllpReader();
  const messages: number[] = [];
  for (const byte of Buffer.concat([mllpFrame(long), mllpFrame('MSH')])) {
    for (const message of reader.push(Buffer.of(byte))) messages.push(message.length);
  }
  expect(messages).toEqual([long.length, 3]);
});
