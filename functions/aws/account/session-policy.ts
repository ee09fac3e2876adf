import { grantsFor } from '../../reads/registry.ts';

/** AWS refuses a longer one. */
export const MAX_SESSION_POLICY = 2_048;

/**
 * What an assumed session may still do, however much the role allows: exactly the reads of `functions/reads`.
 * A session policy only narrows; it grants nothing that the role does not.
 */
export const sessionPolicy = ({ partition, sampleLogs }: { partition: string; sampleLogs: boolean }): string => {
  const settings = grantsFor('scan', 'both', 'inspect').flatMap(({ actions }) => actions);
  const samples = sampleLogs ? grantsFor('sample') : [];
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: settings.sort(), Resource: '*' },
      ...samples.map(({ actions, on }) => ({
        Effect: 'Allow',
        Action: actions.length === 1 ? actions[0] : actions,
        Resource: `arn:${partition}:${on}`,
      })),
    ],
  });
};
