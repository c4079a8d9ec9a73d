import { getMember, isJsonObject, setMember } from '../deep.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import { newBadRequest } from '../statuses.ts';

/** RFC 7386: null removes a member, objects merge, everything else replaces. Throws a StatusError when the patch is no object. */
export function applyMergePatch(document: JsonValue, patch: unknown): JsonValue {
  if (patch === null) throw newBadRequest('Invalid JSON Patch');
  if (!isJsonObject(patch)) {
    const kind = Array.isArray(patch) ? 'array' : typeof patch === 'boolean' ? 'bool' : typeof patch;
    throw newBadRequest(
      `error decoding patch: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
    );
  }
  return merge(document, patch as JsonObject);
}

function merge(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch;
  const result: JsonObject = isJsonObject(target) ? { ...(target as JsonObject) } : {};
  for (const [key, value] of Object.entries(patch as JsonObject)) {
    if (value === null) delete result[key];
    else setMember(result, key, merge(getMember(result, key), value));
  }
  return result;
}
