import 'reflect-metadata';
import { container, type DependencyContainer, instanceCachingFactory } from 'tsyringe';
import type { GetService, ServiceFactory, ServiceToken } from '../../contracts/services.js';

/**
 * Services under their tokens, in a tsyringe container. Factories say what is needed, so that nobody writes down the order in which
 * things are built; each service is built once, when it is first asked for. A replacement that a plugin has provided takes the place of
 * the factory that would be registered later.
 */
export class Services {
  readonly #container: DependencyContainer;

  constructor(parent: DependencyContainer = container) {
    this.#container = parent.createChildContainer();
  }

  /** Returns the service of a token. @throws Error if nothing is registered under it. */
  readonly get: GetService = <Service>(token: ServiceToken<Service>): Service => {
    if (!this.#container.isRegistered(keyOf(token), true)) throw new Error(`the run has no service '${token.name}'`);
    return this.#container.resolve<Service>(keyOf(token));
  };

  /** Registers how a service is built, for this container and its children. */
  register<Service>(token: ServiceToken<Service>, make: (get: GetService) => Service): this {
    const usual = (): Service => make(this.get);
    const replacement = replacementOf(this.#container, token);
    let building = false;
    const factory = instanceCachingFactory(() => {
      if (building) throw new Error(`the service '${token.name}' cannot be built: what it needs needs it in turn`);
      building = true;
      try {
        return replacement ? replacement(this.get, usual) : usual();
      } finally {
        building = false;
      }
    });
    this.#container.register(keyOf(token), { useFactory: factory });
    return this;
  }

  /** Returns a container for services that live shorter, such as those of one strategy; it falls back to this one. */
  child(): Services {
    return new Services(this.#container);
  }
}

/** Replaces a service in every container below this one. @returns false if it has been replaced already. */
export function provide<Service>(
  parent: DependencyContainer,
  token: ServiceToken<Service>,
  make: ServiceFactory<Service>,
): boolean {
  if (replacementOf(parent, token)) return false;
  parent.register(`${keyOf(token)}:replacement`, { useValue: make });
  return true;
}

/** Token of a service in the container: a string, so that two copies of the package mean the same. */
const keyOf = ({ name }: ServiceToken<unknown>): string => `repnas:service:${name}`;

function replacementOf<Service>(
  parent: DependencyContainer,
  token: ServiceToken<Service>,
): ServiceFactory<Service> | undefined {
  const key = `${keyOf(token)}:replacement`;
  return parent.isRegistered(key, true) ? parent.resolve<ServiceFactory<Service>>(key) : undefined;
}
