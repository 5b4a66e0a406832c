import { asking, type CacheWork, ofBucket } from './place.ts'

/** Takes everything out of the bucket: objects in every version, and uploads that were cut off. */
export async function emptyBucket(work: CacheWork): Promise<void> {
  for (;;) {
    const found = await versions(work)
    if (found.length === 0) break
    await deleteObjects(work, found)
  }
  for (;;) {
    const isDone = await abortUploads(work)
    if (isDone) return
  }
}

interface ObjectId {
  readonly Key: string
  readonly VersionId?: string
}

/** At most a thousand, always of what is left: no page token can go stale. */
async function versions(work: CacheWork): Promise<readonly ObjectId[]> {
  const { Versions = [], DeleteMarkers = [] } = await asking(
    work,
    's3:ListBucketVersions',
    `listing ${work.bucket}`,
    options => work.s3.listObjectVersions(ofBucket(work), options),
  )
  return [...Versions, ...DeleteMarkers].flatMap(({ Key, VersionId }) =>
    Key === undefined ? [] : [{ Key, ...(VersionId !== undefined && { VersionId }) }],
  )
}

async function deleteObjects(work: CacheWork, objects: readonly ObjectId[]): Promise<void> {
  const { bucket, s3 } = work
  const right = 's3:DeleteObject, s3:DeleteObjectVersion'
  await asking(work, right, `deleting what is in ${bucket}`, async options => {
    const { Errors: [first] = [] } = await s3.deleteObjects(
      { ...ofBucket(work), Delete: { Objects: [...objects], Quiet: true } },
      options,
    )
    // The call itself succeeds also when none of its objects could be deleted.
    if (first)
      throw Object.assign(new Error(`${first.Key}: ${first.Message}`), { name: first.Code ?? 'Error' })
  })
}

async function abortUploads(work: CacheWork): Promise<boolean> {
  const { bucket, s3 } = work
  const { Uploads = [] } = await asking(
    work,
    's3:ListBucketMultipartUploads',
    `listing the uploads of ${bucket}`,
    options => s3.listMultipartUploads(ofBucket(work), options),
  )
  for (const { Key, UploadId } of Uploads) {
    await asking(work, 's3:AbortMultipartUpload', `ending an upload to ${bucket}`, options =>
      s3.abortMultipartUpload({ ...ofBucket(work), Key, UploadId }, options),
    )
  }
  return Uploads.length === 0
}
