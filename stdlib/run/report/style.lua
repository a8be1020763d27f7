-- The page's looks: one column that prints, colours that follow the reader's light or dark setting. The eight colours are those of
-- Okabe and Ito, which readers with colour-blindness tell apart; yellow is darker on white and black becomes grey on dark.
return [[
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1b1f; --soft: #5b5b66; --line: #d5d5dc; --well: #f5f5f8; --link: #0b57a4;
  --c1: #0072b2; --c2: #d55e00; --c3: #009e73; --c4: #b5569a; --c5: #a07a00; --c6: #3f94c7; --c7: #6b6b6b; --c8: #000; }
@media (prefers-color-scheme: dark) { :root { --paper: #16171b; --ink: #e7e7ea; --soft: #a2a2ad; --line: #3a3b43; --well: #1f2026; --link: #7ab8f5;
  --c1: #4aa8e0; --c2: #ef8a3c; --c3: #2fc197; --c4: #d98bc0; --c5: #e8c547; --c6: #8ecbf0; --c7: #b0b0b0; --c8: #fff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.2rem 4rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; border-bottom: 1px solid var(--line); padding-bottom: .2rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; } p { margin: .4rem 0; } .soft { color: var(--soft); }
code, pre, .mono { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .86em; overflow-wrap: anywhere; }
pre { background: var(--well); border: 1px solid var(--line); border-radius: 4px; padding: .7rem; overflow-x: auto; overflow-wrap: normal; line-height: 1.35; }
.scroll { overflow-x: auto; margin: .5rem 0; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92em; }
th, td { text-align: left; padding: .22rem .8rem .22rem 0; border-bottom: 1px solid var(--line); vertical-align: top; } th { color: var(--soft); font-weight: 600; }
td.n { text-align: right; white-space: nowrap; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr)); gap: 1.2rem; }
figure { margin: 0; break-inside: avoid; } figcaption { font-size: .9em; color: var(--soft); }
figure svg { width: 100%; height: auto; display: block; } figure img { width: 100%; height: auto; display: block; background: #fff; border-radius: 3px; }
.zoom { display: block; cursor: zoom-in; } .zoom input { position: absolute; opacity: 0; pointer-events: none; }
.zoom input:focus-visible + * { outline: 2px solid var(--link); }
.zoom input:checked + * { position: fixed; inset: 0; z-index: 9; width: 100vw; height: 100vh; object-fit: contain; background: var(--paper); padding: 2vmin; cursor: zoom-out; }
.zoom input:checked + img { background: #fff; }
svg text { fill: var(--ink); font: 12px system-ui, "DejaVu Sans", sans-serif; } svg .tick { fill: var(--soft); font-size: 11px; }
svg .axis { stroke: var(--ink); fill: none; } svg .grid { stroke: var(--line); } svg .curve { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
svg .dashed { stroke-dasharray: 6 4; }
.c1 { --c: var(--c1); } .c2 { --c: var(--c2); } .c3 { --c: var(--c3); } .c4 { --c: var(--c4); } .c5 { --c: var(--c5); } .c6 { --c: var(--c6); } .c7 { --c: var(--c7); } .c8 { --c: var(--c8); }
svg .curve { stroke: var(--c); } svg circle { fill: var(--c); } .key { display: inline-block; width: 1.4em; height: 0; border-top: 3px solid var(--c); vertical-align: middle; margin-right: .4em; }
.key.dashed { border-top-style: dashed; } .legend span { margin-right: 1.2em; white-space: nowrap; font-size: .9em; }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--link); } a { color: var(--link); }
.failed, .interrupted, .killed { color: var(--c2); font-weight: 600; }
@media print { :root { --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --well: #fff; --c1: #0072b2; --c2: #d55e00; --c3: #009e73; --c4: #b5569a; --c5: #a07a00; --c6: #3f94c7; --c7: #6b6b6b; --c8: #000; }
  body { max-width: none; padding: 0; font-size: 10pt; } .no-print { display: none; } h2 { break-after: avoid; } pre { white-space: pre-wrap; overflow-wrap: anywhere; } .figures { grid-template-columns: 1fr 1fr; } }
]]
