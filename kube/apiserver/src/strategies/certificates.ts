import type { KubeObject } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import type { Strategy } from '../registry/resource.ts';
import { type Fields, list } from './fields.ts';

const decisions = new Set(['Approved', 'Denied']);

export const certificateSigningRequest: Strategy = {
  prepareForCreate(object, { user }) {
    const { name: username, uid, groups, extra } = user;
    object['spec'] = { ...object['spec'], username, ...(uid ? { uid } : {}), groups: [...groups] };
    if (extra) object['spec'].extra = extra;
  },
  prepareForUpdate(object, old, { subresource, now }) {
    object['spec'] = old['spec'];
    if (subresource === 'approval') keepCertificate(object, old);
    else if (subresource === 'status') keepDecisions(object, old);
    else return;
    dateConditions(object, old, formatTime(now));
  },
};

/** Who approves does not sign. */
function keepCertificate(object: KubeObject, old: KubeObject): void {
  const { certificate: _certificate, ...status } = object['status'] ?? {};
  const certificate = old['status']?.certificate;
  object['status'] = { ...status, ...(certificate ? { certificate } : {}) };
}

/** Who signs does not approve. */
function keepDecisions(object: KubeObject, old: KubeObject): void {
  const isDecision = ({ type }: Fields) => decisions.has(type);
  const before = list(old['status']?.conditions).filter(isDecision);
  const own = list(object['status']?.conditions).filter((condition) => !isDecision(condition));
  if (before.length + own.length > 0) object['status'] = { ...object['status'], conditions: [...before, ...own] };
}

function dateConditions(object: KubeObject, old: KubeObject, now: string): void {
  const conditions = list(object['status']?.conditions);
  if (conditions.length === 0) return;
  const dated = conditions.map((condition) => {
    const before = list(old['status']?.conditions).find(
      ({ type, status }) => type === condition['type'] && status === condition['status'],
    );
    return {
      ...condition,
      lastUpdateTime: condition['lastUpdateTime'] ?? now,
      lastTransitionTime: condition['lastTransitionTime'] ?? before?.['lastTransitionTime'] ?? now,
    };
  });
  object['status'] = { ...object['status'], conditions: dated };
}
