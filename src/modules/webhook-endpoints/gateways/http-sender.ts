import { Inject, Injectable } from '@nestjs/common';
import { lookup } from 'node:dns';
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Config } from '../../../../config/index.js';
import { CONFIG } from '../../../platform/config/index.js';
import { isPublicAddress, urlProblem, type AddressRules } from '../address.policy.js';
import { failureCodeOf, type Answer, type Unanswered } from '../delivery.policy.js';
import { guardedLookup, refusedCode } from './guarded-lookup.js';

export interface OutgoingMessage {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** From the look-up of the name to the end of the answer (Standard Webhooks recommends 15 to 30 s). */
const timeoutMs = 15_000;
/** Of an answer's body so much is read, and dropped; a receiver that sends more is cut off. */
const mostAnswerBytes = 64 * 1024;
const timeoutCode = 'ETIMEDOUT';
const lostCode = 'ECONNRESET';

/** Posts to addresses other people chose: public ones only, without following redirects, without keeping what they answer. */
@Injectable()
export class HttpSender {
  readonly rules: AddressRules;
  private readonly lookup: LookupFunction;

  constructor(@Inject(CONFIG) config: Pick<Config, 'NODE_ENV' | 'WEBHOOKS_ALLOW_PRIVATE'>) {
    const allowPrivate = config.WEBHOOKS_ALLOW_PRIVATE === 'true';
    this.rules = { allowPrivate, requireHttps: config.NODE_ENV === 'production' };
    this.lookup = guardedLookup(lookup, (address) => allowPrivate || isPublicAddress(address));
  }

  async send(message: OutgoingMessage): Promise<Answer | Unanswered> {
    // Once more: rules may be stricter than when the address was stored, and a numeric host is not looked up.
    if (urlProblem(message.url, this.rules) !== undefined) return { failureCode: refusedCode };
    try {
      return await this.post(message);
    } catch (error) {
      const code = (error as { code?: unknown } | null)?.code;
      return { failureCode: code === refusedCode ? refusedCode : failureCodeOf(String(code)) };
    }
  }

  private post({ url, headers, body }: OutgoingMessage): Promise<Answer> {
    const target = new URL(url);
    const request = target.protocol === 'https:' ? secureRequest : plainRequest;
    return new Promise((resolve, reject) => {
      let answer: IncomingMessage | undefined;
      const options = { method: 'POST', lookup: this.lookup, headers, agent: false } as const;
      const call = request(target, options, (response) => {
        answer = response;
        void drained(response).then(() => {
          clearTimeout(timer);
          resolve({ statusCode: response.statusCode ?? 0 });
        });
      });
      const timer = setTimeout(() => (answer ?? call).destroy(coded(timeoutCode)), timeoutMs);
      const failed = (error: Error) => {
        if (answer !== undefined) return;
        clearTimeout(timer);
        reject(error);
      };
      call.on('error', failed);
      // Follows every error; some calls end with nothing else, and whoever waits for one would wait for ever.
      call.on('close', () => failed(coded(lostCode)));
      // A 101 is no `response` but this. Nobody asked to change the protocol, so it is an answer like any other.
      call.on('upgrade', (response, socket) => {
        answer = response;
        clearTimeout(timer);
        socket.destroy();
        resolve({ statusCode: response.statusCode ?? 0 });
      });
      call.end(body);
    });
  }
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** The status is what counts: how the body ends, early, late or not at all, changes nothing. */
function drained(response: IncomingMessage): Promise<void> {
  let left = mostAnswerBytes;
  return new Promise((resolve) => {
    response.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) response.destroy();
    });
    response.on('error', () => undefined);
    response.on('close', resolve);
  });
}
