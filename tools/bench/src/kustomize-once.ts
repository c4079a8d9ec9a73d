import { rootedFileSystem } from '@flux/fs';
import { build, resourcesToYaml } from '@flux/kustomize';

/** One build in a fresh process, for the benchmark of cold starts. */
const path = process.argv[2] ?? '.';
process.stdout.write(resourcesToYaml(await build(rootedFileSystem('/'), path)));
