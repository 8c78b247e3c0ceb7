import { defineConfig } from 'vitepress';

const contracts = [
  'branch-op',
  'search-space',
  'importance-estimator',
  'weight-sharing',
  'fuser',
  'strategy',
  'backbone',
  'dataset',
  'engine',
  'exporter',
  'observer',
  'checkpoint-family',
];

const words = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');
const pages = (folder: string) => contracts.map((name) => ({ text: words(name), link: `/${folder}/${name}` }));

export default defineConfig({
  title: 'repnas',
  description: 'Neural architecture search over structurally re-parameterised convolution blocks',
  lang: 'en',
  cleanUrls: true,
  srcExclude: ['README.md'],
  markdown: { math: true },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Guide', link: '/guide/presets' },
      { text: 'Mathematics', link: '/mathematics' },
      { text: 'Contracts', link: '/contracts/branch-op' },
      { text: 'Options', link: '/reference/' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: [
      {
        text: 'Guide',
        items: [
          { text: 'Compose presets', link: '/guide/presets' },
          { text: 'Write a branch op', link: '/guide/branch-ops' },
          { text: 'Run a comparison', link: '/guide/comparisons' },
          { text: 'Train with another recipe', link: '/guide/recipes' },
          { text: 'Watch runs', link: '/guide/dashboard' },
          { text: 'Choose an engine', link: '/guide/engines' },
          { text: 'Use it in a program', link: '/guide/programs' },
          { text: 'Fold a published checkpoint', link: '/guide/checkpoints' },
        ],
      },
      { text: 'Mathematics', link: '/mathematics' },
      { text: 'Results', link: '/results' },
      { text: 'What was tried', link: '/reliability' },
      { text: 'Architecture', link: '/architecture' },
      { text: 'Glossary', link: '/glossary' },
      { text: 'Contracts', collapsed: true, items: pages('contracts') },
      {
        text: 'Options',
        collapsed: true,
        items: [{ text: 'Config', link: '/reference/' }, ...pages('reference')],
      },
      { text: 'API', link: '/api/' },
    ],
  },
});
