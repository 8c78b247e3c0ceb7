import { existsSync } from 'node:fs';

/** What is used of the packages, which are optional: their declarations need not be there. */
export interface Adapter {
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
  };
  readonly isFallbackAdapter?: boolean;
}

export interface Gpu {
  requestAdapter(options?: { powerPreference: string }): Promise<Adapter | null>;
}

interface WebGpuPackage {
  create(options: string[]): Gpu;
  readonly globals: Readonly<Record<string, unknown>>;
}

export const PACKAGE = 'webgpu';
export const BACKEND_PACKAGE = '@tensorflow/tfjs-backend-webgpu';

export const INSTALL_PACKAGES = `npm install ${PACKAGE} ${BACKEND_PACKAGE}`;
export const INSTALL_DRIVER = 'it takes a GPU with a driver for Vulkan, Metal or D3D12';

export const loadPackage = (): Promise<WebGpuPackage> => import(PACKAGE) as unknown as Promise<WebGpuPackage>;

/** A driver that computes on the CPU, slower than the engines made for it. */
export const isSoftware = ({ info, isFallbackAdapter }: Adapter): boolean =>
  isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp/i.test(describe(info));

const describe = ({ vendor, architecture, device, description }: Adapter['info']): string =>
  [vendor, architecture, device, description].join(' ');

export function deviceOf(adapter: Adapter): string {
  const { vendor, architecture, device, description } = adapter.info;
  const name = description || [vendor, architecture, device].filter(Boolean).join(' ') || 'unnamed adapter';
  return `${isSoftware(adapter) ? 'CPU' : 'GPU'}, ${name} (WebGPU)`;
}

/**
 * Whether the system shows a GPU at all. On Linux Dawn and the drivers write of their own accord to stderr where there is none,
 * and take half a second to say so; elsewhere only they know.
 */
export const hasGpuDevice = (): boolean =>
  process.platform !== 'linux' ||
  ['/dev/dri', '/dev/dxg', '/dev/nvidia0', '/dev/kfd'].some((device) => existsSync(device));
