/** Of the tables; pg-boss has its own beside them. */
export const schema = 'agentctl'
export const bossSchema = 'agentctl_boss'

export interface Migration {
  readonly version: number
  /** The oldest version whose hosts may work on what this one leaves. Additive steps leave it as it was. */
  readonly oldestUser: number
  readonly sql: string
}

/** In order. What is there is never changed, only added to: hosts of two versions work side by side in an upgrade. */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    oldestUser: 1,
    sql: `
      CREATE TABLE ${schema}.works (
        owner text NOT NULL,
        name text NOT NULL,
        subjects text[] NOT NULL,
        named_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        -- Who holds it, by which attempt at which job, and with which subjects.
        life uuid,
        job_id uuid,
        attempt int,
        held text[],
        PRIMARY KEY (owner, name)
      );
      CREATE INDEX works_life ON ${schema}.works (owner, life) WHERE life IS NOT NULL;

      CREATE TABLE ${schema}.hosts (
        owner text NOT NULL,
        life uuid NOT NULL,
        host text NOT NULL,
        version text NOT NULL,
        started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        -- Since when it has been seen without a gap.
        steady_since timestamptz NOT NULL DEFAULT clock_timestamp(),
        stopped_at timestamptz,
        machines int NOT NULL,
        ahead_ms float8 NOT NULL,
        PRIMARY KEY (owner, life)
      );

      CREATE TABLE ${schema}.drains (
        owner text NOT NULL,
        host text NOT NULL,
        PRIMARY KEY (owner, host)
      );

      CREATE TABLE ${schema}.records (
        owner text NOT NULL,
        kind text NOT NULL,
        key text COLLATE "C" NOT NULL,
        subject text NOT NULL,
        is_open boolean NOT NULL,
        at float8 NOT NULL,
        want text COLLATE "C",
        launch_id text COLLATE "C",
        body text NOT NULL,
        PRIMARY KEY (owner, kind, key)
      );
      CREATE INDEX records_open ON ${schema}.records (owner, subject) WHERE is_open;
      CREATE INDEX records_at ON ${schema}.records (owner, at);
      CREATE INDEX records_closed ON ${schema}.records (owner, subject, at) WHERE NOT is_open;
      CREATE INDEX records_want ON ${schema}.records (owner, want) WHERE want IS NOT NULL;
      CREATE INDEX records_launch ON ${schema}.records (owner, launch_id) WHERE launch_id IS NOT NULL;

      CREATE TABLE ${schema}.buckets (
        name text PRIMARY KEY,
        tokens float8 NOT NULL,
        at float8 NOT NULL,
        -- What whoever asked last was told.
        wait_ms float8 NOT NULL DEFAULT 0
      );

      CREATE TABLE ${schema}.grants (
        owner text NOT NULL,
        work text NOT NULL,
        granted int NOT NULL,
        PRIMARY KEY (owner, work)
      );`,
  },
]

/** Of this plugin. */
export const ownVersion = Math.max(...migrations.map(({ version }) => version))
