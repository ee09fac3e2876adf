import type { Service } from '../apis/service.ts';
import { ApiError, errorResponse, type Protocol, type WireRequest, type WireResponse } from '../apis/wire.ts';
import type { Signed } from './signed.ts';

/** The error of a refusal in the service's own code. */
export const denied = (protocol: Protocol, message: string): ApiError =>
  protocol === 'json'
    ? new ApiError(400, 'AccessDeniedException', message)
    : protocol === 'ec2'
      ? new ApiError(403, 'UnauthorizedOperation', `You are not authorized to perform this operation. ${message}`)
      : new ApiError(403, 'AccessDenied', message);

/** The error of credentials that are no good here: unknown, of a closed account, or in a region that is off. */
export const invalidToken = (protocol: Protocol): ApiError =>
  protocol === 'json'
    ? new ApiError(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.')
    : protocol === 'ec2'
      ? new ApiError(401, 'AuthFailure', 'AWS was not able to validate the provided access credentials')
      : protocol === 's3'
        ? new ApiError(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.')
        : new ApiError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');

export const expiredToken = (protocol: Protocol): ApiError =>
  protocol === 'json'
    ? new ApiError(400, 'ExpiredTokenException', 'The security token included in the request is expired')
    : protocol === 'ec2'
      ? new ApiError(400, 'RequestExpired', 'Request has expired.')
      : protocol === 's3'
        ? new ApiError(400, 'ExpiredToken', 'The provided token has expired.')
        : new ApiError(403, 'ExpiredToken', 'The security token included in the request is expired');

/** A request dated too far from the service's clock (5 minutes; S3 15). */
export const skewedClock = (protocol: Protocol, sent: string, now: string): ApiError =>
  protocol === 'json'
    ? new ApiError(400, 'InvalidSignatureException', `Signature expired: ${sent} is now earlier than ${now}`)
    : protocol === 's3'
      ? new ApiError(
          403,
          'RequestTimeTooSkewed',
          'The difference between the request time and the current time is too large.',
        )
      : protocol === 'ec2'
        ? new ApiError(400, 'RequestExpired', 'Request has expired.')
        : new ApiError(403, 'SignatureDoesNotMatch', `Signature expired: ${sent} is now earlier than ${now}`);

export const badSignature = (protocol: Protocol): ApiError => {
  const message =
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.';
  return protocol === 'json'
    ? new ApiError(400, 'InvalidSignatureException', message)
    : protocol === 'ec2'
      ? new ApiError(401, 'AuthFailure', 'AWS was not able to validate the provided access credentials')
      : new ApiError(403, 'SignatureDoesNotMatch', message);
};

export const unknownOperation = (service: Service, name: string): ApiError =>
  service.protocol === 'json'
    ? new ApiError(
        400,
        'UnknownOperationException',
        `the simulated organization does not serve ${service.name}:${name}`,
      )
    : new ApiError(400, 'InvalidAction', `The action ${name} is not valid for this web service.`);

export const serverError = (service: Service): ApiError =>
  service.protocol === 'json'
    ? new ApiError(
        500,
        'InternalFailure',
        'The request processing has failed because of an unknown error, exception or failure.',
      )
    : service.protocol === 's3'
      ? new ApiError(503, 'ServiceUnavailable', 'Service is unable to handle request.')
      : new ApiError(500, 'InternalError', 'An internal error has occurred.');

export const unknownService = (request: WireRequest, signed: Signed | null, requestId: string): WireResponse =>
  errorResponse({
    protocol: request.headers['x-amz-target'] === undefined ? 's3' : 'json',
    error: signed
      ? new ApiError(404, 'UnknownService', `the simulated organization has no service '${signed.service}'`)
      : new ApiError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token'),
    requestId,
    method: request.method,
  });
