import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../../config/index.js';
import { CONFIG } from '../../../platform/config/index.js';
import { DomainError } from '../../../platform/errors/index.js';
import { isOwnForm, renderPage, type PageAnswer } from '../../../platform/http/pages/index.js';
import type { UploadedPictures } from '../card-upload.js';
import { choiceOf } from '../dto/enrollment.mapping.js';
import { currentConsentText } from '../consent-texts.js';
import { EnrollmentAccess } from '../enrollment-access.js';
import { fail } from '../enrollment.errors.js';
import { sessionLifeMs, type LinkState } from '../enrollment.policy.js';
import { PatientEnrollment, type EnrollmentView } from '../patient-enrollment.service.js';
import {
  codeAnswerForm,
  codeRequestForm,
  consentForm,
  coverageForm,
  fieldsOf,
  identityForm,
  type Fields,
} from './enrollment.forms.js';
import {
  consentStep,
  coverageStep,
  emptyForm,
  identityStep,
  notePage,
  type FormState,
} from './enrollment.templates.js';

/** What of a request the pages look at. */
export interface PageRequest {
  token: string;
  sessionToken: string | undefined;
  headers: Readonly<Record<string, unknown>>;
  userAgent?: string | undefined;
  body?: unknown;
  /** A code was sent by the form before. */
  codeSent?: boolean;
}

export const sessionCookie = 'enrollment';

const closed: Readonly<Record<Exclude<LinkState, 'open'>, { heading: string; sentence: string }>> = {
  used: { heading: 'All done', sentence: 'This enrollment is complete. There is nothing more to do here.' },
  locked: {
    heading: 'This link is closed',
    sentence: 'There were too many wrong tries. Call us and we send a new link.',
  },
  revoked: { heading: 'There is a newer link', sentence: 'We sent you a newer link. Please use that one.' },
  withdrawn: {
    heading: 'This link no longer works',
    sentence:
      'The order it belongs to was cancelled or corrected, and there is nothing to do here. If you did not expect that, ask the doctor who wrote the prescription, or call us.',
  },
  expired: { heading: 'This link is too old', sentence: 'Links work for three days. Call us and we send a new one.' },
};

const done = {
  heading: 'Thank you, all done',
  sentence: 'We have what we need and take it from here. We write to you when there is something to pay or on its way.',
};

/** Problems a form can say beside its fields; everything else is a page of its own. */
const retold: ReadonlySet<string> = new Set([
  'enrollment.not-recognized',
  'enrollment.code-wrong',
  'enrollment.code-undeliverable',
  'enrollment.no-coverage-on-file',
  'enrollment.consent-outdated',
  'enrollment.picture-type',
  'enrollment.picture-too-large',
  'enrollment.picture-unreadable',
  'enrollment.picture-refused',
  'enrollment.picture-unscanned',
  'request.too-many',
]);

