import { sha256 } from '../../platform/crypto/index.js';

/** A text patients agree to. Once published it never changes: a new wording is a new version at the end of the list. */
export interface ConsentText {
  version: string;
  title: string;
  paragraphs: readonly string[];
  /** Of version, title and paragraphs, each on a line of its own: what the consent row proves. */
  sha256: string;
}

const published: readonly Omit<ConsentText, 'sha256'>[] = [
  {
    version: '2026-11-01',
    title: 'Your consent',
    paragraphs: [
      'I ask you to handle my order: to share what is needed for it with my doctor, the pharmacy that fills it, the carrier that brings it and, unless I pay myself, with my insurance.',
      'You may contact me about this order by email and text message. Messages never name my medicine. Message and data rates may apply; I can answer STOP at any time.',
      'If my insurance pays, I ask for its payment to go to the pharmacy directly, and I owe what it does not cover. I see the price before I pay.',
      'I can withdraw this consent at any time by calling the number on this page. What was done before stays lawful.',
    ],
  },
];

export const consentTexts: readonly ConsentText[] = published.map((text) => ({
  ...text,
  sha256: sha256([text.version, text.title, ...text.paragraphs].join('\n')),
}));

export function currentConsentText(): ConsentText {
  const newest = consentTexts.at(-1);
  if (newest === undefined) throw new Error('there is no consent text');
  return newest;
}
