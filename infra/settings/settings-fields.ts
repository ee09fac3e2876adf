import * as z from 'zod';
import { ACCOUNT_ID } from '../../functions/domain/model/arn.ts';
import { scheduleFault } from './schedule.ts';

/** The kinds of value that settings are made of. Every message completes the sentence `setting "x" …`. */

export const yesOrNo = (byDefault: boolean) => z.boolean({ error: 'must be true or false' }).default(byDefault);

export const wholeNumber = (range: { min: number; max: number; unit: string }) => {
  const error = `must be a whole number of ${range.unit} from ${range.min} to ${range.max}`;
  return z.number({ error }).int({ error }).min(range.min, { error }).max(range.max, { error });
};

const text = (pattern: RegExp, error: string) => z.string({ error }).regex(pattern, { error });

export const accountId = text(ACCOUNT_ID, 'must be an AWS account id of 12 digits, in quotes');

/** An organizational unit, or the organization's root. Whether it exists, only AWS can know. */
export const ouId = text(
  /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/,
  'must be the id of an organizational unit (ou-ab12-1a2b3c4d) or of the root (r-ab12)',
);

export const regionName = text(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, 'must be a Region name such as eu-central-1');

export const organizationId = text(/^o-[a-z0-9]{10,32}$/, 'must be an organization id such as o-a1b2c3d4e5');

/** IAM: a path begins and ends with a slash. */
export const rolePath = text(
  /^\/([\w+=,.@-]+\/)+$/,
  'must be an IAM path that begins and ends with a slash, such as /audit/',
);

/** A customer managed policy of the account that it is looked for in. */
export const policyName = text(
  /^([\w+=,.@-]+\/)*[\w+=,.@-]{1,128}$/,
  'must be the name of a customer managed policy, with its path where it has one: boundaries/Workload',
);

export const subnetId = text(/^subnet-[0-9a-f]{8,17}$/, 'must be the id of a subnet, such as subnet-0a1b2c3d4e5f60718');
export const securityGroupId = text(
  /^sg-[0-9a-f]{8,17}$/,
  'must be the id of a security group, such as sg-0a1b2c3d4e5f60718',
);

/** AWS's own limits on a tag; what begins with aws: is AWS's. */
export const tags = z.record(
  text(
    /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u,
    'must have names that a tag takes: 1 to 128 characters, not beginning with aws:',
  ),
  text(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u, 'must be text of at most 256 characters, in quotes'),
  { error: 'must be names with their values, such as { application: trailseal, owner: audit }' },
);

/** A role or user by ARN; `*` is allowed within the name, as single sign-on roles end in a random part. */
export const principalArn = text(
  /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/*-]+$/,
  'must be the ARN of an IAM role or user, such as arn:aws:iam::111122223333:role/SecurityAudit',
);

export const mailAddress = text(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'must be a mail address');

export const schedule = z
  .string({ error: 'must be a schedule expression, in quotes' })
  .superRefine((value, context) => {
    const fault = scheduleFault(value);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  });

export const timeZone = z.string({ error: 'must be the name of a time zone' }).refine(isTimeZone, {
  error: 'must be the name of a time zone, such as UTC or Europe/Berlin',
});

export const listOf = <T extends z.ZodType>(item: T, what: string) =>
  z.array(item, { error: `must be a list of ${what}` }).default([]);

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
