/** Colours of both schemes keep a contrast of 4.5 to 1 against what they stand on. */
export const style = `
:root { color-scheme: light dark; --bg: #fff; --card: #f3f5f8; --text: #1b2430; --dim: #4a5666; --line: #c9d1db;
  --good: #0b6b3a; --bad: #a8161c; --wait: #7a4a00; --accent: #0b57a4; }
@media (prefers-color-scheme: dark) { :root { --bg: #10151c; --card: #1a222d; --text: #e8edf3; --dim: #aab6c4;
  --line: #36424f; --good: #5fd396; --bad: #ff9a93; --wait: #f2c063; --accent: #86bdf5; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
header, main { max-width: 1180px; margin: 0 auto; padding: 0 16px; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 16px; padding-top: 16px; }
h1 { margin: 0; font-size: 1.35rem; }
h2 { margin: 24px 0 8px; font-size: 1.05rem; }
#live { margin: 0; color: var(--dim); }
#live::before { content: ''; display: inline-block; width: .6em; height: .6em; margin-right: .4em; border-radius: 50%;
  background: var(--bad); }
#live.on::before { background: var(--good); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 8px; margin: 16px 0 0; }
dl div { padding: 8px 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
dt { color: var(--dim); font-size: .85rem; }
dd { margin: 0; font-size: 1.3rem; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
.scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 12px; text-align: left; white-space: nowrap; font-weight: 400; }
thead th { color: var(--dim); background: var(--card); font-size: .85rem; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody th { font-family: ui-monospace, monospace; font-size: .9rem; }
ul, ol { margin: 0; padding-left: 20px; overflow-wrap: anywhere; }
ul.plain { padding: 0; list-style: none; }
li + li { margin-top: 2px; }
p { margin: 0; }
time { color: var(--dim); }
.good { color: var(--good); } .bad { color: var(--bad); } .wait { color: var(--wait); }
footer { margin: 24px 0; color: var(--dim); }
`
