/** Of the report: readable on a phone, in light and dark, with what every system has. */
export const reportStyle = `
:root { color-scheme: light dark; --text: #1b1f24; --dim: #57606a; --back: #ffffff; --card: #f3f5f7; --line: #d0d7de;
  --queued: #9a6700; --launching: #8250df; --booting: #0969da; --online: #1a7f37; --ending: #6e7781; --failed: #c1121f }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --dim: #9da7b1; --back: #0d1117; --card: #161b22; --line: #373e47;
    --queued: #d29922; --launching: #a371f7; --booting: #4c9bf5; --online: #3fb950; --ending: #8b949e; --failed: #ff6b66 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
header, main, footer { max-width: 75rem; margin: 0 auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 1.25rem 0 0 }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem }
p, figcaption, footer { color: var(--dim) }
header p { margin: .25rem 0 1rem }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 0 }
dl div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .75rem }
dt { color: var(--dim); font-size: .875rem }
dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums }
figure { margin: 0 0 1rem }
svg { display: block; width: 100%; background: var(--card); border: 1px solid var(--line) }
svg.small { height: 5rem }
svg.large { height: 11rem }
svg.lanes { height: clamp(6rem, 40vh, 26rem) }
.queued { fill: var(--queued) } .launching { fill: var(--launching) } .booting { fill: var(--booting) }
.online { fill: var(--online) } .ending { fill: var(--ending) } .failed { fill: var(--failed) }
.scale { margin: .1rem 0; font-size: .8rem }
.times { display: flex; justify-content: space-between; margin: .1rem 0; font-size: .8rem }
ul { list-style: none; margin: .25rem 0; padding: 0 }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-size: .875rem }
.key { display: inline-block; width: .8rem; height: .8rem; margin-right: .35rem; border-radius: .15rem }
.key.launching { background: var(--launching) } .key.booting { background: var(--booting) }
.key.online { background: var(--online) } .key.ending { background: var(--ending) } .key.failed { background: var(--failed) }
.phases li { display: grid; grid-template-columns: 15rem 1fr 11rem; gap: .75rem; align-items: center; padding: .2rem 0 }
.phases .bars { position: relative; height: 1rem; background: var(--card) }
.phases .bars span { position: absolute; left: 0; height: 100%; background: var(--booting) }
.phases .p95 { opacity: .4 }
.phases .value { font-variant-numeric: tabular-nums; font-size: .875rem }
.table { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem }
.table:focus-visible { outline: 2px solid var(--booting) }
table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .4rem .75rem; border-top: 1px solid var(--line); vertical-align: top }
thead th { border-top: 0; background: var(--card); white-space: nowrap }
tbody th { font-weight: 600 }
details { margin: .5rem 0 }
pre { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; font-size: .8rem }
footer { margin-top: 2rem; padding-bottom: 2rem; font-size: .875rem }
@media (max-width: 40rem) {
  dl { grid-template-columns: repeat(2, 1fr) }
  .phases li { grid-template-columns: 1fr; gap: .1rem; padding: .4rem 0 }
}
@media print { svg, dl div { break-inside: avoid } }
`
