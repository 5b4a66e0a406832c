export type Tags = Readonly<Record<string, string>>

/** Of the body of a machine's PUT, what the emulator reads; the rest is kept as it came. */
export interface MachineBody {
  readonly location: string
  readonly zones?: readonly string[]
  readonly tags?: Tags
  readonly properties: {
    readonly hardwareProfile?: { readonly vmSize?: string }
    readonly priority?: string
    readonly evictionPolicy?: string
    readonly storageProfile?: {
      readonly imageReference?: unknown
      readonly osDisk?: {
        readonly name?: string
        readonly createOption?: string
        readonly deleteOption?: string
        readonly diffDiskSettings?: unknown
        readonly diskSizeGB?: number
      }
    }
    readonly osProfile?: Readonly<Record<string, unknown>> & { readonly customData?: string }
    readonly networkProfile?: { readonly networkInterfaceConfigurations?: readonly InterfaceBody[] }
  }
}

export interface InterfaceBody {
  readonly name: string
  readonly tags?: Tags
  readonly properties?: {
    readonly deleteOption?: string
    readonly ipConfigurations?: readonly {
      readonly properties?: {
        readonly subnet?: { readonly id: string }
        readonly publicIPAddressConfiguration?: {
          readonly name: string
          readonly tags?: Tags
          readonly properties?: { readonly deleteOption?: string }
        }
      }
    }[]
  }
}

export type PartKind = 'disk' | 'interface' | 'address'

/** Something that is made along with a machine, and may outlive it. */
export interface Part {
  readonly kind: PartKind
  readonly group: string
  readonly name: string
  readonly location: string
  readonly tags: Tags
  readonly createdAt: number
  readonly deleteOption: string
  /** Of an address: the interface that has it. */
  readonly face?: string
  /** The machine that it is attached to. */
  machine: string | undefined
  /** Of an interface whose machine was not made: nobody else may have it, or delete it, until then. */
  reservedUntil: number
}

export interface Machine {
  readonly group: string
  readonly name: string
  readonly body: MachineBody
  readonly createdAt: number
  readonly vmId: string
  tags: Tags
  etag: number
  /** As Azure writes it. */
  provisioning: string
  /** The end of a `PowerState/…` code; undefined before there is a host. */
  power: string | undefined
  fault: OperationError | undefined
  console: string
}

export interface OperationError {
  readonly code: string
  readonly message: string
}

export interface Operation {
  readonly id: string
  status: 'InProgress' | 'Succeeded' | 'Failed'
  error: OperationError | undefined
  /** Its URL answers no more. */
  isExpired: boolean
}
