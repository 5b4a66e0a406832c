import type { ErrorCode } from '@agentctl/contract'

/** Which errors a row fits, by one of the two first keys; what it says of them. */
export interface Row {
  /** SQLSTATE, its class of two characters, or Node's error code. */
  readonly codes?: readonly string[]
  /** The driver's own words, of errors that have no code. */
  readonly text?: RegExp
  readonly code: ErrorCode
  readonly why: string
  readonly hint?: string
}

const reachHint = 'Check that the database runs there and that this host reaches it.'
const failoverHint = 'The address has to lead to the server that takes writes, also after a failover.'

/**
 * What the errors of database and driver ask for; the first row that fits decides. One that none fits is `internal`.
 * SQLSTATE: PostgreSQL's manual, appendix A, 2026-11.
 */
export const errorTable: readonly Row[] = [
  {
    codes: ['28'],
    code: 'unauthenticated',
    why: 'the database does not let this user in',
    hint: 'Check user and password (in the address that a reference leads to, PGPASSWORD or a pgpass file), and pg_hba.conf.',
  },
  {
    text: /unsupported startup parameter/i,
    code: 'unsupported',
    why: 'what stands before the database refuses a setting of the connection',
    hint: 'In PgBouncer set ignore_startup_parameters = statement_timeout,lock_timeout,idle_in_transaction_session_timeout,options and give the timeouts to the role, by ALTER ROLE.',
  },
  {
    text: /password must be a (non-empty )?string|no password supplied/i,
    code: 'unauthenticated',
    why: 'the database wants a password, and there is none',
    hint: 'Give it in PGPASSWORD, in a pgpass file, or in an address that a reference such as env:NAME leads to.',
  },
  {
    codes: ['42501'],
    code: 'permission-denied',
    why: 'the user may not do this in the database',
    hint: 'The user has to own the schemas agentctl and agentctl_boss; the README of the plugin has the statements.',
  },
  {
    codes: ['25006'],
    code: 'unavailable',
    why: 'the database is read-only, as a standby is',
    hint: failoverHint,
  },
  {
    codes: ['53100'],
    code: 'unavailable',
    why: "the database's disk is full",
    hint: 'Free space on the server; nothing that runs is lost meanwhile.',
  },
  {
    codes: ['53300'],
    code: 'unavailable',
    why: 'the database has no connection left',
    hint: 'Raise max_connections: each host takes up to five.',
  },
  { codes: ['53'], code: 'unavailable', why: 'the database has no resources left' },
  {
    codes: ['25P03'],
    code: 'unavailable',
    why: 'this host stood still in the middle of a transaction, which the database ended',
    hint: 'It is tried again. Where it lasts, this host has too little processor time.',
  },
  { codes: ['57014'], code: 'unavailable', why: 'the database did not answer in time' },
  {
    codes: ['57'],
    code: 'unavailable',
    why: 'the database is stopping or starting',
    hint: 'It is tried again; nothing is to be done when it comes back.',
  },
  {
    codes: ['55P03', '40'],
    code: 'unavailable',
    why: 'another host was in the way for too long',
    hint: 'It is tried again. Where it lasts, look for long transactions in pg_stat_activity.',
  },
  { codes: ['08', '58'], code: 'unavailable', why: 'the database failed', hint: reachHint },
  {
    codes: ['3D000'],
    code: 'invalid-spec',
    why: 'there is no such database',
    hint: 'Make it, with CREATE DATABASE, or correct the address.',
  },
  {
    codes: ['3F000', '42P01', '42703', '42883'],
    code: 'unavailable',
    why: "the coordinator's tables are gone or of another version",
    hint: 'Start the host again: it prepares the database.',
  },
  {
    codes: ['ECONNREFUSED', 'ENOENT'],
    code: 'unavailable',
    why: 'no database listens there',
    hint: reachHint,
  },
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EHOSTDOWN', 'EACCES'],
    code: 'unavailable',
    why: "the database's host cannot be reached",
    hint: reachHint,
  },
  {
    codes: ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'],
    code: 'unavailable',
    why: 'the connection broke off',
    hint: reachHint,
  },
  {
    codes: [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_HAS_EXPIRED',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    code: 'unauthenticated',
    why: "the database's certificate is not trusted",
    hint: 'Name the authority in the address, as sslrootcert=FILE.',
  },
  {
    text: /does not support SSL/i,
    code: 'unauthenticated',
    why: 'the database does not speak TLS',
    hint: 'Let it speak TLS, or leave sslmode out of the address where the network is yours.',
  },
  {
    text: /timeout expired|connection timeout|timeout exceeded|read timeout/i,
    code: 'unavailable',
    why: 'the database did not answer in time',
    hint: reachHint,
  },
  {
    text: /connection terminated|connection error|not queryable|client was closed/i,
    code: 'unavailable',
    why: 'the connection broke off',
    hint: reachHint,
  },
  {
    text: /after calling end on the pool|not opened|rolled back/i,
    code: 'unavailable',
    why: 'the connection was closed',
  },
]
