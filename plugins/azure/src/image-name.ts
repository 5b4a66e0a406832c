/** What an image of a spec is. */
export type ImageName =
  | {
      readonly kind: 'urn'
      readonly publisher: string
      readonly offer: string
      readonly sku: string
      readonly version: string
    }
  | {
      readonly kind: 'gallery'
      readonly id: string
      readonly subscription: string
      readonly group: string
      readonly gallery: string
      readonly name: string
    }
  | {
      readonly kind: 'image'
      readonly id: string
      readonly subscription: string
      readonly group: string
      readonly name: string
    }

const urn = /^([\w.-]+):([\w.-]+):([\w.-]+):([\w.-]+)$/
const inGroup = '^/subscriptions/([^/]+)/resourceGroups/([^/]+)/providers/Microsoft\\.Compute'
const gallery = new RegExp(`${inGroup}/galleries/([^/]+)/images/([^/]+)(?:/versions/([^/]+))?$`, 'i')
const image = new RegExp(`${inGroup}/images/([^/]+)$`, 'i')

export const imagePattern = new RegExp(
  [urn, gallery, image].map(({ source }) => `(?:${source})`).join('|'),
  'i',
)

/** `text` is as {@link imagePattern} has it. Pure. */
export function readImage(text: string): ImageName {
  const [isUrn, publisher = '', offer = '', sku = '', version = ''] = urn.exec(text) ?? []
  if (isUrn) return { kind: 'urn', publisher, offer, sku, version }
  const [isShared, owner = '', where = '', shelf = '', title = ''] = gallery.exec(text) ?? []
  if (isShared)
    return { kind: 'gallery', id: text, subscription: owner, group: where, gallery: shelf, name: title }
  const [, subscription = '', group = '', name = ''] = image.exec(text) ?? []
  return { kind: 'image', id: text, subscription, group, name }
}
