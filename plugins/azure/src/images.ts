import { contractError } from '@agentctl/contract'
import type { Arm } from './arm.ts'
import { readImage } from './image-name.ts'
import type { AzureSpec } from './spec.ts'

/** An image made definite. Plain JSON. */
export interface Image {
  /** As `storageProfile.imageReference` takes it. */
  readonly reference:
    | { readonly publisher: string; readonly offer: string; readonly sku: string; readonly version: string }
    | { readonly id: string }
  readonly architecture: 'x64' | 'arm64'
  readonly isGeneration2: boolean
  /** Of an image that is sold; its terms have to be accepted once, by a person. */
  readonly plan?: { readonly name: string; readonly publisher: string; readonly product: string }
}

/** Reads only. `latest` is made the version that it stands for now, so that each launch of a pool gets the same. */
export async function findImage(
  arm: Arm,
  armOf: (subscription: string) => Promise<Arm>,
  { location, image }: Pick<AzureSpec, 'location' | 'image'>,
  abortSignal: AbortSignal,
): Promise<Image> {
  const name = readImage(image)
  if (name.kind === 'urn') return marketplaceImage(arm, location, name, abortSignal)
  const { compute } = name.subscription === arm.subscription ? arm : await armOf(name.subscription)
  if (name.kind === 'gallery') {
    const { architecture, hyperVGeneration } = await compute.galleryImages.get(
      name.group,
      name.gallery,
      name.name,
      { abortSignal },
    )
    return {
      reference: { id: name.id },
      architecture: architectureOf(architecture),
      isGeneration2: hyperVGeneration === 'V2',
    }
  }
  const { hyperVGeneration } = await compute.images.get(name.group, name.name, { abortSignal })
  // Images of this kind are for x64 alone.
  return { reference: { id: name.id }, architecture: 'x64', isGeneration2: hyperVGeneration === 'V2' }
}

async function marketplaceImage(
  { compute }: Arm,
  location: string,
  urn: Extract<ReturnType<typeof readImage>, { kind: 'urn' }>,
  abortSignal: AbortSignal,
): Promise<Image> {
  const { publisher, offer, sku } = urn
  const version = urn.version === 'latest' ? await newest() : urn.version
  const found = await compute.virtualMachineImages.get(location, publisher, offer, sku, version, {
    abortSignal,
  })
  const { name, publisher: seller, product } = found.plan ?? {}
  return {
    reference: { publisher, offer, sku, version },
    architecture: architectureOf(found.architecture),
    isGeneration2: found.hyperVGeneration === 'V2',
    ...(name && seller && product && { plan: { name, publisher: seller, product } }),
  }

  async function newest(): Promise<string> {
    const order = { top: 1, orderby: 'name desc', abortSignal }
    const [last] = await compute.virtualMachineImages.list(location, publisher, offer, sku, order)
    if (last) return last.name
    throw contractError('invalid-spec', `${publisher}:${offer}:${sku} has no version in ${location}`)
  }
}

function architectureOf(text: string | undefined): Image['architecture'] {
  return text?.toLowerCase() === 'arm64' ? 'arm64' : 'x64'
}
