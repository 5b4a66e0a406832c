type Sqlite = typeof import('node:sqlite')

/**
 * `node:sqlite` without its one warning, which Node 22 and 24.0 to 24.14 print. Loaded synchronously, so that nothing
 * else runs, and warns, while the filter is in place.
 */
export function sqlite(): Sqlite {
  const { emitWarning } = process
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!String(warning).startsWith('SQLite is an experimental feature')) {
      emitWarning.call(process, warning, ...rest)
    }
  }) as typeof emitWarning
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}
