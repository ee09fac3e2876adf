import { readFileSync } from 'node:fs';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  type Stack,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Cloud, Values } from './provider.ts';

export interface AwsCloudOptions {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

/** The AWS API behind an endpoint, for what the modules make. */
export class AwsCloud implements Cloud {
  readonly #region: string;
  readonly #s3: S3Client;
  readonly #stacks: CloudFormationClient;
  readonly #sts: STSClient;

  constructor(options: AwsCloudOptions) {
    this.#region = options.region;
    this.#s3 = new S3Client({ ...options, forcePathStyle: true });
    this.#stacks = new CloudFormationClient(options);
    this.#sts = new STSClient(options);
  }

  async data(type: string): Promise<Values> {
    const { Account, Arn } = await this.#sts.send(new GetCallerIdentityCommand());
    switch (type) {
      case 'aws_caller_identity':
        return { id: Account, account_id: Account, arn: Arn };
      case 'aws_partition':
        return { id: 'aws', partition: 'aws', dns_suffix: 'amazonaws.com' };
      case 'aws_region':
        return { id: this.#region, region: this.#region };
      default:
        throw new Error(`nothing is known of ${type}`);
    }
  }

  async put(type: string, planned: Values): Promise<Values> {
    const Bucket = String(planned.bucket);
    const said = { id: Bucket, region: this.#region, tags_all: planned.tags ?? {} };
    const s3 = this.#s3;
    switch (type) {
      case 'aws_s3_bucket':
        await s3.send(new CreateBucketCommand({ Bucket }));
        break;
      case 'aws_s3_bucket_public_access_block': {
        const { block_public_acls, block_public_policy, ignore_public_acls, restrict_public_buckets } =
          planned as Record<string, boolean>;
        const PublicAccessBlockConfiguration = {
          ...{ BlockPublicAcls: block_public_acls, BlockPublicPolicy: block_public_policy },
          ...{ IgnorePublicAcls: ignore_public_acls, RestrictPublicBuckets: restrict_public_buckets },
        };
        await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
        break;
      }
      case 'aws_s3_bucket_versioning': {
        const [{ status: Status }] = planned.versioning_configuration as [{ status: 'Enabled' }];
        await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
        break;
      }
      case 'aws_s3_bucket_server_side_encryption_configuration': {
        type Rule = { apply_server_side_encryption_by_default: [{ sse_algorithm: 'AES256' }] };
        const Rules = (planned.rule as Rule[]).map(
          ({ apply_server_side_encryption_by_default: [{ sse_algorithm: SSEAlgorithm }] }) => ({
            ApplyServerSideEncryptionByDefault: { SSEAlgorithm },
          }),
        );
        await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }));
        break;
      }
      case 'aws_s3_bucket_policy':
        await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: String(planned.policy) }));
        break;
      case 'aws_s3_object': {
        const Body = readFileSync(String(planned.source));
        await s3.send(new PutObjectCommand({ Bucket, Key: String(planned.key), Body }));
        return { ...said, id: planned.key };
      }
      case 'aws_cloudformation_stack':
        return { ...said, ...(await this.#deploy(planned)) };
      default:
        throw new Error(`${type} is not made here`);
    }
    return said;
  }

  async remove(type: string, { bucket, key, id }: Values): Promise<void> {
    if (type === 'aws_cloudformation_stack') await this.#stacks.send(new DeleteStackCommand({ StackName: String(id) }));
    if (type === 'aws_s3_object')
      await this.#s3.send(new DeleteObjectCommand({ Bucket: String(bucket), Key: String(key) }));
    if (type === 'aws_s3_bucket') await this.#s3.send(new DeleteBucketCommand({ Bucket: String(bucket) }));
  }

  /** As the provider does: the parameters that were given, as they are now, and what the stack says. */
  async read(type: string, state: Values): Promise<Values | null> {
    if (type !== 'aws_cloudformation_stack') return state;
    const stack = await this.#stack(String(state.id));
    if (stack === undefined) return null;
    const given = (state.parameters ?? {}) as Record<string, string>;
    const now = (stack.Parameters ?? []).filter(({ ParameterKey = '' }) => Object.hasOwn(given, ParameterKey));
    const parameters = Object.fromEntries(
      now.map(({ ParameterKey = '', ParameterValue }) => [ParameterKey, ParameterValue]),
    );
    return { ...state, parameters, outputs: outputsOf(stack) };
  }

  async #deploy(planned: Values): Promise<Values> {
    const { id, name, template_url, template_body, capabilities, parameters, tags } = planned;
    const input = {
      StackName: String(id ?? name),
      ...(template_url === null ? { TemplateBody: String(template_body) } : { TemplateURL: String(template_url) }),
      Capabilities: capabilities as 'CAPABILITY_NAMED_IAM'[],
      Parameters: Object.entries(parameters as Record<string, string>).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
      Tags: Object.entries((tags ?? {}) as Record<string, string>).map(([Key, Value]) => ({ Key, Value })),
    };
    const command = id === null ? new CreateStackCommand(input) : new UpdateStackCommand(input);
    const { StackId = '' } = await this.#stacks.send(command as CreateStackCommand);
    const stack = await this.#stack(StackId);
    if (!/^(CREATE|UPDATE)_COMPLETE$/.test(stack?.StackStatus ?? ''))
      throw new Error(`${name} is ${stack?.StackStatus}: ${stack?.StackStatusReason}`);
    return { id: StackId, outputs: outputsOf(stack) };
  }

  async #stack(StackName: string): Promise<Stack | undefined> {
    const { Stacks = [] } = await this.#stacks.send(new DescribeStacksCommand({ StackName }));
    return Stacks.find(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
  }
}

const outputsOf = (stack: Stack | undefined): Values =>
  Object.fromEntries((stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue }) => [OutputKey, OutputValue]));
