import { crc32, deflateSync } from 'node:zlib';
import type { Address } from './shippo.shipments.js';

export interface Label {
  carrier: string;
  service: string;
  trackingNumber: string;
  from: Address;
  to: Address;
}

/** 4 × 6 inches at 72 points. */
const WIDTH = 288;
const HEIGHT = 432;

/** A real one-page PDF with the addresses, bars and the number: small, and any viewer prints it. */
export function labelPdf(label: Label): Buffer {
  const content = [bars(label.trackingNumber), ...lines(label).map(({ text, size, y }) => textAt(text, size, y))].join(
    '\n',
  );
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${WIDTH} ${HEIGHT}] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>`,
    `<< /Length ${Buffer.byteLength(content, 'latin1')} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  ];
  const offsets: number[] = [];
  let file = '%PDF-1.4\n';
  objects.forEach((object, index) => {
    offsets.push(file.length);
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}

/** The bars alone, as one-bit greyscale. */
export function labelPng(trackingNumber: string): Buffer {
  const columns = modules(trackingNumber).flatMap((dark) => [dark, dark]);
  const rowBytes = Math.ceil(columns.length / 8);
  const row = Buffer.alloc(rowBytes + 1, 0xff);
  row[0] = 0;
  columns.forEach((dark, x) => {
    const at = 1 + (x >> 3);
    if (dark) row[at] = (row[at] ?? 0xff) & ~(0x80 >> (x & 7));
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(columns.length, 0);
  header.writeUInt32BE(96, 4);
  header.writeUInt8(1, 8);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: 96 }, () => row)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

function lines(label: Label): { text: string; size: number; y: number }[] {
  return [
    { text: `${label.carrier.toUpperCase()} ${label.service}`, size: 16, y: 400 },
    { text: 'SAMPLE - DO NOT MAIL', size: 9, y: 384 },
    ...addressLines(label.from).map((text, index) => ({ text, size: 8, y: 360 - index * 11 })),
    ...['SHIP TO:', ...addressLines(label.to)].map((text, index) => ({ text, size: 13, y: 285 - index * 17 })),
    { text: label.trackingNumber, size: 13, y: 40 },
  ];
}

function addressLines(address: Address): string[] {
  const town = [address.city, address.state, address.zip].filter(Boolean).join(' ');
  return [address.name, address.company, address.street1, address.street2, town].filter(
    (line) => line !== undefined && line !== '',
  ) as string[];
}

function textAt(text: string, size: number, y: number): string {
  const safe = text.replace(/[^\x20-\xff]/g, '?').replace(/[\\()]/g, '\\$&');
  return `BT /F1 ${size} Tf 20 ${y} Td (${safe}) Tj ET`;
}

function bars(trackingNumber: string): string {
  const dark = modules(trackingNumber);
  const width = (WIDTH - 40) / dark.length;
  return dark
    .flatMap((on, index) => (on ? [`${(20 + index * width).toFixed(2)} 60 ${width.toFixed(2)} 80 re f`] : []))
    .join('\n');
}

/** Bits of each character between guards: looks like a bar code, is none. */
function modules(text: string): boolean[] {
  const bits = Array.from(text).flatMap((character) => [
    ...Array.from((character.charCodeAt(0) % 128).toString(2).padStart(7, '0')),
    '0',
  ]);
  return ['1', '0', '1', '0', ...bits, '1', '0', '1'].map((bit) => bit === '1');
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
