import { createHash, createPublicKey, verify } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateKeyCommand, GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect } from '@jest/globals';
import { runKeys } from '../../../functions/domain/model/plan.ts';
import type { Cloud, reportStore } from '../../../functions/handlers/lambda/cloud.ts';
import { HANDLER_NAMES } from '../../../functions/handlers/lambda/environment.ts';
import { type Names, namesOf } from '../../../infra/names.ts';
import { deployedHandler } from '../../handlers/lambda/factories.ts';
import type { MotoOrganization } from '../organization.ts';
import type { MotoDeployment } from './deployment.ts';
import { one, type Template } from './workflow.ts';

/** Tests that go on where the one before has ended, whatever the order in which they are run. */
export const inOrder = () => {
  let last: (() => Promise<void>) | undefined;
  return (body: () => Promise<void>): (() => Promise<void>) => {
    const before = last;
    let done: Promise<void> | undefined;
    last = async () => {
      done ??= (async () => {
        await before?.();
        await body();
      })();
      // Also where it was done for one that comes after it.
      expect(await done).toBeUndefined();
    };
    return last;
  };
};

/** The handlers of a deployment, with the environment that it gives them. */
export const startFunctions = ({
  organization: { gateway },
  deployment,
  signingKey,
  cloud,
  names = namesOf(),
}: {
  organization: MotoOrganization;
  deployment: MotoDeployment;
  signingKey: string;
  cloud: Cloud;
  names?: Names;
}): void => {
  for (const name of HANDLER_NAMES) {
    const env = { ...deployment.functions[name].environment };
    // moto's CloudFormation makes every key symmetric, so the one that signs is made by the API.
    if (env.SIGNING_KEY_ARN) env.SIGNING_KEY_ARN = signingKey;
    const handler = deployedHandler(name, env, cloud);
    gateway.functions[names.function(name)] = (payload) => handler(payload, { signal: new AbortController().signal });
  }
};

export const execute = async ({ gateway }: MotoOrganization, template: Template, stateMachineArn: string) => {
  const schedule = one(template, 'AWS::Scheduler::Schedule') as { Target: { Input: string } };
  const client = new SFNClient(gateway.client);
  const { executionArn } = await client.send(
    new StartExecutionCommand({ stateMachineArn, name: 'scheduled-1', input: schedule.Target.Input }),
  );
  for (;;) {
    const { status, output, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return { status, output: output === undefined ? cause : JSON.parse(output) };
    await delay(200);
  }
};

export const asymmetricKey = async ({ gateway }: MotoOrganization): Promise<string> => {
  const { KeyMetadata } = await new KMSClient(gateway.client).send(
    new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
  );
  return KeyMetadata?.Arn ?? '';
};

export const expectSigned = async (
  store: ReturnType<typeof reportStore>,
  runId: string,
  { gateway }: MotoOrganization,
  keyArn: string,
): Promise<void> => {
  const { manifest, evidence } = runKeys(runId);
  const { signature, key } = JSON.parse(await text(store, `${evidence}manifest.sig.json`)) as Record<string, string>;
  expect(key).toBe(keyArn);
  const { PublicKey } = await new KMSClient(gateway.client).send(new GetPublicKeyCommand({ KeyId: keyArn }));
  const publicKey = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
  const bytes = (await store.read(manifest)) ?? new Uint8Array();
  // moto takes the digest for the document and hashes it again.
  const digest = createHash('sha256').update(bytes).digest();
  expect(verify('sha256', digest, publicKey, Buffer.from(signature ?? '', 'base64'))).toBe(true);
};

export const text = async (store: ReturnType<typeof reportStore>, key: string): Promise<string> =>
  new TextDecoder().decode((await store.read(key)) ?? undefined);
