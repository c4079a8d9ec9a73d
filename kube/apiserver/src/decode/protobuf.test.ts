import { describe, expect, it } from 'vitest';
import { GoDecodeError } from './decode-error.ts';
import { parseProtobuf } from './protobuf.ts';

function field(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}

function envelope(apiVersion: string, kind: string, object: Buffer): Buffer {
  const type = Buffer.concat([field(1, apiVersion), field(2, kind)]);
  return Buffer.concat([Buffer.from('k8s\0', 'latin1'), field(1, type), field(2, object)]);
}

const definitionOf = () => 'io.k8s.api.core.v1.ConfigMap';

describe('protobuf bodies', () => {
  it('reads a ConfigMap as the JSON that the client would have sent', () => {
    const metadata = field(1, 'conf');
    const entry = Buffer.concat([field(1, 'k'), field(2, 'v')]);
    const body = envelope('v1', 'ConfigMap', Buffer.concat([field(1, metadata), field(2, entry)]));
    expect(parseProtobuf(body, definitionOf)).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'conf' },
      data: { k: 'v' },
    });
  });

  it('refuses bytes without the prefix, cut off in the middle, or of an unknown kind', () => {
    const body = envelope('v1', 'ConfigMap', field(1, field(1, 'conf')));
    expect(() => parseProtobuf(body.subarray(4), definitionOf)).toThrow(GoDecodeError);
    expect(() => parseProtobuf(body.subarray(0, -2), definitionOf)).toThrow(GoDecodeError);
    expect(() => parseProtobuf(body, () => undefined)).toThrow('no kind "ConfigMap" is registered for version "v1"');
  });
});
