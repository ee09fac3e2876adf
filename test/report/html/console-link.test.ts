import { describe, expect, it } from '@jest/globals';
import { CONTROLS } from '../../../functions/domain/controls/catalogue.ts';
import { consoleLink } from '../../../functions/report/html/console-link.ts';

describe('links out of the page', () => {
  it.each([
    [
      'arn:aws:cloudtrail:eu-west-1:111122223333:trail/main',
      'https://eu-west-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-west-1#/trails/arn%3Aaws%3Acloudtrail%3Aeu-west-1%3A111122223333%3Atrail%2Fmain',
    ],
    [
      'arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/abc',
      'https://us-gov-west-1.console.amazonaws-us-gov.com/kms/home?region=us-gov-west-1#/kms/keys/abc',
    ],
    [
      'arn:aws-cn:logs:cn-north-1:111122223333:log-group:a/b:*',
      'https://cn-north-1.console.amazonaws.cn/cloudwatch/home?region=cn-north-1#logsV2:log-groups/log-group/a$252Fb',
    ],
    ['arn:aws:s3:::bucket', null],
    ['arn:other:kms:x-1:111122223333:key/abc', null],
    ['111122223333/eu-west-1', null],
    ['arn:aws:kms:evil.example/:111122223333:key/abc', null],
  ])('%s', (arn, href) => expect(consoleLink(arn)).toBe(href));

  it('of a bucket need its Region', () => {
    expect(consoleLink('arn:aws-eusc:s3:::logs', 'eusc-de-east-1')).toBe(
      'https://eusc-de-east-1.console.amazonaws-eusc.eu/s3/buckets/logs?region=eusc-de-east-1&tab=permissions',
    );
  });

  it('to the documentation are of AWS, over HTTPS', () => {
    for (const { id, page } of CONTROLS)
      expect([id, page]).toEqual([id, expect.stringMatching(/^https:\/\/docs\.aws\.amazon\.com\/.+\.html$/)]);
  });
});
