import { choiceField, template, textField, type TextField } from '../../../platform/http/pages/index.js';
import type { ConsentText } from '../consent-texts.js';
import type { Need } from '../enrollment.policy.js';
import type { SecondProof } from '../identity.policy.js';
import type { StoredCoverage } from '../patient-enrollment.service.js';

/** What the patient typed, to be shown again, and what is wrong with it, by field. */
export interface FormState {
  values: Readonly<Record<string, string>>;
  errors: Readonly<Record<string, string>>;
  /** What is wrong with the form as a whole. */
  alert?: string | undefined;
}

export const emptyForm: FormState = { values: {}, errors: {} };

const stepLabels: Readonly<Record<Need, string>> = {
  identity: 'Who you are',
  coverage: 'Insurance or cash',
  consent: 'Consent',
};

const frame = template<{
  heading: string;
  alert: string | undefined;
  steps: { label: string; number: number; done: boolean; current: boolean }[];
  content: string;
}>(`<ol class="steps" aria-label="Steps">
<% it.steps.forEach(function (step) { %><li<% if (step.done) { %> class="done"<% } %><% if (step.current) { %> aria-current="step"<% } %>><%= step.number %>. <%= step.label %></li>
<% }) %></ol>
<h1><%= it.heading %></h1>
<% if (it.alert) { %><p class="card alert" role="alert"><%= it.alert %></p><% } %>
<%~ it.content %>`);

function step(at: Need, needs: readonly Need[], heading: string, form: FormState, content: string): string {
  const position = needs.indexOf(at);
  const steps = needs.map((need, index) => ({
    label: stepLabels[need],
    number: index + 1,
    done: index < position,
    current: index === position,
  }));
  const wrong = Object.keys(form.errors).length > 0 ? 'Please correct the marked fields.' : undefined;
  return frame({ heading, alert: form.alert ?? wrong, steps, content });
}

const identityForm = template<{ action: string; fields: string }>(`
<p>To protect you, please tell us two things we can compare with what we have on file.</p>
<form method="post" action="<%= it.action %>/identity">
<%~ it.fields %>
<button type="submit">Continue</button>
</form>`);

const secondFields: Readonly<Record<SecondProof, TextField>> = {
  zip: {
    name: 'zip',
    label: 'ZIP code of the home address',
    hint: 'Five digits',
    autocomplete: 'postal-code',
    inputmode: 'numeric',
    maxlength: 10,
  },
  lastName: {
    name: 'lastName',
    label: 'Last name of the patient',
    hint: 'As the doctor wrote it',
    autocomplete: 'family-name',
    maxlength: 80,
  },
};

export function identityStep(
  action: string,
  { needs, secondProof }: { needs: readonly Need[]; secondProof: SecondProof },
  form: FormState,
): string {
  const fields = [
    textField({
      name: 'birthDate',
      label: 'Birth date of the patient',
      type: 'date',
      required: true,
      autocomplete: 'bday',
      error: form.errors['birthDate'],
    }),
    textField({ ...secondFields[secondProof], required: true, error: form.errors[secondProof] }),
  ].join('\n');
  return step('identity', needs, 'Who you are', form, identityForm({ action, fields }));
}

export interface CoverageStep {
  action: string;
  needs: readonly Need[];
  onFile: boolean;
  codeVerified: boolean;
  codeSent: boolean;
  /** Only once the one-time code was right. */
  stored: StoredCoverage | undefined;
  pictures: readonly ('front' | 'back')[];
  form: FormState;
}

const coverageForm = template<{
  action: string;
  offerCode: boolean;
  codeSent: boolean;
  payer: string;
  government: string;
  card: string;
  pictures: string;
  received: string;
}>(`
<form method="post" action="<%= it.action %>/coverage" enctype="multipart/form-data">
<%~ it.payer %>
<%~ it.government %>
<h2>The insurance card</h2>
<p class="hint">Only if a new card should pay. The numbers are on the card, often marked Rx. With more than one plan, give the card of the one that pays first.</p>
<%~ it.card %>
<h2>Pictures of the card</h2>
<p class="hint">If you like, take a picture of each side. JPEG, PNG or WebP, at most 8 MB each.</p>
<% if (it.received) { %><p role="status"><%= it.received %></p><% } %>
<%~ it.pictures %>
<button type="submit">Continue</button>
</form>
<% if (it.offerCode) { %>
<section class="card">
<h2>See the insurance we have on file</h2>
<p>We send a one-time code to the number or address we know; it is good for ten minutes.</p>
<form method="post" action="<%= it.action %>/code">
<button class="quiet" type="submit" name="channel" value="sms">Send a code by text message</button>
<button class="quiet" type="submit" name="channel" value="email">Send a code by email</button>
</form>
<% if (it.codeSent) { %><p role="status">We sent a code. If none comes within a minute, choose the other way, or call us.</p><% } %>
<form method="post" action="<%= it.action %>/code/verify">
<label for="code">Code</label>
<input id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="6" required>
<button class="quiet" type="submit">Show what is on file</button>
</form>
</section>
<% } %>`);

