import { downloadLabel, isOfShippo } from './label-download.js';

describe('where a label is fetched from', () => {
  it.each([
    'https://shippo-delivery.s3.amazonaws.com/70ae8117.pdf?Signature=x',
    'https://shippo-delivery-east.s3.amazonaws.com/70ae8117.pdf',
    'https://shippo-delivery.s3.us-west-2.amazonaws.com/70ae8117.pdf',
    'https://shippo-delivery.s3-us-west-2.amazonaws.com/70ae8117.pdf',
    'https://deliver.goshippo.com/70ae8117.pdf',
    'http://127.0.0.1:4010/shippo/labels/1.pdf',
  ])('%s is Shippo’s', (address) => {
    expect(isOfShippo(new URL(address), 'http://127.0.0.1:4010/shippo')).toBe(true);
  });

  it.each([
    ['of another bucket', 'https://somebody.s3.amazonaws.com/1.pdf'],
    ['of a machine at the same provider', 'https://ec2-10-0-0-1.compute-1.amazonaws.com/1.pdf'],
    ['of a balancer named like a bucket', 'https://shippo-1.us-east-1.elb.amazonaws.com/1.pdf'],
    ['that only begins like it', 'https://shippo-delivery.s3.amazonaws.com.example/1.pdf'],
    ['that only ends like it', 'https://notgoshippo.com/1.pdf'],
    ['that is not encrypted', 'http://shippo-delivery.s3.amazonaws.com/1.pdf'],
  ])('a host %s is not', async (_, address) => {
    await expect(downloadLabel(address, 'http://127.0.0.1:4010/shippo')).rejects.toMatchObject({
      code: 'shipping.label-address',
    });
  });
});
