import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { createToken, isLoopback } from './access.js';
import { createDashboard } from './app.js';

/** Folders to show and the address to listen on. */
export interface ServeOptions {
  readonly folders: readonly string[];
  /** Address to listen on; anything but this machine's own is guarded by a token. @default '127.0.0.1' */
  readonly host?: string;
  /** 0: any that is free. @default 4180 */
  readonly port?: number;
}

/** A dashboard that answers until it is closed. */
export interface Serving {
  /** Its address, with the token if it has one. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the dashboard's server. @throws Error of the system if the address cannot be listened on. */
export async function serveDashboard({ folders, host = '127.0.0.1', port = 4180 }: ServeOptions): Promise<Serving> {
  const token = isLoopback(host) ? undefined : createToken();
  const app = createDashboard({ folders, token });
  const { server, address } = await new Promise<{ server: ReturnType<typeof serve>; address: AddressInfo }>(
    (resolve, reject) => {
      const server = serve({ fetch: app.fetch, hostname: host, port }, (address) => resolve({ server, address }));
      server.once('error', reject);
    },
  );
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${address.port}/${token === undefined ? '' : `?token=${token}`}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