/** The enrollment as pages without a script. Showing changes nothing; every form answers with the way to the next page. */
@Injectable()
export class EnrollmentPages {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly access: EnrollmentAccess,
    private readonly enrollment: PatientEnrollment,
  ) {}

  async show(
    request: PageRequest,
    wantedStep?: string,
    form: FormState = emptyForm,
    status = 200,
  ): Promise<PageAnswer> {
    const { token, sessionToken } = request;
    const view = await this.enrollment.look(token);
    const inside = await this.enrollment.lookInside(token, sessionToken);
    if (view.state !== 'open') {
      const finished = view.state === 'used' && inside !== undefined;
      const note = finished ? done : closed[view.state];
      return this.page(view, note.heading, notePage(note), finished ? 200 : 410);
    }
    const { needs } = view;
    const action = pathOf(token);
    if (inside === undefined) return this.page(view, 'Who you are', identityStep(action, view, form), status);
    const { onFile, codeVerified, pictures, draft } = inside;
    if (needs.includes('coverage') && (draft === undefined || wantedStep === 'coverage')) {
      const stored = onFile && codeVerified ? await this.enrollment.storedCoverage(token, sessionToken) : undefined;
      const { codeSent = false } = request;
      const content = coverageStep({ action, needs, onFile, codeVerified, codeSent, stored, pictures, form });
      return this.page(view, 'Insurance or cash', content, status);
    }
    const text = currentConsentText();
    return this.page(view, text.title, consentStep({ action, needs, text, payer: draft, form }), status);
  }

  async identify(request: PageRequest): Promise<PageAnswer> {
    const { secondProof } = await this.enrollment.look(request.token);
    const parse = (fields: Fields) => identityForm(fields, secondProof);
    return this.answer(request, parse, undefined, async (proof) => {
      const { token } = await this.access.verify(request.token, proof);
      const path = pathOf(request.token);
      const secure = this.ownOrigin().startsWith('https:');
      const cookie = { name: sessionCookie, value: token, path, maxAgeSeconds: sessionLifeMs / 1000, secure };
      return { location: path, cookie };
    });
  }

  async cover(request: PageRequest, uploaded: UploadedPictures): Promise<PageAnswer> {
    return this.answer(request, coverageForm, 'coverage', async (coverage) => {
      const choice = choiceOf(coverage);
      if (Object.keys(uploaded).length > 0) {
        await this.enrollment.addPictures(request.token, request.sessionToken, uploaded);
      }
      await this.enrollment.keepChoice(request.token, request.sessionToken, choice);
      return { location: pathOf(request.token) };
    });
  }

  async sendCode(request: PageRequest): Promise<PageAnswer> {
    return this.answer(request, codeRequestForm, 'coverage', async ({ channel }) => {
      await this.access.requestCode(request.token, request.sessionToken, channel);
      return { location: `${pathOf(request.token)}?step=coverage&sent=${channel}` };
    });
  }

  async answerCode(request: PageRequest): Promise<PageAnswer> {
    return this.answer(request, codeAnswerForm, 'coverage', async ({ code }) => {
      await this.access.verifyCode(request.token, request.sessionToken, code);
      return { location: `${pathOf(request.token)}?step=coverage` };
    });
  }

  async complete(request: PageRequest): Promise<PageAnswer> {
    const { token, sessionToken, userAgent } = request;
    return this.answer(request, consentForm, undefined, async ({ version }) => {
      await this.enrollment.complete(token, sessionToken, { consentVersion: version }, userAgent).catch(unlessDone);
      return { location: pathOf(token) };
    });
  }

  /** Parses, works, and shows the same step again with what is wrong. */
  private async answer<T>(
    request: PageRequest,
    parse: (fields: Fields) => { ok: true; value: T } | { ok: false; errors: Fields },
    step: string | undefined,
    work: (value: T) => Promise<PageAnswer>,
  ): Promise<PageAnswer> {
    if (!isOwnForm(request.headers, this.ownOrigin())) throw fail('enrollment.foreign-request');
    const values = fieldsOf(request.body);
    const form = parse(values);
    if (!form.ok) return this.show(request, step, { values, errors: form.errors }, 422);
    try {
      return await work(form.value);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      // An ended session begins again at the first step.
      if (error.code === 'enrollment.session-required') return this.show(request, step, ended, error.spec.status);
      if (!retold.has(error.code)) throw error;
      return this.show(request, step, { values, errors: {}, alert: alertOf(error) }, error.spec.status);
    }
  }

  private page(view: EnrollmentView, title: string, content: string, status: number): PageAnswer {
    const { brand, supportPhone } = view.organization;
    return {
      status,
      body: renderPage({ title, brand, supportPhone: supportPhone ?? this.config.SUPPORT_PHONE, content }),
    };
  }

  private ownOrigin(): string {
    return new URL(this.config.PUBLIC_URL ?? `http://${this.config.HOST}:${this.config.PORT}`).origin;
  }
}

const ended: FormState = { values: {}, errors: {}, alert: 'Half an hour has passed. Please say again who you are.' };

/** The second tap on a button: what it asks for is done, and the page says so. */
function unlessDone(error: unknown): void {
  if (!(error instanceof DomainError) || error.code !== 'enrollment.link-used') throw error;
}

function pathOf(token: string): string {
  return `/enroll/${encodeURIComponent(token)}`;
}

/** What a patient reads instead of a title that is meant for programs. */
const inPlainWords: Readonly<Record<string, string>> = {
  'request.too-many': 'You have tried too often. Wait ten minutes, or call us.',
};

/** No try left: it was the last one, or there is no code (any more) that could be right. */
const codeOver = 'That code is wrong or works no longer. Ask for a new one.';

function alertOf({ code, meta, spec }: DomainError): string {
  const left = meta?.['triesLeft'];
  if (typeof left !== 'number') return inPlainWords[code] ?? spec.title;
  const isCode = code === 'enrollment.code-wrong';
  const what = isCode ? 'That is not the code we sent last.' : 'That does not agree with what we have on file.';
  if (left === 0) return isCode ? codeOver : what;
  return `${what} You can try ${left} more ${left === 1 ? 'time' : 'times'}.`;
}