export function coverageStep(view: CoverageStep): string {
  const { form, stored } = view;
  const shown: Readonly<Record<string, string | undefined>> = {
    ...(stored?.kind === 'insurance' && stored.card),
    ...form.values,
  };
  const chosen = form.values['payer'] ?? (view.onFile && stored === undefined ? 'on_file' : 'insurance');
  const payers = [
    ...(view.onFile ? [{ value: 'on_file', label: 'The insurance you have on file, or that my doctor sent' }] : []),
    { value: 'insurance', label: 'The insurance card below' },
    { value: 'cash', label: 'I pay myself, without insurance' },
  ];
  const content = coverageForm({
    action: view.action,
    offerCode: view.onFile && !view.codeVerified,
    codeSent: view.codeSent,
    payer: choiceField({
      name: 'payer',
      legend: 'Who pays for this order?',
      options: payers.map((option) => ({ ...option, checked: option.value === chosen })),
      error: form.errors['payer'],
    }),
    government: governmentField(view),
    card: cardFields(shown, form.errors),
    pictures: pictureFields(form.errors),
    received: view.pictures.length === 0 ? '' : `We have your picture of the ${view.pictures.join(' and the ')}.`,
  });
  return step('coverage', view.needs, 'Insurance or cash', form, content);
}

const cardInputs = [
  { name: 'bin', label: 'BIN', hint: 'Six digits', inputmode: 'numeric', maxlength: 6 },
  { name: 'pcn', label: 'PCN', hint: 'If the card has one', maxlength: 10 },
  { name: 'groupId', label: 'Group', hint: 'Marked Grp or RxGrp', maxlength: 15 },
  { name: 'cardholderId', label: 'Member ID', maxlength: 20 },
  { name: 'personCode', label: 'Person code', hint: 'If the card has one, such as 01', maxlength: 3 },
] as const;

const relationshipOptions = [
  { value: '1', label: 'The card is mine' },
  { value: '2', label: 'My husband, wife or partner' },
  { value: '3', label: 'My parent' },
  { value: '4', label: 'Someone else' },
] as const;

function cardFields(shown: Readonly<Record<string, string | undefined>>, errors: FormState['errors']): string {
  const inputs = cardInputs.map((input) =>
    textField({ ...input, value: shown[input.name], error: errors[input.name], autocomplete: 'off' }),
  );
  const relationship = shown['relationship'] ?? '1';
  return [
    ...inputs,
    choiceField({
      name: 'relationship',
      legend: 'Whose card is it?',
      options: relationshipOptions.map((option) => ({ ...option, checked: option.value === relationship })),
      error: errors['relationship'],
    }),
  ].join('\n');
}

/** Nothing is chosen before somebody has said: whoever takes no notice would bill a coupon beside Medicaid. */
function governmentField({ stored, form }: CoverageStep): string {
  const known = stored?.kind === 'insurance' ? stored.government : undefined;
  const chosen = form.values['government'] ?? (known === undefined ? undefined : known ? 'yes' : 'no');
  return choiceField({
    name: 'government',
    legend: 'If insurance pays: is it Medicare, Medicaid, TRICARE or other government coverage?',
    options: [
      { value: 'no', label: 'No', checked: chosen === 'no' },
      { value: 'yes', label: 'Yes', checked: chosen === 'yes' },
    ],
    error: form.errors['government'],
  });
}

function pictureFields(errors: FormState['errors']): string {
  const accept = 'image/jpeg,image/png,image/webp';
  return [
    textField({ name: 'front', label: 'Front of the card', type: 'file', accept, error: errors['front'] }),
    textField({ name: 'back', label: 'Back of the card', type: 'file', accept, error: errors['back'] }),
  ].join('\n');
}

const consentForm = template<{
  action: string;
  text: ConsentText;
  payer: string | undefined;
  error: string | undefined;
}>(`
<% if (it.payer) { %><p><%= it.payer %> <a href="<%= it.action %>?step=coverage">Change</a></p><% } %>
<form method="post" action="<%= it.action %>/complete">
<% it.text.paragraphs.forEach(function (paragraph) { %><p><%= paragraph %></p>
<% }) %><input type="hidden" name="version" value="<%= it.text.version %>">
<% if (it.error) { %><p class="error" id="accepted-error"><%= it.error %></p><% } %>
<div class="choice">
<input type="checkbox" id="accepted" name="accepted" value="yes" required<% if (it.error) { %> aria-invalid="true" aria-describedby="accepted-error"<% } %>>
<label for="accepted">I have read this and I agree.</label>
</div>
<button type="submit">Agree and finish</button>
</form>
<p class="soft">Version <%= it.text.version %></p>`);

const payerSentences = {
  cash: 'You pay without insurance.',
  insurance: 'Your insurance card pays.',
  on_file: 'The insurance on file pays.',
} as const;

export function consentStep(view: {
  action: string;
  needs: readonly Need[];
  text: ConsentText;
  payer: keyof typeof payerSentences | undefined;
  form: FormState;
}): string {
  const { action, text, needs, form } = view;
  const payer = view.payer && payerSentences[view.payer];
  return step('consent', needs, text.title, form, consentForm({ action, text, payer, error: form.errors['accepted'] }));
}

export const notePage = template<{ heading: string; sentence: string }>(`
<h1><%= it.heading %></h1>
<p role="status"><%= it.sentence %></p>`);
