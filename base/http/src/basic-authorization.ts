/** The `Authorization` header of a user, in UTF-8 as Go sends it. */
export function basicAuthorization({ username, password = '' }: { username: string; password?: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
