/** Frames that prove themselves: number, checksum of the payload, payload. At least eight bytes. */
import { crc32 } from 'node:zlib';

/** Frame `number`, `length` bytes long. */
export function checkedFrame(number: number, length: number): Buffer {
  const frame = Buffer.allocUnsafe(length);
  frame.writeUInt32LE(number, 0);
  frame.fill(number & 0xff, 8);
  if (length > 12) frame.writeUInt32LE(length, length - 4);
  frame.writeUInt32LE(crc32(frame.subarray(8)), 4);
  return frame;
}

/** The number of an intact frame. @throws Error when its checksum is wrong */
export function numberOfFrame(frame: Buffer): number {
  const number = frame.readUInt32LE(0);
  if (frame.readUInt32LE(4) !== crc32(frame.subarray(8))) throw new Error(`frame ${number} is damaged`);
  return number;
}
