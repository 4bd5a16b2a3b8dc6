/** One item or sub-item of an A-ASSOCIATE PDU: type, reserved byte, 16 bit length, value. Source: PS3.8 section 9.3.2. */
export function itemBytes(type: number, ...values: Uint8Array[]): Buffer {
  const length = values.reduce((sum, value) => sum + value.length, 0);
  if (length > 0xffff) throw new RangeError(`Item 0x${type.toString(16)}: expected at most 65535 bytes, got ${length}`);
  return Buffer.concat([Buffer.from([type, 0]), uint16Bytes(length), ...values]);
}

export function uint16Bytes(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeUInt16BE(value, 0);
  return bytes;
}

export function uint32Bytes(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}
