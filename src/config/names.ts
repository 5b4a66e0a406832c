/** Said of a name that `namePattern` of the contract does not match. */
export const nameRule = 'must be 1 to 31 characters of a-z, 0-9 and -, the first one a letter'

/** Names of agent types, at most 100 characters (self_hosted_hub, agent_type.go, 2026-08). */
export const typeNamePattern = /^s1-[A-Za-z0-9\-_]{1,97}$/

export const typeNameRule = 'must be s1- and then at most 97 letters, digits, - and _'
