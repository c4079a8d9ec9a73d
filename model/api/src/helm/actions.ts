import { bool, duration, enumOf, int, list, obj, only, required, str } from '../schema/schema.ts';

const v2 = ['v2'];
const sinceV2beta2 = ['v2', 'v2beta2'];

const timeout = duration('Limit of one operation on the cluster; the timeout of the HelmRelease by default.');
const disableWait = bool('Does not wait until the objects are ready.');
const disableWaitForJobs = bool('Does not wait until Jobs have completed.');
const disableHooks = bool('Runs no hooks.');
const cleanupOnFail = bool('Deletes the objects that the action created when it fails.');
const force = bool('Replaces objects where client-side apply finds conflicts.');
const serverSideApply = only(
  v2,
  enumOf("Applies objects on the server; 'auto', the default, does as the previous revision did.", [
    'enabled',
    'disabled',
    'auto',
  ]),
);
const crds = enumOf("What becomes of the chart's CRDs: 'Create' is the default of install, 'Skip' of upgrade.", [
  'Skip',
  'Create',
  'CreateReplace',
]);
const disableTakeOwnership = only(v2, bool('Fails when an object exists that belongs to no release.'));
const disableOpenAPIValidation = bool("Does not validate the manifests with the cluster's OpenAPI schema.");
const disableSchemaValidation = only(v2, bool("Does not validate the values with the chart's JSON schema."));

const remediationFields = {
  retries: int('How often to try again after a failure, with remediation before each; -1 is without end.'),
  ignoreTestFailures: bool('Takes failed tests as a success; test.ignoreFailures by default.'),
  remediateLastFailure: bool('Remediates also the last failure, when no retries remain.'),
};

function strategy(doc: string, rule: { message: string; rule: string }) {
  return only(
    v2,
    obj(
      doc,
      {
        name: required(enumOf('What follows a failure.', ['RemediateOnFailure', 'RetryOnFailure'])),
        retryInterval: duration("When to try again with RetryOnFailure; '5m' by default."),
      },
      { rules: [rule] },
    ),
  );
}

export const install = obj('Options of the install action.', {
  timeout,
  strategy: strategy('What follows a failed install.', {
    message: ".retryInterval cannot be set when .name is 'RemediateOnFailure'",
    rule: "!has(self.retryInterval) || self.name != 'RemediateOnFailure'",
  }),
  remediation: obj('Remediation of a failed install: an uninstall.', remediationFields),
  disableTakeOwnership,
  disableWait,
  disableWaitForJobs,
  disableHooks,
  disableOpenAPIValidation,
  disableSchemaValidation,
  replace: bool('Uses the name of a release again that was deleted and is kept in the history.'),
  skipCRDs: bool('Accepted and without effect; crds decides.'),
  crds,
  createNamespace: bool('Creates the target namespace when there is none.'),
  serverSideApply: only(v2, bool('Applies objects on the server; the default.')),
});

export const upgrade = obj('Options of the upgrade action.', {
  timeout,
  strategy: strategy('What follows a failed upgrade.', {
    message: ".retryInterval can only be set when .name is 'RetryOnFailure'",
    rule: "!has(self.retryInterval) || self.name == 'RetryOnFailure'",
  }),
  remediation: obj('Remediation of a failed upgrade.', {
    ...remediationFields,
    strategy: enumOf("What remediation does; 'rollback' by default.", ['rollback', 'uninstall']),
  }),
  disableTakeOwnership,
  disableWait,
  disableWaitForJobs,
  disableHooks,
  disableOpenAPIValidation,
  disableSchemaValidation,
  force,
  preserveValues: bool('Keeps the values of the last release under those given here.'),
  cleanupOnFail,
  crds,
  serverSideApply,
  chartNameChangeStrategy: only(
    v2,
    enumOf("What a chart of another name does; 'Reinstall' by default.", ['InPlaceUpdate', 'Reinstall']),
  ),
});

export const test = obj('Options of the test action.', {
  enable: bool('Runs the tests of the chart after install and upgrade.'),
  timeout,
  ignoreFailures: bool('Takes failed tests as a success.'),
  filters: only(
    sinceV2beta2,
    list(
      'Tests to run or to leave out.',
      obj('A test.', {
        name: required(str('Name of the test.', { minLength: 1, maxLength: 253 })),
        exclude: bool('Leaves the test out.'),
      }),
    ),
  ),
});

export const rollback = obj('Options of the rollback action.', {
  timeout,
  disableWait,
  disableWaitForJobs,
  disableHooks,
  recreate: bool('Accepted and without effect.'),
  force,
  cleanupOnFail,
  serverSideApply,
});

export const uninstall = obj('Options of the uninstall action.', {
  timeout,
  disableHooks,
  keepHistory: bool('Keeps the history of the release.'),
  disableWait: bool('Does not wait until the objects are gone.'),
  deletionPropagation: enumOf('How objects are deleted.', ['background', 'foreground', 'orphan'], {
    default: 'background',
  }),
});
