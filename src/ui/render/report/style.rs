//! The style sheet of the page: light, dark and on paper; on a wide screen and on a telephone.

/// The whole sheet.
pub const SHEET: &str = "\
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--line:#d0d7de;--wash:#f6f8fa;\
--good:#116329;--bad:#a40e26;--look:#7d4e00;--c0:#0550ae;--c1:#bc4c00;--c2:#6639ba;--c3:#116329;--c4:#a40e26;--c5:#57606a}\
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b1;--paper:#0d1117;--line:#3d444d;--wash:#161b22;\
--good:#56d364;--bad:#ff7b72;--look:#e3b341;--c0:#79c0ff;--c1:#ffa657;--c2:#d2a8ff;--c3:#56d364;--c4:#ff7b72;--c5:#9da7b1}}\
*{box-sizing:border-box}\
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}\
main{max-width:64rem;margin:0 auto;padding:1rem}\
h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0}h2{font-size:1.35rem;margin:2.5rem 0 .5rem;border-top:2px solid var(--line);padding-top:1rem}\
h3{font-size:1.1rem;margin:1.75rem 0 .5rem}p{margin:.5rem 0}\
.soft{color:var(--soft)}.good{color:var(--good)}.bad{color:var(--bad)}.look{color:var(--look)}\
.verdict{font-size:1.15rem;background:var(--wash);border-left:.35rem solid var(--soft);padding:.6rem .9rem;overflow-wrap:anywhere}\
.verdict.good{border-color:var(--good)}.verdict.bad{border-color:var(--bad)}.verdict.look{border-color:var(--look)}\
.verdict span{color:var(--ink)}\
.scroll{overflow-x:auto;max-width:100%}\
table{border-collapse:collapse;font-size:.9rem;width:100%;min-width:32rem}caption{text-align:left;color:var(--soft);padding:.25rem 0}\
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line)}\
th{font-weight:600}thead th{white-space:nowrap}.n{text-align:right;font-variant-numeric:tabular-nums}\
svg{display:block;width:100%;min-width:36rem;height:auto;background:var(--wash)}svg text{fill:var(--ink);font:12px system-ui,sans-serif}\
svg line{stroke:var(--line)}svg .limit{stroke:var(--bad);stroke-width:2}\
.c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}.c4{fill:var(--c4)}.c5{fill:var(--c5)}\
details{margin:.5rem 0}summary{cursor:pointer;padding:.25rem 0}\
@media print{:root{--ink:#000;--soft:#333;--paper:#fff;--line:#999;--wash:#fff;--good:#000;--bad:#000;--look:#000}\
main{max-width:none;padding:0}h2{break-before:page}h2:first-of-type{break-before:auto}\
svg,tr,.verdict{break-inside:avoid}.scroll{overflow:visible}svg,table{min-width:0}}";
