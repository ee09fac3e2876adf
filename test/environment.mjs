import { AsyncLocalStorage } from 'node:async_hooks';
import childProcess from 'node:child_process';
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

/** Whatever a suite runs something in: Node 20 asks each of them about every promise, as long as the process lives. */
const storages = new Set();
for (const name of ['run', 'enterWith']) {
  const original = AsyncLocalStorage.prototype[name];
  AsyncLocalStorage.prototype[name] = function (...given) {
    storages.add(this);
    return original.apply(this, given);
  };
}

/** A process that a test gives an environment of its own, too, puts what is temporary in the folder of the run. */
for (const name of ['spawn', 'spawnSync', 'execFile', 'execFileSync']) {
  const original = childProcess[name];
  childProcess[name] = (...given) => {
    const at = given.findIndex((value) => value?.env !== undefined);
    if (at >= 0) given[at] = { ...given[at], env: { TMPDIR: process.env.TMPDIR, ...given[at].env } };
    return original(...given);
  };
}

/** Code caches of V8 by file: every suite loads the AWS SDK again, and compiling it takes longer than most tests. */
const compiled = new Map();
const { compileFunction } = vm;
vm.compileFunction = (code, params, options) => {
  const known = compiled.get(options.filename);
  const cachedData = known?.code === code ? known.cachedData : undefined;
  const made = compileFunction(code, params, { ...options, cachedData, produceCachedData: cachedData === undefined });
  if (made.cachedData !== undefined) compiled.set(options.filename, { code, cachedData: made.cachedData });
  return made;
};

/** The same of our own modules, but for those that import something later: V8 loses who answers them. */
const { SourceTextModule } = vm;
vm.SourceTextModule = class extends SourceTextModule {
  constructor(code, options) {
    const known = compiled.get(options.identifier);
    super(code, { ...options, cachedData: known?.code === code ? known.cachedData : undefined });
    if (known?.code === code || /\bimport\s*\(/.test(code)) return;
    compiled.set(options.identifier, { code, cachedData: this.createCachedData() });
  }
};

/**
 * jest's environment for Node, made fast. Its global object is one like any other: jest's own is a proxy, which is asked
 * for every `Math`, `Buffer` or `Promise`. And what a suite's AsyncLocalStorages cost ends with the suite.
 */
export default class Environment extends TestEnvironment {
  constructor(config, context) {
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
  }

  async teardown() {
    for (const storage of storages) storage.disable();
    storages.clear();
    await super.teardown();
  }
}
