// Several modules for one task. The host may be unable to use some of them.

/**
 * Finds, in a list in order of preference, the first module that works rightly on this host, and holds what uses it.
 *
 * Nothing is made before it is first used: an instance may need some milliseconds for its table, and 250 KB.
 *
 * @template {{ close(): void }} User
 */
export class UsableModules {
  /** @type {readonly PerhapsModule[]} */
  #modules;
  /** @type {Users<User>} */
  #users;
  /** The place in the list of the module that is used, or tried next. */
  #at = 0;
  /** @type {User | undefined} */
  #user;
  /** @type {unknown} Why the last one that was passed over cannot be used here. */
  why;

  /**
   * @param {readonly PerhapsModule[]} modules
   * @param {Users<User>} users
   */
  constructor(modules, users) {
    this.#modules = modules;
    this.#users = users;
  }

  /** The place in the list of the module that is used; -1 while there is none. */
  get index() {
    return this.current() ? this.#at : -1;
  }

  /**
   * Does some work with the first module that can do it here.
   *
   * @template T
   * @param {(user: User) => T} work
   * @returns {T | undefined} what the work gives; undefined if no module of the list can be used
   * @throws {SignerError} whatever the work throws, except `SELF_TEST_FAILED`
   */
  use(work) {
    this.current();
    for (; this.#at < this.#modules.length; this.#at += 1) {
      const module = this.#modules[this.#at];
      try {
        if (!module) throw new WebAssembly.CompileError('the module could not be compiled');
        if (module instanceof Error) throw module;
        return work((this.#user ??= this.#users.make(module)));
      } catch (error) {
        if (!isReasonToPass(error)) throw error;
        this.why = error;
        this.close();
      }
    }
    return undefined;
  }

  /** Closes what uses the module. */
  close() {
    this.#user?.close();
    this.#user = undefined;
  }

  /** What uses the module. One that a trap has closed for good is dropped, and its module is passed over. */
  current() {
    if (this.#user && this.#users.isClosed(this.#user)) {
      this.close();
      this.#at += 1;
    }
    return this.#user;
  }
}

/** @param {any} error that work with a module threw */
function isReasonToPass(error) {
  return error instanceof WebAssembly.CompileError || error?.code === 'SELF_TEST_FAILED';
}

/**
 * @param {WebAssembly.Module | WebAssembly.CompileError | BufferSource} module
 * @returns {Promise<WebAssembly.Module | WebAssembly.CompileError>} an error if this host cannot compile it, for example
 *   because it lacks a feature of WebAssembly
 */
export async function compiledWherePossible(module) {
  if (module instanceof WebAssembly.Module || module instanceof WebAssembly.CompileError) return module;
  try {
    return await WebAssembly.compile(module);
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return error;
    throw error;
  }
}

/**
 * @template User
 * @typedef {object} Users
 * @property {(module: WebAssembly.Module) => User} make
 * @property {(user: User) => boolean} isClosed
 */

/**
 * A compiled module. An error, or undefined, stands for one that could not be compiled.
 *
 * @typedef {WebAssembly.Module | WebAssembly.CompileError | undefined} PerhapsModule
 *
 * @typedef {import('./errors.mjs').SignerError} SignerError
 */
