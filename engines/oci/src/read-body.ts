import type { HttpResponse } from '@flux/http';

const maxErrorBytes = 8 * 1024;

/** What an answer that is an error says, cut off where it gets long (as oras does). */
export async function readErrorBody(response: HttpResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= maxErrorBytes) break;
    }
  } catch {
    // The status is what counts; a body that breaks off explains less.
  }
  return Buffer.concat(chunks).subarray(0, maxErrorBytes).toString('utf8');
}
