import { parseApiVersion } from '@flux/apimachinery';
import { findBuiltinKind } from '@flux/builtin';
import { GoDecodeError } from '../decode/decode-error.ts';
import { findDuplicates } from '../decode/duplicates.ts';
import { parseProtobuf } from '../decode/protobuf.ts';
import { parseYamlBody } from '../decode/yaml-body.ts';
import { badRequest, unsupportedMediaType } from '../status.ts';
import { copyJson } from '../storage/freeze.ts';
import { describeJsonError, parseJson } from '../storage/json.ts';
import { checkDepth, checkTextDepth } from './depth.ts';
import type { RequestBody } from './messages.ts';

export interface ParsedBody {
  value: unknown;
  /** Members that occurred twice in JSON. */
  duplicates?: Map<object, Set<string>>;
  /** Strict problems that only the text shows (YAML). */
  problems: string[];
}

const accepted = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

/** Reads the body of POST, PUT and DELETE as a JSON value that belongs to the caller. */
export function readBody(body: RequestBody, kind: string): ParsedBody {
  if (body.kind === 'none') return { value: undefined, problems: [] };
  if (body.kind === 'value') return { value: copyJson(body.value), problems: [] };
  if (body.kind === 'bytes') return readProtobuf(body.bytes, kind);
  switch (body.mediaType) {
    case '':
    case 'application/json':
    case '*/*':
      return readJson(body.text, kind);
    case 'application/yaml':
      return readYaml(body.text, kind);
    default:
      throw unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
      );
  }
}

function readJson(text: string, kind: string): ParsedBody {
  checkTextDepth(text);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw unrecognised(kind, text, error);
  }
  if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    throw unrecognised(
      kind,
      text,
      new SyntaxError(`json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value}`),
    );
  }
  const duplicates = findDuplicates(text, value);
  return { value, problems: [], ...(duplicates ? { duplicates } : {}) };
}

/** Kinds of bodies that are no resources. */
const otherDefinitions: Record<string, string> = {
  DeleteOptions: 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
  Eviction: 'io.k8s.api.policy.v1.Eviction',
  Scale: 'io.k8s.api.autoscaling.v1.Scale',
  TokenRequest: 'io.k8s.api.authentication.v1.TokenRequest',
};

function readProtobuf(bytes: Buffer, kind: string): ParsedBody {
  try {
    const value = parseProtobuf(bytes, (apiVersion, name) => {
      return findBuiltinKind({ ...parseApiVersion(apiVersion), kind: name })?.schema ?? otherDefinitions[name];
    });
    checkDepth(value);
    return { value, problems: [] };
  } catch (error) {
    // Messages can contain each other; only a hostile one exhausts the stack.
    if (!(error instanceof GoDecodeError || error instanceof RangeError)) throw error;
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): ${error.message}`);
  }
}

function readYaml(text: string, kind: string): ParsedBody {
  try {
    return parseYamlBody(text);
  } catch (error) {
    throw unrecognised(kind, text, error);
  }
}

function unrecognised(kind: string, text: string, error: unknown) {
  const reason = describeJsonError(text, error);
  const shown = text === '' ? '<empty>' : text.slice(0, 1024);
  const problem = `couldn't get version/kind; json parse error: ${reason}`;
  // Options are decoded by themselves, without the words that are put around an object.
  if (kind === 'DeleteOptions') return badRequest(problem);
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${problem} (${shown})`);
}
