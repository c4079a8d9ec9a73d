import { parseYamlBody } from '../decode/yaml-body.ts';
import type { WriteRequest } from '../registry/write-request.ts';
import { badRequest } from '../status.ts';
import { copyJson } from '../storage/freeze.ts';
import { describeJsonError, parseJson } from '../storage/json.ts';
import { checkTextDepth } from './depth.ts';
import type { RequestBody } from './messages.ts';

/** The document of a JSON, merge or strategic patch; `context` begins what is said of one that is no JSON. */
export function readPatch(body: RequestBody, context: string): unknown {
  if (body.kind === 'value') return copyJson(body.value);
  const text = body.kind === 'text' ? body.text : '';
  checkTextDepth(text);
  try {
    return parseJson(text);
  } catch (error) {
    throw badRequest(`${context}${describeJsonError(text, error)}`);
  }
}

/** An applied object is not of the kind that the path says. */
export function invalidApplied(apiVersion: unknown, kind: unknown) {
  const version = String(apiVersion ?? '');
  return badRequest(`invalid object type: ${version.includes('/') ? version : `/${version}`}, Kind=${kind ?? ''}`);
}

/** The object of an apply, of which only that it is one is known. */
export function readApplyBody(request: WriteRequest, body: RequestBody): Record<string, unknown> {
  const { value, problems } =
    body.kind === 'value'
      ? { value: copyJson(body.value), problems: [] }
      : parseApplyText(body.kind === 'text' ? body.text : '');
  if (problems.length > 0 && request.fieldValidation !== 'Ignore') {
    if (request.fieldValidation === 'Strict')
      throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${problems.join(', ')}`);
    for (const problem of problems) request.warn(problem.replace(/^yaml: unmarshal errors:\n {2}/, ''));
  }
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    const shown = Array.isArray(value) ? 'array' : typeof value;
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${shown} into Go value of type map[string]interface {}`,
    );
  }
  return value as Record<string, unknown>;
}

function parseApplyText(text: string): { value: unknown; problems: string[] } {
  try {
    return parseYamlBody(text);
  } catch (error) {
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${(error as Error).message}`);
  }
}
