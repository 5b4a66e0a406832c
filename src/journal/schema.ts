/**
 * `body` is the record as JSON; the other columns are what is searched by.
 * A unit is open until it is gone, a launch until it is accepted or settled, a job until it left its queue.
 * Version 2 added jobs and queues; what version 1 had is as it was.
 */
export const schemaVersion = 2

export const schema = `
  create table if not exists launches (
    launch_id text primary key,
    run_id text not null,
    is_open integer not null,
    intended_at integer not null,
    body text not null
  ) strict;
  create index if not exists launches_open on launches (is_open);

  create table if not exists units (
    launch_id text not null,
    unit_index integer not null,
    want text not null,
    is_open integer not null,
    changed_at integer not null,
    body text not null,
    primary key (launch_id, unit_index)
  ) strict;
  create index if not exists units_want on units (want);
  create index if not exists units_open on units (is_open);

  create index if not exists units_changed on units (changed_at);

  create table if not exists jobs (
    job_id text primary key,
    is_open integer not null,
    changed_at integer not null,
    body text not null
  ) strict;
  create index if not exists jobs_open on jobs (is_open);
  create index if not exists jobs_changed on jobs (changed_at);

  create table if not exists queues (
    agent_type text not null,
    at integer not null,
    queued integer not null,
    running integer,
    primary key (agent_type, at)
  ) strict;

  create table if not exists runs (
    run_id text primary key,
    command text not null,
    pid integer not null,
    started_at integer not null,
    seen_at integer not null,
    ended_at integer
  ) strict;

  create table if not exists notes (
    kind text not null,
    name text not null,
    body text not null,
    primary key (kind, name)
  ) strict;
`
