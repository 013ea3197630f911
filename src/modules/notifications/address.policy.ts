import type { Channel } from './notification.words.js';

/** Enough for a person who knows the patient to recognise it, too little to write to it. */
export function maskedAddress(channel: Channel, address: string): string {
  return channel === 'sms' ? maskedPhone(address) : maskedEmail(address);
}

function maskedPhone(phone: string): string {
  return `•••${phone.slice(-4)}`;
}

function maskedEmail(email: string): string {
  const at = email.lastIndexOf('@');
  if (at < 1) return '•••';
  return `${email.slice(0, 1)}•••${email.slice(at)}`;
}
