/** The whole of the report's looks: it loads nothing from elsewhere, and prints well. */
export const STYLE = `
:root { color: #1b2430; background: #fff; font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
body { margin: 0 auto; max-width: 1080px; padding: 32px 24px 64px; }
h1 { font-size: 28px; margin: 0 0 4px; }
h2 { font-size: 20px; margin: 40px 0 8px; padding-top: 16px; border-top: 1px solid #d8dee6; }
h3 { font-size: 16px; margin: 24px 0 8px; }
p { margin: 0 0 12px; max-width: 75ch; }
.muted { color: #52606f; }
.verdict { border-left: 6px solid; border-radius: 4px; padding: 14px 18px; margin: 20px 0; font-size: 17px; }
.verdict p { margin: 4px 0 0; font-size: 14px; }
.verdict.held { border-color: #1a7f45; background: #eaf6ef; }
.verdict.leaked { border-color: #b3261e; background: #fcedec; }
.verdict.unproven { border-color: #8a6100; background: #fdf5e2; }
table { border-collapse: collapse; width: 100%; margin: 8px 0 16px; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: 7px 10px; border-bottom: 1px solid #e3e8ee; overflow-wrap: anywhere; }
th { font-size: 13px; color: #52606f; border-bottom-color: #b9c3ce; }
td.number, th.number { text-align: right; width: 90px; font-variant-numeric: tabular-nums; }
.cases td { font-size: 13.5px; }
.cases th:nth-child(1) { width: 40%; } .cases th:nth-child(2) { width: 22%; } .cases th:nth-child(4) { width: 92px; }
.open th:nth-child(1) { width: 28%; } .open th:nth-child(2) { width: 150px; }
.facts th { width: 190px; border-bottom-color: #e3e8ee; font-size: 15px; }
.tag { display: inline-block; border-radius: 3px; padding: 0 7px; font-size: 12.5px; font-weight: 600; white-space: nowrap; }
.tag.held { color: #10592f; background: #dff1e6; }
.tag.leaked { color: #fff; background: #b3261e; }
.tag.unproven { color: #5f4300; background: #fae8b8; }
.items { color: #52606f; font-size: 12px; }
details { border: 1px solid #d8dee6; border-radius: 5px; margin: 8px 0; }
summary { cursor: pointer; padding: 8px 12px; }
summary::marker { color: #52606f; }
details > div { padding: 0 12px; }
.bar { display: flex; height: 9px; border-radius: 3px; overflow: hidden; background: #e3e8ee; margin-top: 7px; }
.bar span { display: block; }
.bar .held { background: #2e9c5d; } .bar .leaked { background: #b3261e; } .bar .unproven { background: #e0b13c; }
@media print { body { padding: 0; } details { border: 0; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
`;
