import 'reflect-metadata';
import { container, type DependencyContainer } from 'tsyringe';
import type { PartKind, PartKinds } from '../../contracts/plugin.js';
import type { ServiceFactory, ServiceToken } from '../../contracts/services.js';
import { provide, Services } from './services.js';

/** A part and its origin: `built-in`, a package with its version, or a file. */
export interface Registered<Kind extends PartKind = PartKind> {
  readonly kind: Kind;
  readonly part: PartKinds[Kind];
  /** Name of the plugin that added it. */
  readonly plugin: string;
  readonly origin: string;
}

/**
 * Returns the token that a part is registered under. Explicit, because constructor metadata does not survive every
 * loader.
 */
export const tokenOf = (kind: PartKind, name: string): string => `repnas:${kind}:${name}`;

const KINDS: Record<PartKind, true> = {
  'branch-op': true,
  'search-space': true,
  'importance-estimator': true,
  'weight-sharing': true,
  fuser: true,
  strategy: true,
  backbone: true,
  dataset: true,
  engine: true,
  exporter: true,
  observer: true,
  'checkpoint-family': true,
};

/** All kinds of parts. */
export const PART_KINDS = Object.keys(KINDS) as readonly PartKind[];

/** The parts of one run, each under its own token in the run's own container. */
export class Registry {
  readonly #container: DependencyContainer = container.createChildContainer();
  readonly #order: Registered[] = [];
  #frozen = false;

  /** Adds a part. @throws Error after set-up. */
  add(registered: Registered): void {
    if (this.#frozen) throw new Error('parts are added while plugins are set up, not later');
    this.#container.register(tokenOf(registered.kind, registered.part.name), { useValue: registered });
    this.#order.push(registered);
  }

  /**
   * Replaces a service of the run. @returns false if another plugin has replaced it @throws Error after set-up.
   * @internal
   */
  provide<Service>(token: ServiceToken<Service>, make: ServiceFactory<Service>): boolean {
    if (this.#frozen) throw new Error('services are replaced while plugins are set up, not later');
    return provide(this.#container, token, make);
  }

  /**
   * Returns a container for the services of one run, with the plugins' replacements.
   * @internal
   */
  services(): Services {
    return new Services(this.#container);
  }

  /** Ends set-up; nothing can be added afterwards. */
  freeze(): void {
    this.#frozen = true;
    Object.freeze(this.#order);
  }

  /** Finds a part and its origin. */
  find<Kind extends PartKind>(kind: Kind, name: string): Registered<Kind> | undefined {
    const token = tokenOf(kind, name);
    return this.#container.isRegistered(token) ? this.#container.resolve<Registered<Kind>>(token) : undefined;
  }

  /** Returns a part. @throws Error if there is none of this name. */
  part<Kind extends PartKind>(kind: Kind, name: string): PartKinds[Kind] {
    const registered = this.find(kind, name);
    if (!registered)
      throw new Error(`there is no ${kind} '${name}'; there are ${this.names(kind).join(', ') || 'none'}`);
    return registered.part;
  }

  /** Lists the names of a kind's parts, built-in ones first. */
  names(kind: PartKind): string[] {
    return this.parts(kind).map(({ part }) => part.name);
  }

  /** Lists the parts of a kind, built-in ones first. */
  parts<Kind extends PartKind>(kind: Kind): readonly Registered<Kind>[] {
    return this.#order.filter((registered): registered is Registered<Kind> => registered.kind === kind);
  }

  /** Lists all parts in the order they were added. */
  all(): readonly Registered[] {
    return this.#order;
  }
}
