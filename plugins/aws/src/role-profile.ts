/** The AWS profile by which jobs get the rights of their machine's role, although the metadata service is closed. */
export const roleProfile = 'default'
