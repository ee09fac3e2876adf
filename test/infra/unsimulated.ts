import { arnsOf, type Deployment } from './resolved.ts';

/** A call to a service that the simulated organization has not: SNS, EventBridge, Security Hub, a KMS key that signs, Lambda itself. */
export interface UnsimulatedCall {
  action: string;
  resource: string;
  /** Condition keys that the policies look at. */
  context: Record<string, string>;
}

export interface UnsimulatedAnswer {
  calls: UnsimulatedCall[];
  type: string;
  body: string;
}

/** Answers what the simulated organization cannot; null for what it can. */
export const unsimulated = (
  request: { headers: Readonly<Record<string, string | undefined>>; text(): string },
  deployment: Deployment,
): UnsimulatedAnswer | null => {
  const target = request.headers['x-amz-target'] ?? '';
  const [, service] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
  const json = 'application/x-amz-json-1.1';
  if (service === 'lambda') {
    return {
      calls: [{ action: 'lambda:GetAccountSettings', resource: '*', context: {} }],
      type: 'application/json',
      body: JSON.stringify({ AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 } }),
    };
  }
  if (service === 'sns') {
    const resource = new URLSearchParams(request.text()).get('TopicArn') ?? '';
    return {
      // The topic is encrypted, and a key is used in the name of who publishes.
      calls: [
        { action: 'sns:Publish', resource, context: {} },
        ...['kms:GenerateDataKey', 'kms:Decrypt'].map((action) => ({
          action,
          resource: arnsOf(deployment).key,
          context: {},
        })),
      ],
      type: 'text/xml',
      body: '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
    };
  }
  if (service === 'securityhub') {
    const isImport = 'Findings' in (JSON.parse(request.text()) as object);
    const { hub, product } = arnsOf(deployment);
    return {
      calls: [
        isImport
          ? { action: 'securityhub:BatchImportFindings', resource: product, context: {} }
          : { action: 'securityhub:GetFindings', resource: hub, context: {} },
      ],
      type: 'application/json',
      body: JSON.stringify(isImport ? { FailedCount: 0, FailedFindings: [] } : { Findings: [] }),
    };
  }
  if (target.endsWith('.PutEvents')) {
    const { Entries } = JSON.parse(request.text()) as { Entries: { Source: string; DetailType: string }[] };
    return {
      calls: Entries.map(({ Source, DetailType }) => ({
        action: 'events:PutEvents',
        resource: arnsOf(deployment).bus,
        context: { 'events:source': Source, 'events:detail-type': DetailType },
      })),
      type: json,
      body: JSON.stringify({ FailedEntryCount: 0, Entries: Entries.map(() => ({ EventId: '1' })) }),
    };
  }
  if (target.endsWith('.Sign')) {
    const { KeyId, SigningAlgorithm } = JSON.parse(request.text()) as { KeyId: string; SigningAlgorithm: string };
    return {
      calls: [{ action: 'kms:Sign', resource: KeyId, context: { 'kms:SigningAlgorithm': SigningAlgorithm } }],
      type: json,
      body: JSON.stringify({ KeyId, Signature: 'c2lnbmVk', SigningAlgorithm }),
    };
  }
  return null;
};
