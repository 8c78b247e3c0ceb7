/**
 * Plugins whose parts every config knows in its types without listing them as objects, by name. Those that come with the
 * package are here; a plugin package adds itself:
 * `declare module 'repnas' { interface KnownPlugins { 'repnas-plugin-x': typeof plugin } }`
 */
// biome-ignore lint/suspicious/noEmptyInterface: packages add themselves
export interface KnownPlugins {}
