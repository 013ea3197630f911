import { ApiProperty } from '@nestjs/swagger';
import { orderExample } from '../../prescriptions/index.js';

export class IntakeAccepted {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  id!: string;

  @ApiProperty({ example: 'received', description: 'Validation follows; see `GET /api/prescriptions/:id/why`.' })
  status!: string;

  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f58' })
  ticketId!: string;
}

export class CorrectionAccepted {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  id!: string;

  @ApiProperty({ example: 'received' })
  state!: string;

  @ApiProperty({ example: 2, description: 'Of the order; earlier versions stay.' })
  version!: number;
}

export const correctionExample = {
  reason: 'ndc-confirmed-by-prescriber',
  patch: { medication: { ndc: '70000-0101-30' }, note: null },
};

export const correctionSchema = {
  type: 'object',
  required: ['reason', 'patch'],
  additionalProperties: false,
  properties: {
    reason: { type: 'string', minLength: 3, maxLength: 200, description: 'Why, without patient data.' },
    patch: {
      type: 'object',
      additionalProperties: true,
      description: 'JSON Merge Patch (RFC 7396) on the order: given fields replace, null removes.',
    },
  },
  example: correctionExample,
};

export const intakeExamples = {
  'application/json': { ...orderExample, path: 'full', serviceLevel: 'expedited', metadata: { reference: 'A-17' } },
  'application/fhir+json': {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    authoredOn: '2026-11-20',
    subject: { reference: '#patient' },
    requester: { reference: '#prescriber' },
    contained: [
      {
        resourceType: 'Patient',
        id: 'patient',
        name: [{ family: 'Example', given: ['Alex'] }],
        birthDate: '1980-04-02',
        telecom: [
          { system: 'phone', value: '+12025550143' },
          { system: 'email', value: 'alex@example.com' },
        ],
        address: [{ line: ['1 Main Street'], city: 'New York', state: 'NY', postalCode: '10001' }],
      },
      {
        resourceType: 'Practitioner',
        id: 'prescriber',
        identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' }],
        name: [{ family: 'Sample', given: ['Sam'] }],
      },
    ],
    medicationCodeableConcept: {
      coding: [{ system: 'http://hl7.org/fhir/sid/ndc', code: '70000010130' }],
      text: 'Lisinopril 10 mg tablet',
    },
    dosageInstruction: [{ text: 'Take 1 tablet by mouth once daily' }],
    dispenseRequest: {
      quantity: { value: 30, code: 'C48542' },
      numberOfRepeatsAllowed: 2,
      expectedSupplyDuration: { value: 30, code: 'd' },
    },
  },
  'application/xml': `<?xml version="1.0" encoding="UTF-8"?>
<Message TransactionDomain="SCRIPT" TransactionVersion="20170715">
  <Header>
    <To Qualifier="P">7000001</To><From Qualifier="D">6123456789012</From>
    <MessageID>5b2f6e0d1c9a4e7f8a3b2c1d0e9f8a7b</MessageID><SentTime>2026-11-20T15:00:00Z</SentTime>
  </Header>
  <Body><NewRx>
    <Patient><HumanPatient><Name><LastName>Example</LastName><FirstName>Alex</FirstName></Name>
      <DateOfBirth><Date>1980-04-02</Date></DateOfBirth>
      <Address><AddressLine1>1 Main Street</AddressLine1><City>New York</City><StateProvince>NY</StateProvince><PostalCode>10001</PostalCode></Address>
      <CommunicationNumbers><PrimaryTelephone><Number>2025550143</Number></PrimaryTelephone><ElectronicMail>alex@example.com</ElectronicMail></CommunicationNumbers>
    </HumanPatient></Patient>
    <Prescriber><NonVeterinarian><Identification><NPI>1234567893</NPI></Identification>
      <Name><LastName>Sample</LastName><FirstName>Sam</FirstName></Name></NonVeterinarian></Prescriber>
    <MedicationPrescribed><DrugDescription>Lisinopril 10 mg tablet</DrugDescription>
      <DrugCoded><ProductCode><Code>70000010130</Code><Qualifier>ND</Qualifier></ProductCode></DrugCoded>
      <Quantity><Value>30</Value><CodeListQualifier>38</CodeListQualifier><QuantityUnitOfMeasure><Code>C48542</Code></QuantityUnitOfMeasure></Quantity>
      <DaysSupply>30</DaysSupply><WrittenDate><Date>2026-11-20</Date></WrittenDate><Substitutions>0</Substitutions>
      <NumberOfRefills>2</NumberOfRefills><Sig><SigText>Take 1 tablet by mouth once daily</SigText></Sig>
    </MedicationPrescribed>
  </NewRx></Body>
</Message>`,
} as const;

export const acceptedExample: IntakeAccepted = {
  id: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57',
  status: 'received',
  ticketId: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f58',
};

const scriptAnswer = (body: string) => `<?xml version="1.0" encoding="UTF-8"?>
<Message TransactionDomain="SCRIPT" TransactionVersion="20170715">
  <Header>
    <To Qualifier="D">6123456789012</To><From Qualifier="P">7000001</From>
    <MessageID>019a6f3e7c1a7e559d4b0b7c3f1e4f61</MessageID>
    <RelatesToMessageID>5b2f6e0d1c9a4e7f8a3b2c1d0e9f8a7b</RelatesToMessageID><SentTime>2026-11-20T15:00:01.000Z</SentTime>
  </Header>
  <Body>${body}</Body>
</Message>`;

export const scriptAnswerExamples = {
  Status: { summary: 'Taken in', value: scriptAnswer('<Status><Code>010</Code></Status>') },
  Error: {
    summary: 'Refused; the same message again is refused again',
    value: scriptAnswer(
      '<Error><Code>900</Code><Description>This MessageID was used before for another message.</Description></Error>',
    ),
  },
  CancelRxResponse: {
    summary: 'The answer to a CancelRx',
    value: scriptAnswer('<CancelRxResponse><Response><Approved></Approved></Response></CancelRxResponse>'),
  },
};

/** The order of a ticket: the parties are the ticket's. */
export const ticketOrderExample = Object.fromEntries(
  Object.entries(orderExample).filter(([field]) => !['patient', 'prescriber', 'pharmacy'].includes(field)),
);
