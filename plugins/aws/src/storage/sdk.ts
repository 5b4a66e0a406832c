/** The only file that imports the packages of S3, IAM, STS and the secret stores, each when it is used. */
import type { IAM } from '@aws-sdk/client-iam'
import type { S3 } from '@aws-sdk/client-s3'
import { type Access, configFor, type Place } from './config.ts'

export type { AccessKey, AccessKeyMetadata, IAM, Tag } from '@aws-sdk/client-iam'
export type { LifecycleRule, S3 } from '@aws-sdk/client-s3'

export async function openS3(access: Access, { region, endpoint }: Place): Promise<S3> {
  const sdk = await import('@aws-sdk/client-s3')
  return new sdk.S3({
    followRegionRedirects: true,
    ...configFor(access, 'S3', region),
    // Compatible stores are known by path, do not know the newer checksums, and care for no region but want one.
    ...(endpoint !== undefined && {
      endpoint,
      region: region ?? 'us-east-1',
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
  })
}

/** `maxAttempts` 1: nothing is sent twice. */
export async function openIam(access: Access, { region }: Place, maxAttempts: number): Promise<IAM> {
  const sdk = await import('@aws-sdk/client-iam')
  return new sdk.IAM({ ...configFor(access, 'IAM', region), maxAttempts })
}

/** The account of the credentials; asking needs no right. */
export async function accountOf(access: Access, { region }: Place, signal: AbortSignal): Promise<string> {
  const sdk = await import('@aws-sdk/client-sts')
  const sts = new sdk.STS(configFor(access, 'STS', region))
  try {
    return (await sts.getCallerIdentity({}, { abortSignal: signal })).Account ?? ''
  } finally {
    sts.destroy()
  }
}

/** A signed GET of an object. No call is made, but for credentials that have to be fetched. */
export async function signGet(
  s3: S3,
  object: { readonly Bucket: string; readonly Key: string },
  { signedAt, validSeconds }: { readonly signedAt: Date; readonly validSeconds: number },
): Promise<string> {
  const [{ getSignedUrl }, { GetObjectCommand }] = await Promise.all([
    import('@aws-sdk/s3-request-presigner'),
    import('@aws-sdk/client-s3'),
  ])
  return getSignedUrl(s3, new GetObjectCommand(object), { signingDate: signedAt, expiresIn: validSeconds })
}

export async function readParameter(access: Access, { region }: Place, name: string) {
  const sdk = await import('@aws-sdk/client-ssm')
  const ssm = new sdk.SSM(configFor(access, 'SSM', region))
  try {
    return (await ssm.getParameter({ Name: name, WithDecryption: true })).Parameter?.Value
  } finally {
    ssm.destroy()
  }
}

/** Encrypted, over what was there. */
export async function writeParameter(
  access: Access,
  { region }: Place,
  name: string,
  value: string,
): Promise<void> {
  const sdk = await import('@aws-sdk/client-ssm')
  const ssm = new sdk.SSM(configFor(access, 'SSM', region))
  try {
    await ssm.putParameter({ Name: name, Value: value, Type: 'SecureString', Overwrite: true })
  } finally {
    ssm.destroy()
  }
}

/** A new version of the secret, or a new secret. */
export async function writeManagedSecret(access: Access, { region }: Place, id: string, value: string) {
  const sdk = await import('@aws-sdk/client-secrets-manager')
  const manager = new sdk.SecretsManager(configFor(access, 'SECRETS_MANAGER', region))
  try {
    await manager.putSecretValue({ SecretId: id, SecretString: value }).catch(error => {
      if (error?.name !== 'ResourceNotFoundException' || id.startsWith('arn:')) throw error
      return manager.createSecret({ Name: id, SecretString: value })
    })
  } finally {
    manager.destroy()
  }
}

export async function readManagedSecret(access: Access, { region }: Place, id: string) {
  const sdk = await import('@aws-sdk/client-secrets-manager')
  const manager = new sdk.SecretsManager(configFor(access, 'SECRETS_MANAGER', region))
  try {
    return (await manager.getSecretValue({ SecretId: id })).SecretString
  } finally {
    manager.destroy()
  }
}
