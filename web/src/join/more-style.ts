/** The style of what more.ts adds; it has the page's tokens. */
export const css = `
.menu { min-height: 1.5rem; min-width: 1.75rem; padding: 0; font-weight: 700; line-height: 1; color: inherit; margin-inline-start: auto }
@media (hover: hover) {
  .menu { opacity: 0 }
  .msg:hover .menu, .menu:focus-visible { opacity: 1 }
}
.reactions { display: flex; flex-wrap: wrap; gap: var(--space-1); margin-block: var(--space-1) }
.reactions span { background: var(--ground); border-radius: var(--radius-full); padding: 0 var(--space-2); font-size: var(--text-s) }
.sheet { padding: var(--space-4); width: min(24rem, calc(100vw - 2rem)); margin-bottom: var(--space-6) }
.sheet textarea { min-height: 6rem; max-height: 40vh; border-radius: var(--radius-m) }
.sheet form > button { min-height: var(--target) }
.emoji { display: grid; grid-template-columns: repeat(auto-fill, minmax(2.75rem, 1fr)); gap: var(--space-1) }
.emoji button, .tool { min-height: var(--target); padding: 0; font-size: var(--text-l) }
.emoji button:hover, .tool:hover { background: var(--ground) }
.emoji [aria-pressed="true"] { background: var(--accent-soft) }
.tool { flex: none; width: 2.25rem }
.tool svg { width: 1.375rem; height: 1.375rem; display: block; margin: auto }
`;
