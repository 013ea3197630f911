import sharp from 'sharp';

export const cardSides = ['front', 'back'] as const;
type CardSide = (typeof cardSides)[number];

/** 85.6 by 54 mm (ISO/IEC 7810 ID-1) at 300 dpi. */
const size = { width: 1012, height: 638 };
const words: Readonly<Record<CardSide, string>> = { front: 'DEMO HEALTH PLAN', back: 'PHARMACIES: DEMO SWITCH' };
const taken = new Map<CardSide, Promise<Buffer>>();

/** A photograph of an invented insurance card, as a phone would take it. All invented patients have the same. */
export function cardPicture(side: CardSide): Promise<Buffer> {
  const picture = taken.get(side) ?? draw(words[side]);
  taken.set(side, picture);
  return picture;
}

function draw(text: string): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}">
    <rect width="100%" height="100%" fill="#e0ecf8"/><rect y="120" width="100%" height="80" fill="#14532d"/>
    <text x="60" y="330" font-family="sans-serif" font-size="56" fill="#1f2933">${text}</text></svg>`;
  return sharp(Buffer.from(svg)).flatten({ background: '#ffffff' }).jpeg({ quality: 80 }).toBuffer();
}
